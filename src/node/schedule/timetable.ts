/** The turns of remotes, stored on the disk, by the wall clock. Listeners decide what a turn means. */
import type { LedgerId } from '../../core/ledger-id.js'
import type { Clock, Log } from '../../ports.js'
import { ScheduleBook, type Gate, type Turned } from '../../sync/schedule/schedule-book.js'
import type { Store } from '../../store/store.js'
import { DEFAULT_PLAN, planFromJson, planToJson, type Plan } from './plan.js'
import { TextRows } from './text-rows.js'

/** Interval of the check in ms, because timers stop while the machine sleeps, and clocks are set. */
const LOOK_MS = 30_000

export interface TimetableInit {
  store: Store
  /** The wall clock, because windows are times of day. */
  clock: Clock
  log: Log
}

export class Timetable {
  readonly #init: TimetableInit
  readonly #rows: TextRows
  readonly #plans = new Map<LedgerId, Plan>()
  readonly #book = new ScheduleBook()
  readonly #listeners: { turned: (turned: Turned) => void; pauseOver: (remote: LedgerId) => void }[] = []
  #cancel: () => void = () => {}
  #running = false

  private constructor(init: TimetableInit) {
    this.#init = init
    this.#rows = new TextRows(init, 'plan')
  }

  static async load(init: TimetableInit): Promise<Timetable> {
    const table = new Timetable(init)
    for (const [remote, row] of await table.#rows.load()) {
      const read = planFromJson(row)
      if (read === null)
        init.log.error(
          { event: 'schedule.unreadable', ledger: remote },
          'the schedule of a remote cannot be read; treated as continuous'
        )
      else {
        table.#plans.set(remote, read.plan)
        table.#book.set(remote, read.plan.schedule, read.ran)
      }
    }
    return table
  }

  planOf(remote: LedgerId): Plan {
    return this.#plans.get(remote) ?? DEFAULT_PLAN
  }

  gateOf(remote: LedgerId): Gate {
    return this.#book.gateOf(remote)
  }

  /** Remotes with settings. */
  list(): LedgerId[] {
    return [...this.#plans.keys()]
  }

  /** `turned`: a gate was opened or closed. `pauseOver`: the time for which it was paused is over. */
  listen(listener: { turned: (turned: Turned) => void; pauseOver: (remote: LedgerId) => void }): void {
    this.#listeners.push(listener)
  }

  /** To be called before the network starts: from now on listeners are called. */
  start(): void {
    this.#running = true
    this.#look()
  }

  async stop(): Promise<void> {
    this.#running = false
    this.#cancel()
    await this.#rows.idle()
  }

  async set(remote: LedgerId, plan: Plan): Promise<void> {
    const before = this.planOf(remote)
    this.#plans.set(remote, plan)
    const ran = this.#book.ranAt(remote)
    if (JSON.stringify(before.schedule) !== JSON.stringify(plan.schedule) || !this.#book.has(remote))
      this.#book.set(remote, plan.schedule, ran)
    this.#save(remote, { sync: true })
    await this.#rows.idle()
    this.#look()
  }

  /** Removes the settings of a remote: it is open from now on. */
  async delete(remote: LedgerId): Promise<void> {
    if (!this.#plans.delete(remote)) return
    const { open } = this.gateOf(remote)
    this.#book.delete(remote)
    this.#rows.put(remote, null, { sync: true })
    await this.#rows.idle()
    if (!open) this.#tell({ remote, open: true, next: null })
  }

  /** Opens it now, on request, until everything is done. */
  ask(remote: LedgerId): void {
    this.#book.ask(remote, this.#init.clock.now())
    this.#look()
  }

  /** Everything of this turn is done. */
  done(remote: LedgerId): void {
    this.#book.done(remote)
    this.#look()
  }

  #look(): void {
    if (!this.#running) return
    this.#cancel()
    const now = this.#init.clock.now()
    const before = new Map(this.list().map((remote) => [remote, this.#book.ranAt(remote)]))
    const { turned, next } = this.#book.look(now)
    for (const remote of this.list()) if (this.#book.ranAt(remote) !== before.get(remote)) this.#save(remote)
    let wake = next ?? Infinity
    for (const [remote, plan] of this.#plans) {
      if (plan.pausedUntil === null) continue
      if (plan.pausedUntil > now) wake = Math.min(wake, plan.pausedUntil)
      else this.#pauseOver(remote, plan)
    }
    if (wake < Infinity)
      this.#cancel = this.#init.clock.after(Math.min(LOOK_MS, Math.max(0, wake - now)), () => {
        this.#look()
      })
    for (const one of turned) this.#tell(one)
  }

  #pauseOver(remote: LedgerId, plan: Plan): void {
    this.#plans.set(remote, { ...plan, pausedUntil: null })
    this.#save(remote)
    for (const { pauseOver } of this.#listeners) pauseOver(remote)
  }

  #tell(turned: Turned): void {
    for (const listener of this.#listeners) listener.turned(turned)
  }

  #save(remote: LedgerId, durability: { sync?: boolean } = {}): void {
    this.#rows.put(remote, planToJson(this.planOf(remote), this.#book.ranAt(remote)), durability)
  }
}
