/** The operator's commands for replication: which ledgers are followed and how, and immediate actions. */
import { LedgermeshError } from '../../core/errors.js'
import type { LedgerId } from '../../core/ledger-id.js'
import { Mutex } from '../../core/mutex.js'
import { wants, type Wanted } from '../../core/payload-filter.js'
import type { Ledger } from '../../ledger/ledger.js'
import { FollowRule } from './follow-rule.js'
import type { Origin } from './follows.js'
import type { ReplicationInit } from './replication-init.js'
import type { SyncRuntime } from './sync-runtime.js'
import { WaitUntil } from './wait-until.js'

/** `pull` answers after this time even if the ledger is neither synced nor stalled. */
const PULL_TIMEOUT_MS = 60_000

export interface FollowControlInit extends Pick<
  ReplicationInit,
  'ledgers' | 'host' | 'follows' | 'trust' | 'timetable' | 'clock' | 'log'
> {
  runtime: () => SyncRuntime
  /** Only ledgers that the own one trusts at least this much are pulled; null: all followed ones. */
  minTrustMilli: number | null
}

export class FollowControl {
  readonly rule: FollowRule
  readonly #init: FollowControlInit
  readonly #settling: WaitUntil
  readonly #restricting = new Mutex()
  #hasCopies: (ledger: LedgerId) => boolean = () => false
  #end: () => void = () => {}

  constructor(init: FollowControlInit) {
    this.#init = init
    const { clock, trust, ledgers, follows, minTrustMilli } = init
    this.#settling = new WaitUntil(clock)
    this.rule = new FollowRule({
      clock,
      minMilli: minTrustMilli,
      trust,
      own: ledgers.own.id,
      follows,
      onChange: (followed) => {
        this.#weigh(followed)
      }
    })
  }

  /** To be called before the network starts. */
  start(): void {
    const { host, follows, runtime } = this.#init
    this.#end = runtime().onChange(() => {
      this.#settling.look()
    })
    const peerNetwork = host()
    peerNetwork.use({
      onReady: () => {
        this.rule.start()
        this.#restrictAll(follows.list())
        peerNetwork.admission.members.follow({
          isFollowed: (id) => follows.has(id),
          follow: (id) => this.follow(id, null)
        })
      }
    })
  }

  stop(): void {
    this.#end()
    this.rule.stop()
    this.#settling.stop()
  }

  /**
   * `origin`: it is followed because it was offered. `pin`: hex of a key that the owner's branch has in force, or
   * commits to, in case a key signs two rotations (R1).
   */
  async follow(id: LedgerId, filters: Wanted, pin: string | null = null, origin?: Origin): Promise<Ledger> {
    const { ledgers, follows, runtime } = this.#init
    if (id === ledgers.own.id) throw new LedgermeshError('INVALID_PARAMS', 'the own ledger needs no follow')
    await this.#init.trust.caughtUp()
    this.rule.assert(id, filters)
    const ledger = await ledgers.mirror(id)
    const before = follows.get(id)
    // An offer never changes a decision of the operator.
    if (origin !== undefined && before !== null) return ledger
    if (filters === 'headers' && before?.adopt !== undefined)
      throw new LedgermeshError('INVALID_PARAMS', 'its entries are adopted, which headers alone are not enough for')
    await follows.save(ledger, {
      filters,
      paused: false,
      ...(origin !== undefined && { origin }),
      ...(before?.adopt !== undefined && { adopt: before.adopt })
    })
    // New filters, or those of an earlier follow.
    if (
      ledger.size > 0 &&
      (before === null || before.restricted === true || JSON.stringify(before.filters) !== JSON.stringify(filters))
    )
      await ledger.wantPayloads((header) => wants(filters, header))
    if (pin !== null) await runtime().court.pin(ledger, pin)
    runtime().begin(ledger, (await ledger.missingPayloads(1)).length)
    return ledger
  }

  /** The own ledger has copies of these ledgers, so erasures of the originals must be received. */
  hearErasures(hasCopies: (ledger: LedgerId) => boolean): void {
    this.#hasCopies = hasCopies
  }

  isFollowed(id: LedgerId): boolean {
    return this.#init.follows.has(id)
  }

  /** `forget` also deletes the mirror. Throws NOT_FOLLOWED. */
  async unfollow(ledger: Ledger, forget: boolean): Promise<void> {
    const { follows, runtime, host, ledgers } = this.#init
    if (!(await follows.delete(ledger))) throw new LedgermeshError('NOT_FOLLOWED', `${ledger.id} is not followed`)
    runtime().end(ledger.id)
    if (!forget) return
    host().directory.forgetting(ledger.id)
    await ledgers.remove(ledger.id)
  }

  /** `until`: ms since the epoch; default: until `resume`. Throws NOT_FOLLOWED. */
  async setPaused(ledger: Ledger, paused: boolean, until: number | null = null): Promise<void> {
    const { follows, timetable } = this.#init
    await follows.setPaused(ledger, paused)
    const plan = timetable.planOf(ledger.id)
    if (plan.pausedUntil !== until) await timetable.set(ledger.id, { ...plan, pausedUntil: until })
    this.#applyRule(ledger.id)
  }

  /** Asks all peers now, and waits until the ledger is synced or stalled. Throws NOT_FOLLOWED. */
  async pull(ledger: Ledger): Promise<void> {
    if (ledger.own) return
    const runtime = this.#init.runtime()
    if (!runtime.isFollowed(ledger.id)) throw new LedgermeshError('NOT_FOLLOWED', `${ledger.id} is not followed`)
    const isDone = (): boolean => !runtime.isAsking(ledger.id) && runtime.status(ledger).status !== 'syncing'
    runtime.payloads.nudge(ledger)
    await this.#settling.until(
      isDone,
      () => {
        runtime.dispatch({ type: 'pull-requested', ledger: ledger.id })
      },
      PULL_TIMEOUT_MS
    )
  }

  /** The operator's override for the own ledger. */
  async override(): Promise<void> {
    await this.#init.runtime().own.override()
  }

  /**
   * The operator accepts the branch of a rotation, or of the key that is pinned (I4, R1). Returns the number of voided
   * entries. Throws READ_ONLY, NOT_FROZEN or NO_ROTATION.
   */
  async resolve(ledger: Ledger, pin: string | null): Promise<number> {
    return await this.#init.runtime().forks.resolve(ledger, pin)
  }

  /** Its reason for not being pulled may have ended. */
  lookAgain(ledger: LedgerId): void {
    this.#applyRule(ledger)
  }

  #applyRule(ledger: LedgerId): void {
    const code = this.rule.blockedBy(ledger)
    this.#init
      .runtime()
      .dispatch(
        code === null
          ? { type: 'resumed', ledger }
          : { type: 'paused', ledger, code, until: this.#init.timetable.planOf(ledger).pausedUntil }
      )
  }

  #restrictAll(ledgers: LedgerId[]): void {
    this.#restricting
      .run(async () => {
        for (const id of ledgers) await this.#restrict(id)
      })
      .catch((error: Error) => {
        this.#init.log.error(
          { event: 'follow.restrict-failed', error: error.message },
          'headers of ledgers that are not trusted may not come'
        )
      })
  }

  /** Stored before anything is pulled: when a ledger is trusted again, its missing payloads are requested. */
  async #restrict(id: LedgerId): Promise<void> {
    const { follows, ledgers, runtime } = this.#init
    const [settings, ledger] = [follows.get(id), ledgers.get(id)]
    if (settings === null || ledger === undefined) return
    const { restricted = false, ...rest } = settings
    const isAllowed = this.rule.allows(id, settings.filters)
    if (!isAllowed && !restricted && this.#hasCopies(id)) {
      await follows.save(ledger, { ...rest, restricted: true })
      if (ledger.frozenAt === null) this.#applyRule(id)
    } else if (isAllowed && restricted) {
      await ledger.wantPayloads((header) => wants(settings.filters, header))
      const { restricted: _ended, ...now } = follows.get(id) ?? settings
      await follows.save(ledger, now)
      runtime().begin(ledger, (await ledger.missingPayloads(1)).length)
    }
  }

  /** Trust has changed. A frozen ledger stays frozen. */
  #weigh(followed: LedgerId[]): void {
    const { ledgers, runtime } = this.#init
    this.#restrictAll(followed)
    for (const id of followed) {
      const ledger = ledgers.get(id)
      const status = ledger === undefined ? null : runtime().status(ledger)
      const code =
        status?.status === 'stalled' && (status.code === 'PAUSED' || status.code === 'UNTRUSTED') ? status.code : null
      if (ledger?.frozenAt === null && code !== this.rule.blockedBy(id)) this.#applyRule(id)
    }
  }
}
