import { MemoryDatastore } from 'datastore-core'
import { Key } from 'interface-datastore'
import { describe, expect, test } from 'vitest'
import { WireError } from '../../protocols/wire.js'
import { BoundedDatastore } from '../../src/network/bounded-datastore.js'
import type { MeteredStream } from '../../src/network/metered-stream.js'
import { Places } from '../../src/network/places.js'
import { clock, codeOf } from './fixture.js'

const VALUE = new Uint8Array(1)
const provider = (key: number, peer: string): Key => new Key(`/dht/provider/KEY${key}/${peer}`)

async function keysOf (store: MemoryDatastore, prefix: string): Promise<string[]> {
  const keys: string[] = []
  for await (const key of store.queryKeys({ prefix })) keys.push(key.toString())
  return keys
}

describe('what strangers make libp2p write', () => {
  test('provider records: of a peer, for a key, in all; who is there stays, and the own ones always go in', async () => {
    const inner = new MemoryDatastore()
    const store = await BoundedDatastore.open(inner, 'self', { providers: 10, perPeer: 4, perKey: 3 })
    const kept = async (): Promise<number> => (await keysOf(inner, '/dht/provider/')).length
    for (let key = 0; key < 6; key++) await store.put(provider(key, 'greedy'), VALUE)
    expect(await kept()).toBe(4)
    for (let peer = 0; peer < 5; peer++) await store.put(provider(0, `peer${peer}`), VALUE)
    expect(await kept()).toBe(6)
    await store.put(provider(0, 'greedy'), VALUE)
    for (let peer = 0; peer < 99; peer++) await store.put(provider(100 + peer, `sybil${peer}`), VALUE)
    expect(await kept()).toBe(10)
    await store.put(provider(0, 'self'), VALUE)
    expect(await kept()).toBe(11)
    await store.delete(provider(0, 'greedy'))
    await store.delete(provider(1, 'greedy'))
    await store.put(provider(7, 'greedy'), VALUE)
    expect(await kept()).toBe(10)
    expect((await BoundedDatastore.open(inner, 'self')).counts).toEqual({ providers: 10, peers: 0 })
  })

  test('values are not for this DHT; peers are remembered by when they were asked for last', async () => {
    const inner = new MemoryDatastore()
    const store = await BoundedDatastore.open(inner, 'self', { peers: 3 })
    await store.put(new Key('/dht/record/x'), VALUE)
    for (const peer of ['A', 'B', 'C']) await store.put(new Key(`/peers/${peer}`), VALUE)
    await store.get(new Key('/peers/A'))
    await store.put(new Key('/peers/D'), VALUE)
    expect((await keysOf(inner, '')).toSorted()).toEqual(['/peers/A', '/peers/C', '/peers/D'])
    await store.put(new Key('/other'), VALUE)
    expect(store.counts.peers).toBe(3)
  })
})

describe('places', () => {
  class Stream {
    readonly #closed = new AbortController()
    readonly closed = this.#closed.signal
    written = 0
    unsent = 0
    cut = false
    get waits (): boolean { return this.unsent > 0 }
    abort (): void {
      this.cut = true
      this.#closed.abort()
    }

    get metered (): MeteredStream { return this as unknown as MeteredStream }
  }

  test('a reader that takes nothing makes room for who waits; one that takes its time does not', async () => {
    const places = new Places({ max: 2, clock })
    const [stalled, slow, next] = [new Stream(), new Stream(), new Stream()]
    for (const stream of [stalled, slow]) {
      stream.unsent = 9
      await places.enter('greedy', stream.metered)
    }
    const reading = setInterval(() => { slow.written++ }, 50)
    await places.enter('honest', next.metered)
    clearInterval(reading)
    expect([stalled.cut, slow.cut, next.cut]).toEqual([true, false, false])
    expect(places.held).toBe(2)
  })

  test('the last quarter of the places is for peers that have none', async () => {
    const places = new Places({ max: 8, clock })
    for (let i = 0; i < 6; i++) await places.enter('greedy', new Stream().metered)
    const seventh = new Stream()
    const refused = places.enter('greedy', seventh.metered)
    await places.enter('honest', new Stream().metered)
    expect(places.held).toBe(7)
    seventh.abort()
    expect(await codeOf(refused)).toBe('BUSY')
  })

  test('a free place goes to whoever has the fewest, and nobody waits for ever', async () => {
    const places = new Places({ max: 1, clock: { now: clock.now, after: (ms, call) => clock.after(ms / 20, call) } })
    const leave = await places.enter('greedy', new Stream().metered)
    const order: string[] = []
    const enter = async (peer: string, stream = new Stream()): Promise<void> => {
      const out = await places.enter(peer, stream.metered)
      order.push(peer)
      out()
    }
    const gone = new Stream()
    const waiting = [enter('greedy'), enter('honest'), enter('gone', gone)]
    gone.abort()
    expect(await codeOf(waiting[2]!)).toBe('BUSY')
    leave()
    await Promise.all(waiting.slice(0, 2))
    expect(order).toHaveLength(2)
    await places.enter('greedy', new Stream().metered)
    await expect(places.enter('honest', new Stream().metered)).rejects.toThrow(WireError)
    expect(places.held).toBe(1)
  })
})
