import { describe, expect, test } from 'vitest'
import { RateLimiter } from '../../src/network/rate-limiter.js'
import { hostOf, Inbound, type InboundOptions } from '../../src/network/inbound.js'
import { LoadMonitor } from '../../src/network/load-monitor.js'
import type { MultiaddrConnection } from '@libp2p/interface'
import { clock, collectLog } from './fixture.js'

function watch(): { load: LoadMonitor; see: (...delays: number[]) => string[] } {
  let ms = 0
  const load = new LoadMonitor({ clock, log: collectLog(), gauge: { sample: () => ms, stop: () => {} } })
  return {
    load,
    see: (...delays) =>
      delays.map((delay) => {
        ms = delay
        load.look()
        return load.level
      })
  }
}

describe('how loaded a node is', () => {
  test('two looks have to agree, upwards and downwards', () => {
    const { see } = watch()
    expect(see(0, 5_000, 0, 0, 200, 200, 900, 200, 900, 900, 10, 900, 10, 200, 10, 10)).toEqual([
      'normal',
      'normal',
      'normal',
      'normal',
      'normal',
      'busy',
      'busy',
      'busy',
      'busy',
      'overloaded',
      'overloaded',
      'overloaded',
      'overloaded',
      'busy',
      'busy',
      'normal'
    ])
  })

  test('what waits for calm goes on when it comes, when its signal fires, and when the node stops', async () => {
    const { load, see } = watch()
    await load.calm(new AbortController().signal)
    see(900, 900)
    const gone = new AbortController()
    const settled: string[] = []
    const waiting = [
      ['gone', gone.signal],
      ['calm', new AbortController().signal]
    ].map(async ([name, signal]) => {
      await load.calm(signal as AbortSignal)
      settled.push(name as string)
    })
    gone.abort()
    await waiting[0]
    expect(settled).toEqual(['gone'])
    see(0, 0)
    await waiting[1]
    see(900, 900)
    const last = load.calm(new AbortController().signal)
    load.stop()
    await last
  })

  test('what a peer asks for costs more while the node is loaded; a wait that is too long takes nothing', async () => {
    const { load, see } = watch()
    const stopped = new AbortController()
    const charge = new RateLimiter({
      limits: { unitsPerSecond: 10, burstUnits: 16 },
      clock: { ...clock, now: () => 0 },
      stopped: stopped.signal,
      load
    }).for({ peer: 'peer', host: null }, 'protocol')
    expect(await charge(1, undefined, 0)).toBe(0)
    see(200, 200)
    expect(await charge(3, undefined, 0)).toBe(0)
    expect(await charge(1, undefined, 0)).toBeCloseTo(100)
    expect(await charge(1, undefined, 0)).toBeCloseTo(100)
    see(900, 900)
    expect(await charge(1, undefined, 5_000)).toBe(0) // it waited for 13 units of debt
    expect(await charge(10, undefined, 5_000)).toBeGreaterThan(5_000)
  })
})

describe('who gets a place', () => {
  const socket = (addr: string): MultiaddrConnection & { end: () => void } => {
    const events = new EventTarget()
    return Object.assign(events, {
      remoteAddr: addr,
      end: () => {
        events.dispatchEvent(new Event('close'))
      }
    }) as unknown as MultiaddrConnection & { end: () => void }
  }
  const gate = (
    more: Partial<InboundOptions> = {}
  ): { inbound: Inbound; open: { peer: string; close: () => void }[] } => {
    const open: { peer: string; close: () => void }[] = []
    return {
      open,
      inbound: new Inbound({
        maxConnections: 10,
        countLoopback: false,
        load: { level: 'normal', costFactor: 1 },
        pays: () => true,
        priorityOf: () => 1,
        connections: () => open,
        ...more
      })
    }
  }

  test('one host: sixteen in their handshake, thirty-two in all, and again when they are gone', () => {
    const { inbound } = gate()
    const sockets = Array.from({ length: 16 }, (_, i) => socket(`/ip4/203.0.113.7/tcp/${4000 + i}`))
    expect(sockets.map((one) => inbound.refusesSocket(one))).not.toContain(true)
    expect(inbound.refusesSocket(socket('/ip4/203.0.113.7/tcp/5'))).toBe(true)
    expect(inbound.refusesSocket(socket('/ip4/203.0.113.8/tcp/5'))).toBe(false)
    for (const one of sockets) inbound.refusesPeer('peer', one)
    const more = Array.from({ length: 20 }, (_, i) => socket(`/ip4/203.0.113.7/tcp/${5000 + i}`)).filter(
      (one) => !inbound.refusesSocket(one)
    )
    expect(more).toHaveLength(16)
    for (const one of more) inbound.refusesPeer('peer', one)
    expect(inbound.refusesSocket(socket('/ip4/203.0.113.7/tcp/6'))).toBe(true)
    for (const one of [...sockets, ...more]) one.end()
    expect(inbound.hosts).toBe(1)
    expect(inbound.refusesSocket(socket('/ip4/203.0.113.7/tcp/7'))).toBe(false)
  })

  test('loopback counts only where it is told to', () => {
    for (const [countLoopback, accepted] of [
      [false, 40],
      [true, 16]
    ] as const) {
      const { inbound } = gate({ countLoopback })
      expect(
        Array.from({ length: 40 }, (_, i) => socket(`/ip4/127.0.0.1/tcp/${i}`)).filter(
          (one) => !inbound.refusesSocket(one)
        )
      ).toHaveLength(accepted)
    }
  })

  test('the last places are kept for peers that matter, which take the place of strangers when there is none left', () => {
    const closed: string[] = []
    const { inbound, open } = gate({
      priorityOf: (peer) => (peer.startsWith('known') ? 2 : peer.startsWith('silent') ? 0 : 1)
    })
    const add = (peer: string): void => {
      open.push({
        peer,
        close: () => {
          closed.push(peer)
        }
      })
    }
    const came = socket('/ip4/203.0.113.7/tcp/1')
    for (let i = 0; i < 7; i++) add(`stranger ${i}`)
    expect(inbound.refusesPeer('stranger', came)).toBe(false)
    add('silent 1')
    expect(inbound.refusesPeer('stranger', came)).toBe(true)
    expect(inbound.refusesPeer('known 1', came)).toBe(false)
    add('known 1')
    add('known 2')
    expect(closed).toEqual([])
    expect(inbound.refusesPeer('known 3', came)).toBe(false)
    expect(closed).toEqual(['silent 1'])
    open.splice(7, 1, { peer: 'known 3', close: () => {} })
    expect(inbound.refusesPeer('known 4', came)).toBe(false)
    expect(closed).toEqual(['silent 1', 'stranger 6'])
    open.splice(
      0,
      7,
      ...Array.from({ length: 7 }, (_, i) => ({
        peer: `known 1${i}`,
        close: () => {
          closed.push('known')
        }
      }))
    )
    expect(inbound.refusesPeer('known 5', came)).toBe(true)
    expect(closed).toHaveLength(2)
  })

  test.each([
    ['/ip4/1.2.3.4/tcp/5', '1.2.3.4'],
    ['/ip6/2001:db8:1:2:3:4:5:6/tcp/5', '2001:db8:1:2'],
    ['/ip6/2001:db8::6/tcp/5', '2001:db8:0:0'],
    ['/ip6/2001:DB8:0001:2::/tcp/5', '2001:db8:1:2'],
    ['/ip6/::1/tcp/5', '::1'],
    ['/ip6/::ffff:1.2.3.4/tcp/5', '1.2.3.4'],
    ['/unix/a', null]
  ])('the host of %s is %s', (addr, host) => {
    expect(hostOf(addr)).toBe(host)
  })
})
