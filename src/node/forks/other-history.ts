/** A peer's history of a ledger, where it differs from the held one. */
import { verifyRange } from '../../core/chain.js'
import { decodeSigned, ledgerOf, verifyEntrySignature, type Entry } from '../../core/entry.js'
import { isCoded, LedgermeshError } from '../../core/errors.js'
import type { Hash } from '../../core/hash.js'
import type { HeldLedger } from '../../ledger/held-ledger.js'
import type { Clock } from '../../ports.js'
import { findFork } from '../../sync/find-fork.js'
import type { BrokenRules } from './broken-rules.js'
import type { PeerRequests } from '../sessions/peer-requests.js'
import type { Verifier } from '../signatures/verifier.js'
import { deadline } from '../runtime/deadline.js'

const FETCH_TIMEOUT_MS = 15_000
/** Entries requested after one that is not signed by its key, to find a signature that covers it. */
const LOOK_BEHIND = 64

/** The first entry that differs at the peer. */
export interface Fork {
  theirs: Entry
  signed: boolean
}

export interface OtherHistoryInit {
  peerNetwork: Pick<PeerRequests, 'fetchRange'>
  verifier: Pick<Verifier, 'forPeer'>
  rules: BrokenRules
  clock: Clock
}

export class OtherHistory {
  readonly #init: OtherHistoryInit

  constructor(init: OtherHistoryInit) {
    this.#init = init
  }

  /** The first entry below `before` that differs at the peer; null: there is none. */
  async find(peer: string, ledger: HeldLedger, before: number): Promise<Fork | null> {
    const theirs = new Map<number, Entry>()
    const seq = await findFork(
      before,
      async (at) => await ourHash(ledger, at),
      async (at) => {
        const [entry] = await this.#fetch(peer, ledger, at, 1)
        theirs.set(at, entry!)
        return entry!.hash
      }
    )
    if (seq === null) return null
    const entry = theirs.get(seq)!
    return { theirs: entry, signed: await verifyEntrySignature(entry, this.#init.verifier.forPeer(peer)) }
  }

  /** At least one entry, from `seq` on. Their author is not checked. */
  async #fetch(peer: string, ledger: HeldLedger, seq: number, count: number): Promise<Entry[]> {
    const range = await this.#init.peerNetwork.fetchRange(
      peer,
      { ledger: ledger.id, from: seq, count, filters: null },
      deadline(this.#init.clock, FETCH_TIMEOUT_MS)
    )
    const entries: Entry[] = []
    for (const raw of range) {
      try {
        entries.push(decodeSigned(raw))
      } catch (error) {
        if (entries.length > 0) break
        if (!isCoded(error) || isCoded(error, 'UPGRADE_NEEDED') || !(await this.#init.rules.header(peer, ledger, raw)))
          throw error
        throw new LedgermeshError('FROZEN', `entry ${seq} breaks a rule`)
      }
    }
    const [first] = entries
    if (first?.header.seq !== seq || ledgerOf(first) !== ledger.id)
      throw new LedgermeshError('WRONG_LEDGER', 'the peer answered with another entry')
    return entries
  }

  /**
   * The next signed entry after one that its author did not sign, and the unsigned one before it; null: none within the
   * limit. Throws an error that proves that the peer made it up.
   */
  async signedBehind(
    peer: string,
    ledger: HeldLedger,
    { header: { seq }, hash }: Entry
  ): Promise<{ signed: Entry; unsigned: Entry } | null> {
    const range = await this.#fetch(peer, ledger, seq, LOOK_BEHIND)
    if (range[0]!.hash !== hash) throw new LedgermeshError('BROKEN_LINK', 'the peer contradicts itself')
    const at = await this.#firstSigned(peer, range)
    if (at === -1) return null
    await verifyRange(ledger.id, range.slice(0, at + 1), this.#init.verifier.forPeer(peer))
    return { signed: range[at]!, unsigned: range[at - 1]! }
  }

  /**
   * The first signed entry of the run whose predecessor is not signed; -1: none. Few checks, because each invalid
   * signature is expensive.
   */
  async #firstSigned(peer: string, range: Entry[]): Promise<number> {
    const verify = this.#init.verifier.forPeer(peer)
    for (let at = 1; at < range.length; at = at * 2) {
      if (!(await verifyEntrySignature(range[at]!, verify))) continue
      while (at > 1 && (await verifyEntrySignature(range[at - 1]!, verify))) at--
      return at
    }
    return -1
  }
}

/**
 * Disputed entries too: a freeze that arrives during the search changes what is shown, not what is held. Throws
 * OVERLOADED when the entry is gone (another branch was accepted meanwhile): then no peer is at fault, and the next
 * search compares again.
 */
export async function ourHash(ledger: HeldLedger, seq: number): Promise<Hash> {
  const entry = await ledger.storedEntry(seq)
  if (entry === null) throw new LedgermeshError('OVERLOADED', `entry ${seq} of ${ledger.id} was voided meanwhile`)
  return entry.hash
}
