/**
 * Sync and the parts that run its effects, wired once behind narrow ports: heads are checked, ranges fetched and
 * stored, evidence judged, signatures audited, missing payloads fetched. A node gives it libp2p and a store; the
 * simulator a virtual network and a virtual disk.
 */
import type { WireHead } from '../../../protocols/wire.js'
import type { Entry } from '../../core/entry.js'
import type { ErrorCode } from '../../core/errors.js'
import type { LedgerId } from '../../core/ledger-id.js'
import { wants, type Wanted } from '../../core/payload-filter.js'
import type { HeldLedger } from '../../ledger/held-ledger.js'
import type { Clock, Log } from '../../ports.js'
import type { Sync } from '../../sync/sync.js'
import type { SyncEvent } from '../../sync/types.js'
import { EvidenceCourt } from '../forks/evidence-court.js'
import { ForkTracker, type ForkTrackerInit } from '../forks/fork-tracker.js'
import { deadline } from '../runtime/deadline.js'
import { Audit, type AuditInit } from '../signatures/audit.js'
import type { Decode } from './fetch-verified.js'
import { followedEvent, type PullTurns } from './followed-event.js'
import { HeadCheck, type HeadCheckInit } from './head-check.js'
import { JudgementEffects, type JudgementEffectsInit } from './judgement-effects.js'
import { PayloadFiller, type PayloadFillerInit } from './payload-backfill.js'
import { Effects, type EffectsInit } from './sync-effects.js'

/** Time limit for examining what a peer sent: its key entries may have to be requested. */
const NOTICE_TIMEOUT_MS = 15_000

export interface SyncEngineInit<L extends HeldLedger> {
  network: string
  sync: Pick<Sync, 'handle' | 'details' | 'throttledUntil'>
  /** Requests to peers. */
  requests: EffectsInit['peerNetwork'] &
    HeadCheckInit['peerNetwork'] &
    ForkTrackerInit['peerNetwork'] &
    PayloadFillerInit['peerNetwork']
  /** Notices to peers about a judgement. */
  notices: JudgementEffectsInit<L>['peerNetwork']
  announcer: JudgementEffectsInit<L>['announcer']
  ledgers: {
    get: (ledger: LedgerId) => L | undefined
    list: () => readonly L[]
    readonly own: HeadCheckInit['ledgers']['own']
    findByHash: ForkTrackerInit['ledgers']['findByHash']
  }
  verifier: EffectsInit['verifier'] & AuditInit['verifier']
  decode: Decode
  load: AuditInit['load']
  /** CPU cores; default: those of the machine. */
  cores?: number
  events: JudgementEffectsInit<L>['events']
  clock: Clock
  log: Log
  /** Connected peers that may know of the ledger. */
  peersFor: (ledger: LedgerId) => string[]
  mayHear: EffectsInit['mayHear']
  findLedger: EffectsInit['findLedger']
  filtersOf: (ledger: LedgerId) => Wanted
  /** The reason why a followed ledger is not pulled; null: none. */
  blockedBy: (ledger: LedgerId) => 'PAUSED' | 'UNTRUSTED' | null
  /** When and how much it is pulled; null: always, and like all others. */
  turnsOf: (ledger: LedgerId) => PullTurns | null
  /** A peer showed an own entry that is not stored here. */
  onRestoring: () => void
  /** A round of the backfill ended with this many payloads missing. */
  onMissing: (ledger: HeldLedger, missing: number) => void
  /** A freeze has ended: the followed ledger starts over. */
  onThawed: (ledger: L) => void
  /** Any status may have changed. */
  onEvent: (event: SyncEvent | null) => void
}

export class SyncEngine<L extends HeldLedger> {
  readonly court: EvidenceCourt
  readonly forks: ForkTracker
  readonly heads: HeadCheck
  readonly payloads: PayloadFiller
  readonly #init: SyncEngineInit<L>
  readonly #effects: Effects
  readonly #audit: Audit

  constructor(init: SyncEngineInit<L>) {
    this.#init = init
    const { ledgers, verifier, clock, log, requests, filtersOf, onEvent } = init
    const dispatch = (event: SyncEvent): void => {
      this.dispatch(event)
    }
    const court = (this.court = new EvidenceCourt({
      verify: verifier.verify,
      clock,
      log,
      onJudged: async ({ id }, was) => {
        await judged.done(ledgers.get(id)!, was)
      }
    }))
    const forks = (this.forks = new ForkTracker({
      ...init,
      peerNetwork: requests,
      court,
      wants: ({ id }, header) => wants(filtersOf(id), header)
    }))
    const heads = (this.heads = new HeadCheck({ ...init, peerNetwork: requests, forks }))
    this.#effects = new Effects({
      ...init,
      peerNetwork: requests,
      court,
      forks,
      heads,
      onConfirmed: (id) => {
        this.#confirmed(id)
      },
      onClaims: (ids) => {
        for (const id of ids) this.#nudge(id)
      }
    })
    const audit = (this.#audit = new Audit({
      ...init,
      onFailed: (ledger, seq) => forks.auditFailed(ledger, seq)
    }))
    this.payloads = new PayloadFiller({
      peerNetwork: requests,
      clock,
      log,
      // Own entries that came back from a mirror of headers lack payloads: all peers that may know of the ledger are
      // asked.
      peersOf: ({ id, own }) =>
        own
          ? init.peersFor(id)
          : init.turnsOf(id)?.gate.open === false
            ? null
            : (init.sync.details(id, clock.now())?.peers.map(({ peer }) => peer) ?? null),
      throttledUntil: ({ id }) => init.sync.throttledUntil(id, clock.now()),
      onBytes: ({ id }, bytes) => {
        dispatch({ type: 'payloads-fetched', ledger: id, bytes })
      },
      onRound: (ledger, missing, asked) => {
        init.onMissing(ledger, missing)
        dispatch({ type: 'payloads-missing', ledger: ledger.id, missing, asked })
      },
      onFull: ({ id }) => {
        dispatch({ type: 'paused', ledger: id, code: 'QUOTA' })
      }
    })
    const judged = new JudgementEffects<L>({
      ...init,
      peerNetwork: init.notices,
      audit,
      dispatch,
      again: init.onThawed,
      changed: () => {
        onEvent(null)
      }
    })
  }

  async stop(): Promise<void> {
    this.#effects.stop()
    this.payloads.stop()
    await this.#audit.stop()
  }

  /**
   * Judges entries stored but not judged in an earlier run (a rotation without a running node, a crash right after the
   * entries were stored), and continues the audit.
   */
  resume(): void {
    for (const ledger of this.#init.ledgers.list())
      if (ledger.frozen !== null || ledger.standing.early === true) this.#review(ledger)
    this.#audit.wake()
  }

  dispatch(event: SyncEvent): void {
    this.#effects.dispatch(event)
  }

  /**
   * A followed ledger is pulled from now on, as far as nothing blocks it. `missing`: wanted payloads that are not held.
   */
  begin(ledger: L, missing = 0): void {
    const { id } = ledger
    this.dispatch(followedEvent(ledger, this.#init.blockedBy(id), this.#init.turnsOf(id)))
    if (missing > 0) this.dispatch({ type: 'payloads-missing', ledger: id, missing, asked: false })
    this.payloads.fill(ledger)
  }

  /** Visible entries were stored. */
  stored(ledger: L, entries: readonly Entry[]): void {
    const { id } = ledger
    this.heads.onStored(ledger)
    this.#audit.wake()
    const lacking = entries.filter(
      ({ header, raw }) =>
        header.payload_hash !== null && raw.payload === null && wants(this.#init.filtersOf(id), header)
    ).length
    // Reported before the entries: synced means that no payload is missing (I6). The following round counts again.
    if (lacking > 0) {
      this.dispatch({ type: 'payloads-missing', ledger: id, missing: lacking, asked: false })
      this.payloads.fill(ledger)
    } else this.payloads.nudge(ledger)
    this.#review(ledger)
  }

  /** Heads that a peer shows: valid ones are pulled. */
  async onHeads(peer: string, heads: WireHead[]): Promise<void> {
    const { claims } = await this.heads.check(peer, heads, deadline(this.#init.clock, NOTICE_TIMEOUT_MS))
    this.dispatch({ type: 'heads', peer, heads: claims, none: [], denied: [] })
  }

  /** A validly signed head that came by gossip. */
  async onAnnounced(peer: string, ledger: L, entry: Entry): Promise<void> {
    if (!(await this.heads.isClaim(peer, ledger, entry))) return
    this.dispatch({
      type: 'announced',
      peer,
      head: { ledger: ledger.id, size: entry.header.seq + 1, hash: entry.hash, prevHash: entry.header.prev_hash }
    })
  }

  /** Stores a verified range that nobody was asked for. null: it is stored, else why not. */
  async take(ledger: LedgerId, from: string, entries: Entry[]): Promise<ErrorCode | null> {
    return await this.#effects.take(ledger, from, entries)
  }

  /** Is a peer being asked for its head of the ledger? */
  isAsking(ledger: LedgerId): boolean {
    return this.#effects.isAsking(ledger)
  }

  #confirmed(id: LedgerId): void {
    const ledger = this.#init.ledgers.get(id)
    if (ledger !== undefined)
      this.court.confirmed(ledger).catch((error: Error) => {
        this.#init.log.error(
          { event: 'sync.confirmation-failed', ledger: id, error: error.message },
          "a peer's confirmation could not be stored"
        )
      })
  }

  #nudge(id: LedgerId): void {
    const ledger = this.#init.ledgers.get(id)
    if (ledger !== undefined) this.payloads.nudge(ledger)
  }

  #review(ledger: L): void {
    this.forks.onStored(ledger).catch((error: Error) => {
      this.#init.log.error(
        { event: 'evidence.intake-failed', ledger: ledger.id, error: error.message },
        'evidence could not be processed'
      )
    })
  }
}
