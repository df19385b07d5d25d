import { afterEach, expect, test, vi } from 'vitest'
import { hello, openHello, type HelloSession, type HelloSource } from '../../protocols/hello/index.js'
import { fetchHead, fetchRange, pull, type PullSource } from '../../protocols/pull/index.js'
import { WireError, type WireEntry } from '../../protocols/wire.js'
import { protocolHandler } from '../../src/network/host.js'
import { addrOf, codeOf, random, startHost, stopAll, within } from './fixture.js'

vi.setConfig({ testTimeout: 30_000 })
afterEach(stopAll)

const LEDGER = `b${'a'.repeat(52)}`
const entry = (bytes: number): WireEntry => ({
  header: random.bytes(300),
  signature: random.bytes(64),
  payload: random.bytes(bytes)
})

function pullSource(entries: WireEntry[]): PullSource {
  const nothing = async (): Promise<never> => await Promise.reject(new WireError('UNAVAILABLE', 'not here'))
  return {
    head: nothing,
    payloads: nothing,
    keyEntries: nothing,
    evidence: nothing,
    range: async (_peer, { from, count }) =>
      await Promise.resolve(
        (async function* () {
          yield* entries.slice(from, from + count)
        })()
      )
  }
}

test('pull over two hosts: the largest payload, many entries, a coded refusal, a protocol that is not mounted', async () => {
  const entries = [entry(1024 * 1024), ...Array.from({ length: 500 }, () => entry(1_000))]
  const a = await startHost({ protocols: [protocolHandler(pull, pullSource(entries))] })
  const b = await startHost()
  await b.host.dial(addrOf(a), within(5_000))
  const signal = within(10_000)
  const open = async () => await b.host.open(a.host.peerId, pull, signal)
  const [first] = await fetchRange(await open(), { ledger: LEDGER, from: 0, count: 1, want: 'full' }, { signal })
  expect(Buffer.from(first?.payload ?? []).equals(entries[0]?.payload ?? Buffer.of(1))).toBe(true)
  const rest = await fetchRange(await open(), { ledger: LEDGER, from: 1, count: 500, want: 'full' }, { signal })
  expect(rest.length).toBe(500)
  expect(Buffer.from(rest[499]?.payload ?? []).equals(entries[500]?.payload ?? Buffer.of(1))).toBe(true)
  expect(await codeOf(open().then(async (stream) => await fetchHead(stream, LEDGER, { signal })))).toBe('UNAVAILABLE')
  expect(await codeOf(b.host.open(a.host.peerId, hello, signal))).toBe('UNSUPPORTED')
  expect(await codeOf(a.host.open(b.host.peerId, pull, signal))).toBe('UNSUPPORTED')
})

test('hello over two hosts; it ends when the connection does', async () => {
  const sessions: HelloSession[] = []
  const errors: unknown[] = []
  const source = (software: string): HelloSource => ({
    intro: () => ({ network: 'test', software, clockMs: Date.now(), record: null, features: [] }),
    onIntro: (session) => {
      sessions.push(session)
    },
    heads: (_peer, wanted) => ({ heads: [], same: [], none: wanted.map(({ ledger }) => ledger), denied: [] }),
    entries: async () => await Promise.resolve([]),
    keyEntries: async () => await Promise.resolve([]),
    onHeads: () => {},
    onEvidence: () => {},
    onRecord: () => {},
    onError: (_peer, error) => {
      errors.push(error)
    }
  })
  const a = await startHost({ protocols: [protocolHandler(hello, source('a/1'))] })
  const b = await startHost({ protocols: [protocolHandler(hello, source('b/1'))] })
  await b.host.dial(addrOf(a), within(5_000))
  const mine = await openHello(
    await b.host.open(a.host.peerId, hello, within(5_000)),
    source('b/1'),
    a.host.peerId,
    new AbortController().signal
  )
  expect(mine.intro.software).toBe('a/1')
  expect((await mine.askHeads([{ ledger: LEDGER, size: 3 }])).none).toEqual([LEDGER])
  await expect.poll(() => sessions.length).toBe(2)
  const theirs = sessions.find((session) => session !== mine)
  expect(theirs?.peer).toBe(b.host.peerId)
  a.host.drop(b.host.peerId, 'test', 0)
  await Promise.all([mine.closed, theirs?.closed])
  expect(errors).toEqual([])
})
