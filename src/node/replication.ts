/** Where sync meets the network and the store: follows ledgers, and hands out and announces what is held. */
import { LedgermeshError } from '../core/errors.js'
import type { Entry } from '../core/entry.js'
import type { LedgerId } from '../core/ledger-id.js'
import type { Mirror } from '../ledger/mirror.js'
import { Sync } from '../sync/sync.js'
import type { SyncStatus } from '../sync/types.js'
import { Announcer } from './announcer.js'
import { Audit } from './audit.js'
import { Effects } from './effects.js'
import { wants, type Wanted } from './filters.js'
import { FollowRule } from './follow-rule.js'
import type { Follows } from './follows.js'
import { ForkWatch } from './fork-watch.js'
import { HeadCheck } from './head-check.js'
import type { Mesh } from './mesh.js'
import { PayloadFiller } from './payload-filler.js'
import type { PluginContext } from './plugin.js'
import { acceptRotation } from './resolve.js'
import { isSecret } from './reading-rights.js'
import { Settling } from './settling.js'
import { SyncWatch } from './sync-watch.js'

/** For looking into what a peer told: its keys may have to be asked for. */
const NOTICE_TIMEOUT_MS = 15_000
/** `pull` answers after so long even when nothing was settled. */
const PULL_TIMEOUT_MS = 60_000

export class Replication {
  readonly #context: PluginContext
  readonly #mesh: Mesh
  readonly #sync: Sync
  readonly #forks: ForkWatch
  readonly #heads: HeadCheck
  readonly #effects: Effects
  readonly #audit: Audit
  readonly #payloads: PayloadFiller
  readonly #announcer: Announcer
  readonly #follows: Follows
  readonly #rule: FollowRule
  readonly #watch: SyncWatch
  readonly #settling: Settling

  /** `minTrustMilli`: only ledgers that the own one trusts so much are pulled; null: all that are followed. */
  constructor (context: PluginContext, { minTrustMilli = null }: { minTrustMilli?: number | null } = {}) {
    this.#context = context
    this.#follows = context.follows
    const { store: ledgers, clock, random, log } = context
    this.#settling = new Settling(clock)
    const mesh = this.#mesh = context.host()
    const { network, verifier } = mesh
    this.#rule = new FollowRule({ clock, minMilli: minTrustMilli, trust: context.trust, own: ledgers.own.id, follows: context.follows, onChange: (followed) => { this.#weigh(followed) } })
    const sync = this.#sync = new Sync({ random })
    this.#watch = new SyncWatch({
      clock,
      events: context.events,
      ledgers: () => ledgers.list().filter(({ id, own }) => own || this.isFollowed(id)),
      status: (ledger) => this.status(ledger)
    })
    const forks = this.#forks = new ForkWatch({ network, mesh, ledgers, verifier, log, onFrozen: (ledger, size, evidence) => { this.#frozen(ledger, size, evidence) } })
    const heads = this.#heads = new HeadCheck({ mesh, ledgers, verifier, forks, log, onRestoring: () => { this.#restore() } })
    this.#effects = new Effects({
      sync, mesh, ledgers, verifier, forks, heads, clock, log,
      filtersOf: (ledger) => this.filtersOf(ledger),
      onStored: (ledger, entries) => { this.#stored(ledger, entries) },
      onClaims: (claimed) => { for (const id of claimed) this.#nudge(id) },
      onEvent: () => {
        this.#watch.wake()
        this.#settling.look()
      }
    })
    this.#audit = new Audit({ ledgers, verifier, load: mesh.load, clock, log, onFailed: (ledger, seq) => forks.auditFailed(ledger, seq), onAudited: ({ id }) => { context.trust.changed(id) } })
    this.#payloads = new PayloadFiller({
      mesh, clock, log,
      peersOf: (ledger) => this.#sync.details(ledger.id, clock.now())?.peers.map(({ peer }) => peer) ?? null,
      onRound: (ledger, missing) => { this.#effects.dispatch({ type: 'payloads-missing', ledger: ledger.id, missing }) }
    })
    this.#announcer = new Announcer({
      mesh, network, ledgers, verifier, clock, log,
      onHead: (peer, ledger, entry) => this.#announced(peer, ledger, entry),
      onBroken: (peer, ledger, head) => forks.rules.header(peer, ledger, head, false),
      onEvidence: (peer, ledger, evidence) => forks.evidence(peer, ledger, evidence)
    })
  }

  /** To be called before the network starts. */
  start (): void {
    this.#mesh.use({
      onReady: () => { this.#ready() },
      onPeer: (peer) => {
        this.#effects.dispatch({ type: 'connected', peer })
        this.#heads.askForOwn(peer)
      },
      onRecord: (peer) => {
        // It may be asked for private ledgers now.
        for (const ledger of this.#context.store.list()) if (isSecret(ledger) && this.isFollowed(ledger.id)) this.#effects.dispatch({ type: 'found', ledger: ledger.id, peer })
      },
      onPeerGone: (peer) => { this.#effects.dispatch({ type: 'disconnected', peer }) },
      onAsked: (peer, wanted) => { this.#effects.dispatch({ type: 'asked', peer, ledgers: wanted.filter(({ size }) => size > 0).map(({ ledger }) => ledger) }) },
      onHeads: async (peer, heads) => {
        const { claims } = await this.#heads.check(peer, heads, AbortSignal.timeout(NOTICE_TIMEOUT_MS))
        this.#effects.dispatch({ type: 'heads', peer, heads: claims, none: [], denied: [] })
      },
      onEvidence: (peer, ledger, evidence) => this.#forks.told(peer, ledger, evidence)
    })
    this.#context.trust.useConfirmations((ledger) => this.#sync.details(ledger, this.#context.clock.now())?.confirmedAt ?? null)
    this.#context.store.own.onAppended((entries) => { this.#appended(entries) })
  }

  async stop (): Promise<void> {
    this.#rule.stop()
    this.#watch.stop()
    this.#announcer.stop()
    this.#effects.stop()
    this.#payloads.stop()
    this.#settling.stop()
    await this.#audit.stop()
  }

  async follow (id: LedgerId, filters: Wanted): Promise<Mirror> {
    const { store } = this.#context
    if (id === store.own.id) throw new LedgermeshError('INVALID_PARAMS', 'the own ledger needs no follow')
    await this.#context.trust.settled()
    this.#rule.assert(id, filters)
    const ledger = await store.mirror(id)
    const before = this.#follows.get(id)
    await this.#follows.save(ledger, { filters, paused: false })
    // New filters, or an earlier follow that may have had others.
    if (ledger.size > 0 && (before === null || JSON.stringify(before.filters) !== JSON.stringify(filters))) await ledger.wantPayloads((header) => wants(filters, header))
    this.#begin(ledger)
    return ledger
  }

  async unfollow (ledger: Mirror, forget: boolean): Promise<void> {
    if (!await this.#follows.delete(ledger)) throw new LedgermeshError('NOT_FOLLOWED', `${ledger.id} is not followed`)
    this.#effects.dispatch({ type: 'unfollowed', ledger: ledger.id })
    this.#announcer.leave(ledger.id)
    this.#mesh.finder.withdrawLedger(ledger.id)
    if (!forget) return
    await this.#context.store.remove(ledger.id)
    this.#context.trust.changed(ledger.id)
  }

  async pause (ledger: Mirror): Promise<void> { await this.#setPaused(ledger, true) }
  async resume (ledger: Mirror): Promise<void> { await this.#setPaused(ledger, false) }

  /** Asks everybody now, and waits until the ledger is synced or stalled. */
  async pull (ledger: Mirror): Promise<void> {
    if (ledger.own) return
    if (!this.isFollowed(ledger.id)) throw new LedgermeshError('NOT_FOLLOWED', `${ledger.id} is not followed`)
    const isSettled = (): boolean => !this.#effects.isAsking(ledger.id) && this.status(ledger).status !== 'syncing'
    await this.#settling.until(isSettled, () => { this.#effects.dispatch({ type: 'pull-requested', ledger: ledger.id }) }, PULL_TIMEOUT_MS)
  }

  /** The operator's word: what is stored is all that was ever signed. The own ledger is not pulled back any more (I2). */
  async override (): Promise<void> {
    await this.#context.store.own.override()
    this.#effects.dispatch({ type: 'unfollowed', ledger: this.#context.store.own.id })
  }

  /** The operator's word for the branch of a rotation (I4). How many entries were let go of. Throws READ_ONLY, NOT_FROZEN or NO_ROTATION. */
  async resolve (ledger: Mirror): Promise<number> {
    const { log, trust } = this.#context
    const { branch, voided } = await acceptRotation({ mesh: this.#mesh, verifier: this.#mesh.verifier, log, wants: (header) => wants(this.filtersOf(ledger.id), header) }, ledger)
    trust.changed(ledger.id)
    this.#audit.again(ledger)
    this.#stored(ledger, branch)
    if (this.isFollowed(ledger.id)) this.#begin(ledger)
    return voided
  }

  isFollowed (ledger: LedgerId): boolean { return this.#follows.has(ledger) }
  isAnnounced (ledger: LedgerId): boolean { return this.#announcer.has(ledger) }
  filtersOf (ledger: LedgerId): Wanted { return this.#follows.get(ledger)?.filters ?? null }

  /** Connected peers that have the ledger. */
  peersOf (ledger: LedgerId): number {
    return this.#sync.details(ledger, this.#context.clock.now())?.peers.length ?? 0
  }

  targetOf (ledger: Mirror): number {
    return this.#sync.details(ledger.id, this.#context.clock.now())?.target ?? ledger.size
  }

  /** Exactly one of three (I6). The own ledger is synced unless it waits for its mirrors. */
  status (ledger: Mirror): SyncStatus {
    return this.#sync.status(ledger.id, this.#context.clock.now()) ?? { status: 'synced', size: ledger.size }
  }

  async #setPaused (ledger: Mirror, paused: boolean): Promise<void> {
    const settings = this.#follows.get(ledger.id)
    if (settings === null) throw new LedgermeshError('NOT_FOLLOWED', `${ledger.id} is not followed`)
    await this.#follows.save(ledger, { ...settings, paused })
    this.#settle(ledger.id)
  }

  #settle (ledger: LedgerId): void {
    const code = this.#rule.held(ledger)
    this.#effects.dispatch(code === null ? { type: 'resumed', ledger } : { type: 'paused', ledger, code })
  }

  /** Trust has changed. A frozen ledger stays frozen. */
  #weigh (followed: LedgerId[]): void {
    for (const id of followed) {
      const status = this.#sync.status(id, this.#context.clock.now())
      const code = status?.status === 'stalled' && (status.code === 'PAUSED' || status.code === 'UNTRUSTED') ? status.code : null
      if (this.#context.store.get(id)?.frozenAt === null && code !== this.#rule.held(id)) this.#settle(id)
    }
  }

  #ready (): void {
    const { own } = this.#context.store
    this.#rule.start()
    this.#share(own)
    this.#mesh.admission.members.follow({ isFollowed: (id) => this.isFollowed(id), follow: (id) => this.follow(id, null) })
    this.#restore()
    for (const ledger of this.#context.store.list()) if (this.isFollowed(ledger.id)) this.#begin(ledger)
    this.#audit.wake()
  }

  /** I2: pulls the own ledger back from its mirrors, until what its key has signed is here. */
  #restore (): void {
    const { own } = this.#context.store
    if (own.signer !== 'restoring' || this.#sync.list().includes(own.id)) return
    this.#effects.dispatch({ type: 'followed', ledger: own.id, size: own.size, headHash: own.headHash, stall: 'RESTORING' })
  }

  #nudge (id: LedgerId): void {
    const ledger = this.#context.store.get(id)
    if (ledger !== undefined) this.#payloads.nudge(ledger)
  }

  #begin (ledger: Mirror): void {
    const { id, size, headHash, frozenAt } = ledger
    const held = this.#rule.held(id)
    this.#share(ledger)
    this.#effects.dispatch({
      type: 'followed',
      ledger: id,
      size,
      headHash,
      ...(frozenAt !== null ? { stall: 'FROZEN', frozenAt } : held !== null ? { stall: held } : {})
    })
    this.#payloads.fill(ledger)
  }

  /** Hears and tells of the ledger. A private one has no topic and no provider record (DESIGN §6), nor has one that may turn out to be: its genesis is not held yet. */
  #share (ledger: Mirror): void {
    if (isSecret(ledger)) return
    this.#announcer.join(ledger.id)
    this.#mesh.finder.provideLedger(ledger.id)
  }

  #appended (entries: Entry[]): void {
    const { own } = this.#context.store
    this.#announcer.announceOwn(own)
    // A private ledger has no topic: its readers are told on their own streams.
    if (!this.#announcer.has(own.id)) this.#mesh.tellHead(own)
    // Whoever may read it now learns whose node this is.
    if (entries.some(({ header }) => header.type === 'ledger.access')) this.#mesh.introductions.review()
    this.#context.feed.publish(own, entries)
  }

  #stored (ledger: Mirror, entries: Entry[]): void {
    this.#heads.stored(ledger)
    if (entries[0]!.header.seq === 0) this.#share(ledger)
    this.#context.feed.publish(ledger, entries, this.filtersOf(ledger.id))
    this.#audit.wake()
    const lacking = entries.filter(({ header, raw }) => header.payload_hash !== null && raw.payload === null && wants(this.filtersOf(ledger.id), header)).length
    // Said before the entries are: synced means that none is missing (I6). The round that follows counts again.
    if (lacking > 0) {
      this.#effects.dispatch({ type: 'payloads-missing', ledger: ledger.id, missing: lacking })
      this.#payloads.fill(ledger)
    } else this.#payloads.nudge(ledger)
    this.#forks.stored(ledger).catch((error: Error) => { this.#context.log.error({ ledger: ledger.id, error: error.message }, 'evidence was not taken in') })
    if (ledger.own && this.#context.store.own.signer === 'ready') this.#effects.dispatch({ type: 'unfollowed', ledger: ledger.id })
  }

  async #announced (peer: string, ledger: Mirror, entry: Entry): Promise<void> {
    if (!await this.#heads.isClaim(peer, ledger, entry)) return
    this.#effects.dispatch({ type: 'announced', peer, head: { ledger: ledger.id, size: entry.header.seq + 1, hash: entry.hash, prevHash: entry.header.prev_hash } })
  }

  #frozen (ledger: Mirror, size: number, evidence: Uint8Array): void {
    this.#context.trust.changed(ledger.id)
    this.#effects.dispatch({ type: 'evidence', ledger: ledger.id, size })
    this.#context.events.publish({ kind: 'evidence', ledger: ledger.id, frozenAt: size })
    this.#announcer.announceEvidence(ledger.id, evidence)
    this.#mesh.tellEvidence(ledger, evidence)
  }
}
