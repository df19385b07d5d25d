/** Signed entries that break a rule (I4): their author's fault, never that of the peer that sends them (I5). */
import { decodeUtf8, parseText } from '../../core/canonical.js'
import { extendChain, startChain } from '../../core/chain.js'
import { decodeSigned, type Entry, type SignedHeader } from '../../core/entry.js'
import { isCoded, LedgermeshError } from '../../core/errors.js'
import { ruleBrokenEvidence, type Accused } from '../../core/evidence.js'
import { isInteger, isObject } from '../../core/grammar.js'
import { isHash, type Hash } from '../../core/hash.js'
import type { HeldLedger } from '../../ledger/held-ledger.js'
import type { Clock, Log } from '../../ports.js'
import type { Accusations } from './accusations.js'
import type { PeerRequests } from '../sessions/peer-requests.js'
import type { Verifier } from '../signatures/verifier.js'
import { deadline } from '../runtime/deadline.js'

const KEYS_TIMEOUT_MS = 10_000

export interface BrokenRulesInit {
  peerNetwork: Pick<PeerRequests, 'fetchKeyEntries'>
  ledgers: { findByHash: (hash: Hash) => Promise<{ ledger: HeldLedger; seq: number } | null> }
  verifier: Pick<Verifier, 'forPeer'>
  clock: Clock
  log: Log
  accusations: Accusations
}

/** True: the author signed it, there is evidence now, and the peer is not at fault. */
export class BrokenRules {
  readonly #init: BrokenRulesInit

  constructor(init: BrokenRulesInit) {
    this.#init = init
  }

  /**
   * Handles a header that no honest author makes. `mayAsk`: the peer may be asked for key entries that are not held
   * here.
   */
  async header(peer: string, ledger: HeldLedger, { header, signature }: SignedHeader, mayAsk = true): Promise<boolean> {
    const claim = claimOf(header)
    if (claim === null) return false
    const accused = await this.#accused(peer, ledger, claim.key, mayAsk)
    if (accused === null) return false
    return await this.#init.accusations.accuse(
      ledger,
      ruleBrokenEvidence(accused, claim.seq, { header, signature }, null),
      this.#init.verifier.forPeer(peer)
    )
  }

  /**
   * For a range in which an entry does not follow the one before it: how many entries precede it. null: that is not the
   * author's fault. Throws FROZEN when this cannot be decided before the entries below the range are held.
   */
  async range(peer: string, ledger: HeldLedger, entries: Entry[]): Promise<number | null> {
    const index = entries.findIndex(({ header }, i) => i > 0 && header.prev_hash !== entries[i - 1]!.hash)
    if (index === -1) return null
    if (await this.link(peer, ledger, entries[index]!, entries)) return index
    // The entry that it commits to may be on its way: then the peer is asked for this range again, and judged.
    if (
      entries[0]!.header.seq > ledger.size &&
      entries[index]!.header.key === (ledger.chain?.key ?? entries[0]!.header.key)
    )
      throw new LedgermeshError('FROZEN', 'what the range should follow is not here yet')
    return null
  }

  /**
   * For a verified range that does not continue the held entries: how many of its entries do. null: that is not the
   * author's fault.
   */
  async chain(peer: string, ledger: HeldLedger, entries: Entry[]): Promise<number | null> {
    let { chain } = ledger
    for (const [index, entry] of entries.entries()) {
      try {
        chain = chain === null ? startChain(ledger.id, entry) : extendChain(chain, entry)
      } catch (error) {
        // It is signed by the key in force, so the entries before it in the range are the author's too.
        const fault = isCoded(error, 'KEY_NOT_IN_FORCE')
          ? await this.header(peer, ledger, entry.raw)
          : isCoded(error, 'BROKEN_LINK') && (await this.link(peer, ledger, entry))
        return fault ? index : null
      }
    }
    return null
  }

  /**
   * An entry that commits to a predecessor that it cannot follow. An entry that commits to an unknown predecessor
   * proves nothing.
   */
  async link(peer: string, ledger: HeldLedger, entry: Entry, near: Entry[] = []): Promise<boolean> {
    const { seq, key, prev_hash: hash } = entry.header
    if (hash === null) return false
    const predecessor = near.find((one) => one.hash === hash) ?? (await this.#held(hash))
    if (predecessor === null || predecessor.header.seq + 1 === seq) return false
    const accused = await this.#accused(peer, ledger, key, true)
    if (accused === null) return false
    return await this.#init.accusations.accuse(
      ledger,
      ruleBrokenEvidence(accused, seq, entry.raw, predecessor.raw),
      this.#init.verifier.forPeer(peer)
    )
  }

  async #held(hash: string): Promise<Entry | null> {
    const found = await this.#init.ledgers.findByHash(hash)
    return found === null ? null : await found.ledger.entry(found.seq)
  }

  /**
   * Makes evidence with the held key entries, or with those that the peer shows when `key` is not among the held ones;
   * the verifier of the evidence checks them. null: unknown.
   */
  async #accused(peer: string, ledger: HeldLedger, key: string, mayAsk: boolean): Promise<Accused | null> {
    const accused = await this.#init.accusations.accused(ledger)
    const known = accused.keyEntries.some(({ header }) => Buffer.from(header).includes(key))
    if (known || !mayAsk) return accused.keyEntries.length === 0 ? null : accused
    try {
      const shown = await this.#init.peerNetwork.fetchKeyEntries(
        peer,
        ledger.id,
        deadline(this.#init.clock, KEYS_TIMEOUT_MS)
      )
      return { ...accused, keyEntries: shown.map((raw) => ({ ...raw, seq: decodeSigned(raw).header.seq })) }
    } catch (error) {
      this.#init.log.debug(
        { event: 'evidence.key-unproven', peer, ledger: ledger.id, error: (error as Error).message },
        'the key of an invalid entry could not be shown to be in force'
      )
      return null
    }
  }
}

/** The seq and key that a header claims. null: it has none, so it belongs to no author. */
function claimOf(header: Uint8Array): { seq: number; key: string } | null {
  try {
    const value = parseText(decodeUtf8(header))
    return isObject(value) && isInteger(value.seq, Number.MAX_SAFE_INTEGER - 1) && value.seq > 0 && isHash(value.key)
      ? { seq: value.seq, key: value.key }
      : null
  } catch (error) {
    if (isCoded(error)) return null
    throw error
  }
}
