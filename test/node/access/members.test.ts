import { expect, test } from 'vitest'
import type { Json } from '../../../src/core/canonical.js'
import { peerIdOf } from '../../../src/core/peer-key.js'
import type { Ledgers } from '../../../src/ledger/ledgers.js'
import { Members } from '../../../src/node/access/members.js'
import { START_MS, TestClock, TestLog, testKey } from '../../ledger/support.js'

const DAY_MS = 24 * 60 * 60_000
const PEER = peerIdOf(testKey('peer').publicKey)
const SELF = peerIdOf(testKey('self').publicKey)
const END = START_MS + 1000

interface Written {
  type: string
  meta: Json
}

/** A ledger of memberships alone: what is audited of it, and what is believed, is set from outside. */
class Issuer {
  readonly id: string
  readonly entries: (Written & { seq: number; hash: string })[] = []
  /** How far it is audited, and undisputed. */
  until = { audited: Infinity, believed: Infinity }
  cuts = 0
  signer = 'ready'
  reads = 0

  constructor(id: string) {
    this.id = id
  }

  get size(): number {
    return this.entries.length
  }

  get audited(): number {
    return Math.min(this.until.audited, this.size)
  }

  get believed(): number {
    return Math.min(this.until.believed, this.size)
  }

  async appendReserved(inputs: Written[]): Promise<{ entry: { hash: string } }[]> {
    return inputs.map(({ type, meta }) => {
      const seq = this.entries.length
      const entry = { type, meta, seq, hash: seq.toString(16).padStart(64, '0') }
      this.entries.push(entry)
      return { entry }
    })
  }

  async pageOfAll({ type, limit }: { type: string; limit: number }, start: number) {
    this.reads++
    const found = this.entries.filter((entry) => entry.type === type && entry.seq >= start)
    return { entries: found.slice(0, limit), next: found[limit]?.seq ?? null }
  }
}

function setup(issuers: string[] = ['own'], held: string[] = issuers) {
  const own = new Issuer('own')
  const ledgers = new Map<string, Issuer>(held.map((id) => [id, id === 'own' ? own : new Issuer(id)]))
  const clock = new TestClock()
  const log = new TestLog()
  const init = { own, hasOwn: true, get: (id: string) => ledgers.get(id) } as unknown as Ledgers
  return { members: new Members(issuers, { ledgers: init, clock, log }), own, ledgers, clock, log }
}

const membership = (peer: unknown, expires: unknown): Written => ({
  type: 'trust.membership',
  meta: { peer_id: peer, expires } as Json
})

test.each([
  ['no peer id', membership('no peer', END)],
  ['an end that is text', membership(PEER, String(END))],
  ['one member more', { type: 'trust.membership', meta: { peer_id: PEER, expires: END, also: 1 } }],
  ['no meta', { type: 'trust.membership', meta: null }]
])('an entry that is none admits nobody: %s', async (_what, entry) => {
  const { members, own } = setup()
  await own.appendReserved([entry])
  await members.refresh()
  expect([members.stateOf(PEER), members.list()]).toEqual(['unknown', []])
})

test('what is not audited, or disputed, admits nobody and expels all the same (I3, R6)', async () => {
  const { members, own } = setup()
  const admitted = await members.admit(PEER, END)
  own.until.audited = own.size
  await own.appendReserved([membership(SELF, END)])
  await members.refresh()
  expect([members.stateOf(PEER), members.stateOf(SELF)]).toEqual(['member', 'unknown'])
  await own.appendReserved([{ type: 'trust.membership-revocation', meta: { membership: admitted.entry.hash } }])
  await members.refresh()
  expect(members.stateOf(PEER)).toBe('ended')
})

test('a freeze below a membership takes it back, and so does another branch, which is read from its beginning', async () => {
  const { members, own } = setup()
  await members.admit(PEER, END)
  own.until.believed = 0
  await members.refresh()
  expect(members.stateOf(PEER)).toBe('unknown')
  own.until.believed = Infinity
  await members.refresh()
  expect(members.stateOf(PEER)).toBe('member')
  own.entries.splice(0, 1, { seq: 0, hash: 'ab'.repeat(32), ...membership(SELF, END) })
  own.cuts++
  await members.refresh()
  expect([members.stateOf(PEER), members.stateOf(SELF)]).toEqual(['unknown', 'member'])
})

test('it ends at its moment, not before', async () => {
  const { members, clock } = setup()
  await members.admit(PEER, END)
  clock.pass(999)
  expect(members.stateOf(PEER)).toBe('member')
  expect(members.list()).toMatchObject([{ peer: PEER, issuer: 'own', expires: END }])
  clock.pass(1)
  expect([members.stateOf(PEER), members.list()]).toEqual(['ended', []])
})

test('one issuer is enough, and what one revokes the other may still give', async () => {
  const { members, ledgers } = setup(['own', 'other'])
  await members.admit(PEER, END)
  await ledgers.get('other')!.appendReserved([membership(PEER, END)])
  await members.expel(PEER)
  expect(members.stateOf(PEER)).toBe('member')
  await expect(members.expel(PEER)).rejects.toMatchObject({ code: 'NOT_FOUND' })
})

test('expelling revokes all that the own ledger gave, in one append', async () => {
  const { members, own } = setup()
  const given = [await members.admit(PEER, END), await members.admit(PEER, END + 5)].map(({ entry }) => entry.hash)
  expect(await members.expel(PEER)).toEqual(given)
  expect([members.stateOf(PEER), own.size]).toEqual(['ended', 4])
})

test('who is no issuer neither admits nor expels, nobody is admitted for the past, or by a name', async () => {
  const stranger = setup(['other']).members
  for (const attempt of [stranger.admit(PEER, END), stranger.expel(PEER)])
    await expect(attempt).rejects.toMatchObject({ code: 'INVALID_PARAMS' })
  const { members } = setup()
  await expect(members.admit(PEER, START_MS)).rejects.toMatchObject({ code: 'INVALID_PARAMS' })
  await expect(members.admit('no peer', END)).rejects.toMatchObject({ code: 'INVALID_PARAMS' })
  await expect(members.expel(PEER)).rejects.toMatchObject({ code: 'NOT_FOUND' })
})

test('nothing is read when nothing is new, and more than a page of it in order', async () => {
  const { members, own } = setup()
  await own.appendReserved(Array.from({ length: 600 }, (_, n) => membership(PEER, END + n)))
  await members.refresh()
  expect(members.list()).toHaveLength(600)
  const { reads } = own
  await members.refresh()
  expect(own.reads).toBe(reads)
})

test("the issuer's own node renews its own when less than half is left, and only while it may sign", async () => {
  const { members, own, clock } = setup()
  own.signer = 'held'
  await members.admitSelf(SELF)
  expect(own.size).toBe(0)
  own.signer = 'ready'
  await members.admitSelf(SELF)
  clock.pass(45 * DAY_MS)
  await members.admitSelf(SELF)
  expect([own.size, members.ends(SELF)]).toEqual([1, [START_MS + 90 * DAY_MS, START_MS + 45 * DAY_MS]])
  clock.pass(1)
  await members.admitSelf(SELF)
  expect([own.size, members.ends(SELF).length, members.ends(PEER).length]).toEqual([2, 4, 2])
  await setup(['other']).members.admitSelf(SELF)
})

test('an issuer that is not held is followed, once, and is said when it cannot be', async () => {
  const { members, log } = setup(['own', 'a', 'b', 'c'], ['own'])
  const asked: string[] = []
  members.follow({
    isFollowed: (id) => id === 'a',
    follow: async (id) => {
      asked.push(id)
      if (id === 'c') throw new Error('no room')
    }
  })
  await new Promise(setImmediate)
  expect([asked, log.lines.map(({ fields }) => [fields.event, fields.ledger])]).toEqual([
    ['b', 'c'],
    [['admission.issuer-not-followed', 'c']]
  ])
  await members.refresh()
  expect(members.stateOf(PEER)).toBe('unknown')
})
