/**
 * Start-time fair queueing: each share has a virtual time, which grows by what it was given, divided by its weight; the
 * share with the smallest goes first. An idle share gains nothing by having been idle.
 */
import { DEFAULT_PRIORITY } from './limits.js'

export interface Share {
  readonly name: string
  /** Its virtual time, without what is under way. */
  time: number
  /** Ledgers that it stands for. */
  members: number
  readonly running: Set<Run>
}

/** A running range: the bytes charged when it began. */
export interface Run {
  /** The share when it began: settings may change meanwhile. */
  readonly share: Share
  readonly since: number
  readonly bytes: number
  readonly weight: number
}

/** Bytes after which what a slot brings is what newer ranges brought. */
const RATE_BYTES = 8 * 1024 * 1024
/** Estimated throughput of a slot until a range arrived, in bytes per ms. */
const FIRST_RATE = 256

export class FairShares {
  readonly #shares = new Map<string, Share>()
  #time = 0
  #rate = FIRST_RATE

  /** One ledger more has this share. */
  join(name: string): Share {
    const share = this.#shares.get(name) ?? { name, time: this.#time, members: 0, running: new Set() }
    share.members++
    this.#shares.set(name, share)
    return share
  }

  /** A share without ledgers is forgotten once that gives no advantage. */
  leave(share: Share): void {
    share.members--
    for (const [name, { members, time }] of this.#shares)
      if (members === 0 && time <= this.#time) this.#shares.delete(name)
  }

  /** It has work: if it was idle before, its unused share is lost. */
  wake(share: Share): void {
    if (share.running.size === 0) share.time = Math.max(share.time, this.#time)
  }

  /**
   * Its virtual time now. Running ranges cost what their slots would have brought others meanwhile: slow ranges are
   * charged for their slots, and not only at their end.
   */
  timeOf({ time, running }: Share, now: number): number {
    let due = time
    for (const { since, bytes, weight } of running) due += Math.max(0, (now - since) * this.#rate - bytes) / weight
    return due
  }

  begin(share: Share, bytes: number, priority: number, now: number): Run {
    this.#time = Math.max(this.#time, this.timeOf(share, now))
    const run = { share, since: now, bytes, weight: weightOf(priority) }
    share.time += bytes / run.weight
    share.running.add(run)
    return run
  }

  /** The range arrived, or failed with 0 bytes: it costs its bytes, or its slot if that is more. */
  end(run: Run, bytes: number, now: number): void {
    if (!run.share.running.delete(run)) return
    run.share.time += (Math.max(bytes, (now - run.since) * this.#rate) - run.bytes) / run.weight
    // Weighted by bytes, because nearly empty ranges do not show the throughput of a slot.
    this.#rate += (bytes / (bytes + RATE_BYTES)) * (bytes / Math.max(now - run.since, 1) - this.#rate)
  }

  /** Bytes that arrived without a slot. */
  charge(share: Share, bytes: number, priority: number): void {
    share.time += bytes / weightOf(priority)
  }
}

/** Each step of priority doubles it: 1/32 to 16. */
export function weightOf(priority: number): number {
  return 2 ** (priority - DEFAULT_PRIORITY)
}
