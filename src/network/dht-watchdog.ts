import type { Connection } from '@libp2p/interface'
import type { SingleKadDHT } from '@libp2p/kad-dht'
import type { Clock, Log } from '../ports.js'
import { codeOf } from './network-error.js'
import type { Node } from './libp2p-node.js'

/** A table of this many peers needs no repair: more than one bucket of Kademlia is full. */
const ENOUGH_PEERS = 20
/** Peers asked again in one check. */
const PER_LOOK = 4
/** Milliseconds for one peer to identify itself. */
const IDENTIFY_TIMEOUT_MS = 10_000

/**
 * A peer enters the DHT's table when it identifies itself and answers one ping, both right after the connection: a peer
 * that was too busy at that moment stays out as long as the connection lives, and a node whose only peer is such a peer
 * finds no others. This asks such peers to identify themselves again, which repeats both steps.
 */
export class DhtWatchdog {
  readonly #node: Node
  readonly #dht: SingleKadDHT
  readonly #protocol: string
  readonly #tickMs: number
  readonly #clock: Clock
  readonly #log: Log
  #cancel: (() => void) | undefined
  #next = 0

  constructor(options: { node: Node; dht: SingleKadDHT; protocol: string; tickMs: number; clock: Clock; log: Log }) {
    this.#node = options.node
    this.#dht = options.dht
    this.#protocol = options.protocol
    this.#tickMs = options.tickMs
    this.#clock = options.clock
    this.#log = options.log
  }

  start(): void {
    this.#cancel = this.#clock.after(this.#tickMs, () => {
      void this.#look()
        .catch((error: unknown) => {
          this.#log.warn({ event: 'dht.watchdog-failed', code: codeOf(error), error }, 'the DHT watchdog failed')
        })
        .finally(() => {
          if (this.#cancel !== undefined) this.start()
        })
    })
  }

  stop(): void {
    this.#cancel?.()
    this.#cancel = undefined
  }

  async #look(): Promise<void> {
    const size = this.#dht.routingTable.size
    if (size >= ENOUGH_PEERS) return
    const candidates: Connection[] = []
    for (const [connection] of Map.groupBy(this.#node.getConnections(), ({ remotePeer }) =>
      remotePeer.toString()
    ).values()) {
      if (connection !== undefined && connection.status === 'open' && (await this.#mayServe(connection)))
        candidates.push(connection)
    }
    if (candidates.length <= size) return
    for (let i = 0; i < Math.min(PER_LOOK, candidates.length); i++) {
      const connection = candidates[this.#next++ % candidates.length]
      if (connection !== undefined) await this.#askAgain(connection)
    }
  }

  /** The peer speaks our DHT, or its protocols are unknown because its identification failed. */
  async #mayServe({ remotePeer }: Connection): Promise<boolean> {
    if (!(await this.#node.peerStore.has(remotePeer))) return true
    const { protocols } = await this.#node.peerStore.get(remotePeer)
    return protocols.length === 0 || protocols.includes(this.#protocol)
  }

  async #askAgain(connection: Connection): Promise<void> {
    try {
      await this.#node.services.identify.identify(connection, { signal: AbortSignal.timeout(IDENTIFY_TIMEOUT_MS) })
    } catch (error) {
      this.#log.debug(
        { event: 'dht.identify-failed', peer: connection.remotePeer.toString(), code: codeOf(error) },
        'a peer did not identify itself'
      )
    }
  }
}
