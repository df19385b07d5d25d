/** Jobs as they are asked for: what goes from and to remotes, and when. */
import type { LedgerId } from '../../core/ledger-id.js'

export const JOB_STATES = ['done', 'running', 'waiting', 'failing'] as const
/** done: nothing is missing. waiting: for its time or its turn. failing: something stands against it. */
export type JobState = (typeof JOB_STATES)[number]

/** `from` null: it began. */
export interface JobChange {
  /** ms since the epoch. */
  at: number
  from: JobState | null
  to: JobState
  code: string | null
}

/** A ledger that is pulled, or offered to a remote. */
export interface Job {
  ledger: LedgerId
  name: string | null
  /** Whose schedule counts: of what is pulled, the ledger's own remote. */
  remote: LedgerId
  direction: 'in' | 'out'
  state: JobState
  /** Why it does not go on; null: it does, or is done. */
  code: string | null
  explanation: string | null
  /** ms since the epoch: since when, and when it is tried again; null: not known; not before something changes. */
  since: number | null
  next: number | null
  /** As people write it: `every 1d`. */
  schedule: string
  priority: number
  history: JobChange[]
}

/** Which jobs, and whether with what became of them. Default: all, without. */
export interface JobFilter {
  ledger?: LedgerId
  history?: boolean
}
