/** The effects of judging evidence against a ledger: peers are told, and sync and audit start over. */
import type { HeldLedger } from '../../ledger/held-ledger.js'
import type { Log } from '../../ports.js'
import type { SyncEvent } from '../../sync/types.js'
import type { NetworkEvents } from '../events/network-events.js'
import type { Announcer } from './announcer.js'
import type { Audit } from '../signatures/audit.js'

export interface JudgementEffectsInit<L extends HeldLedger> {
  peerNetwork: {
    tellHead: (ledger: L) => void
    tellEvidence: (ledger: L, evidence: Uint8Array) => void
    readonly authority: { caughtUp: () => Promise<void> }
  }
  audit: Pick<Audit, 'again'>
  announcer: Pick<Announcer, 'announceEvidence'>
  events: Pick<NetworkEvents, 'publish'>
  log: Log
  dispatch: (event: SyncEvent) => void
  /** Sync starts over with the present state of the ledger. */
  again: (ledger: L) => void
  /** Its status may have changed. */
  changed: () => void
}

export class JudgementEffects<L extends HeldLedger> {
  readonly #init: JudgementEffectsInit<L>

  constructor(init: JudgementEffectsInit<L>) {
    this.#init = init
  }

  /** `was`: where it was frozen before; null: nowhere. */
  async done(ledger: L, was: HeldLedger['frozen']): Promise<void> {
    const { frozen } = ledger
    if (frozen !== null && frozen.size < (was?.size ?? Infinity)) await this.#frozen(ledger, frozen)
    else this.#thawed(ledger)
    // Rights that the judgement removed are already removed when listeners are called.
    await this.#init.peerNetwork.authority.caughtUp()
  }

  async #frozen(ledger: L, { size, keyFork, evidence: id }: NonNullable<HeldLedger['frozen']>): Promise<void> {
    const { peerNetwork, announcer, events, log, dispatch, changed } = this.#init
    const evidence = await ledger.evidence()
    log.error(
      { event: 'ledger.frozen', ledger: ledger.id, size, keyFork: keyFork === true, evidence: id },
      'ledger frozen: its author signed contradictory statements'
    )
    dispatch({ type: 'evidence', ledger: ledger.id, size, keyFork: keyFork === true })
    changed()
    events.publish({ kind: 'evidence', ledger: ledger.id, frozenAt: size })
    if (evidence === null) return
    announcer.announceEvidence(ledger.id, evidence)
    peerNetwork.tellEvidence(ledger, evidence)
  }

  #thawed(ledger: L): void {
    const { audit, again, peerNetwork } = this.#init
    audit.again(ledger)
    again(ledger)
    // A peer that is frozen by the same evidence looks beyond the freeze as soon as it is told; gossip of disputed
    // heads would have no effect there.
    if (ledger.frozen === null) peerNetwork.tellHead(ledger)
  }
}
