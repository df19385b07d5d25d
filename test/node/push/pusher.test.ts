import { expect, test } from 'vitest'
import { pushProtocol, REASONS, type Decision, type PushNews, type PushRequest } from '../../../protocols/push/index.js'
import { MAX_FRAME_BYTES } from '../../../protocols/push/limits.js'
import { WireError } from '../../../protocols/wire.js'
import { fromHex, toHex } from '../../../src/core/hash.js'
import { Pusher, type PusherInit } from '../../../src/node/push/pusher.js'
import type { Flow } from '../../../src/sync/push/types.js'
import { Author, TestClock, TestLog, testRandom } from '../../ledger/support.js'
import { framePair, never } from '../../protocols/streams.js'

const author = await Author.create('mine')
for (let n = 0; n < 4; n++) await author.add()
const REMOTE = `b${'b'.repeat(51)}a`
const PEER = 'peer'
const STORE = Buffer.alloc(16, 1)
const served = pushProtocol({ requestMs: 5_000, busyAfterMs: 5_000, stallMs: 5_000, sessionMs: 5_000, closeMs: 30 })

type Answer = (request: PushRequest) => PushNews[] | Error

interface Some {
  auto?: boolean
  answer?: Answer
  trusted?: boolean
  reader?: boolean
  full?: boolean
  pushed?: boolean
  /** The remote answers with what is no frame of the protocol. */
  rubbish?: boolean
}

function setup({
  auto = true,
  answer = () => [],
  trusted = true,
  reader = true,
  full = false,
  pushed = true,
  rubbish = false
}: Some = {}) {
  const clock = new TestClock()
  const log = new TestLog()
  const state = { trusted, answer, size: author.entries.length, connected: [] as { peer: string; ledger: string }[] }
  const asked: PushRequest[] = []
  const dropped: string[] = []
  const differs: unknown[] = []
  const kept: Flow[] = []
  const gone: string[] = []
  const confirmed: number[] = []
  const decided: unknown[] = []
  let open = 0
  const ledger = {
    id: author.id,
    ledgerNumber: 1,
    get visible() {
      return state.size
    },
    head: () => author.entries[state.size - 1]!.raw,
    hashAt: async (seq: number) => author.entries[seq]?.hash ?? null
  }
  const pusher = new Pusher({
    peerNetwork: {
      connections: { peers: () => state.connected },
      rights: { may: () => reader },
      requests: { drop: (peer: string, code: string) => dropped.push(`${peer} ${code}`) },
      host: {
        open: async () => {
          open++
          const { near, far } = await framePair(1 << 20, MAX_FRAME_BYTES)
          if (rubbish) {
            await far.write(Buffer.from('rubbish'), { timeoutMs: 5_000 })
            open--
            return near
          }
          void served
            .serve(
              far,
              PEER,
              {
                offered: async function* (_peer: string, request: PushRequest) {
                  asked.push(request)
                  const news = state.answer(request)
                  if (news instanceof Error) throw news
                  yield* news
                }
              },
              never
            )
            .catch(() => undefined)
            .finally(() => open--)
          return near
        }
      }
    },
    ledgers: { get: (id: string) => (id === author.id ? ledger : undefined) },
    remotes: {
      isPushed: () => pushed,
      get: () => (pushed ? { push: true, number: 3, token: 'ab'.repeat(32) } : null)
    },
    book: { put: (flow: Flow) => kept.push(flow), delete: (id: string, to: string) => gone.push(`${id} ${to}`) },
    auto,
    isTrusted: () => state.trusted,
    exceptions: { isFull: async () => full, settle: async () => undefined, note: async () => 0 },
    clock,
    random: testRandom(),
    log,
    onDecided: (decision: string, reason: string | null) => decided.push([decision, reason]),
    onConfirmed: (seconds: number) => confirmed.push(seconds),
    onDiffers: (peer: string, id: string, before: number) => differs.push([peer, id, before]),
    onChange: () => undefined
  } as unknown as PusherInit)
  const connect = (ledgerOf = REMOTE, peer = PEER): void => {
    state.connected = [...state.connected.filter((one) => one.peer !== peer), { peer, ledger: ledgerOf }]
    pusher.met(peer)
  }
  /** Its only flow, when it has this code. */
  const until = async (code: Flow['code']): Promise<Flow> => {
    await expect.poll(() => pusher.flows()[0]?.code, { interval: 1 }).toBe(code)
    await expect.poll(() => open, { interval: 1 }).toBe(0)
    return pusher.flows()[0]!
  }
  return { pusher, clock, log, state, asked, dropped, differs, kept, gone, confirmed, decided, connect, until }
}

const hashOf = (size: number): Uint8Array => fromHex(author.entries[size - 1]!.hash)

function decision(kind: Decision['decision'], size: number, more: Partial<Decision> = {}): PushNews {
  return {
    kind: 'decision',
    decision: {
      ledger: author.id,
      decision: kind,
      reason: 0,
      mode: kind === 'accepted' ? 'mirror' : null,
      size,
      hash: size === 0 ? null : hashOf(size),
      store: size > 0 || kind === 'accepted' ? STORE : null,
      ...more
    }
  }
}

function progress(durable: number, hash: Uint8Array | null = hashOf(durable)): PushNews {
  return {
    kind: 'progress',
    progress: { ledger: author.id, stored: durable, durable, audited: 0, stall: 0, hash }
  }
}

test('what is kept with a remote is offered when it comes, with its token, and is confirmed by its receipt alone', async () => {
  const { pusher, asked, clock, kept, confirmed, connect, until } = setup({
    answer: () => [decision('accepted', 0), progress(2), progress(5)]
  })
  pusher.keep(author.id, REMOTE)
  expect(pusher.flows()).toMatchObject([{ code: 'NO_CONNECTION', durable: 0 }])
  clock.pass(10)
  connect()
  expect(await until(null)).toMatchObject({ durable: 5, store: STORE.toString('hex') })
  expect(asked).toMatchObject([{ offers: [{ ledger: author.id, mode: 'either' }] }])
  expect(toHex(asked[0]!.token!)).toBe('ab'.repeat(32))
  expect([confirmed, kept.at(-1)!.durable]).toEqual([[0], 5])
})

test('a receipt for another history is none: the fork is looked for below it', async () => {
  const { pusher, differs, connect, until } = setup({
    answer: () => [decision('accepted', 0), progress(5, Buffer.alloc(32, 9))]
  })
  pusher.keep(author.id, REMOTE)
  connect()
  expect(await until('DIFFERS')).toMatchObject({ durable: 0 })
  expect(differs).toEqual([[PEER, author.id, 5]])
})

test('more than is here is confirmed no further than what is here', async () => {
  const { pusher, connect, until } = setup({
    answer: () => [decision('accepted', 0), progress(9, Buffer.alloc(32, 9))]
  })
  pusher.keep(author.id, REMOTE)
  connect()
  expect(await until('QUEUED')).toMatchObject({ durable: 0 })
})

test.each<[string, Some, Flow['code']]>([
  ['who may not read it', { reader: false }, 'NOT_A_READER'],
  ['who is not trusted', { trusted: false }, 'REMOTE_UNTRUSTED'],
  ['whose refusals fill the book', { full: true }, 'TOO_MANY_REFUSED']
])('nothing is offered to %s, and no stream is opened', async (_what, some, code) => {
  const { pusher, asked, connect, until } = setup(some)
  pusher.keep(author.id, REMOTE)
  connect()
  await until(code)
  expect(asked).toEqual([])
})

test('how a remote is asked to take it holds for the offer that was asked for, and no later one', async () => {
  const { pusher, connect, until, asked } = setup({ answer: () => [decision('pending', 0)] })
  connect()
  pusher.want(author.id, REMOTE, { mode: 'mirror', filters: { types: ['diploma'] } })
  await until('PENDING')
  pusher.want(author.id, REMOTE)
  await expect.poll(() => asked.length, { interval: 1 }).toBe(2)
  expect(asked.map(({ offers: [one] }) => [one!.mode, one!.filter?.types])).toEqual([
    ['mirror', ['diploma']],
    ['either', undefined]
  ])
})

test('refusals that fill the book keep new offers away, and not a retry of what was refused', async () => {
  const { pusher, asked, connect, until } = setup({ full: true, answer: () => [decision('held', 5)] })
  pusher.keep(author.id, REMOTE)
  connect()
  await until('TOO_MANY_REFUSED')
  pusher.want(author.id, REMOTE)
  await until('TOO_MANY_REFUSED')
  expect(asked).toEqual([])
  pusher.retry(author.id, REMOTE)
  expect(await until(null)).toMatchObject({ durable: 5 })
  expect(asked).toHaveLength(1)
})

test('trust that comes brings the offer', async () => {
  const { pusher, state, connect, until } = setup({ trusted: false, answer: () => [decision('held', 5)] })
  pusher.keep(author.id, REMOTE)
  connect()
  await until('REMOTE_UNTRUSTED')
  pusher.onTrust()
  await until('REMOTE_UNTRUSTED')
  state.trusted = true
  pusher.onTrust()
  expect(await until(null)).toMatchObject({ durable: 5 })
})

test('a remote that is busy, denies, or says what breaks the protocol: only the last is dropped (I5)', async () => {
  const outcome = async (some: Some): Promise<unknown> => {
    const { pusher, dropped, log, connect, until } = setup(some)
    pusher.keep(author.id, REMOTE)
    connect()
    await expect.poll(() => log.lines.length, { interval: 1 }).toBeGreaterThan(0)
    const { code } = pusher.flows()[0]!
    await until(code)
    pusher.stop()
    return [code, dropped]
  }
  expect(await outcome({ answer: () => new WireError('BUSY', 'later') })).toEqual(['BUSY', []])
  expect(await outcome({ answer: () => new WireError('DENIED', 'no') })).toEqual(['DENIED', []])
  expect(await outcome({ rubbish: true })).toEqual(['FAILED', [`${PEER} MALFORMED`]])
})

test('a refusal is counted with its reason', async () => {
  const { pusher, decided, connect, until } = setup({
    answer: () => [decision('refused', 0, { reason: REASONS.QUOTA })]
  })
  pusher.keep(author.id, REMOTE)
  connect()
  await until('QUOTA')
  expect(decided).toEqual([['refused', 'QUOTA']])
})

test('with auto off nothing is offered before somebody wants it', async () => {
  const { pusher, asked, connect, until } = setup({ auto: false, answer: () => [decision('held', 5)] })
  pusher.begin([
    { ledger: author.id, remote: REMOTE, durable: 2, store: null, code: 'MANUAL', attempts: 0, last: null, next: null }
  ])
  connect()
  await new Promise(setImmediate)
  expect(asked).toEqual([])
  pusher.want(author.id, REMOTE)
  await until(null)
  expect(asked).toHaveLength(1)
})

test('what was pushed by hand to somebody who is no remote is over when it is confirmed', async () => {
  const { pusher, clock, gone, kept, connect, until } = setup({ pushed: false, answer: () => [decision('held', 5)] })
  pusher.want(author.id, REMOTE)
  connect()
  await until(null)
  clock.pass(0)
  expect([pusher.flows(), gone, kept]).toEqual([[], [`${author.id} ${REMOTE}`], []])
})

test('a remote is there while one of its peers is; a peer that turns out to be another’s is not', async () => {
  const { pusher, state, connect } = setup()
  connect(REMOTE, 'one')
  connect(REMOTE, 'two')
  pusher.onDisconnected('one')
  expect(pusher.peersOf(REMOTE)).toEqual(['two'])
  connect(author.id, 'two')
  expect([pusher.peersOf(REMOTE), pusher.peersOf(author.id)]).toEqual([[], ['two']])
  state.connected = []
  pusher.met('two')
  expect(pusher.peersOf(author.id)).toEqual([])
})

test('what is cut here is confirmed no more, and what grows is offered again', async () => {
  const { pusher, state, asked, connect, until, clock } = setup({ answer: () => [decision('held', 5)] })
  pusher.keep(author.id, REMOTE)
  connect()
  await until(null)
  state.size = 3
  pusher.onGrown()
  expect(pusher.flows()).toMatchObject([{ durable: 3, code: null }])
  state.size = 5
  pusher.onGrown()
  clock.pass(10_000)
  await until(null)
  expect(asked).toHaveLength(2)
})

test('what is forgotten is offered no more, and after the end nothing happens', async () => {
  const { pusher, gone, asked, connect } = setup()
  pusher.keep(author.id, REMOTE)
  pusher.forget(REMOTE)
  connect()
  pusher.stop()
  pusher.keep(author.id, REMOTE)
  await new Promise(setImmediate)
  expect([pusher.flows(), gone, asked]).toEqual([[], [`${author.id} ${REMOTE}`], []])
})
