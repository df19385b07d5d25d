import { afterEach, describe, expect, test, vi } from 'vitest'
import { protocolHandler, type ConnectionInfo } from '../../src/network/host.js'
import { addrOf, codeOf, echo, makeHost, startHost, stopAll, within } from './fixture.js'

vi.setConfig({ testTimeout: 30_000 })
afterEach(stopAll)

const bytes = (length: number, fill: number): Uint8Array => new Uint8Array(length).fill(fill)

describe('host', () => {
  test('two hosts exchange frames, one event per peer', async () => {
    const source = { served: 0 }
    const a = await startHost({ protocols: [protocolHandler(echo, source)] })
    const b = await startHost()
    expect(await b.host.dial(addrOf(a), within(5_000))).toBe(a.host.peerId)
    const stream = await b.host.open(a.host.peerId, echo, within(5_000))
    for (const length of [0, 1, 65_536, 1024 * 1024]) {
      await stream.write(bytes(length, 7), { timeoutMs: 5_000 })
      expect(Buffer.from((await stream.read({ timeoutMs: 5_000 })) ?? []).equals(bytes(length, 7))).toBe(true)
    }
    await stream.closeWrite()
    expect(await stream.read({ timeoutMs: 5_000 })).toBe(null)
    await expect.poll(() => source.served).toBe(1)
    expect(b.host.isConnected(a.host.peerId)).toBe(true)
    expect(b.host.peers()).toMatchObject([{ peer: a.host.peerId, direction: 'outbound' }])
    expect(a.host.peers()).toMatchObject([{ peer: b.host.peerId, direction: 'inbound' }])
    await b.host.stop()
    await expect.poll(() => a.events, { timeout: 15_000 }).toEqual([`+${b.host.peerId}`, `-${b.host.peerId}`])
  })

  test('gossip reaches the peers of a topic, and its own duplicates and empty topics are no errors', async () => {
    const a = await startHost()
    const b = await startHost({ bootstrap: [addrOf(a)] })
    // Of others' topics, only the network's are remembered.
    const topic = '/ledgermesh/test/t'
    const got: number[] = []
    const id = (message: Uint8Array): Uint8Array => message
    a.host.subscribe(
      topic,
      async (_peer, message) => {
        got.push(message[0] ?? -1)
        return 'accept'
      },
      id
    )
    expect(await b.host.publish('nobody', bytes(10, 1))).toEqual({ recipients: 0 })
    await expect.poll(() => b.host.subscribers(topic), { timeout: 15_000 }).toEqual([a.host.peerId])
    expect(await b.host.publish(topic, bytes(10, 2))).toEqual({ recipients: 1 })
    expect(await b.host.publish(topic, bytes(10, 2))).toEqual({ recipients: 0 })
    await expect.poll(() => got, { timeout: 15_000 }).toEqual([2])
  })

  test('two that dial each other at once are one peer each, and exactly one of them speaks first', async () => {
    const first: string[] = []
    const callbacks = (name: string) => ({
      onConnect: (_peer: string, { initiator }: ConnectionInfo) => {
        first.push(`${name} ${initiator}`)
      },
      onDisconnect: () => {
        first.push('gone')
      }
    })
    const a = await startHost({ callbacks: callbacks('a') })
    const b = await startHost({ callbacks: callbacks('b') })
    await Promise.all([a.host.dial(addrOf(b), within(5_000)), b.host.dial(addrOf(a), within(5_000))])
    await expect.poll(() => first.length).toBe(2)
    expect(first.toSorted()).toEqual(a.host.peerId < b.host.peerId ? ['a true', 'b false'] : ['a false', 'b true'])
    expect(a.host.peers().map(({ peer }) => peer)).toEqual([b.host.peerId])
    expect(b.host.peers().map(({ peer }) => peer)).toEqual([a.host.peerId])
  })

  test('stop before start, twice, and publishing afterwards', async () => {
    const { host } = await makeHost()
    const published = async (): Promise<string> => await codeOf(host.publish('t', bytes(1, 1)))
    expect(await published()).toBe('CLOSED')
    await host.stop()
    await host.stop()
    expect(host.peers()).toEqual([])
    expect(await published()).toBe('CLOSED')
    const { host: used } = await startHost()
    await used.stop()
    expect(await codeOf(used.publish('t', bytes(1, 1)))).toBe('CLOSED')
    expect(used.subscribers('t')).toEqual([])
    used.subscribe(
      't',
      () => Promise.resolve('accept'),
      (message) => message
    )
    used.unsubscribe('t')
  })
})
