/**
 * A model of gossipsub: who is sent which message, at its default numbers; a message is delivered to the real validator
 * and goes on only if it accepts.
 */
import type { Verdict } from '../../../src/network/host.js'
import type { FrameSizes } from './frame-sizes.js'
import type { ScaleNode } from './scale-node.js'
import type { Tally } from './tally.js'
import type { Timeline } from './timeline.js'

/** Peers of a topic's mesh: gossipsub keeps 6 to 12. */
const MESH = 8
/** Heartbeats in which a message is offered, to so many peers outside the mesh, or a quarter of them. */
const OFFERED = 3
const LAZY = 6
const LAZY_SHARE = 0.25
/** From so many bytes on, who has a message says that it does not want it again. */
const IDONTWANT_BYTES = 512

interface Message {
  ledger: string
  bytes: Uint8Array
  size: number
  seen: Map<ScaleNode, number>
}

export class GossipModel {
  readonly #init: {
    timeline: Timeline
    tally: Tally
    sizes: FrameSizes
    latency: () => number
    nodeAt: (index: number) => ScaleNode
  }

  constructor(init: {
    timeline: Timeline
    tally: Tally
    sizes: FrameSizes
    latency: () => number
    nodeAt: (index: number) => ScaleNode
  }) {
    this.#init = init
  }

  /** The author floods: all connected peers of the topic get it. */
  publish(from: ScaleNode, ledger: string, bytes: Uint8Array): number {
    const message = {
      ledger,
      bytes,
      size: this.#init.sizes.announcement,
      seen: new Map([[from, this.#init.timeline.now()]])
    }
    const peers = this.#peers(from, ledger)
    for (const to of peers) this.#send(from, to, message)
    return peers.length
  }

  #send(from: ScaleNode, to: ScaleNode, message: Message): void {
    const { timeline, tally, latency } = this.#init
    const delay = latency()
    tally.add('gossip', from.index, to.index, message.size)
    timeline.after(delay, () => {
      if (message.seen.has(to)) return
      message.seen.set(to, timeline.now())
      timeline.track(
        to.judge(message.ledger, from, message.bytes).then((verdict) => {
          this.#judged(from, to, message, verdict)
        })
      )
    })
  }

  #judged(from: ScaleNode, at: ScaleNode, message: Message, verdict: Verdict): void {
    if (verdict !== 'accept') return
    const { tally, sizes, timeline, latency } = this.#init
    const peers = this.#peers(at, message.ledger)
    const mesh = meshOf(at, peers)
    for (const to of mesh) {
      if (to === from) continue
      if (message.size >= IDONTWANT_BYTES) tally.add('gossip', at.index, to.index, sizes.idontwant)
      const seen = message.seen.get(to)
      if (seen === undefined || seen + latency() > timeline.now()) this.#send(at, to, message)
    }
    const lazy = Math.min(
      peers.length - mesh.length,
      Math.max(LAZY, Math.floor((peers.length - mesh.length) * LAZY_SHARE))
    )
    const outside = peers.filter((peer) => !mesh.includes(peer))
    for (let n = 0; n < OFFERED * lazy; n++)
      tally.add('gossip', at.index, outside[n % outside.length]!.index, sizes.ihave(1))
  }

  #peers(node: ScaleNode, ledger: string): ScaleNode[] {
    const peers: ScaleNode[] = []
    for (const index of node.links) {
      const peer = this.#init.nodeAt(index)
      if (peer.announcer.has(ledger)) peers.push(peer)
    }
    return peers
  }
}

/** The same pairs find each other from both sides. */
function meshOf(node: ScaleNode, peers: ScaleNode[]): ScaleNode[] {
  if (peers.length <= MESH) return peers
  const weight = (peer: ScaleNode): number => Math.imul((node.index + 1) * (peer.index + 1), 0x9e3779b1) >>> 0
  return peers.toSorted((a, b) => weight(a) - weight(b)).slice(0, MESH)
}
