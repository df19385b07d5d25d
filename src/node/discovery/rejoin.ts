/**
 * A node without any peer dials those it has met before. Nobody else may know where it is: its address changed, its bootstrap peers are
 * gone for good or it never had any, and it follows nobody whose ledger it would look for.
 */
import type { Clock, Log, Random } from '../../ports.js'
import type { KnownNode } from '../directory.js'
import type { MeshHandlers } from '../mesh-handlers.js'
import type { Mesh } from '../mesh.js'

/** Until a node that has lost its last peer looks for company, then between two rounds: twice as long after each, in ms. */
const WAIT_MS = { first: 1_000, last: 60_000 }
/** Nodes dialled in one round. */
const PER_ROUND = 8
/** For a round, in ms. */
const ROUND_MS = 15_000

export interface RejoinInit { mesh: Mesh, clock: Clock, random: Random, log: Log }

export class Rejoin implements MeshHandlers {
  readonly #init: RejoinInit
  #waitMs = WAIT_MS.first
  #cancel: (() => void) | null = null
  #dialling = false
  #stopped = false

  constructor (init: RejoinInit) {
    this.#init = init
  }

  onReady (): void { this.#look() }

  onPeer (): void {
    this.#cancel?.()
    this.#cancel = null
    this.#waitMs = WAIT_MS.first
  }

  onPeerGone (): void { this.#look() }

  async onHeads (): Promise<void> {}
  async onEvidence (): Promise<void> {}

  async onStop (): Promise<void> {
    this.#stopped = true
    this.#cancel?.()
    await Promise.resolve()
  }

  #look (): void {
    const { mesh, clock, random, log } = this.#init
    if (this.#stopped || this.#dialling || this.#cancel !== null || mesh.peers().length > 0) return
    this.#cancel = clock.after(this.#waitMs * (0.5 + random.next() / 2), () => {
      this.#cancel = null
      this.#waitMs = Math.min(2 * this.#waitMs, WAIT_MS.last)
      this.#dialling = true
      this.#round()
        .catch((error: Error) => { log.warn({ error: error.message }, 'looking for company failed') })
        .finally(() => {
          this.#dialling = false
          this.#look()
        })
    })
  }

  async #round (): Promise<void> {
    const { mesh, log } = this.#init
    const signal = AbortSignal.any([mesh.stopping, AbortSignal.timeout(ROUND_MS)])
    const nodes = this.#chosen()
    for (const result of await Promise.allSettled(nodes.map(({ record }) => mesh.connectTo(record, signal)))) {
      if (result.status === 'rejected') log.debug({ error: (result.reason as Error).message }, 'a node that was met before cannot be reached')
    }
  }

  /** Some of those that were met, the ones of late first, and one by chance: the others may be gone for good. */
  #chosen (): KnownNode[] {
    const { mesh, random } = this.#init
    const met = mesh.directory.list().filter(({ record, lastSeen }) => lastSeen !== null && record.peer_id !== mesh.host.peerId).toSorted((a, b) => b.lastSeen! - a.lastSeen!)
    const rest = met.slice(PER_ROUND - 1)
    return [...met.slice(0, PER_ROUND - 1), ...rest.slice(Math.floor(random.next() * rest.length)).slice(0, 1)]
  }
}
