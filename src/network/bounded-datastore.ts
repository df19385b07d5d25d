import { peerIdFromString } from '@libp2p/peer-id'
import * as varint from 'uint8-varint'
import type { Datastore } from './datastore.js'
import { ProviderBook, VALID_MS, type Provided, type ProviderBounds, type Rank } from './dht/provider-book.js'

type Key = Parameters<Datastore['put']>[0]
type Pair = ReturnType<Datastore['query']> extends AsyncIterable<infer P> | Iterable<infer P> ? P : never

/** Peers whose addresses are remembered; beyond this the one that was read longest ago is removed. */
const MAX_PEERS = 10_000

const PROVIDERS = '/dht/provider/'
const VALUES = '/dht/record/'
const PEERS = '/peers/'

export interface DatastoreBounds extends Partial<ProviderBounds> {
  peers?: number
}

export interface DatastoreOptions {
  /** The own peer id, whose provider records are never refused. */
  self: string
  /** The IP address from which a peer is connected; null: it is not. */
  hostOf: (peer: string) => string | null
  rankOf: (peer: string) => Rank
  /** ms since the epoch. */
  now: () => number
  bounds?: DatastoreBounds
}

/**
 * The datastore that libp2p gets: it bounds what unknown peers can make libp2p write. By itself the DHT stores any
 * number of provider records for any peer that connects, and the peer store remembers every peer for a month.
 */
export class BoundedDatastore implements Datastore {
  readonly #inner: Datastore
  readonly #options: DatastoreOptions
  readonly #book: ProviderBook
  /** Least recently used first. */
  readonly #peers = new Map<string, Key>()

  private constructor(inner: Datastore, options: DatastoreOptions) {
    this.#inner = inner
    this.#options = options
    this.#book = new ProviderBook({ ...options, bounds: definedOf(options.bounds) })
  }

  /** Reads the stored records; provider records that were not renewed are deleted. */
  static async open(inner: Datastore, options: DatastoreOptions): Promise<BoundedDatastore> {
    const store = new BoundedDatastore(inner, options)
    for await (const { key, value } of inner.query({ prefix: PROVIDERS })) await store.#load(key, value)
    for await (const key of inner.queryKeys({ prefix: PEERS })) store.#peers.set(key.toString(), key)
    return store
  }

  get counts(): { providers: number; peers: number } {
    return { providers: this.#book.size, peers: this.#peers.size }
  }

  async put(key: Key, value: Uint8Array, options?: Parameters<Datastore['put']>[2]): Promise<Key> {
    const name = key.toString()
    // This network stores no values in the DHT: state never comes from it.
    if (name.startsWith(VALUES)) return key
    if (name.startsWith(PROVIDERS)) return await this.#provide(key, value, options)
    await this.#inner.put(key, value, options)
    if (name.startsWith(PEERS)) await this.#used(name, key)
    return key
  }

  async get(key: Key, options?: Parameters<Datastore['get']>[1]): Promise<Uint8Array> {
    const name = key.toString()
    if (this.#peers.has(name)) await this.#used(name, key)
    return await this.#inner.get(key, options)
  }

  async delete(key: Key, options?: Parameters<Datastore['delete']>[1]): Promise<void> {
    const name = key.toString()
    if (name.startsWith(PROVIDERS)) this.#book.delete(partsOf(name))
    this.#peers.delete(name)
    await this.#inner.delete(key, options)
  }

  has(...args: Parameters<Datastore['has']>): ReturnType<Datastore['has']> {
    return this.#inner.has(...args)
  }

  async *putMany(
    source: Parameters<Datastore['putMany']>[0],
    options?: Parameters<Datastore['putMany']>[1]
  ): AsyncGenerator<Key> {
    for await (const { key, value } of source) yield await this.put(key, value, options)
  }

  getMany(...args: Parameters<Datastore['getMany']>): ReturnType<Datastore['getMany']> {
    return this.#inner.getMany(...args)
  }

  async *deleteMany(
    source: Parameters<Datastore['deleteMany']>[0],
    options?: Parameters<Datastore['deleteMany']>[1]
  ): AsyncGenerator<Key> {
    for await (const key of source) {
      await this.delete(key, options)
      yield key
    }
  }

  /** No code that writes on behalf of peers uses batches. */
  batch(): ReturnType<Datastore['batch']> {
    return this.#inner.batch()
  }

  /** The provider records for one key that an answer may contain. */
  query(
    query: Parameters<Datastore['query']>[0],
    options?: Parameters<Datastore['query']>[1]
  ): ReturnType<Datastore['query']> {
    const key = query.prefix?.startsWith(PROVIDERS) === true ? query.prefix.slice(PROVIDERS.length) : ''
    return key === '' || key.includes('/') ? this.#inner.query(query, options) : this.#answer(key, query, options)
  }

  queryKeys(...args: Parameters<Datastore['queryKeys']>): ReturnType<Datastore['queryKeys']> {
    return this.#inner.queryKeys(...args)
  }

  async *#answer(
    key: string,
    query: Parameters<Datastore['query']>[0],
    options: Parameters<Datastore['query']>[1]
  ): AsyncGenerator<Pair> {
    const order = this.#book.answer(key, this.#options.now(), (peer) => this.#isKnown(peer))
    const found = new Map<string, Pair>()
    for await (const pair of this.#inner.query(query, options)) found.set(partsOf(pair.key.toString()).peer, pair)
    for (const peer of order) {
      const pair = found.get(peer)
      if (pair !== undefined) yield pair
    }
  }

  /** Does the peer store have addresses of the peer? An answer that names a peer without addresses fails as a whole. */
  #isKnown(peer: string): boolean {
    try {
      return this.#peers.has(`${PEERS}${peerIdFromString(peer).toCID().toString()}`)
    } catch {
      return false // not a peer id, so no peer can be found by it
    }
  }

  /** The IP address is stored after the time, where kad-dht does not read. */
  async #provide(key: Key, value: Uint8Array, options: Parameters<Datastore['put']>[2]): Promise<Key> {
    const provided = partsOf(key.toString())
    const host = this.#options.hostOf(provided.peer)
    const gone = this.#book.put(provided, host, this.#options.now())
    if (gone === null) return key
    for (const one of gone) await this.#inner.delete(keyOf(key, one), options)
    return await this.#inner.put(key, Buffer.concat([value, Buffer.from(host ?? '')]), options)
  }

  async #load(key: Key, value: Uint8Array): Promise<void> {
    const provided = partsOf(key.toString())
    const at = timeOf(value)
    const own = provided.peer === this.#options.self
    if (at === null || (!own && at + VALID_MS <= this.#options.now())) {
      await this.#inner.delete(key)
      return
    }
    const gone = this.#book.put(
      provided,
      Buffer.from(value.subarray(varint.encodingLength(at))).toString('latin1') || null,
      at
    )
    for (const one of gone ?? [provided]) await this.#inner.delete(keyOf(key, one))
  }

  async #used(name: string, key: Key): Promise<void> {
    this.#peers.delete(name)
    this.#peers.set(name, key)
    if (this.#peers.size <= (this.#options.bounds?.peers ?? MAX_PEERS)) return
    const [oldest, victim] = this.#peers.entries().next().value!
    this.#peers.delete(oldest)
    await this.#inner.delete(victim)
  }
}

/** `/dht/provider/<key>/<peer>`. */
function partsOf(name: string): Provided {
  const [key = '', peer = ''] = name.slice(PROVIDERS.length).split('/')
  return { key, peer }
}

/** A key of the same class as `like`, because the DHT chooses the class. */
function keyOf(like: Key, { key, peer }: Provided): Key {
  return new (like.constructor as new (name: string) => Key)(`${PROVIDERS}${key}/${peer}`)
}

/** ms since the epoch, as kad-dht writes it; null: not a time. */
function timeOf(value: Uint8Array): number | null {
  try {
    return varint.decode(value)
  } catch {
    return null // malformed, so it is ignored
  }
}

function definedOf({ rows, perPeer, perKey }: DatastoreBounds = {}): Partial<ProviderBounds> {
  return {
    ...(rows === undefined ? {} : { rows }),
    ...(perPeer === undefined ? {} : { perPeer }),
    ...(perKey === undefined ? {} : { perKey })
  }
}
