/** Replication of ledgers: the operator's commands (`control`), and their execution (`runtime`). */
import { FollowControl } from './follow-control.js'
import type { SharedDisk } from './free-disk.js'
import { DEFAULT_PUSH_LIMITS, PushedRoom, type PushLimits } from './pushed-room.js'
import type { ReplicationInit } from './replication-init.js'
import { DEFAULT_FETCH_LIMITS, type FetchLimits } from '../schedule/fetch-limits.js'
import { SyncRuntime } from './sync-runtime.js'

export interface ReplicationOptions {
  /** Only ledgers that the own one trusts at least this much are pulled; null (default): all followed ones. */
  minTrustMilli?: number | null
  pushLimits?: PushLimits
  /** Default: one of which nothing is known. */
  disk?: SharedDisk
  fetchLimits?: FetchLimits
}

export class Replication {
  readonly control: FollowControl
  readonly runtime: SyncRuntime
  readonly room: PushedRoom
  readonly #init: ReplicationInit

  constructor(
    init: ReplicationInit,
    {
      minTrustMilli = null,
      pushLimits = DEFAULT_PUSH_LIMITS,
      fetchLimits = DEFAULT_FETCH_LIMITS,
      disk = { bytes: null, announce: () => {} }
    }: ReplicationOptions = {}
  ) {
    this.#init = init
    this.room = new PushedRoom({ ...init, limits: pushLimits, disk })
    this.control = new FollowControl({ ...init, minTrustMilli, runtime: () => this.runtime })
    this.runtime = new SyncRuntime({
      ...init,
      room: this.room,
      limits: fetchLimits,
      blockedBy: (ledger) => this.control.rule.blockedBy(ledger),
      isRestricted: (ledger) => this.control.rule.isRestricted(ledger)
    })
  }

  /** To be called before the network starts. */
  start(): void {
    this.control.start()
    this.runtime.start()
  }

  /** There may be room again for pushed ledgers. */
  onRoom(): void {
    const { follows, ledgers } = this.#init
    for (const id of follows.list()) {
      const ledger = ledgers.get(id)
      if (ledger === undefined || !this.room.mayGrow(id)) continue
      const status = this.runtime.status(ledger)
      if (status.status === 'stalled' && status.code === 'QUOTA') this.control.lookAgain(id)
    }
  }

  async stop(): Promise<void> {
    this.control.stop()
    await this.runtime.stop()
  }
}
