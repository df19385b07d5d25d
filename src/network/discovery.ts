import { createHash } from 'node:crypto'
import { CID } from 'multiformats/cid'
import { create as createDigest } from 'multiformats/hashes/digest'
import type { Libp2p, PeerId } from '@libp2p/interface'
import { MessageType, type QueryEvent } from '@libp2p/kad-dht'
import type { Log, Random } from '../ports.js'
import { withPeer } from './address.js'
import type { Dht } from './libp2p-node.js'
import { asError, codeOf } from './network-error.js'

/** Multicodec of raw bytes and multihash of SHA-256: the DHT finds no other hash again. */
const RAW = 0x55
const SHA2_256 = 0x12
/** Addresses of a peer that are taken from one answer. */
const MAX_ADDRS_PER_ANSWER = 8

/** kad-dht ends a search when it has found as many, whoever named them. */
const SEARCH_ENDS_AT = 20
const NO_PATH = { index: 0, queued: 0, running: 0, total: 0 }

export interface Provider {
  peer: string
  addrs: string[]
}

/**
 * Finding only: who says to have what. State never comes from the DHT, and whoever is found proves itself on connect.
 */
export class Discovery {
  readonly #node: Libp2p
  /** undefined: the DHT is off, nobody is told and nobody found. */
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
   * Tells the network that we have `key`, and goes on doing so as long as the node runs. Waits for the first DHT peer;
   * the result is the number of peers that took the record: 0 when there was nobody until the signal fired.
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

  /** Ends the promise of `provide`: the record is not renewed any more, and dies within 48 hours. */
  async cancelProvide(key: string, signal: AbortSignal): Promise<void> {
    await this.#dht?.cancelReprovide(keyToCid(key), { signal })
  }

  /**
   * Each provider once, as the answers come in, without ourselves; its addresses are remembered so that it can be
   * dialled by peer id. Waits for the first DHT peer. Ends when the search is exhausted, or cleanly when the signal
   * fires. One answer can end kad-dht's own search with peers that do not exist: then each of the peers closest to the
   * key is asked for itself.
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
        // An answer names all providers in the order of their ids: who takes the first few of it would, like everybody,
        // take the same ones.
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
   * Runs a DHT call; what it throws after the signal fired is the signal's doing. A failed query is an empty one: the
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
