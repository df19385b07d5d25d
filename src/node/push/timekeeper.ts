/**
 * Applies the timetable: pulls and pushes begin and end with the schedule of their remote, and a turn ends when nothing
 * is left to do. Notes the state of each job.
 */
import type { LedgerId } from '../../core/ledger-id.js'
import type { Ledgers } from '../../ledger/ledgers.js'
import type { Clock, Log, Metrics } from '../../ports.js'
import { PUSH_SENTENCES } from '../../sync/push/codes.js'
import type { PushCode } from '../../sync/push/types.js'
import { formatSchedule } from '../../sync/schedule/schedule.js'
import type { Turned } from '../../sync/schedule/schedule-book.js'
import { STALL_SENTENCES } from '../../sync/stall-codes.js'
import type { StallCode, SyncStatus } from '../../sync/types.js'
import type { Job, JobFilter, JobState } from '../api/jobs.js'
import type { Follows } from '../replication/follows.js'
import type { Replication } from '../replication/replication.js'
import { FAMILIES } from '../metrics/families.js'
import type { JobBook } from '../schedule/job-book.js'
import type { Timetable } from '../schedule/timetable.js'
import { isSettled } from './flow-view.js'
import type { Pusher } from './pusher.js'
import type { RemoteDialer } from './remote-dialer.js'

/** Interval of the check of all jobs, in ms: changes that are undone in between are not noted. */
const LOOK_MS = 100
/** Additional ms per job, so that thousands of jobs are not checked ten times a second. */
const LOOK_MS_PER_JOB = 0.5

export interface TimekeeperInit {
  timetable: Timetable
  jobs: JobBook
  ledgers: Ledgers
  follows: Follows
  replication: Replication
  pusher: Pusher
  dialer: Pick<RemoteDialer, 'look' | 'nextAt'>
  clock: Clock
  log: Log
  metrics: Metrics
}

interface Found extends Pick<Job, 'ledger' | 'remote' | 'direction' | 'state' | 'code' | 'explanation' | 'next'> {
  /** A turn waits no longer than this for one job. */
  isOver: boolean
}

export class Timekeeper {
  readonly #init: TimekeeperInit
  #end: () => void = () => {}
  #cancel: (() => void) | null = null
  #stopped = false
  #ready = false
  /** Jobs at the last check. */
  #found = 0
  readonly #transition: (labels: { to: JobState }) => void

  constructor(init: TimekeeperInit) {
    this.#init = init
    this.#transition = init.metrics.counter(FAMILIES.jobTransitions)
  }

  /** To be called before the network starts. */
  start(): void {
    const { timetable, replication } = this.#init
    timetable.listen({
      turned: (turned) => {
        this.#turned(turned)
      },
      pauseOver: (remote) => {
        this.#pauseOver(remote)
      }
    })
    timetable.start()
    this.#end = replication.runtime.onChange(() => {
      this.wake()
    })
    this.wake()
  }

  /** The network has started: remotes can be dialled. */
  ready(): void {
    this.#ready = true
    this.#init.dialer.look()
  }

  async stop(): Promise<void> {
    this.#stopped = true
    this.#end()
    this.#cancel?.()
    await this.#init.timetable.stop()
    await this.#init.jobs.idle()
  }

  /** Something may have changed. */
  wake(): void {
    if (this.#stopped) return
    this.#cancel ??= this.#init.clock.after(LOOK_MS + LOOK_MS_PER_JOB * this.#found, () => {
      this.#cancel = null
      this.#look()
    })
  }

  /** It was requested now, whatever its schedule. */
  ask(remote: LedgerId): void {
    this.#init.timetable.ask(remote)
  }

  /** It is no longer a remote, and not followed. */
  async forgotten(remote: LedgerId): Promise<void> {
    await this.#init.timetable.delete(remote)
    this.wake()
  }

  list({ ledger, history = false }: JobFilter): Job[] {
    const { ledgers, jobs, timetable } = this.#init
    return this.#find()
      .filter((found) => ledger === undefined || found.ledger === ledger || found.remote === ledger)
      .map(({ direction, remote, state, code, explanation, next, ledger: id }) => {
        const { schedule, priority } = timetable.planOf(remote)
        const changes = jobs.historyOf({ direction, remote, ledger: id })
        return {
          ledger: id,
          name: ledgers.get(id)?.chain?.name ?? null,
          remote,
          direction,
          state,
          code,
          explanation,
          since: changes.at(-1)?.at ?? null,
          next,
          schedule: formatSchedule(schedule),
          priority,
          history: history ? [...changes] : []
        }
      })
  }

  #turned(turned: Turned): void {
    const { replication, pusher, dialer, ledgers } = this.#init
    const { remote, open, next } = turned
    if (remote !== ledgers.own.id) replication.runtime.turned(turned)
    pusher.dispatch(open ? { type: 'opened', remote } : { type: 'closed', remote, next })
    if (this.#ready) dialer.look()
    this.wake()
  }

  #pauseOver(remote: LedgerId): void {
    const { ledgers, follows, replication, log } = this.#init
    const ledger = ledgers.get(remote)
    if (ledger === undefined || !follows.has(remote)) return
    replication.control.setPaused(ledger, false).catch((error: Error) => {
      log.error(
        { event: 'schedule.resume-failed', ledger: remote, error: error.message },
        'a ledger whose pause is over could not be resumed'
      )
    })
  }

  #look(): void {
    if (this.#stopped) return
    const { jobs, clock, timetable } = this.#init
    const found = this.#find()
    this.#found = found.length
    for (const job of found) if (jobs.note(job, job.state, job.code, clock.now())) this.#transition({ to: job.state })
    jobs.keep(found)
    const busy = new Set(found.filter(({ isOver }) => !isOver).map(({ remote }) => remote))
    for (const remote of timetable.list())
      if (timetable.gateOf(remote).open && !busy.has(remote)) timetable.done(remote)
  }

  #find(): Found[] {
    const { follows, ledgers, replication, pusher, dialer } = this.#init
    const pulled = follows.list().flatMap((id): Found[] => {
      const ledger = ledgers.get(id)
      if (ledger === undefined) return []
      const status = replication.runtime.status(ledger)
      return [{ ledger: id, remote: id, direction: 'in', ...pullState(status) }]
    })
    const pushed = pusher.flows().map((flow): Found => {
      const { ledger, remote, code } = flow
      const next = code === 'NO_CONNECTION' ? dialer.nextAt(remote) : flow.next
      return { ledger, remote, direction: 'out', ...pushState(code), next, isOver: isSettled(flow) }
    })
    return [...pulled, ...pushed]
  }
}

/** Waits that are no one's fault. */
const PULL_WAITS = new Set<StallCode>(['PAUSED', 'SCHEDULED', 'QUEUED', 'THROTTLED'])
const PUSH_WAITS = new Set<PushCode>(['NO_CONNECTION', 'SCHEDULED', 'QUEUED', 'BUSY', 'PENDING', 'MANUAL'])
const PUSH_RUNS = new Set<PushCode>(['OFFERED', 'FETCHING'])

function pullState(status: SyncStatus): Pick<Found, 'state' | 'code' | 'explanation' | 'next' | 'isOver'> {
  if (status.status !== 'stalled')
    return {
      state: status.status === 'synced' ? 'done' : 'running',
      code: null,
      explanation: null,
      next: null,
      isOver: status.status === 'synced'
    }
  const { code, next } = status
  const state = PULL_WAITS.has(code) ? 'waiting' : 'failing'
  // Nothing changes before someone acts.
  return {
    state,
    code,
    explanation: STALL_SENTENCES[code],
    next,
    isOver: code === 'PAUSED' || (state === 'failing' && next === null)
  }
}

function pushState(code: PushCode | null): Pick<Found, 'state' | 'code' | 'explanation'> {
  if (code === null) return { state: 'done', code, explanation: null }
  const state: JobState = PUSH_RUNS.has(code) ? 'running' : PUSH_WAITS.has(code) ? 'waiting' : 'failing'
  return { state, code, explanation: PUSH_SENTENCES[code] }
}
