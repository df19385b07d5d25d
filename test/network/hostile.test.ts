import { connect } from 'node:net'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { noise } from '@libp2p/noise'
import { tcp } from '@libp2p/tcp'
import { yamux } from '@libp2p/yamux'
import { multiaddr } from '@multiformats/multiaddr'
import { createLibp2p } from 'libp2p'
import type { Protocol } from '../../protocols/protocol.js'
import { WireError } from '../../protocols/wire.js'
import { protocolHandler } from '../../src/network/host.js'
import { addrOf, codeOf, echo, makeHost, random, startHost, stopAll, within, type TestHost } from './fixture.js'

vi.setConfig({ testTimeout: 30_000 })
afterEach(stopAll)

const portOf = (made: TestHost): number =>
  Number(
    multiaddr(addrOf(made))
      .getComponents()
      .find(({ name }) => name === 'tcp')?.value
  )
const protocol = (name: string, serve: Protocol<null>['serve']): Protocol<null> => ({ ...echo, name, serve })

/** The other side is alive and serves: sent is what comes back. */
async function works(from: TestHost, to: TestHost): Promise<boolean> {
  const stream = await from.host.open(to.host.peerId, echo, within(5_000))
  await stream.write(new Uint8Array([1, 2, 3]), { timeoutMs: 5_000 })
  const back = await stream.read({ timeoutMs: 5_000 })
  await stream.closeWrite()
  return back?.byteLength === 3
}

describe('dialling', () => {
  test('addresses that are none of ours', async () => {
    const a = await startHost()
    const bare = addrOf(a).split('/p2p/')[0] ?? ''
    for (const bad of [
      '',
      '/',
      '/ip4/1.2.3',
      bare,
      `${bare}/p2p/nonsense`,
      'nonsense',
      `${bare}/p2p/`,
      '/ip4/127.0.0.1/tcp/99999/p2p/x',
      '\0',
      '/p2p-circuit'
    ]) {
      expect(await codeOf(a.host.dial(bad, within(1_000)))).toBe('BAD_ADDRESS')
      expect(await codeOf(makeHost({ bootstrap: [bad] }))).toBe('BAD_ADDRESS')
    }
    expect(await codeOf(a.host.dial(addrOf(a), within(1_000)))).toBe('BAD_ADDRESS')
    expect(await codeOf(a.host.dial(a.host.peerId, within(1_000)))).toBe('BAD_ADDRESS')
    expect(await codeOf(a.host.open(a.host.peerId, echo, within(1_000)))).toBe('BAD_ADDRESS')
  })

  test('nobody there, somebody else there, an unknown peer, a caller who gives up', async () => {
    const a = await startHost()
    const b = await startHost()
    const gone = await startHost()
    const dead = addrOf(gone)
    await gone.host.stop()
    expect(await codeOf(a.host.dial(dead, within(5_000)))).toBe('UNREACHABLE')
    expect(await codeOf(a.host.open(gone.host.peerId, echo, within(500)))).toBe('UNREACHABLE')
    const impostor = addrOf(b).replace(b.host.peerId, gone.host.peerId)
    expect(await codeOf(a.host.dial(impostor, within(5_000)))).toBe('WRONG_PEER')
    expect(await codeOf(a.host.dial(addrOf(b), AbortSignal.abort()))).toBe('ABORTED')
    expect(a.host.peers()).toEqual([])
    expect(await a.host.dial(addrOf(b), within(5_000))).toBe(b.host.peerId)
  })

  test('a peer that takes the connection and says nothing', async () => {
    const a = await startHost()
    const { createServer } = await import('node:net')
    const silent = createServer(() => {
      /* never answers */
    })
    await new Promise<void>((resolve) => {
      silent.listen(0, '127.0.0.1', resolve)
    })
    const address = silent.address()
    const port = typeof address === 'object' && address !== null ? address.port : 0
    expect(
      await codeOf(a.host.dial(`/ip4/127.0.0.1/tcp/${port}/p2p/${(await makeHost()).host.peerId}`, within(300)))
    ).toBe('UNREACHABLE')
    silent.close()
  })

  test('another pre-shared key, or none, and the right one', async () => {
    const psk = random.bytes(32)
    const a = await startHost({ psk })
    const same = await startHost({ psk: Uint8Array.from(psk) })
    const other = await startHost({ psk: random.bytes(32) })
    const none = await startHost()
    for (const outsider of [other, none]) {
      expect(await codeOf(outsider.host.dial(addrOf(a), within(5_000)))).toBe('WRONG_PEER')
      expect(await codeOf(a.host.dial(addrOf(outsider), within(5_000)))).toBe('WRONG_PEER')
    }
    expect(await same.host.dial(addrOf(a), within(5_000))).toBe(a.host.peerId)
    await expect.poll(() => a.events).toEqual([`+${same.host.peerId}`])
    await expect(makeHost({ psk: random.bytes(31) })).rejects.toThrow(RangeError)
  })

  test('an address that is taken', async () => {
    const a = await startHost()
    const b = await makeHost({ listen: [addrOf(a).split('/p2p/')[0] ?? ''] })
    expect(await codeOf(b.host.start())).toBe('LISTEN_FAILED')
  })
})

describe('serving', () => {
  test("a protocol that is not spoken, another network's included", async () => {
    const a = await startHost({ protocols: [protocolHandler(echo, { served: 0 })] })
    const b = await startHost()
    const foreign = await startHost({ network: 'other' })
    await b.host.dial(addrOf(a), within(5_000))
    expect(
      await codeOf(
        b.host.open(
          a.host.peerId,
          protocol('nothing', async () => {}),
          within(5_000)
        )
      )
    ).toBe('UNSUPPORTED')
    await foreign.host.dial(addrOf(a), within(5_000))
    expect(await codeOf(foreign.host.open(a.host.peerId, echo, within(5_000)))).toBe('UNSUPPORTED')
    // The two see each other, but neither enters the other's DHT.
    await expect.poll(() => [a.host.dhtSize(), b.host.dhtSize()], { timeout: 15_000 }).toEqual([1, 1])
    expect(foreign.host.dhtSize()).toBe(0)
    expect(await works(b, a)).toBe(true)
  })

  test('handlers that throw, now and later, coded and not, are logged and cost only their stream', async () => {
    const now = protocol('now', () => {
      throw new Error('boom')
    })
    const later = protocol('later', async (stream) => {
      await stream.read()
      throw Object.assign(new Error('store'), { code: 'STORE_FAILED' })
    })
    const thrown = protocol('thrown', async () => {
      await Promise.reject('no error at all' as unknown as Error)
    }) // oxlint-disable-line prefer-promise-reject-errors
    const a = await startHost({
      protocols: [
        protocolHandler(echo, { served: 0 }),
        protocolHandler(now, null),
        protocolHandler(later, null),
        protocolHandler(thrown, null)
      ]
    })
    const b = await startHost()
    await b.host.dial(addrOf(a), within(5_000))
    for (const [each, code] of [
      [now, 'Error'],
      [later, 'STORE_FAILED'],
      [thrown, 'Error']
    ] as const) {
      const stream = await b.host.open(a.host.peerId, each, within(5_000))
      await stream.write(new Uint8Array(1)).catch(() => {
        /* reset already */
      })
      expect(await codeOf(stream.read({ timeoutMs: 5_000 }))).toBe('CLOSED')
      await expect
        .poll(
          () =>
            a.log.lines.find(({ level, fields }) => level === 'error' && String(fields['protocol']).includes(each.name))
              ?.fields['code']
        )
        .toBe(code)
    }
    expect(await works(b, a)).toBe(true)
  })

  test('a peer that breaks a protocol is dropped and kept out', async () => {
    const small: Protocol<null> = {
      ...protocol('small', async (stream) => {
        await stream.read({ timeoutMs: 5_000 })
      }),
      limits: { ...echo.limits, maxFrameBytes: 100 }
    }
    const a = await startHost({ protocols: [protocolHandler(small, null)] })
    const b = await startHost()
    await b.host.dial(addrOf(a), within(5_000))
    const stream = await b.host.open(
      a.host.peerId,
      { ...small, limits: { ...small.limits, maxFrameBytes: 1_000 } },
      within(5_000)
    )
    await stream.write(new Uint8Array(101))
    await expect.poll(() => b.events, { timeout: 15_000 }).toEqual([`+${a.host.peerId}`, `-${a.host.peerId}`])
    expect(
      a.log.lines
        .filter(({ message }) => message === 'peer disconnected and banned')
        .map(({ fields }) => fields['reason'])
    ).toEqual(['/ledgermesh/test/small/1: TOO_LARGE'])
    // The dialler may see its connection for a moment before the other side refuses it.
    expect(
      await codeOf(
        b.host.open(a.host.peerId, small, within(1_000)).then(async (again) => {
          await again.read({ timeoutMs: 5_000 })
        })
      )
    ).not.toBe('no error')
    expect(a.host.isConnected(b.host.peerId)).toBe(false)
  })

  test('a frame of ours that is too large is our fault: the peer stays', async () => {
    const wide = protocol('wide', async (stream) => {
      await stream.write(new Uint8Array(echo.limits.maxFrameBytes + 1))
    })
    const a = await startHost({ protocols: [protocolHandler(wide, null), protocolHandler(echo, { served: 0 })] })
    const b = await startHost()
    await b.host.dial(addrOf(a), within(5_000))
    expect(await codeOf((await b.host.open(a.host.peerId, wide, within(5_000))).read({ timeoutMs: 5_000 }))).toBe(
      'CLOSED'
    )
    await expect
      .poll(() => a.log.lines.filter(({ level }) => level === 'error').map(({ fields }) => fields['code']))
      .toEqual(['TOO_LARGE'])
    expect(await works(b, a)).toBe(true)
    expect(a.events).toEqual([`+${b.host.peerId}`])
  })

  test('stop does not wait for a handler that ignores its signal, nor for one that sends to a peer which does not read', async () => {
    const stuck = protocol('stuck', async () => {
      await new Promise(() => {
        /* never */
      })
    })
    const full = protocol('full', async (stream) => {
      for (;;) await stream.write(new Uint8Array(512 * 1024))
    })
    const a = await startHost({ protocols: [protocolHandler(stuck, null), protocolHandler(full, null)] })
    const b = await startHost()
    await b.host.dial(addrOf(a), within(5_000))
    const streams = [
      await b.host.open(a.host.peerId, stuck, within(5_000)),
      await b.host.open(a.host.peerId, full, within(5_000))
    ]
    await streams[1]?.read({ timeoutMs: 5_000 })
    const before = performance.now()
    await a.host.stop()
    expect(performance.now() - before).toBeLessThan(4_000)
    await expect.poll(() => b.events.length, { timeout: 15_000 }).toBe(2)
  })

  test('one stream more than a peer may have', async () => {
    const held = new Set<string>()
    const hold = protocol('hold', async (stream, peer) => {
      held.add(peer + held.size)
      await stream.read()
    })
    const a = await startHost({ protocols: [protocolHandler(hold, null), protocolHandler(echo, { served: 0 })] })
    const b = await startHost()
    await b.host.dial(addrOf(a), within(5_000))
    const wide = { ...hold, limits: { ...hold.limits, maxOutboundStreams: 99 } }
    const streams = []
    for (let i = 0; i < 4; i++) streams.push(await b.host.open(a.host.peerId, wide, within(5_000)))
    await expect.poll(() => held.size).toBe(4)
    const fifth = await b.host.open(a.host.peerId, wide, within(5_000))
    expect(await codeOf(fifth.read({ timeoutMs: 5_000 }))).toBe('CLOSED')
    expect(held.size).toBe(4)
    for (const stream of streams) await stream.closeWrite()
    await expect
      .poll(
        () =>
          codeOf(
            b.host.open(a.host.peerId, wide, within(5_000)).then(async (stream) => {
              await stream.write(new Uint8Array(1))
              expect(await stream.read({ timeoutMs: 5_000 })).toBe(null)
            })
          ),
        { timeout: 15_000 }
      )
      .toBe('no error')
  })

  test('a quota delays, and a stopping host ends the wait', async () => {
    const flood = protocol('flood', async (stream, _peer, _source, signal) => {
      for (let i = 0; i < 8; i++) await stream.write(new Uint8Array(64 * 1024), { signal })
    })
    const a = await startHost({
      protocols: [protocolHandler(flood, null)],
      tuning: { quota: { unitsPerSecond: 20, burstUnits: 2 } }
    })
    const b = await startHost()
    await b.host.dial(addrOf(a), within(5_000))
    const before = performance.now()
    const stream = await b.host.open(a.host.peerId, flood, within(5_000))
    for (let i = 0; i < 8; i++) expect((await stream.read({ timeoutMs: 5_000 }))?.byteLength).toBe(64 * 1024)
    expect(performance.now() - before).toBeGreaterThan(300) // 9 units, 2 of them at once, 50 ms for each other one
    const again = await b.host.open(a.host.peerId, flood, within(5_000))
    await again.read({ timeoutMs: 5_000 })
    await a.host.stop()
    for (;;)
      if (
        (await codeOf(
          again.read({ timeoutMs: 5_000 }).then((frame) => {
            if (frame === null) throw new WireError('TRUNCATED', '')
          })
        )) !== 'no error'
      )
        break
  })

  test('a banned peer is cut off while it is served, cannot come back, and can when the ban is over', async () => {
    const a = await startHost({ protocols: [protocolHandler(echo, { served: 0 })] })
    const b = await startHost()
    await b.host.dial(addrOf(a), within(5_000))
    const stream = await b.host.open(a.host.peerId, echo, within(5_000))
    await stream.write(new Uint8Array(1))
    await stream.read({ timeoutMs: 5_000 })
    a.host.drop(b.host.peerId, 'test', 600)
    expect(
      await codeOf(
        stream.read({ timeoutMs: 5_000 }).then((frame) => {
          if (frame === null) throw new WireError('CLOSED', '')
        })
      )
    ).toBe('CLOSED')
    await expect.poll(() => b.events).toEqual([`+${a.host.peerId}`, `-${a.host.peerId}`])
    expect(await codeOf(a.host.dial(addrOf(b), within(1_000)))).toBe('BANNED')
    expect(await codeOf(a.host.open(b.host.peerId, echo, within(1_000)))).toBe('BANNED')
    expect(a.events).toEqual([`+${b.host.peerId}`, `-${b.host.peerId}`])
    await expect
      .poll(async () => await codeOf(b.host.dial(addrOf(a), within(1_000)).then(async () => await works(b, a))), {
        timeout: 15_000
      })
      .toBe('no error')
  })

  test('garbage, silence and half a handshake on the raw socket', async () => {
    const a = await startHost({ protocols: [protocolHandler(echo, { served: 0 })] })
    const b = await startHost()
    const hello = Buffer.from('\x13/multistream/1.0.0\n\x07/noise\n')
    for (const data of [
      random.bytes(100_000),
      new Uint8Array(10),
      Buffer.from('GET / HTTP/1.1\r\n\r\n'),
      hello,
      Buffer.concat([hello, random.bytes(70_000)]),
      Buffer.from([0xff, 0xff, 0xff, 0xff, 0x7f])
    ]) {
      const socket = connect(portOf(a), '127.0.0.1')
      socket.on('error', () => {
        /* reset by the host: as it should be */
      })
      await new Promise<void>((resolve) => {
        socket.once('connect', resolve)
      })
      socket.write(data)
      if (data.byteLength % 2 === 0) socket.end()
    }
    await b.host.dial(addrOf(a), within(5_000))
    expect(await works(b, a)).toBe(true)
    expect(a.events).toEqual([`+${b.host.peerId}`])
  })

  test('a peer gets eight connections and not one more', async () => {
    const a = await startHost({ protocols: [protocolHandler(echo, { served: 0 })] })
    const many = await createLibp2p({ transports: [tcp()], connectionEncrypters: [noise()], streamMuxers: [yamux()] })
    const b = await startHost()
    for (let i = 0; i < 12; i++)
      await many.dial(multiaddr(addrOf(a)), { force: true }).catch(() => {
        /* refused in the handshake, or closed after it */
      })
    await expect.poll(() => many.getConnections().length, { timeout: 15_000 }).toBe(8)
    expect(a.host.peers().map(({ addrs }) => addrs.length)).toEqual([8])
    await b.host.dial(addrOf(a), within(5_000))
    expect(await works(b, a)).toBe(true)
    await many.stop()
  })

  test('callbacks that throw', async () => {
    const a = await startHost({
      callbacks: {
        onConnect: () => {
          throw new Error('up')
        },
        onDisconnect: () => {
          throw new Error('down')
        }
      }
    })
    const b = await startHost()
    await b.host.dial(addrOf(a), within(5_000))
    await b.host.stop()
    await expect
      .poll(() => a.log.lines.filter(({ level }) => level === 'error').map(({ fields }) => fields['callback']), {
        timeout: 15_000
      })
      .toEqual(['onConnect', 'onDisconnect'])
  })
})
