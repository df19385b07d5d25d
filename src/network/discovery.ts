import { createHash } from 'node:crypto'
import { CID } from 'multiformats/cid'
import { create as createDigest } from 'multiformats/hashes/digest'
import type { Libp2p, PeerId } from '@libp2p/interface'
import { MessageType, type QueryEvent } from '@libp2p/kad-dht'
import type { Log, Random } from '../ports.js'
import { withPeer } from './address.js'
import type { Dht } from './libp2p-node.js'
import { asError, codeOf } from './network-error.js'

/** Multicodec of raw bytes and multihash of SHA-256: the DHT finds records of no other hash. */
const RAW = 0x55
const SHA2_256 = 0x12
/** Addresses of a peer that are accepted from one answer. */
const MAX_ADDRS_PER_ANSWER = 8

/** kad-dht ends a search when it has found this many, whichever peers named them. */
const SEARCH_ENDS_AT = 20
const NO_PATH = { index: 0, queued: 0, running: 0, total: 0 }

export interface Provider {
  peer: string
  addrs: string[]
}

/**
 * Discovery only: which peers claim to have which ledger. State never comes from the DHT, and a peer proves its
 * identity on connect.
 */
export class Discovery {
  readonly #node: Libp2p
  /** undefined: the DHT is off; nothing is provided and no peer is found. */
  readonly #dht: Dht | undefined
  readonly #random: Random
  readonly #log: Log

  constructor(options: { node: Libp2p; dht: Dht | undefined; random: Random; log: Log }) {
    this.#node = options.node
    this.#dht = options.dht
    this.#random = options.random
    this.#log = options.log
  }

  mode(): 'client' | 'server' | 'off' {
    return this.#dht?.getMode() ?? 'off'
  }

  /** Peers in the routing table. */
  size(): number {
    return this.#dht?.routingTable.size ?? 0
  }

  /**
   * Provides `key` in the DHT, and renews the record as long as the node runs. Waits for the first DHT peer; the result
   * is the number of peers that accepted the record: 0 when there was no peer until the signal fired.
   */
  async provide(key: string, signal: AbortSignal): Promise<number> {
    let took = 0
    const dht = this.#dht
    if (signal.aborted || dht === undefined) return took
    await this.#untilAborted('provide', signal, async () => {
      for await (const event of dht.provide(keyToCid(key), { signal })) {
        if (event.name === 'PEER_RESPONSE' && event.messageName === 'ADD_PROVIDER') took++
      }
    })
    return took
  }

  /** Undoes `provide`: the record is not renewed any more, and expires within 48 hours. */
  async cancelProvide(key: string, signal: AbortSignal): Promise<void> {
    await this.#dht?.cancelReprovide(keyToCid(key), { signal })
  }

  /**
   * Each provider once, as the answers arrive, without this node itself; its addresses are remembered so that it can be
   * dialled by peer id. Waits for the first DHT peer. Ends when the search is exhausted, or cleanly when the signal
   * fires. One answer can end kad-dht's own search with peers that do not exist: then each of the peers closest to the
   * key is asked individually.
   */
  async *findProviders(key: string, signal: AbortSignal): AsyncGenerator<Provider> {
    if (this.#dht === undefined) return
    const seen = new Set<string>([this.#node.peerId.toString()])
    const cid = keyToCid(key)
    yield* this.#each(this.#dht.findProviders(cid, { signal }), seen, signal)
    if (seen.size > SEARCH_ENDS_AT && !signal.aborted)
      yield* this.#each(this.#askClosest(this.#dht, cid, signal), seen, signal)
  }

  async *#each(source: AsyncIterable<QueryEvent>, seen: Set<string>, signal: AbortSignal): AsyncGenerator<Provider> {
    const events = source[Symbol.asyncIterator]()
    try {
      for (;;) {
        const next = signal.aborted
          ? undefined
          : await this.#untilAborted('findProviders', signal, async () => await events.next())
        if (next === undefined || next.done === true) return
        if (
          next.value.name !== 'PROVIDER' &&
          !(next.value.name === 'PEER_RESPONSE' && next.value.messageName === 'GET_PROVIDERS')
        )
          continue
        // An answer names all providers in the order of their ids; they are shuffled, because otherwise all nodes would
        // use the same first few.
        for (const { id, multiaddrs } of this.#shuffled(next.value.providers)) {
          const peer = id.toString()
          if (seen.has(peer)) continue
          seen.add(peer)
          const addrs = multiaddrs.slice(0, MAX_ADDRS_PER_ANSWER)
          if (addrs.length > 0)
            await this.#untilAborted(
              'remember',
              signal,
              async () => await this.#node.peerStore.merge(id, { multiaddrs: addrs }, { signal })
            )
          yield { peer, addrs: addrs.map((addr) => withPeer(addr, peer)) }
        }
      }
    } finally {
      await this.#untilAborted('findProviders', signal, async () => {
        await events.return?.()
      })
    }
  }

  async *#askClosest(dht: Dht, cid: CID, signal: AbortSignal): AsyncGenerator<QueryEvent> {
    const closest: PeerId[] = []
    for await (const event of dht.getClosestPeers(cid.multihash.bytes, { signal }))
      if (event.name === 'FINAL_PEER') closest.push(event.peer.id)
    for (const id of closest)
      yield* dht.network.sendRequest(
        id,
        { type: MessageType.GET_PROVIDERS, key: cid.multihash.bytes },
        { signal, path: NO_PATH }
      )
  }

  #shuffled<T>(items: readonly T[]): T[] {
    const all = [...items]
    for (let i = all.length - 1; i > 0; i--) {
      const j = Math.floor(this.#random.next() * (i + 1))
      ;[all[i], all[j]] = [all[j]!, all[i]!]
    }
    return all
  }

  /**
   * Runs a DHT call; errors after the signal fired are caused by the signal. A failed query counts as an empty one: the
   * next may succeed.
   */
  async #untilAborted<T>(what: string, signal: AbortSignal, call: () => Promise<T>): Promise<T | undefined> {
    try {
      return await call()
    } catch (error) {
      if (!signal.aborted)
        this.#log.warn(
          { event: 'dht.query-failed', what, code: codeOf(error), error: asError(error).message },
          'a DHT query failed'
        )
      return undefined
    }
  }
}

/** The CIDv1 (raw, SHA-256) under which the DHT files a key text. */
export function keyToCid(key: string): CID {
  return CID.createV1(RAW, createDigest(SHA2_256, createHash('sha256').update(key).digest()))
}
