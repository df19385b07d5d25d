/**
 * What a stranger sends beside the messages of any protocol: frames of the multiplexer, streams that come and go,
 * negotiations and handshakes without end.
 */
import { connect } from 'node:net'
import { noise } from '@libp2p/noise'
import type { MessageStream } from '@libp2p/interface'
import { tcp } from '@libp2p/tcp'
import { yamux } from '@libp2p/yamux'
import { multiaddr } from '@multiformats/multiaddr'
import { createLibp2p } from 'libp2p'
import { afterEach, describe, expect, onTestFinished, test, vi } from 'vitest'
import { protocolHandler } from '../../src/network/host.js'
import { HANDSHAKE } from '../../src/network/costs.js'
import { prefixed } from '../helpers/gossip-frames.js'
import { FLAG, frame, RawLine, repeated, TYPE } from '../helpers/raw-line.js'
import { addrOf, echo, startHost, stopAll, within, type TestHost } from './fixture.js'

vi.setConfig({ testTimeout: 60_000 })

afterEach(stopAll)

const HEADER = '/multistream/1.0.0\n'
const said = (text: string): Buffer => prefixed(Buffer.from(text))
const reasons = ({ log }: TestHost): unknown[] =>
  log.lines.filter(({ message }) => message === 'peer disconnected and banned').map(({ fields }) => fields['reason'])

async function rawLine(target: TestHost): Promise<RawLine> {
  const line = await RawLine.dial(addrOf(target))
  onTestFinished(async () => {
    await line.stop()
  })
  // Before, yamux itself gives up at ten streams.
  await expect.poll(() => target.host.peers().length).toBeGreaterThan(0)
  return line
}

/** Sends packets until the connection is over, or `most` of them; how many. */
async function sentUntilOver(line: RawLine, most: number, packet: (i: number) => Uint8Array): Promise<number> {
  for (let i = 0; i < most; i++) if (!(await line.send(packet(i)))) return i
  return most
}

describe('frames without end cost the connection:', () => {
  test('pings, whether the answers are read or not', async () => {
    const a = await startHost()
    for (const deaf of [false, true]) {
      const line = await rawLine(a)
      if (deaf) line.deaf()
      const packet = repeated(100, (i) => frame(TYPE.ping, FLAG.syn, 0, i))
      expect(await sentUntilOver(line, 5_000, () => packet)).toBeLessThan(5_000)
      await expect.poll(() => line.open).toBe(false)
      // As many as were paid for, at 12 bytes each.
      expect(line.received).toBeLessThan(5_000 * 12)
    }
    expect(reasons(a)).toEqual(Array.from({ length: 2 }, () => 'connection: over its quota'))
  })

  test('of one whom we dialled, too', async () => {
    const a = await startHost()
    const line = await RawLine.beDialled(async (addr) => {
      await a.host.dial(addr, within(5_000))
    })
    onTestFinished(async () => {
      await line.stop()
    })
    const packet = repeated(100, (i) => frame(TYPE.ping, FLAG.syn, 0, i))
    expect(await sentUntilOver(line, 500, () => packet)).toBeLessThan(500)
    await expect.poll(() => reasons(a)).toEqual(['connection: over its quota'])
  })

  test('streams that are opened and reset, and streams above those that a connection may have', async () => {
    const a = await startHost()
    for (const flags of [[FLAG.syn, FLAG.rst], [FLAG.syn]]) {
      const line = await rawLine(a)
      const packet = (at: number): Buffer =>
        repeated(50, (i) => Buffer.concat(flags.map((flag) => frame(TYPE.window, flag, (at * 50 + i) * 2 + 1, 0))))
      expect(await sentUntilOver(line, 2_000, packet)).toBeLessThan(2_000)
      await expect.poll(() => line.open).toBe(false)
    }
    expect(reasons(a)).toEqual(Array.from({ length: 2 }, () => 'connection: it opens too many streams'))
  })

  test.each([
    ['window updates of streams that are not there', frame(TYPE.window, FLAG.none, 99, 1)],
    ['data of no bytes', frame(TYPE.data, FLAG.none, 1, 0)],
    ['data of a byte', frame(TYPE.data, FLAG.none, 99, 1, Buffer.of(1))]
  ])('%s', async (_, one) => {
    const a = await startHost()
    const line = await rawLine(a)
    await line.send(frame(TYPE.window, FLAG.syn, 1, 0))
    const packet = repeated(2_000, () => one)
    expect(await sentUntilOver(line, 5_000, () => packet)).toBeLessThan(5_000)
    await expect.poll(() => line.open).toBe(false)
    expect(reasons(a)).toEqual(['connection: over its quota'])
  })

  test('packets without a frame in them', async () => {
    const a = await startHost()
    const line = await rawLine(a)
    // A frame in twelve of them: byte for byte.
    const bytes = frame(TYPE.window, FLAG.none, 99, 1)
    const packets = Array.from({ length: 1_200 }, (_, i) => bytes.subarray(i % 12, (i % 12) + 1))
    let sent = 0
    while (sent < 2_000 && (await line.sendEach(packets))) sent++
    expect(sent).toBeLessThan(2_000)
    expect(reasons(a)).toEqual(['connection: over its quota'])
  })

  test('bytes for streams that are not there', async () => {
    const a = await startHost()
    const line = await rawLine(a)
    const packet = frame(TYPE.data, FLAG.none, 99, 128 * 1024, new Uint8Array(128 * 1024))
    const packets = await sentUntilOver(line, 1_000, () => packet)
    expect(packets / 8).toBeLessThan(64) // MiB
    expect(reasons(a)).toEqual(['connection: over its quota'])
  })
})

describe('a frame', () => {
  test('that says it has 4 GiB is known by its header', async () => {
    const a = await startHost()
    const line = await rawLine(a)
    await line.send(frame(TYPE.window, FLAG.syn, 1, 0))
    await line.send(frame(TYPE.data, FLAG.none, 1, 2 ** 32 - 1))
    const packets = await sentUntilOver(line, 64, () => new Uint8Array(64 * 1024))
    expect(packets).toBeLessThan(64) // 4 MiB
    expect(reasons(a)).toEqual(['connection: a frame that is larger than a window'])
  })

  test('that is larger than what the stream may send', async () => {
    const a = await startHost()
    const line = await rawLine(a)
    await line.send(frame(TYPE.window, FLAG.syn, 1, 0))
    await line.send(frame(TYPE.data, FLAG.none, 1, 300 * 1024))
    await expect.poll(() => line.open).toBe(false)
    expect(reasons(a)).toEqual(['connection: a frame that is larger than a window'])
  })
})

describe('a negotiation', () => {
  const proposals = repeated(20_000, () => said('x\n'))

  test('of a stream: proposals without end, a name without end, no end of line', async () => {
    const a = await startHost({ protocols: [protocolHandler(echo, { served: 0 })] })
    for (const bytes of [
      proposals,
      repeated(1_000, () => said('ls\n')),
      repeated(1_000, () => said(HEADER)),
      said('x'.repeat(1_025)),
      said('/ipfs/ping/1.0.0'),
      Buffer.of(0)
    ]) {
      const line = await rawLine(a)
      await line.send(frame(TYPE.window, FLAG.syn, 1, 0))
      await line.send(frame(TYPE.data, FLAG.none, 1, bytes.length, bytes))
      // The reset, and at most the answers to a few proposals.
      await expect.poll(() => line.received).toBeGreaterThan(11)
      await line.send(frame(TYPE.ping, FLAG.syn, 0, 7))
      await line.send(frame(TYPE.window, FLAG.none, 1, 0))
      expect(line.received).toBeLessThan(10_000)
      expect(line.open).toBe(true)
    }
    const b = await startHost()
    await b.host.dial(addrOf(a), within(5_000))
    const stream = await b.host.open(a.host.peerId, echo, within(5_000))
    await stream.write(new Uint8Array(3), { timeoutMs: 5_000 })
    expect((await stream.read({ timeoutMs: 5_000 }))?.byteLength).toBe(3)
  })

  test('of one stream after the other that is none costs the connection', async () => {
    const a = await startHost()
    const line = await rawLine(a)
    const junk = new Uint8Array(1_000)
    const packet = (i: number): Buffer =>
      Buffer.concat([
        frame(TYPE.window, FLAG.syn, 2 * i + 1, 0),
        frame(TYPE.data, FLAG.none, 2 * i + 1, junk.length, junk)
      ])
    expect(await sentUntilOver(line, 1_000, packet)).toBeLessThan(1_000)
    await expect.poll(() => reasons(a)).toEqual(['connection: over its quota'])
  })

  test('of the encryption: proposals without end', async () => {
    const a = await startHost()
    const socket = connect(Number(addrOf(a).split('/')[4]), '127.0.0.1')
    socket.on('error', () => {
      /* reset: as it should be */
    })
    onTestFinished(() => {
      socket.destroy()
    })
    let received = 0
    socket.on('data', (data) => {
      received += data.length
    })
    socket.write(Buffer.concat([said(HEADER), proposals]))
    await expect.poll(() => socket.closed).toBe(true)
    expect(received).toBeLessThan(1_000)
  })

  test('of the multiplexer, which those that speak of it in the handshake need not have', async () => {
    const a = await startHost()
    for (const isHonest of [false, true]) {
      let wire: MessageStream | undefined
      const node = await createLibp2p({
        transports: [tcp()],
        streamMuxers: [yamux()],
        connectionEncrypters: [
          (components) => {
            const made = noise()(components)
            const secure = made.secureOutbound.bind(made)
            made.secureOutbound = async (connection, options) => {
              const secured = await secure(connection, { ...options, skipStreamMuxerNegotiation: true })
              wire = secured.connection
              if (isHonest) return secured
              wire.send(Buffer.concat([said(HEADER), proposals]))
              return await new Promise(() => {
                /* never done */
              })
            }
            return made
          }
        ]
      })
      onTestFinished(async () => {
        await node.stop()
      })
      const dialled = node.dial(multiaddr(addrOf(a)), { signal: within(20_000) })
      dialled.catch(() => {
        /* the one that is not honest gets nowhere */
      })
      await expect
        .poll(
          () =>
            isHonest
              ? a.host.peers().length
              : Number(wire?.status === 'aborted' || wire?.status === 'reset' || wire?.status === 'closed'),
          { timeout: 8_000 }
        )
        .toBe(1)
    }
  })

  test('that is never begun, and a handshake that never ends, are over after ten seconds', async () => {
    const a = await startHost()
    const line = await rawLine(a)
    await line.send(frame(TYPE.window, FLAG.syn, 1, 0))
    await expect.poll(() => line.received).toBeGreaterThan(0)
    const before = line.received
    const socket = connect(Number(addrOf(a).split('/')[4]), '127.0.0.1')
    socket.on('error', () => {
      /* reset: as it should be */
    })
    socket.resume()
    onTestFinished(() => {
      socket.destroy()
    })
    socket.write(Buffer.concat([said(HEADER), said('/noise\n'), Buffer.of(0, 32)]))
    const drip = setInterval(() => {
      socket.write(Buffer.of(1))
    }, 500) // a byte now and then
    onTestFinished(() => {
      clearInterval(drip)
    })
    await expect.poll(() => socket.closed, { timeout: 20_000 }).toBe(true)
    await expect.poll(() => line.received, { timeout: 20_000 }).toBeGreaterThan(before)
    expect(line.open).toBe(true)
  })
})

test('handshakes of one host: a few hundred at once, and then as many as they are worth; another host is not kept out', async () => {
  const a = await startHost({ tuning: { countLoopback: true } })
  const port = Number(addrOf(a).split('/')[4])
  const before = performance.now()
  for (let i = 0; i < 600; i++) {
    // One after the other: never more than one is under way.
    const socket = connect({ port, host: '127.0.0.1', localAddress: '127.0.0.2' })
    socket.on('error', () => {
      /* refused: as it should be */
    })
    socket.end(Buffer.of(0)) // no negotiation
    await new Promise((resolve) => {
      socket.once('close', resolve)
    })
  }
  const seconds = (performance.now() - before) / 1000
  const shaken = a.host.charged().get(HANDSHAKE.name)!
  const { burstUnits, unitsPerSecond } = HANDSHAKE.quota
  expect(shaken).toBeGreaterThan(burstUnits / 2)
  expect(shaken).toBeLessThanOrEqual(burstUnits + unitsPerSecond * seconds + 1)
  const b = await startHost()
  await b.host.dial(addrOf(a), within(5_000))
})
