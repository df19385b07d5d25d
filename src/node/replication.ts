/** Where sync meets the network and the store: follows ledgers, and hands out and announces what is held. */
import { isCoded, LedgermeshError } from '../core/errors.js'
import type { Entry } from '../core/entry.js'
import type { LedgerId } from '../core/ledger-id.js'
import type { Mirror } from '../ledger/mirror.js'
import { Sync } from '../sync/sync.js'
import type { SyncStatus } from '../sync/types.js'
import { Announcer } from './announcer.js'
import type { SyncFilters } from './api.js'
import { Audit } from './audit.js'
import { Effects } from './effects.js'
import type { Follows } from './follows.js'
import { ForkWatch } from './fork-watch.js'
import { HeadCheck } from './head-check.js'
import type { Mesh } from './mesh.js'
import { PayloadFiller } from './payload-filler.js'
import type { PluginContext } from './plugin.js'
import { isSecret } from './reading-rights.js'

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
  /** Those who wait for a ledger to settle. */
  readonly #waiting = new Set<() => void>()

  constructor (context: PluginContext) {
    this.#context = context
    this.#follows = context.follows
    const { store: ledgers, clock, random, log } = context
    const mesh = this.#mesh = context.host()
    const { network, verifier } = mesh
    const sync = this.#sync = new Sync({ random })
    const forks = this.#forks = new ForkWatch({ network, mesh, ledgers, verifier, log, onFrozen: (ledger, size, evidence) => { this.#frozen(ledger, size, evidence) } })
    const heads = this.#heads = new HeadCheck({ mesh, ledgers, verifier, forks, log })
    this.#effects = new Effects({
      sync, mesh, ledgers, verifier, forks, heads, clock, log,
      filtersOf: (ledger) => this.filtersOf(ledger),
      onStored: (ledger, entries) => { this.#stored(ledger, entries) },
      onEvent: () => { for (const look of this.#waiting) look() }
    })
    this.#audit = new Audit({ ledgers, verifier, log, onFailed: (ledger, seq) => forks.auditFailed(ledger, seq) })
    this.#payloads = new PayloadFiller({
      mesh, clock, log,
      peersOf: (ledger) => this.#sync.details(ledger.id, clock.now())?.peers.map(({ peer }) => peer) ?? [],
      onRound: (ledger, missing) => { this.#effects.dispatch({ type: 'payloads-missing', ledger: ledger.id, missing }) }
    })
    this.#announcer = new Announcer({
      mesh, network, ledgers, verifier, clock, log,
      onHead: (peer, ledger, entry) => this.#announced(peer, ledger, entry),
      onConflict: async (peer, ledger, entry) => { await forks.conflict(peer, ledger, entry) },
      onEvidence: (peer, ledger, evidence) => forks.evidence(peer, ledger, evidence)
    })
  }

  /** To be called before the network starts. */
  start (): void {
    this.#mesh.use({
      onReady: () => { this.#ready() },
      onPeer: (peer) => { this.#effects.dispatch({ type: 'connected', peer }) },
      onRecord: (peer) => {
        // It may be asked for private ledgers now.
        for (const ledger of this.#context.store.list()) if (isSecret(ledger) && this.isFollowed(ledger.id)) this.#effects.dispatch({ type: 'found', ledger: ledger.id, peer })
      },
      onPeerGone: (peer) => { this.#effects.dispatch({ type: 'disconnected', peer }) },
      onHeads: async (peer, heads) => {
        this.#effects.dispatch({ type: 'heads', peer, heads: await this.#heads.check(peer, heads), none: [], denied: [] })
      },
      onEvidence: async (peer, ledger, evidence) => {
        try {
          await this.#forks.evidence(peer, ledger, evidence)
        } catch (error) {
          if (isCoded(error, 'BAD_EVIDENCE')) this.#mesh.drop(peer, 'BAD_EVIDENCE')
          else throw error
        }
      }
    })
    this.#context.store.own.onAppended((entries) => { this.#appended(entries) })
  }

  async stop (): Promise<void> {
    this.#announcer.stop()
    this.#effects.stop()
    this.#payloads.stop()
    await this.#audit.stop()
  }

  async follow (id: LedgerId, filters: SyncFilters | null): Promise<Mirror> {
    const { store } = this.#context
    if (id === store.own.id) throw new LedgermeshError('INVALID_PARAMS', 'the own ledger needs no follow')
    const ledger = await store.mirror(id)
    await this.#follows.save(ledger, { filters, paused: false })
    this.#begin(ledger)
    return ledger
  }

  async unfollow (ledger: Mirror, forget: boolean): Promise<void> {
    if (!await this.#follows.delete(ledger)) throw new LedgermeshError('NOT_FOLLOWED', `${ledger.id} is not followed`)
    this.#effects.dispatch({ type: 'unfollowed', ledger: ledger.id })
    this.#announcer.leave(ledger.id)
    this.#mesh.finder.withdrawLedger(ledger.id)
    if (forget) await this.#context.store.remove(ledger.id)
  }

  async pause (ledger: Mirror): Promise<void> { await this.#setPaused(ledger, true) }
  async resume (ledger: Mirror): Promise<void> { await this.#setPaused(ledger, false) }

  /** Asks everybody now, and waits until the ledger is synced or stalled. */
  async pull (ledger: Mirror): Promise<void> {
    if (ledger.own) return
    if (!this.isFollowed(ledger.id)) throw new LedgermeshError('NOT_FOLLOWED', `${ledger.id} is not followed`)
    const { promise, resolve } = Promise.withResolvers<void>()
    const look = (): void => { if (this.status(ledger).status !== 'syncing') resolve() }
    const cancel = this.#context.clock.after(PULL_TIMEOUT_MS, resolve)
    this.#effects.dispatch({ type: 'pull-requested', ledger: ledger.id })
    this.#waiting.add(look)
    await promise
    this.#waiting.delete(look)
    cancel()
  }

  isFollowed (ledger: LedgerId): boolean { return this.#follows.has(ledger) }
  isAnnounced (ledger: LedgerId): boolean { return this.#announcer.has(ledger) }
  filtersOf (ledger: LedgerId): SyncFilters | null { return this.#follows.get(ledger)?.filters ?? null }

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
    this.#effects.dispatch({ type: paused ? 'paused' : 'resumed', ledger: ledger.id })
  }

  #ready (): void {
    const { own } = this.#context.store
    this.#share(own)
    if (own.signer === 'restoring') this.#effects.dispatch({ type: 'followed', ledger: own.id, size: own.size, headHash: own.headHash, stall: 'RESTORING' })
    for (const ledger of this.#context.store.list()) if (this.isFollowed(ledger.id)) this.#begin(ledger)
    this.#audit.wake()
  }

  #begin (ledger: Mirror): void {
    const { id, size, headHash, frozenAt } = ledger
    this.#share(ledger)
    this.#effects.dispatch({
      type: 'followed',
      ledger: id,
      size,
      headHash,
      ...(frozenAt !== null ? { stall: 'FROZEN', frozenAt } : this.#follows.get(id)!.paused ? { stall: 'PAUSED' } : {})
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
    if (entries.some(({ header }) => header.type === 'ledger.access')) this.#mesh.reviewIntroductions()
    this.#context.feed.publish(own, entries)
  }

  #stored (ledger: Mirror, entries: Entry[]): void {
    if (entries[0]!.header.seq === 0) this.#share(ledger)
    this.#context.feed.publish(ledger, entries)
    this.#audit.wake()
    if (lacksPayload(entries)) this.#payloads.fill(ledger)
    if (ledger.own && this.#context.store.own.signer === 'ready') this.#effects.dispatch({ type: 'unfollowed', ledger: ledger.id })
  }

  async #announced (peer: string, ledger: Mirror, entry: Entry): Promise<void> {
    if (ledger.own) {
      await this.#context.store.own.sawOwnEntry(entry)
      if (this.#context.store.own.signer === 'restoring') this.#ready()
      return
    }
    if (!await this.#heads.isClaim(peer, ledger, entry)) return
    this.#effects.dispatch({ type: 'announced', peer, head: { ledger: ledger.id, size: entry.header.seq + 1, hash: entry.hash, prevHash: entry.header.prev_hash } })
  }

  #frozen (ledger: Mirror, size: number, evidence: Uint8Array): void {
    this.#effects.dispatch({ type: 'evidence', ledger: ledger.id, size })
    this.#announcer.announceEvidence(ledger.id, evidence)
    this.#mesh.tellEvidence(ledger, evidence)
  }
}

function lacksPayload (entries: Entry[]): boolean {
  return entries.some(({ header, raw }) => header.payload_hash !== null && raw.payload === null)
}
