/**
 * After the decisions: reports the progress of the accepted ledgers to the pusher, until everything is durable, nothing
 * moves any more, or the time is over.
 */
import { OUTCOMES, REASONS, type Progress, type PushNews } from '../../../protocols/push/index.js'
import { ALIVE_MS, PROGRESS_MIN_MS, SESSION_MS } from '../../../protocols/push/limits.js'
import type { LedgerId } from '../../core/ledger-id.js'
import type { Ledgers } from '../../ledger/ledgers.js'
import type { Clock } from '../../ports.js'
import { adoptedRuns, type AdoptedEntries } from './adopted-runs.js'
import { isDone, isSame, nothingOf, progressOf } from './receipts.js'
import type { SyncRuntime } from '../replication/sync-runtime.js'

/** A session without progress for this many ms ends, to free its slot. */
const STILL_MS = 30_000

export interface SessionInit {
  ledgers: Ledgers
  replication: { runtime: Pick<SyncRuntime, 'status' | 'onChange' | 'isFollowed'> }
  clock: Clock
  /** The outcomes of entries that are adopted as well. */
  adoption: AdoptedEntries
  /** May the peer know of the ledger? Checked for each message, so that it ends with the right. */
  mayKnow: (ledger: LedgerId) => boolean
}

export interface Target {
  size: number
  /** Was it accepted for adoption? */
  adopts: boolean
}

interface Watched extends Target {
  said: Progress | null
  saidAt: number
  done: boolean
}

/** `targets`: the offered size of each accepted ledger. */
export async function* tellProgress(
  init: SessionInit,
  targets: ReadonlyMap<LedgerId, Target>,
  signal: AbortSignal
): AsyncGenerator<PushNews> {
  const { replication, clock } = init
  const began = clock.now()
  const watched = new Map<LedgerId, Watched>(
    [...targets].map(([ledger, target]) => [ledger, { ...target, said: null, saidAt: began, done: false }])
  )
  const change = new Changed(clock)
  const end = replication.runtime.onChange(() => {
    change.wake()
  })
  let movedAt = began
  try {
    while (isOpen(watched) && !signal.aborted) {
      const now = clock.now()
      if (now - began >= SESSION_MS || now - movedAt >= STILL_MS) break
      for (const [ledger, one] of watched) {
        if (one.done) continue
        const progress = await stateOf(init, ledger, one)
        if (!isSame(one.said, progress)) movedAt = now
        if (!isDue(one, progress, now)) continue
        yield { kind: 'progress', progress }
        Object.assign(one, { said: progress, saidAt: now, done: isDone(progress, one.size) })
      }
      if (isOpen(watched)) await change.next(signal)
    }
  } finally {
    end()
  }
  for (const [ledger, { said, adopts }] of watched) {
    if (said === null || said.durable === 0) continue
    const looked = adopts ? (init.adoption.progressOf(ledger)?.looked ?? 0) : 0
    const runs =
      looked === 0
        ? [{ from: 0, count: said.durable, outcome: OUTCOMES.mirrored, reason: 0 }]
        : await adoptedRuns(init.adoption, ledger, Math.min(looked, said.durable))
    yield { kind: 'results', results: { ledger, runs } }
  }
}

function isOpen(watched: ReadonlyMap<LedgerId, Watched>): boolean {
  return [...watched.values()].some(({ done }) => !done)
}

async function stateOf(
  { ledgers, replication, adoption, mayKnow }: SessionInit,
  id: LedgerId,
  { size, adopts }: Target
): Promise<Progress> {
  const ledger = ledgers.get(id)
  // Its operator has unfollowed it since.
  if (ledger === undefined || (!ledger.own && !replication.runtime.isFollowed(id)))
    return { ...nothingOf(id), stall: REASONS.NOT_WANTED }
  if (ledger.size === 0 || !mayKnow(id)) return nothingOf(id)
  const progress = adopts ? adoption.progressOf(id) : null
  // Reasons that hold adoption back concern only the receiver: everything that the pusher waits for is done.
  const looked = progress === null ? null : progress.isStill ? ledger.size : progress.looked
  return await progressOf(ledger, replication.runtime.status(ledger), size, looked)
}

// SPEC push §6: "A server sends progress when it has changed, at most once a second for each ledger, and at the latest
// after 20 s."
function isDue({ said, saidAt, size }: Watched, progress: Progress, now: number): boolean {
  if (now - saidAt >= ALIVE_MS) return true
  if (isSame(said, progress)) return false
  // The first message about a ledger need not wait when it is the final one.
  return now - saidAt >= PROGRESS_MIN_MS || (said === null && (progress.durable >= size || progress.stall !== 0))
}

/** Sends progress after a change, or when a second has passed. */
class Changed {
  readonly #clock: Clock
  #changed = true
  #wake: (() => void) | null = null

  constructor(clock: Clock) {
    this.#clock = clock
  }

  wake(): void {
    this.#changed = true
    this.#wake?.()
  }

  async next(signal: AbortSignal): Promise<void> {
    if (!this.#changed && !signal.aborted) {
      const { promise, resolve } = Promise.withResolvers<void>()
      const cancel = this.#clock.after(PROGRESS_MIN_MS, resolve)
      this.#wake = resolve
      signal.addEventListener(
        'abort',
        () => {
          resolve()
        },
        { once: true }
      )
      await promise
      cancel()
      this.#wake = null
    }
    this.#changed = false
  }
}
