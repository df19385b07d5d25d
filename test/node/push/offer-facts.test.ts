import { expect, test } from 'vitest'
import type { Offer } from '../../../protocols/push/index.js'
import {
  factsOf,
  mayOffer,
  standingOf,
  type OfferFactsInit,
  type Standing
} from '../../../src/node/push/offer-facts.js'
import type { AcceptRule } from '../../../src/sync/push/types.js'
import { Author, TestClock, TestLog } from '../../ledger/support.js'

const author = await Author.create('theirs')
const head = await author.add()
const OWN = `b${'a'.repeat(51)}a`
const TOKEN = Buffer.alloc(32, 7)

interface Some {
  accept?: AcceptRule
  record?: { ledger: string; credible?: boolean } | null
  state?: string
  proven?: string | null
  member?: boolean
  follows?: Record<string, { filters?: 'headers'; adopt?: object; origin?: object }>
  remotes?: string[]
  token?: 'mirror' | null
  level?: number
  hears?: boolean
  full?: boolean
  signer?: string
  blocked?: 'PAUSED' | null
}

function setup(some: Some = {}) {
  const { record = { ledger: author.id }, follows = {}, remotes = [], proven = null } = some
  const node = record === null ? null : { record: { ledger: record.ledger } }
  const asked: string[] = []
  const init = {
    peerNetwork: {
      directory: { get: () => node, isCredible: () => record?.credible !== false, provenLedger: () => proven },
      admission: {
        stateOf: () => some.state ?? 'admitted',
        members: { stateOf: () => (some.member === true ? 'member' : 'unknown') }
      },
      rights: { mayHear: () => some.hears === true }
    },
    ledgers: { own: { id: OWN, signer: some.signer ?? 'ready' } },
    follows: { has: (id: string) => follows[id] !== undefined, get: (id: string) => follows[id] ?? null },
    rule: { allows: () => true, blockedBy: () => some.blocked ?? null, isRestricted: () => false },
    room: {
      hasRoom: (pool: string) => {
        asked.push(pool)
        return some.full !== true
      }
    },
    trust: { level: () => ({ level_milli: some.level ?? 0, kind: some.level === undefined ? null : 'sync-only' }) },
    remotes: { get: (id: string) => (remotes.includes(id) ? {} : null) },
    tokens: { allows: () => (some.token == null ? null : { row: { mode: some.token } }) },
    inbox: { stateOf: () => 'none' },
    accept: some.accept ?? 'nobody',
    hostOf: () => 'host',
    clock: new TestClock(),
    log: new TestLog()
  } as unknown as OfferFactsInit
  return { init, asked }
}

/** By a node that showed its record, and has said nothing else. */
function standing(some: Some, token?: Uint8Array): Standing {
  return standingOf(setup(some).init, 'peer', token)
}

const OFFER: Offer = { ledger: author.id, header: head.raw.header, signature: head.raw.signature, mode: 'either' }

test('a record that is only claimed, or none, makes nobody known; and who was not admitted is not', () => {
  expect(standing({ record: null })).toMatchObject({ known: false, ledger: null })
  expect(standing({ record: { ledger: author.id, credible: false } })).toMatchObject({ known: false, ledger: null })
  expect(standing({ state: 'pending' })).toMatchObject({ known: false, ledger: author.id })
  expect(standing({}, TOKEN)).toMatchObject({ known: true, ledger: author.id, proven: null, token: TOKEN })
})

test.each<[string, Some, boolean]>([
  ['a stranger where nobody may', {}, false],
  ['one who is not known, with a token', { state: 'pending', token: 'mirror' }, false],
  ['one with a token that is valid', { token: 'mirror' }, true],
  ['one with a token that is not', { token: null }, false],
  ['anyone', { accept: 'anyone' }, true],
  ['a member, where members may', { accept: 'members', member: true }, true],
  ['no member, where members may', { accept: 'members' }, false],
  ['one whose ledger is trusted, where the trusted may', { accept: 'trusted', level: 1 }, true],
  ['one whose ledger is distrusted', { accept: 'trusted', level: 0 }, false],
  ['its owner', { proven: author.id }, true],
  ['a remote that is taken from', { proven: 'r', remotes: ['r'], follows: { r: {} } }, true],
  ['a remote that is only pushed to', { proven: 'r', remotes: ['r'] }, false],
  ['one followed, and no remote', { proven: 'r', follows: { r: {} } }, false],
  ['a remote that came by a push of its own', { proven: 'r', remotes: ['r'], follows: { r: { origin: {} } } }, false]
])('may it offer: %s', (_what, some, may) => {
  const { init } = setup(some)
  expect(mayOffer(init, standingOf(init, 'peer', TOKEN), author.id)).toBe(may)
})

test('the own ledger is offered back by those alone who may know whose node this is (I2)', () => {
  const may = (some: Some): boolean => {
    const { init } = setup(some)
    return mayOffer(init, standingOf(init, 'peer', undefined), OWN)
  }
  expect([may({}), may({ hears: true }), may({ hears: true, state: 'pending' })]).toEqual([false, true, false])
})

test('what is held at the offered place is compared, and only what is undisputed is the same', async () => {
  const facts = async (ledger: object | null, some: Some = {}): Promise<unknown> => {
    const { init } = setup(some)
    const offered = { offer: OFFER, entry: head, ledger } as unknown as Parameters<typeof factsOf>[2]
    return await factsOf(init, standingOf(init, 'peer', undefined), offered)
  }
  const held = (hash: string | null, more: object = {}): object => ({
    own: false,
    chain: { key: head.header.key },
    frozen: null,
    hashAt: async () => hash,
    ...more
  })
  expect(await facts(null)).toMatchObject({ held: null, own: null, keys: 'unknown' })
  expect(await facts(held(head.hash))).toMatchObject({ held: { isSame: true, frozen: false }, keys: 'in-force' })
  expect(await facts(held(null))).toMatchObject({ held: { isSame: false } })
  expect(await facts(held('x', { frozen: { size: 1 } }))).toMatchObject({ held: { isSame: false, frozen: true } })
  expect(await facts(held('x', { frozen: { size: 2 } })), 'below the freeze').toMatchObject({ held: { frozen: false } })
  expect(await facts(held(null, { chain: { key: 'another' } }))).toMatchObject({ keys: 'unknown' })
})

test('a ledger that is followed and has nothing yet is held, one that is neither is not', async () => {
  const facts = async (some: Some): Promise<unknown> => {
    const { init } = setup(some)
    const ledger = { own: false, chain: null }
    const offered = { offer: OFFER, entry: head, ledger } as unknown as Parameters<typeof factsOf>[2]
    return (await factsOf(init, standingOf(init, 'peer', undefined), offered)).held
  }
  expect(await facts({})).toBe(null)
  expect(await facts({ follows: { [author.id]: {} } })).toEqual({
    isSame: false,
    frozen: false,
    follow: { headers: false, adopts: false, stalled: null }
  })
  const adopting = { follows: { [author.id]: { filters: 'headers' as const, adopt: {} } }, blocked: 'PAUSED' as const }
  expect(await facts(adopting)).toMatchObject({ follow: { headers: true, adopts: true, stalled: 'PAUSED' } })
})

test('room is asked for in the pool that the offer would be in, and for none when it may make nothing followed', async () => {
  const offered = { offer: OFFER, entry: head, ledger: null }
  const room = async (some: Some): Promise<unknown> => {
    const { init, asked } = setup({ full: true, ...some })
    return [asked, (await factsOf(init, standingOf(init, 'peer', TOKEN), offered)).room]
  }
  expect(await room({})).toEqual([[], true])
  expect(await room({ accept: 'anyone' })).toEqual([['anyone'], false])
  expect(await room({ accept: 'anyone', token: 'mirror' })).toEqual([['tokens'], false])
})

test('the own ledger is wanted back while it is being restored, and not else', async () => {
  const own = async (signer: string): Promise<unknown> => {
    const { init } = setup({ signer })
    const offered = { offer: OFFER, entry: head, ledger: { own: true, chain: null } }
    return (await factsOf(init, standingOf(init, 'peer', undefined), offered as never)).own
  }
  expect([await own('ready'), await own('restoring')]).toEqual([{ restoring: false }, { restoring: true }])
})
