/**
 * Turns contradictions of an author into evidence, verifies it like evidence from an unknown peer, and has it judged
 * (I4).
 */
import { decodeSigned } from '../../core/entry.js'
import { isCoded } from '../../core/errors.js'
import { encodeEvidence, type Accused, type Evidence } from '../../core/evidence.js'
import type { Verify } from '../../core/signature.js'
import { verifyEvidence } from '../../core/verify-evidence.js'
import type { HeldLedger } from '../../ledger/held-ledger.js'
import type { Log } from '../../ports.js'
import type { Verifier } from '../signatures/verifier.js'
import type { EvidenceCourt } from './evidence-court.js'

export interface AccusationsInit {
  network: string
  verifier: Pick<Verifier, 'verify'>
  court: EvidenceCourt
  log: Log
}

export class Accusations {
  readonly #init: AccusationsInit

  constructor(init: AccusationsInit) {
    this.#init = init
  }

  /** The ledger and its held key entries, for making evidence. */
  async accused(ledger: HeldLedger): Promise<Accused> {
    return {
      network: this.#init.network,
      ledger: ledger.id,
      keyEntries: (await ledger.keyEntries(ledger.size)).map((raw) => ({ ...raw, seq: decodeSigned(raw).header.seq }))
    }
  }

  /** Does it prove anything? What it means for the held chain is judged later. */
  async accuse(ledger: HeldLedger, evidence: Evidence, verify: Verify): Promise<boolean> {
    let proven
    try {
      proven = await verifyEvidence(encodeEvidence(evidence), { verify, network: this.#init.network })
    } catch (error) {
      if (!isCoded(error, 'BAD_EVIDENCE') && !isCoded(error, 'TOO_LARGE')) throw error
      this.#init.log.debug(
        { event: 'evidence.entry-inconclusive', ledger: ledger.id, error: error.message },
        'an entry proves nothing against its author'
      )
      return false
    }
    await this.#init.court.hear(ledger, proven)
    return true
  }

  /**
   * True: the ledger is now frozen by it, or frozen lower than before. `below`: it also disputes entries below its seq,
   * from there on.
   */
  async save(ledger: HeldLedger, evidence: Evidence, below = Infinity): Promise<boolean> {
    const bytes = encodeEvidence(evidence)
    try {
      return await this.#init.court.hear(
        ledger,
        await verifyEvidence(bytes, { verify: this.#init.verifier.verify, network: this.#init.network }),
        below
      )
    } catch (error) {
      if (!isCoded(error, 'BAD_EVIDENCE')) throw error
      this.#init.log.info(
        { event: 'evidence.inconclusive', ledger: ledger.id, error: error.message },
        'a contradiction proves nothing'
      )
      return false
    }
  }
}
