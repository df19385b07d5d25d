import type { Connection, Libp2p } from '@libp2p/interface'
import type { GossipSub } from '@libp2p/gossipsub'
import type { Clock, Log } from '../ports.js'
import { codeOf } from './network-error.js'

export interface WatchdogTuning {
  /** Milliseconds between two checks. */
  tickMs: number
  /** Milliseconds in which a new connection, or one that lost its gossip link, has to get one. */
  graceMs: number
}

/**
 * gossipsub never repairs a link that lost its stream (a reset, or one message over the limit) while the connection
 * lives: the peer then receives no more gossip. This closes such connections; they are dialled again when needed. Peers
 * that do not speak gossipsub are left alone.
 */
export class GossipWatchdog {
  readonly #node: Libp2p
  readonly #pubsub: GossipSub
  readonly #tuning: WatchdogTuning
  readonly #clock: Clock
  readonly #log: Log
  /** Since when a peer has been seen without a link. */
  readonly #lostSince = new Map<string, number>()
  #cancel: (() => void) | undefined

  constructor(options: { node: Libp2p; pubsub: GossipSub; tuning: WatchdogTuning; clock: Clock; log: Log }) {
    this.#node = options.node
    this.#pubsub = options.pubsub
    this.#tuning = options.tuning
    this.#clock = options.clock
    this.#log = options.log
  }

  start(): void {
    this.#cancel = this.#clock.after(this.#tuning.tickMs, () => {
      void this.#look()
        .catch((error: unknown) => {
          this.#log.warn({ event: 'gossip.watchdog-failed', code: codeOf(error), error }, 'the gossip watchdog failed')
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
    const byPeer = Map.groupBy(this.#node.getConnections(), (connection) => connection.remotePeer.toString())
    for (const peer of this.#lostSince.keys()) if (!byPeer.has(peer)) this.#lostSince.delete(peer)
    const linked = new Set(this.#pubsub.getPeers().map((peer) => peer.toString()))
    for (const [peer, connections] of byPeer) {
      if (linked.has(peer) && connections.some(hasGossipStream)) {
        this.#lostSince.delete(peer)
        continue
      }
      const now = this.#clock.now()
      const since = this.#lostSince.get(peer) ?? now
      this.#lostSince.set(peer, since)
      if (now - since < this.#tuning.graceMs || !(await this.#speaksGossip(connections))) continue
      this.#lostSince.delete(peer)
      this.#log.info({ event: 'gossip.link-lost', peer }, 'gossip stream lost; connection closed')
      for (const connection of connections) connection.abort(new Error('gossip link lost'))
    }
  }

  async #speaksGossip([first]: Connection[]): Promise<boolean> {
    if (first === undefined || !(await this.#node.peerStore.has(first.remotePeer))) return false
    const { protocols } = await this.#node.peerStore.get(first.remotePeer)
    return protocols.some((protocol) => this.#pubsub.protocols.includes(protocol))
  }
}

function hasGossipStream(connection: Connection): boolean {
  return connection.streams.some(
    ({ direction, writeStatus, protocol }) =>
      direction === 'outbound' && writeStatus === 'writable' && protocol.startsWith('/meshsub/')
  )
}
