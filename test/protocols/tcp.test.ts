import { noise as noiseEncryption } from '@libp2p/noise'
import { tcp } from '@libp2p/tcp'
import { yamux } from '@libp2p/yamux'
import { createLibp2p, type Libp2p } from 'libp2p'
import type { Stream } from '@libp2p/interface'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { helloProtocol, openHello, type HelloSession, type HelloSource } from '../../protocols/hello/index.js'
import { fetchRange, pullProtocol, type PullSource } from '../../protocols/pull/index.js'
import { encodeRequest } from '../../protocols/pull/request.js'
import { protocolId, type Protocol } from '../../protocols/protocol.js'
import { FrameStream, WireError } from '../../protocols/wire.js'
import { Frame } from '../../protocols/hello/hello.pb.js'
import { introMessage, source } from './hello/peers.js'
import { LARGEST, LEDGER, bytes, codeOf, entry, head, never, noise, until } from './streams.js'

// Real connections: only they have windows that fill up. A loaded machine takes its time to open them.
vi.setConfig({ testTimeout: 30_000, hookTimeout: 30_000 })

let server: Libp2p
let client: Libp2p
let served: string[]

async function make(): Promise<Libp2p> {
  return createLibp2p({
    addresses: { listen: ['/ip4/127.0.0.1/tcp/0'] },
    transports: [tcp()],
    connectionEncrypters: [noiseEncryption()],
    streamMuxers: [yamux({ streamOptions: { maxStreamWindowSize: 2 << 20, maxReadBufferLength: 4 << 20 } })]
  })
}

beforeEach(async () => {
  ;[server, client] = await Promise.all([make(), make()])
  served = []
})

afterEach(async () => {
  await Promise.all([server.stop(), client.stop()])
})

/** Mounts the protocol on the server, and opens a stream to it. */
async function open<S>(protocol: Protocol<S>, from: S): Promise<FrameStream> {
  return new FrameStream(await dial(protocol, from), protocol.limits.maxFrameBytes)
}

async function dial<S>(protocol: Protocol<S>, from: S): Promise<Stream> {
  const id = protocolId('test', protocol)
  if (!server.getProtocols().includes(id)) {
    await server.handle(id, async (stream) => {
      await protocol.serve(new FrameStream(stream, protocol.limits.maxFrameBytes), 'client', from, never).then(
        () => served.push('served'),
        (error: unknown) => served.push(error instanceof WireError ? error.code : String(error))
      )
    })
  }
  return client.dialProtocol(server.getMultiaddrs(), id, { signal: AbortSignal.timeout(20_000) })
}

function entries(
  items: (request: { from: number; count: number }) => AsyncIterable<ReturnType<typeof entry>>
): PullSource {
  const refuse = async (): Promise<never> => {
    throw new WireError('DENIED', 'not here')
  }
  return {
    head: refuse,
    payloads: refuse,
    keyEntries: refuse,
    evidence: refuse,
    range: async (_peer, request) => items(request)
  }
}

const range = { ledger: LEDGER, from: 0, count: 512, want: 'full' as const }
const quick = pullProtocol({ stallMs: 200, closeMs: 50 })

test('five ranges of 4 MiB, four at a time, and the largest entry', async () => {
  const from = entries(async function* ({ from: first, count }) {
    if (count === 1) yield LARGEST
    else for (let i = 0; i < count; i++) yield entry(first + i, noise(8_000, first + i))
  })
  const fetchOne = async (first: number): Promise<number> => {
    const got = await fetchRange(await open(quick, from), { ...range, from: first }, { signal: never })
    got.forEach((one, i) => {
      expect(Buffer.from(one.header).toString()).toBe(`{"seq":${first + i}}`)
    })
    return got.length
  }
  const counts: number[] = []
  for (const group of [[0, 600, 1_200, 1_800], [2_400]]) counts.push(...(await Promise.all(group.map(fetchOne))))
  expect(counts).toHaveLength(5)
  for (const count of counts) expect(count).toBe(512)
  const [largest] = await fetchRange(await open(quick, from), { ...range, count: 1 }, { signal: never })
  expect(Buffer.compare(largest!.payload!, LARGEST.payload!)).toBe(0)
  await until(() => served.length === 6)
  expect(new Set(served)).toEqual(new Set(['served']))
})

test('a client that does not read costs the server a deadline, and little memory', async () => {
  let given = 0
  const id = protocolId('test', quick)
  await server.handle(id, async (stream) => {
    // A server whose stream takes endless groups: only backpressure can stop it.
    const frames = new FrameStream(stream, 1_114_112)
    await frames.read({ timeoutMs: 1_000 })
    try {
      for (; given < 2_000; given++) await frames.write(bytes(200_000), { timeoutMs: 300 })
    } catch (error) {
      served.push((error as WireError).code)
      frames.abort(error)
    }
  })
  const raw = await client.dialProtocol(server.getMultiaddrs(), id)
  const stream = new FrameStream(raw, 1_114_112)
  await stream.write(encodeRequest({ kind: 'range', ledger: LEDGER, range }))
  await until(() => served.length > 0)
  expect(served).toEqual(['TIMEOUT'])
  expect(given * 200_000).toBeLessThan(16 << 20)
  stream.abort(new Error('done'))
})

test('a server that dies, and a client that leaves, in the middle', async () => {
  let pulled = 0
  const slow = entries(async function* () {
    for (; ; pulled++) {
      // The pace of a slow source, so that both ends are in the middle when it stops.
      await new Promise((resolve) => setTimeout(resolve, 5))
      yield entry(pulled, noise(200_000, pulled))
    }
  })
  const fetching = codeOf(fetchRange(await open(quick, slow), range, { signal: never }))
  await until(() => pulled > 3)
  for (const connection of server.getConnections()) connection.abort(new Error('killed'))
  expect(await fetching).toBe('CLOSED')
  await until(() => client.getConnections().length === 0)

  const stop = new AbortController()
  const stopped = codeOf(fetchRange(await open(quick, slow), range, { signal: stop.signal }))
  const before = pulled
  await until(() => pulled > before + 2)
  stop.abort()
  expect(await stopped).toBe('CLOSED')
  await until(() => served.length === 2)
  expect(served).toEqual(['CLOSED', 'CLOSED'])
})

test('hello: both ask at once, notices, the largest entry, and a close that both see', async () => {
  const sessions: HelloSession[] = []
  const from = (): HelloSource & { heard: unknown[] } =>
    source({
      entries: async (_peer, _ledger, seq) => (seq === 0 ? [LARGEST] : [entry(seq)]),
      onIntro: (session) => {
        sessions.push(session)
      }
    })
  const far = from()
  const near = from()
  const session = await openHello(await open<HelloSource>(helloProtocol(), far), near, 'server', never)
  await until(() => sessions.length === 2)
  const asks = sessions.flatMap((one) => Array.from({ length: 100 }, async (_, i) => one.askEntries(LEDGER, i + 1, 1)))
  for (const one of sessions) expect((await one.askEntries(LEDGER, 0, 1))[0]!.payload).toHaveLength(1_048_576)
  expect(await Promise.all(asks)).toHaveLength(200)
  session.tellHeads([head()])
  await until(() => far.heard.length === 1)
  await session.close()
  await Promise.all(sessions.map(async (one) => one.closed))
  expect(sessions.map(({ error }) => error)).toEqual([null, null])
  await until(() => served.length === 1)
  expect(served).toEqual(['served'])
})

test('hello: a peer that asks and does not read is still heard, and ends by the write deadline', async () => {
  const far = source({ entries: async (_peer, _ledger, seq) => [entry(seq, bytes(1_000_000))] })
  const protocol = helloProtocol({ stallMs: 400, closeMs: 50 })
  const raw = await dial<HelloSource>(protocol, far)
  const stream = new FrameStream(raw, protocol.limits.maxFrameBytes)
  await stream.write(Frame.encode({ intro: introMessage() }))
  await stream.read({ timeoutMs: 1_000 })
  raw.pause()
  for (let id = 1; id <= 8; id++)
    await stream.write(Frame.encode({ request: { id, entries: { ledger: LEDGER, from: id, count: 1 } } }))
  await stream.write(Frame.encode({ notice: { evidence: { ledger: LEDGER, evidence: bytes(9) } } }))
  await until(() => far.heard.length === 1)
  expect(served).toEqual([])
  await far.sessions[0]!.closed
  expect(far.sessions[0]!.error).toMatchObject({ code: 'TIMEOUT' })
})
