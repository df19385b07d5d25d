/**
 * Whose turn it is, by start-time fair queueing: each share has a virtual time, which grows by what it was given,
 * divided by its weight; the one that is behind the others goes first. A share that had nothing to do wins nothing by
 * it.
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

/** A range under way: so many bytes were charged when it began. */
export interface Run {
  /** Whose it was when it began: terms may change meanwhile. */
  readonly share: Share
  readonly since: number
  readonly bytes: number
  readonly weight: number
}

/** Bytes after which what a slot brings is what newer ranges brought. */
const RATE_BYTES = 8 * 1024 * 1024
/** What a slot is thought to bring until a range came, in bytes per ms. */
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

  /** A share that stands for nobody any more is forgotten once that wins nothing. */
  leave(share: Share): void {
    share.members--
    for (const [name, { members, time }] of this.#shares)
      if (members === 0 && time <= this.#time) this.#shares.delete(name)
  }

  /** It has something to do: if it had nothing, what it did not use is gone. */
  wake(share: Share): void {
    if (share.running.size === 0) share.time = Math.max(share.time, this.#time)
  }

  /**
   * Its virtual time now. What is under way costs what its slot would have brought others meanwhile: who lets ranges
   * drip pays for the slots, and not only when they end.
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

  /** It came, or failed with 0 bytes: it costs its bytes, or its slot if that is more. */
  end(run: Run, bytes: number, now: number): void {
    if (!run.share.running.delete(run)) return
    run.share.time += (Math.max(bytes, (now - run.since) * this.#rate) - run.bytes) / run.weight
    // By bytes: ranges that hardly bring any say nothing about what a slot can bring.
    this.#rate += (bytes / (bytes + RATE_BYTES)) * (bytes / Math.max(now - run.since, 1) - this.#rate)
  }

  /** What came without a slot. */
  charge(share: Share, bytes: number, priority: number): void {
    share.time += bytes / weightOf(priority)
  }
}

/** Each step of priority doubles it: 1/32 to 16. */
export function weightOf(priority: number): number {
  return 2 ** (priority - DEFAULT_PRIORITY)
}
