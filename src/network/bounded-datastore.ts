import type { Datastore } from './libp2p-node.js'

type Key = Parameters<Datastore['put']>[0]

/** Provider records that this node keeps for the DHT: of all peers, of one peer, and for one key. Whoever was there first stays, for it renews. */
const MAX_PROVIDERS = 20_000
const MAX_PER_PEER = 1_024
const MAX_PER_KEY = 64
/** Peers whose addresses are remembered; then the one that was asked for longest ago goes. */
const MAX_PEERS = 10_000

const PROVIDERS = '/dht/provider/'
const VALUES = '/dht/record/'
const PEERS = '/peers/'

export interface DatastoreBounds { providers: number, perPeer: number, perKey: number, peers: number }

const BOUNDS: DatastoreBounds = { providers: MAX_PROVIDERS, perPeer: MAX_PER_PEER, perKey: MAX_PER_KEY, peers: MAX_PEERS }

/**
 * The datastore that libp2p gets: what strangers can make it write is bounded. By itself the DHT stores any number of provider records for any
 * peer that connects, and the peer store remembers every peer for a month.
 */
export class BoundedDatastore implements Datastore {
  readonly #inner: Datastore
  readonly #self: string
  readonly #bounds: DatastoreBounds
  readonly #providers = new Set<string>()
  readonly #ofPeer = new Map<string, number>()
  readonly #ofKey = new Map<string, number>()
  /** The one used longest ago first. */
  readonly #peers = new Map<string, Key>()

  private constructor (inner: Datastore, self: string, bounds: DatastoreBounds) {
    this.#inner = inner
    this.#self = self
    this.#bounds = bounds
  }

  /** Counts what is there. `self`: the own peer id, whose records are never refused. */
  static async open (inner: Datastore, self: string, bounds: Partial<DatastoreBounds> = {}): Promise<BoundedDatastore> {
    const store = new BoundedDatastore(inner, self, { ...BOUNDS, ...bounds })
    for await (const key of inner.queryKeys({ prefix: PROVIDERS })) store.#count(key.toString(), 1)
    for await (const key of inner.queryKeys({ prefix: PEERS })) store.#peers.set(key.toString(), key)
    return store
  }

  get counts (): { providers: number, peers: number } { return { providers: this.#providers.size, peers: this.#peers.size } }

  async put (key: Key, value: Uint8Array, options?: Parameters<Datastore['put']>[2]): Promise<Key> {
    const name = key.toString()
    // Values are not for this network: state never comes from the DHT.
    if (name.startsWith(VALUES)) return key
    if (name.startsWith(PROVIDERS) && !this.#mayProvide(name)) return key
    await this.#inner.put(key, value, options)
    if (name.startsWith(PROVIDERS)) this.#count(name, 1)
    if (name.startsWith(PEERS)) await this.#used(name, key)
    return key
  }

  async get (key: Key, options?: Parameters<Datastore['get']>[1]): Promise<Uint8Array> {
    const name = key.toString()
    if (this.#peers.has(name)) await this.#used(name, key)
    return await this.#inner.get(key, options)
  }

  async delete (key: Key, options?: Parameters<Datastore['delete']>[1]): Promise<void> {
    const name = key.toString()
    if (name.startsWith(PROVIDERS)) this.#count(name, -1)
    this.#peers.delete(name)
    await this.#inner.delete(key, options)
  }

  has (...args: Parameters<Datastore['has']>): ReturnType<Datastore['has']> { return this.#inner.has(...args) }

  async * putMany (source: Parameters<Datastore['putMany']>[0], options?: Parameters<Datastore['putMany']>[1]): AsyncGenerator<Key> {
    for await (const { key, value } of source) yield await this.put(key, value, options)
  }

  getMany (...args: Parameters<Datastore['getMany']>): ReturnType<Datastore['getMany']> { return this.#inner.getMany(...args) }

  async * deleteMany (source: Parameters<Datastore['deleteMany']>[0], options?: Parameters<Datastore['deleteMany']>[1]): AsyncGenerator<Key> {
    for await (const key of source) {
      await this.delete(key, options)
      yield key
    }
  }

  /** Nobody who writes for strangers uses batches. */
  batch (): ReturnType<Datastore['batch']> { return this.#inner.batch() }

  query (...args: Parameters<Datastore['query']>): ReturnType<Datastore['query']> { return this.#inner.query(...args) }

  queryKeys (...args: Parameters<Datastore['queryKeys']>): ReturnType<Datastore['queryKeys']> { return this.#inner.queryKeys(...args) }

  #mayProvide (name: string): boolean {
    const [key, peer] = partsOf(name)
    if (this.#providers.has(name) || peer === this.#self) return true
    const { providers, perPeer, perKey } = this.#bounds
    return this.#providers.size < providers && (this.#ofPeer.get(peer) ?? 0) < perPeer && (this.#ofKey.get(key) ?? 0) < perKey
  }

  #count (name: string, by: 1 | -1): void {
    if (this.#providers.has(name) === (by === 1)) return
    if (by === 1) this.#providers.add(name)
    else this.#providers.delete(name)
    const [key, peer] = partsOf(name)
    for (const [counts, of] of [[this.#ofPeer, peer], [this.#ofKey, key]] as const) {
      const count = (counts.get(of) ?? 0) + by
      if (count > 0) counts.set(of, count)
      else counts.delete(of)
    }
  }

  async #used (name: string, key: Key): Promise<void> {
    this.#peers.delete(name)
    this.#peers.set(name, key)
    if (this.#peers.size <= this.#bounds.peers) return
    const [[oldest, victim]] = this.#peers as unknown as [[string, Key]]
    this.#peers.delete(oldest)
    await this.#inner.delete(victim)
  }
}

/** `/dht/provider/<key>/<peer>`. */
function partsOf (name: string): [string, string] {
  const [key = '', peer = ''] = name.slice(PROVIDERS.length).split('/')
  return [key, peer]
}
