/**
 * The sync engine of a node, on its peers and its store, with announcements and the own ledger. The follow control
 * decides which ledgers are followed.
 */
import type { WireHead } from '../../../protocols/wire.js'
import { decodeEntry, type Entry } from '../../core/entry.js'
import type { ErrorCode } from '../../core/errors.js'
import type { LedgerId } from '../../core/ledger-id.js'
import type { Wanted } from '../../core/payload-filter.js'
import type { Ledger } from '../../ledger/ledger.js'
import { Sync } from '../../sync/sync.js'
import type { Turned } from '../../sync/schedule/schedule-book.js'
import type { SyncEvent, SyncStatus, Terms } from '../../sync/types.js'
import { FetchMeter } from '../metrics/fetch-meter.js'
import type { FetchLimits } from '../schedule/fetch-limits.js'
import { isSecret } from '../access/read-access.js'
import type { EvidenceCourt } from '../forks/evidence-court.js'
import type { ForkTracker } from '../forks/fork-tracker.js'
import type { PeerNetwork } from '../sessions/peer-network.js'
import { Announcer } from './announcer.js'
import { OwnSide } from './own-side.js'
import type { PayloadFiller } from './payload-backfill.js'
import type { PushedRoom } from './pushed-room.js'
import type { ReplicationInit } from './replication-init.js'
import { SyncEngine } from './sync-engine.js'
import { SyncMonitor } from './sync-monitor.js'

export interface SyncRuntimeInit extends ReplicationInit {
  room: PushedRoom
  limits: FetchLimits
  /** The reason why a followed ledger is not pulled; null: none. */
  blockedBy: (ledger: LedgerId) => 'PAUSED' | 'UNTRUSTED' | null
  /** Are only its headers pulled now? */
  isRestricted: (ledger: LedgerId) => boolean
}

export class SyncRuntime {
  readonly own: OwnSide
  readonly #init: SyncRuntimeInit
  readonly #peerNetwork: PeerNetwork
  readonly #sync: Sync
  readonly #engine: SyncEngine<Ledger>
  readonly #announcer: Announcer
  readonly #monitor: SyncMonitor
  readonly #ends: (() => void)[] = []

  constructor(init: SyncRuntimeInit) {
    this.#init = init
    const { ledgers, clock, random, log, events } = init
    const peerNetwork = (this.#peerNetwork = init.host())
    const { network, verifier } = peerNetwork
    const sync = (this.#sync = new Sync({
      random,
      limits: { fetchesTotal: init.limits.maxJobs, bytesPerSecond: bytesOf(init.limits.inKiBps) }
    }))
    this.#monitor = new SyncMonitor({
      clock,
      events,
      ledgers: () => ledgers.list().filter(({ id, own }) => own || this.isFollowed(id)),
      status: (ledger) => this.status(ledger)
    })
    const mayHear = (peer: string, id: LedgerId): boolean => peerNetwork.rights.mayHear(peer, ledgers.get(id)!)
    const meter = new FetchMeter(init.metrics)
    const engine = (this.#engine = new SyncEngine<Ledger>({
      network,
      sync,
      requests: peerNetwork.requests,
      notices: peerNetwork,
      announcer: {
        announceEvidence: (ledger, evidence) => {
          this.#announcer.announceEvidence(ledger, evidence)
        }
      },
      ledgers,
      verifier,
      decode: decodeEntry,
      load: peerNetwork.load,
      events,
      clock,
      log,
      mayHear,
      peersFor: (id) =>
        peerNetwork.connections
          .peers()
          .map(({ peer }) => peer)
          .filter((peer) => mayHear(peer, id)),
      findLedger: async (ledger, more) => {
        await peerNetwork.finder.findLedger(ledger, more)
      },
      filtersOf: (ledger) => this.filtersOf(ledger),
      blockedBy: init.blockedBy,
      turnsOf: (id) => ({
        terms: this.termsOf(id),
        gate: init.timetable.gateOf(id),
        pausedUntil: init.timetable.planOf(id).pausedUntil
      }),
      onRestoring: () => {
        this.own.restore()
      },
      onMissing: (ledger, missing) => {
        if (ledger.own) this.own.lacks(missing)
      },
      // The own ledger's status does not come from sync: watchers are notified nevertheless.
      onThawed: (ledger) => {
        if (ledger.own && ledger.frozen === null) this.own.thawed()
        if (this.isFollowed(ledger.id)) this.begin(ledger)
        else this.#monitor.wake()
      },
      onEvent: (event) => {
        if (event !== null) meter.heard(event, clock.now())
        this.#monitor.wake()
      }
    }))
    const { forks } = engine
    this.#announcer = new Announcer({
      peerNetwork,
      network,
      ledgers,
      verifier,
      clock,
      log,
      onHead: (peer, ledger, entry) => engine.onAnnounced(peer, ledger, entry),
      onBroken: (peer, ledger, head) => forks.rules.header(peer, ledger, head, false),
      onEvidence: async (peer, ledger, evidence) => (await forks.evidence(peer, ledger, evidence)) === 'lower'
    })
    this.own = new OwnSide({
      ...init,
      own: ledgers.own,
      peerNetwork,
      announcer: this.#announcer,
      sync,
      dispatch: (event) => {
        this.dispatch(event)
      }
    })
  }

  get forks(): ForkTracker {
    return this.#engine.forks
  }
  get court(): EvidenceCourt {
    return this.#engine.court
  }
  get payloads(): PayloadFiller {
    return this.#engine.payloads
  }

  /** To be called before the network starts, after the control has started. */
  start(): void {
    this.#peerNetwork.use({
      onReady: () => {
        this.#ready()
      },
      onPeer: (peer) => {
        this.dispatch({ type: 'connected', peer })
        this.payloads.nudge(this.#init.ledgers.own)
      },
      onRecord: (peer) => {
        // The peer may now be asked for private ledgers.
        for (const ledger of this.#init.ledgers.list())
          if (isSecret(ledger) && this.isFollowed(ledger.id)) this.dispatch({ type: 'found', ledger: ledger.id, peer })
      },
      onPeerGone: (peer) => {
        this.dispatch({ type: 'disconnected', peer })
      },
      onAsked: (peer, wanted) => {
        this.dispatch({
          type: 'asked',
          peer,
          ledgers: wanted.filter(({ size }) => size > 0).map(({ ledger }) => ledger)
        })
      },
      onHeads: (peer, heads) => this.onHeads(peer, heads),
      onEvidence: (peer, ledger, evidence) => this.forks.onEvidence(peer, ledger, evidence)
    })
    this.#init.signer.useHeads((peer, heads, signal) => this.#engine.heads.check(peer, heads, signal))
    this.#init.trust.useConfirmations(
      (ledger) => this.#sync.details(ledger, this.#init.clock.now())?.confirmedAt ?? null
    )
    this.#ends.push(
      this.#init.ledgers.on('audited', () => {
        this.#monitor.wake()
      }),
      this.#init.ledgers.on('stored', (ledger, { entries, signed }) => {
        if (signed) this.own.tell()
        else this.#stored(ledger, entries)
      })
    )
    this.#init.ledgers.own.onRotated(() => this.court.review(this.#init.ledgers.own))
  }

  async stop(): Promise<void> {
    for (const end of this.#ends) end()
    this.#monitor.stop()
    this.#announcer.stop()
    await this.#engine.stop()
  }

  dispatch(event: SyncEvent): void {
    this.#engine.dispatch(event)
  }

  /**
   * A followed ledger is pulled from now on, as far as nothing holds it. `missing`: wanted payloads that are not held.
   */
  begin(ledger: Ledger, missing = 0): void {
    ledger.allowance = this.#init.room.allowanceOf(ledger.id)
    this.#share(ledger)
    this.#engine.begin(ledger, missing)
  }

  /**
   * The share of this node that its pull gets. Peer ids cost nothing, so ledgers from unknown peers have one share
   * together, and each trusted peer or token its own share.
   */
  termsOf(ledger: LedgerId): Terms {
    const { follows, timetable } = this.#init
    const origin = follows.get(ledger)?.origin
    const { priority, inKiBps } = timetable.planOf(ledger)
    const share =
      origin === undefined ? ledger : origin.pool === 'anyone' ? 'pushed by anyone' : `pushed by ${origin.peer}`
    return { priority, share, bytesPerSecond: bytesOf(inKiBps) }
  }

  /** Its turns have changed. */
  planned(ledger: LedgerId): void {
    if (this.isFollowed(ledger)) this.dispatch({ type: 'terms', ledger, terms: this.termsOf(ledger) })
  }

  /** Its scheduled time has begun or ended; at the beginning peers are asked for heads. */
  turned({ remote: id, open, next }: Turned): void {
    if (!open) return this.dispatch({ type: 'closed', ledger: id, next })
    this.dispatch({ type: 'opened', ledger: id })
    this.dispatch({ type: 'pull-requested', ledger: id })
    const ledger = this.#init.ledgers.get(id)
    if (ledger !== undefined && this.isFollowed(id)) this.payloads.fill(ledger)
  }

  /** It is no longer followed. */
  end(ledger: LedgerId): void {
    this.dispatch({ type: 'unfollowed', ledger })
    this.#announcer.leave(ledger)
    this.#peerNetwork.providers.withdrawLedger(ledger)
  }

  /**
   * Calls the listener when a status may have changed, or more of a ledger is stored or audited; the returned function
   * removes it.
   */
  onChange(listener: () => void): () => void {
    return this.#monitor.listen(listener)
  }

  /** Heads that a peer shows: valid ones are pulled. */
  async onHeads(peer: string, heads: WireHead[]): Promise<void> {
    await this.#engine.onHeads(peer, heads)
  }

  /**
   * Stores a verified range that nobody was asked for, as one that was: it begins where what is held ends. null: it is
   * stored, else why not.
   */
  async take(ledger: LedgerId, from: string, entries: Entry[]): Promise<ErrorCode | null> {
    return await this.#engine.take(ledger, from, entries)
  }

  /** Somebody shows an entry, signed by its key, where another one is held. */
  async showed(from: string, ledger: Ledger, entry: Entry): Promise<void> {
    await this.#engine.heads.isClaim(from, ledger, entry)
  }

  /** Is a peer being asked for its head of the ledger? */
  isAsking(ledger: LedgerId): boolean {
    return this.#engine.isAsking(ledger)
  }
  isFollowed(ledger: LedgerId): boolean {
    return this.#init.follows.has(ledger)
  }
  isAnnounced(ledger: LedgerId): boolean {
    return this.#announcer.has(ledger)
  }
  filtersOf(ledger: LedgerId): Wanted {
    return this.#init.isRestricted(ledger) ? 'headers' : (this.#init.follows.get(ledger)?.filters ?? null)
  }

  /** When a peer last showed our head as its newest, ms since the epoch; null: never. */
  confirmedAt(ledger: LedgerId): number | null {
    return this.#sync.details(ledger, this.#init.clock.now())?.confirmedAt ?? null
  }

  /** ms for which bandwidth caps have delayed fetches. */
  get throttledMs(): number {
    return this.#sync.throttledMs
  }

  /** Connected peers that have the ledger. */
  peersOf(ledger: LedgerId): number {
    return this.#sync.details(ledger, this.#init.clock.now())?.peers.length ?? 0
  }

  targetOf(ledger: Ledger): number {
    return this.#sync.details(ledger.id, this.#init.clock.now())?.target ?? ledger.size
  }

  /** Exactly one of three (I6). */
  status(ledger: Ledger): SyncStatus {
    if (ledger.own) return this.own.status()
    const status = this.#sync.status(ledger.id, this.#init.clock.now())
    if (status !== null) return status
    const { id, size } = ledger
    // Followed, but sync does not know of it yet: no peer was asked for its head.
    return this.isFollowed(id) ? { status: 'syncing', size, target: size } : { status: 'synced', size }
  }

  #ready(): void {
    const { ledgers } = this.#init
    this.#share(ledgers.own)
    this.own.restore()
    this.payloads.fill(ledgers.own)
    for (const ledger of ledgers.list()) if (this.isFollowed(ledger.id)) this.begin(ledger)
    this.#engine.resume()
  }

  /**
   * Subscribes to the ledger's topic and provides it in the DHT. A private ledger has no topic and no provider record
   * (DESIGN §6), nor has one that may be private because its genesis is not held yet.
   */
  #share(ledger: Ledger): void {
    if (isSecret(ledger)) return
    this.#announcer.join(ledger.id)
    this.#peerNetwork.providers.provideLedger(ledger.id)
  }

  #stored(ledger: Ledger, entries: Entry[]): void {
    if (entries[0]!.header.seq === 0) this.#share(ledger)
    this.#engine.stored(ledger, entries)
    if (ledger.own && this.#init.ledgers.own.signer !== 'restoring')
      this.dispatch({ type: 'unfollowed', ledger: ledger.id })
  }
}

function bytesOf(kib: number | null): number | null {
  return kib === null ? null : kib * 1024
}
