/**
 * Dials the addresses of remotes while none of their nodes is connected: at once when the last one disconnects, then
 * less and less often.
 */
import { Backoff, type BackoffMs } from '../../core/backoff.js'
import type { LedgerId } from '../../core/ledger-id.js'
import type { Clock, Log, Random } from '../../ports.js'
import { deadline } from '../runtime/deadline.js'
import type { PeerNetwork } from '../sessions/peer-network.js'
import type { Remotes } from './remotes.js'

/** Pauses between two attempts. */
const BACKOFF: BackoffMs = { first: 1_000, last: 60_000 }
/** A dial, with its handshakes and the exchange of records. */
const DIAL_TIMEOUT_MS = 10_000

export interface RemoteDialerInit {
  peerNetwork: PeerNetwork
  remotes: Remotes
  /** Does its schedule allow it now? Otherwise it is not dialled. */
  isOpen: (remote: LedgerId) => boolean
  clock: Clock
  random: Random
  log: Log
}

interface Target {
  backoff: Backoff
  dialling: boolean
  cancel: (() => void) | null
  /** Time of the next dial, ms since the epoch; null: now. */
  nextAt: number | null
}

export class RemoteDialer {
  readonly #init: RemoteDialerInit
  readonly #targets = new Map<LedgerId, Target>()
  #stopped = false

  constructor(init: RemoteDialerInit) {
    this.#init = init
  }

  /** To be called when a remote or the connected peers have changed. */
  look(): void {
    if (this.#stopped) return
    const connected = new Set(this.#init.peerNetwork.connections.peers().map(({ ledger }) => ledger))
    for (const [remote, { cancel }] of this.#targets) {
      if (!connected.has(remote) && this.#addressesOf(remote).length > 0) continue
      cancel?.()
      this.#targets.delete(remote)
    }
    for (const [remote] of this.#init.remotes.list())
      if (!connected.has(remote) && this.#addressesOf(remote).length > 0) this.#dial(remote)
  }

  /** Time of the next dial of a remote that is not connected, ms since the epoch; null: now, or it has no addresses. */
  nextAt(remote: LedgerId): number | null {
    return this.#targets.get(remote)?.nextAt ?? null
  }

  stop(): void {
    this.#stopped = true
    for (const { cancel } of this.#targets.values()) cancel?.()
  }

  #addressesOf(remote: LedgerId): string[] {
    if (!this.#init.isOpen(remote)) return []
    return this.#init.remotes.get(remote)?.endpoint ?? []
  }

  #dial(remote: LedgerId): void {
    const target = this.#targets.get(remote) ?? {
      backoff: new Backoff(BACKOFF, this.#init.random),
      dialling: false,
      cancel: null,
      nextAt: null
    }
    this.#targets.set(remote, target)
    if (target.dialling || target.cancel !== null) return
    target.dialling = true
    this.#attempt(remote)
      .catch((error: Error) => {
        this.#init.log.debug(
          { event: 'push.unreachable', peer: remote, error: error.message },
          'a remote was unreachable at one of its addresses'
        )
      })
      .finally(() => {
        target.dialling = false
        if (this.#stopped || this.#targets.get(remote) !== target) return
        const pauseMs = target.backoff.next()
        target.nextAt = this.#init.clock.now() + pauseMs
        target.cancel = this.#init.clock.after(pauseMs, () => {
          target.cancel = null
          target.nextAt = null
          this.look()
        })
      })
  }

  async #attempt(remote: LedgerId): Promise<void> {
    const { peerNetwork, clock } = this.#init
    const failures: unknown[] = []
    for (const address of this.#addressesOf(remote)) {
      try {
        const peer = await peerNetwork.connections.connect(
          address,
          deadline(clock, DIAL_TIMEOUT_MS, peerNetwork.stopping)
        )
        peerNetwork.directory.addSource(peer, 'manual')
      } catch (error) {
        failures.push(error)
      }
    }
    // Said when all were dialled: one address that is dead keeps no other from its turn.
    if (failures.length > 0) throw failures[0]
  }
}
