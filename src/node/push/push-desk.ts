/**
 * Handles received offers: gathers the facts, lets `decideOffer` decide, and acts before it answers. No ledger data is
 * transferred here (S1).
 */
import {
  reasonOf,
  REASONS,
  type Decision,
  type Offer,
  type PushNews,
  type PushRequest,
  type PushSource
} from '../../../protocols/push/index.js'
import { WireError } from '../../../protocols/wire.js'
import { decodeSigned, ledgerOf, verifyEntrySignature, type Entry } from '../../core/entry.js'
import { isCoded, LedgermeshError } from '../../core/errors.js'
import { fromHex } from '../../core/hash.js'
import type { LedgerId } from '../../core/ledger-id.js'
import type { Ledger } from '../../ledger/ledger.js'
import { decideOffer, type OfferFacts, type Verdict } from '../../sync/push/offer-policy.js'
import type { Pool, OfferReason } from '../../sync/push/types.js'
import { judged } from '../sessions/peer-fault.js'
import type { OfferFactsInit } from './offer-facts.js'
import { factsOf, mayOffer, type Standing, standingOf } from './offer-facts.js'
import type { Inbox } from './inbox.js'
import type { AdoptedEntries } from './adopted-runs.js'
import { tellProgress, type Target } from './push-session.js'
import { shownKeys, type ShownLedger } from './shown-keys.js'
import type { Replication } from '../replication/replication.js'

/** After a refusal for lack of room, or because the operator has to act, the peer may retry after this many ms. */
const RETRY_MS = 15 * 60_000

export interface PushDeskInit extends OfferFactsInit {
  inbox: Inbox
  replication: Replication
  adoption: AdoptedEntries
  /** The store's incarnation, 32 hex digits. */
  incarnation: string
  /** Called for each offer, for the metrics. */
  onDecided: (decision: string, reason: OfferReason | null) => void
  /** The operator has something new to decide. */
  onOffer: (ledger: LedgerId, peer: string, name: string) => void
}

interface Decided {
  decision: Decision
  target: number | null
}

export class PushDesk implements PushSource {
  readonly #init: PushDeskInit

  constructor(init: PushDeskInit) {
    this.#init = init
  }

  async *offered(peer: string, { offers, token }: PushRequest, signal: AbortSignal): AsyncGenerator<PushNews> {
    const standing = standingOf(this.#init, peer, token)
    // Checked first: a peer that may offer none of the ledgers learns nothing, and costs nothing.
    if (!offers.some(({ ledger }) => mayOffer(this.#init, standing, ledger)))
      throw new WireError('DENIED', 'no offers from this peer')
    const targets = new Map<LedgerId, Target>()
    for (const offer of offers) {
      const { decision, target } = await this.#decide(standing, offer, signal)
      if (target !== null) targets.set(offer.ledger, { size: target, adopts: decision.mode === 'adopt' })
      this.#init.onDecided(decision.decision, decision.reason === 0 ? null : reasonOf(decision.reason))
      yield { kind: 'decision', decision }
    }
    const { ledgers, replication, adoption, clock } = this.#init
    yield* tellProgress(
      { ledgers, replication, adoption, clock, mayKnow: (ledger) => this.#known(peer, ledger) !== null },
      targets,
      signal
    )
  }

  async #decide(standing: Standing, offer: Offer, signal: AbortSignal): Promise<Decided> {
    const { ledger: id } = offer
    if (!mayOffer(this.#init, standing, id)) return refused(id, 'NOT_WANTED')
    const entry = await this.#read(standing.peer, offer)
    if (entry === null) return refused(id, 'UPGRADE_NEEDED')
    const ledger = this.#known(standing.peer, id)
    if (ledger?.own === true) await this.#init.replication.runtime.onHeads(standing.peer, [headOf(offer)])
    const facts = await factsOf(this.#init, standing, { offer, entry, ledger })
    let verdict = decideOffer(facts)
    let shown: ShownLedger | null = null
    if (verdict.kind === 'prove') {
      shown = await shownKeys(this.#init, standing.peer, id, entry, signal)
      verdict = decideOffer({ ...facts, keys: shown.keys })
    }
    return await this.#act(standing, offer, { entry, ledger, facts, verdict, shown })
  }

  /** null: a head of a newer version. Only a made-up head costs the peer its connection. */
  async #read(peer: string, offer: Offer): Promise<Entry | null> {
    try {
      const entry = decodeSigned(offer)
      if (ledgerOf(entry) !== offer.ledger) throw new LedgermeshError('WRONG_LEDGER', 'a head of another ledger')
      if (!(await verifyEntrySignature(entry, this.#init.peerNetwork.verifier.forPeer(peer))))
        throw new LedgermeshError('BAD_SIGNATURE', 'a head that is not signed by its key')
      return entry
    } catch (error) {
      if (isCoded(error, 'UPGRADE_NEEDED')) return null
      const { verdict, code } = judged(error, 'told')
      if (verdict === 'busy') throw new WireError('BUSY', 'too much to check', { retryMs: 1_000 })
      if (verdict !== 'drop') throw error
      this.#init.peerNetwork.requests.drop(peer, code)
      throw new WireError('INVALID', 'a head that does not hold', { cause: error })
    }
  }

  async #act(
    standing: Standing,
    offer: Offer,
    found: { entry: Entry; ledger: Ledger | null; facts: OfferFacts; verdict: Verdict; shown: ShownLedger | null }
  ): Promise<Decided> {
    const { inbox } = this.#init
    const { entry, ledger, facts, verdict, shown } = found
    const { ledger: id } = offer
    const { peer } = standing
    const offeredSize = entry.header.seq + 1
    // The ledger is held here, but this peer must not know: the answer is as for a ledger that is not held, and nothing
    // happens.
    const hidden = ledger === null && this.#init.ledgers.get(id)?.chain != null
    switch (verdict.kind) {
      case 'denied':
      case 'prove':
        return refused(id, 'NOT_WANTED')
      case 'held':
        await ledger!.flush()
        return {
          target: null,
          decision: {
            ...base(id),
            decision: 'held',
            size: offeredSize,
            hash: fromHex(entry.hash),
            store: this.#store()
          }
        }
      case 'pending': {
        const noted =
          hidden ||
          !verdict.note ||
          shown === null ||
          (await inbox.note(id, peer, {
            name: shown.name,
            access: shown.access,
            size: offeredSize,
            from: standing.ledger,
            host: this.#init.hostOf(peer),
            trusted: facts.trusted || facts.member
          }))
        if (noted && verdict.note && !hidden) this.#init.onOffer(id, peer, shown?.name ?? '')
        return noted
          ? { target: null, decision: { ...base(id), decision: 'pending', ...(await this.#held(ledger)) } }
          : refused(id, 'QUOTA', RETRY_MS)
      }
      case 'refused':
        return {
          target: null,
          decision: {
            ...base(id),
            decision: 'refused',
            reason: reasonNumber(verdict.reason),
            ...(await this.#held(ledger)),
            ...(verdict.reason === 'QUOTA' && { retryMs: RETRY_MS })
          }
        }
      case 'accepted': {
        if (verdict.follow !== null && !hidden && !(await this.#follow(standing, offer, verdict.mode, verdict.follow)))
          return refused(id, 'QUOTA', RETRY_MS)
        if (!hidden) this.#listen(peer, offer)
        return {
          target: offeredSize,
          decision: {
            ...base(id),
            decision: 'accepted',
            mode: verdict.mode,
            ...(verdict.mode === 'mirror' &&
              verdict.follow !== null &&
              offer.filter !== undefined && { filter: offer.filter }),
            ...(await this.#held(ledger)),
            store: this.#store()
          }
        }
      }
    }
  }

  /**
   * Stored durably before the decision is sent: a crash in between loses an answer, but breaks no promise. False: others
   * have taken the last place since the facts were read.
   */
  async #follow(standing: Standing, offer: Offer, mode: 'mirror' | 'headers', pool: Pool): Promise<boolean> {
    const { replication, room } = this.#init
    const { ledger: id } = offer
    // It may have been offered by somebody else at the same time.
    if (replication.runtime.isFollowed(id)) return true
    const release = room.reserve(id, pool, standing.peer, this.#init.hostOf(standing.peer))
    if (release === null) return false
    try {
      await this.#begin(standing, offer, mode, pool)
    } finally {
      release()
    }
    return true
  }

  async #begin(
    standing: Standing,
    { ledger: id, filter }: Offer,
    mode: 'mirror' | 'headers',
    pool: Pool
  ): Promise<void> {
    const { replication, tokens, inbox, room, clock } = this.#init
    const token = standing.token === null ? null : tokens.allows(standing.token, id)
    if (pool === 'tokens' && token !== null) await tokens.use(token.hash, id)
    const bytes = Math.min(pool === 'tokens' ? (token?.row.bytes ?? 0) : Infinity, room.bytesPerLedger)
    await replication.control.follow(id, mode === 'headers' ? 'headers' : (filter ?? null), null, {
      pool,
      peer: standing.peer,
      host: this.#init.hostOf(standing.peer),
      bytes,
      at: clock.now()
    })
    await inbox.clear(id)
  }

  /** The head is examined after the answer: that may need key entries, or show a fork. */
  #listen(peer: string, offer: Offer): void {
    this.#init.replication.runtime.onHeads(peer, [headOf(offer)]).catch((error: Error) => {
      this.#init.log.error(
        { event: 'push.offer-check-failed', peer, ledger: offer.ledger, error: error.message },
        'an offered head could not be checked'
      )
    })
  }

  /** The ledger, if it is held and the peer may know that. */
  #known(peer: string, id: LedgerId): Ledger | null {
    const { ledgers, peerNetwork } = this.#init
    const ledger = ledgers.get(id)
    return ledger !== undefined && (ledger.chain === null || peerNetwork.rights.mayHear(peer, ledger)) ? ledger : null
  }

  async #held(ledger: Ledger | null): Promise<Pick<Decision, 'size' | 'hash' | 'store'>> {
    const size = ledger?.visible ?? 0
    const hash = size === 0 ? null : await ledger!.hashAt(size - 1)
    return hash === null ? { size: 0, hash: null, store: null } : { size, hash: fromHex(hash), store: this.#store() }
  }

  #store(): Uint8Array {
    return fromHex(this.#init.incarnation)
  }
}

function base(ledger: LedgerId): Pick<Decision, 'ledger' | 'reason' | 'mode' | 'size' | 'hash' | 'store'> {
  return { ledger, reason: 0, mode: null, size: 0, hash: null, store: null }
}

function refused(ledger: LedgerId, reason: OfferReason, retryMs?: number): Decided {
  return {
    target: null,
    decision: {
      ...base(ledger),
      decision: 'refused',
      reason: reasonNumber(reason),
      ...(retryMs !== undefined && { retryMs })
    }
  }
}

function reasonNumber(reason: OfferReason): number {
  return reason === 'OTHER' ? REASONS.NOT_WANTED : REASONS[reason]
}

function headOf({ ledger, header, signature }: Offer): {
  ledger: LedgerId
  header: Uint8Array
  signature: Uint8Array
  checkpoint: null
  evidence: null
  earliest: number
} {
  return { ledger, header, signature, checkpoint: null, evidence: null, earliest: 0 }
}
