import { createServer } from 'node:net'
import { generateKeyPair } from '@libp2p/crypto/keys'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { multiaddr } from '@multiformats/multiaddr'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { classOf, classOfIp, targetOf } from '../../src/network/dialling/address-class.js'
import { DialPolicy } from '../../src/network/dialling/dial-policy.js'
import { addrOf, codeOf, startHost, stopAll, within } from './fixture.js'

vi.setConfig({ testTimeout: 30_000 })
afterEach(stopAll)

const PEER = '12D3KooWGRUmEEfiuZ3bFpJRPbTLdh6VfL7hDTmR3b9Hn3GhCmR8'
const OTHER = '12D3KooWRLBwDPPuhnSCEx1qnX8StUPhmV5XhRv59ju6SjiyMnZV'
const at = (host: string, port: number | string = 4001, peer = PEER): ReturnType<typeof multiaddr> =>
  multiaddr(`/ip${host.includes(':') ? 6 : 4}/${host}/tcp/${port}/p2p/${peer}`)
const time = { now: 0 }
const clock = { now: () => time.now, after: () => () => {} }
const policyOf = (listen: string[], publicNetwork?: boolean): DialPolicy =>
  new DialPolicy({ listen, publicNetwork, clock })
const EVERYWHERE = ['/ip4/0.0.0.0/tcp/7440']
const HERE = ['/ip4/127.0.0.1/tcp/0']
const OFFICE = ['/ip4/192.168.1.5/tcp/7440']

const LOOPBACK = [
  '127.0.0.1',
  '127.255.1.2',
  '::1',
  '::ffff:127.0.0.1',
  '::ffff:7f00:1',
  '64:ff9b::127.0.0.1',
  '2002:7f00:1::1',
  '::127.0.0.1',
  '::ffff:0:127.0.0.1'
]
const PRIVATE = [
  '10.1.2.3',
  '172.16.0.1',
  '172.31.255.255',
  '192.168.0.1',
  '100.64.0.1',
  'fc00::1',
  'fd12::1',
  '::ffff:10.0.0.1',
  '64:ff9b::c0a8:1',
  '2002:a00:1::'
]
const NEVER = [
  '0.0.0.0',
  '0.1.2.3',
  '169.254.169.254',
  '224.0.0.1',
  '239.255.255.255',
  '255.255.255.255',
  '240.0.0.1',
  '::',
  'fe80::1',
  'fe80::1%eth0',
  'febf::1',
  'fec0::1',
  'ff02::1',
  '::ffff:169.254.169.254',
  '64:ff9b::a9fe:a9fe',
  '64:ff9b:1::7f00:1',
  '::ffff:0.0.0.0',
  '2002:a9fe:1::',
  '2001:0:1::1',
  'nonsense',
  '127.1'
]
const PUBLIC = [
  '1.1.1.1',
  '172.32.0.1',
  '192.169.0.1',
  '100.128.0.1',
  '2606:4700::1111',
  '::ffff:1.1.1.1',
  '64:ff9b::101:101'
]

describe('what kind of place an address is', () => {
  test.each([
    ['loopback', LOOPBACK],
    ['private', PRIVATE],
    ['never', NEVER],
    ['public', PUBLIC]
  ] as const)('%s', (kind, hosts) => {
    for (const host of hosts) expect([host, classOfIp(host)]).toEqual([host, kind])
  })

  test('only an IP or a DNS name with a TCP port is a place where a peer may be', () => {
    expect(classOf(multiaddr('/dns4/example.org/tcp/1'))).toBe('name')
    expect(classOf(multiaddr(`/ip4/1.1.1.1/tcp/1/p2p/${PEER}`))).toBe('public')
    for (const text of [
      '/unix/%2Fvar%2Frun%2Fdocker.sock',
      '/dnsaddr/example.org',
      '/ip4/1.1.1.1',
      '/ip4/1.1.1.1/udp/1',
      '/ip4/1.1.1.1/tcp/0',
      '/ip4/1.1.1.1/tcp/1/ws',
      '/ip6zone/eth0/ip6/fe80::1/tcp/1',
      `/ip4/1.1.1.1/tcp/1/p2p/${PEER}/p2p-circuit/p2p/${OTHER}`,
      `/p2p/${PEER}`,
      '/ip4/1.1.1.1/tcp/1/tls',
      `/ip4/1.1.1.1/tcp/1/p2p/${PEER}/p2p/${OTHER}`,
      '/tcp/1'
    ])
      expect([text, classOf(multiaddr(text))]).toEqual([text, 'never'])
  })

  test('one place has one name, however it is written', () => {
    const places = ['1.2.3.4', '::ffff:1.2.3.4', '::ffff:102:304', '64:ff9b::102:304', '2002:102:304::9'].map((host) =>
      targetOf(at(host))
    )
    expect(new Set(places.map((place) => JSON.stringify(place))).size).toBe(1)
    expect(targetOf(at('2606:4700:0::1'))).toEqual(targetOf(at('2606:4700:0:0::0:1')))
    expect(targetOf(multiaddr('/dns4/Example.ORG./tcp/7'))).toEqual({ host: 'example.org', port: '7' })
  })
})

describe('what is dialled by hearsay', () => {
  /** Of each kind, what a node that listens there dials. */
  const dialled = (policy: DialPolicy): string[] =>
    Object.entries({
      loopback: LOOPBACK,
      private: PRIVATE,
      public: PUBLIC,
      never: NEVER.filter((host) => !/[%n]|^127\.1$/.test(host))
    }).flatMap(([kind, hosts]) =>
      hosts.every((host) => policy.mayDial(at(host)))
        ? [kind]
        : hosts.some((host) => policy.mayDial(at(host)))
          ? [`some ${kind}`]
          : []
    )

  test.each([
    ['all interfaces', EVERYWHERE, undefined, ['public']],
    ['all interfaces, IPv6', ['/ip6/::/tcp/1'], undefined, ['public']],
    ['this machine only', HERE, undefined, ['loopback', 'public']],
    ['this machine and the office', [...HERE, ...OFFICE], undefined, ['private', 'public']],
    ['this machine and everywhere', [...HERE, ...EVERYWHERE], undefined, ['public']],
    ['the office only', OFFICE, undefined, ['private', 'public']],
    ['nowhere', [], undefined, ['public']],
    ['what is no address', ['nonsense'], undefined, ['public']],
    ['a public address', ['/ip4/1.1.1.1/tcp/1'], undefined, ['public']],
    ['all interfaces, an office by configuration', EVERYWHERE, false, ['private', 'public']],
    ['the office, the internet by configuration', OFFICE, true, ['public']],
    ['this machine, an office by configuration', HERE, false, ['loopback', 'private', 'public']]
  ])('by a node that listens on %s', (_, listen, publicNetwork, kinds) => {
    expect(dialled(policyOf(listen, publicNetwork))).toEqual(kinds)
  })

  test('what the operator named is dialled, and no other peer there', () => {
    const policy = policyOf(EVERYWHERE)
    for (const host of [...LOOPBACK, ...PRIVATE]) {
      policy.name(at(host).toString())
      expect([
        host,
        policy.mayDial(at(host)),
        policy.mayDial(at(host, 4001, OTHER)),
        policy.mayDial(at(host, 4002))
      ]).toEqual([host, true, false, false])
    }
    expect(() => {
      policy.name('nonsense')
    }).toThrow('multiaddr')
  })

  test('a place that failed is left alone, twice as long each time, whatever peer is said to be there and however it is written', () => {
    const policy = policyOf(EVERYWHERE)
    let dials = 0
    for (time.now = 0; time.now < 3_600_000; time.now += 100) {
      const addr = at(['1.2.3.4', '::ffff:1.2.3.4', '64:ff9b::102:304'][dials % 3]!, 80, dials % 2 === 0 ? PEER : OTHER)
      if (policy.refusal(addr) !== null) continue
      dials++
      policy.failed(addr, new Error('refused'))
    }
    expect(dials).toBeLessThanOrEqual(9 + 3_600 / 300)
    expect(dials).toBeGreaterThan(9)
  })

  test('ports of one host, and many hosts', () => {
    const policy = policyOf(EVERYWHERE)
    const tryAll = (addrs: ReturnType<typeof multiaddr>[]): number =>
      addrs.filter((addr) => {
        if (policy.refusal(addr) !== null) return false
        policy.failed(addr, new Error('refused'))
        return true
      }).length
    time.now = 0
    expect(tryAll(Array.from({ length: 1_000 }, (_, i) => at('1.2.3.4', i + 1)))).toBe(8)
    let tried = 0
    for (let second = 0; second < 60; second++) {
      time.now = second * 1_000
      tried += tryAll(Array.from({ length: 50 }, (_, i) => at(`5.${second}.${i}.1`)))
    }
    expect(tried).toBeLessThanOrEqual(120 + 2 * 60)
    expect(tried).toBeGreaterThan(200)
    // It is forgotten.
    time.now += 3_600_000
    expect(tryAll([at('1.2.3.4', 5_000)])).toBe(1)
  })

  test('lies about a place do not keep out who was there, nor for long who may be there', () => {
    const policy = policyOf(EVERYWHERE)
    time.now = 0
    policy.reached(at('1.2.3.4'))
    const wrongPeer = Object.assign(new Error('somebody else'), { name: 'UnexpectedPeerError' })
    for (let i = 0; i < 100; i++) policy.failed(at('1.2.3.4', 4001, OTHER), wrongPeer)
    expect(policy.refusal(at('1.2.3.4'))).toBe(null)
    expect(policy.refusal(at('1.2.3.4', 4001, OTHER))).not.toBe(null)
    time.now += 8_001
    expect(policy.refusal(at('1.2.3.4', 4001, OTHER))).toBe(null)
    // Its own failures count for it as well.
    policy.failed(at('1.2.3.4'), new Error('refused'))
    expect(policy.refusal(at('1.2.3.4'))).not.toBe(null)
  })
})

describe('a host', () => {
  /** A door of this machine at which nobody should knock; how often somebody did. */
  async function door(): Promise<{ port: number; knocks: () => number; close: () => void }> {
    let knocks = 0
    const server = createServer((socket) => {
      knocks++
      socket.destroy()
    })
    await new Promise<void>((resolve) => {
      server.listen(0, '127.0.0.1', resolve)
    })
    const { port } = server.address() as { port: number }
    return {
      port,
      knocks: () => knocks,
      close: () => {
        server.close()
      }
    }
  }

  test('that listens everywhere dials nothing of its own machine by hearsay, names that stand for it included', async () => {
    const { host } = await startHost({ listen: ['/ip4/0.0.0.0/tcp/0'] })
    const { port, knocks, close } = await door()
    for (const place of [
      'ip4/127.0.0.1',
      'ip6/::ffff:127.0.0.1',
      'ip4/127.9.9.9',
      'dns4/localhost',
      'dns/localhost',
      'dns4/127.1',
      'dns4/0x7f000001',
      'ip4/0.0.0.0',
      'ip6/::'
    ]) {
      const addr = `/${place}/tcp/${port}/p2p/${PEER}`
      expect([addr, await codeOf(host.dialHearsay(addr, within(5_000)))]).toEqual([addr, 'UNREACHABLE'])
      expect(host.mayDial(addr)).toBe(place.startsWith('dns'))
    }
    expect(knocks()).toBe(0)
    // The operator's word.
    expect(await codeOf(host.dial(`/ip4/127.0.0.1/tcp/${port}/p2p/${PEER}`, within(5_000)))).not.toBe('no error')
    expect(knocks()).toBe(1)
    close()
  })

  test('of this machine only knocks at a closed door seldom, whoever names it', async () => {
    const { host } = await startHost()
    const { port, knocks, close } = await door()
    // All at once, and one after the other.
    await Promise.all(
      Array.from({ length: 50 }, async () => {
        const peer = peerIdFromPrivateKey(await generateKeyPair('Ed25519')).toString()
        await host.dialHearsay(`/ip4/127.0.0.1/tcp/${port}/p2p/${peer}`, within(5_000)).catch(() => {
          /* nobody is there */
        })
      })
    )
    expect(knocks()).toBe(1)
    for (let i = 0; i < 50; i++)
      await host
        .dialHearsay(`/ip4/127.0.0.1/tcp/${port}/p2p/${i % 2 === 0 ? PEER : OTHER}`, within(5_000))
        .catch(() => {
          /* nobody is there */
        })
    expect(knocks()).toBeLessThanOrEqual(3)
    const other = await startHost()
    expect(await host.dialHearsay(addrOf(other), within(5_000))).toBe(other.host.peerId)
    close()
  })
})
