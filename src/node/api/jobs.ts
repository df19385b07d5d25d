/** Shapes of jobs: transfers from and to remotes, and their times. */
import type { LedgerId } from '../../core/ledger-id.js'

export const JOB_STATES = ['done', 'running', 'waiting', 'failing'] as const
/** done: nothing is missing. waiting: for its time or its turn. failing: an error holds it back. */
export type JobState = (typeof JOB_STATES)[number]

/** `from` null: the job began. */
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
  /** The remote whose schedule counts: for a pulled ledger, that ledger's own remote. */
  remote: LedgerId
  direction: 'in' | 'out'
  state: JobState
  /** Why the job stands still; null: it runs, or is done. */
  code: string | null
  explanation: string | null
  /** ms since the epoch: since when, and the next try; null: not known, or not before something changes. */
  since: number | null
  next: number | null
  /** The schedule as text: `every 1d`. */
  schedule: string
  priority: number
  history: JobChange[]
}

/** Which jobs, and whether with their history. Default: all, without. */
export interface JobFilter {
  ledger?: LedgerId
  history?: boolean
}
