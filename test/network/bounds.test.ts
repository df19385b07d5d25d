import { MemoryDatastore } from 'datastore-core'
import { Key } from 'interface-datastore'
import { describe, expect, test } from 'vitest'
import { WireError } from '../../protocols/wire.js'
import { peerIdFromMultihash } from '@libp2p/peer-id'
import { decode } from 'multiformats/hashes/digest'
import * as varint from 'uint8-varint'
import { BoundedDatastore, type DatastoreBounds } from '../../src/network/bounded-datastore.js'
import type { MeteredStream } from '../../src/network/metered-stream.js'
import { ServeSlots } from '../../src/network/serve-slots.js'
import { fakeIds } from '../helpers/kad-peer.js'
import { clock, codeOf } from './fixture.js'

const SELF = '12D3KooWGRUmEEfiuZ3bFpJRPbTLdh6VfL7hDTmR3b9Hn3GhCmR8'
const VALUE = new Uint8Array(1)
const provider = (key: number, peer: string): Key => new Key(`/dht/provider/KEY${key}/${peer}`)

async function keysOf(store: MemoryDatastore, prefix: string): Promise<string[]> {
  const keys: string[] = []
  for await (const key of store.queryKeys({ prefix })) keys.push(key.toString())
  return keys
}

describe('what strangers make libp2p write', () => {
  const connected = { hosts: new Map<string, string>(), ranks: new Map<string, 0 | 1 | 2>(), now: 1_000_000_000_000 }
  const open = async (inner: MemoryDatastore, bounds: DatastoreBounds = {}): Promise<BoundedDatastore> =>
    await BoundedDatastore.open(inner, {
      self: SELF,
      now: () => connected.now,
      hostOf: (peer) => connected.hosts.get(peer) ?? null,
      rankOf: (peer) => connected.ranks.get(peer) ?? 1,
      bounds
    })
  const told = (): Uint8Array => varint.encode(connected.now)

  test('provider records are kept for two hours, over a restart too, with the host that told them; the own ones as long as they are meant', async () => {
    const inner = new MemoryDatastore()
    const ids = (await fakeIds(12)).map((id) => peerIdFromMultihash(decode(id)))
    const store = await open(inner)
    const answer = async (from: BoundedDatastore): Promise<string[]> => {
      const peers: string[] = []
      for await (const { key } of from.query({ prefix: '/dht/provider/KEY0' }))
        peers.push(key.toString().split('/').at(-1)!)
      return peers
    }
    for (const [i, id] of ids.entries()) {
      connected.hosts.set(id.toString(), `1.2.${i % 2}.${i}`)
      await store.put(provider(0, id.toString()), told())
      // Without addresses a provider makes the whole answer fail.
      if (i !== 3) await store.put(new Key(`/peers/${id.toCID().toString()}`), VALUE)
    }
    await store.put(provider(0, SELF), told())
    expect((await answer(store)).toSorted()).toEqual([SELF, ...ids.filter((_, i) => i !== 3).map(String)].toSorted())
    expect((await answer(store))[0]).toBe(SELF)
    const again = await open(inner)
    expect(await answer(again)).toHaveLength(12)
    // The hosts are remembered: those of 1.2.0.0/24 have six of their eight places.
    const more = (await fakeIds(8)).map((id) => peerIdFromMultihash(decode(id)).toString())
    for (const id of more) {
      connected.hosts.set(id, '1.2.0.200')
      await again.put(provider(0, id), told())
    }
    expect(again.counts.providers).toBe(12 + 2)
    connected.now += 2 * 3_600_000
    expect(await answer(again)).toEqual([SELF])
    expect((await open(inner)).counts.providers).toBe(0)
    expect(await keysOf(inner, '/dht/provider/')).toEqual([`/dht/provider/KEY0/${SELF}`])
  })

  test('values are not for this DHT; peers are remembered by when they were asked for last', async () => {
    const inner = new MemoryDatastore()
    const store = await open(inner, { peers: 3 })
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
    get waits(): boolean {
      return this.unsent > 0
    }
    abort(): void {
      this.cut = true
      this.#closed.abort()
    }

    get metered(): MeteredStream {
      return this as unknown as MeteredStream
    }
  }

  test('a reader that takes nothing makes room for who waits; one that takes its time does not', async () => {
    const places = new ServeSlots({ max: 2, clock })
    const [stalled, slow, next] = [new Stream(), new Stream(), new Stream()]
    for (const stream of [stalled, slow]) {
      stream.unsent = 9
      await places.enter('greedy', stream.metered)
    }
    const reading = setInterval(() => {
      slow.written++
    }, 50)
    await places.enter('honest', next.metered)
    clearInterval(reading)
    expect([stalled.cut, slow.cut, next.cut]).toEqual([true, false, false])
    expect(places.held).toBe(2)
  })

  test('the last quarter of the places is for peers that have none', async () => {
    const places = new ServeSlots({ max: 8, clock })
    for (let i = 0; i < 6; i++) await places.enter('greedy', new Stream().metered)
    const seventh = new Stream()
    const refused = places.enter('greedy', seventh.metered)
    await places.enter('honest', new Stream().metered)
    expect(places.held).toBe(7)
    seventh.abort()
    expect(await codeOf(refused)).toBe('BUSY')
  })

  test('a free place goes to whoever has the fewest, and nobody waits for ever', async () => {
    const places = new ServeSlots({
      max: 1,
      clock: { now: clock.now, after: (ms, call) => clock.after(ms / 20, call) }
    })
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
