/** What this node says on the hello stream of a peer: its record, and what the peer may see of the ledgers that are held. */
import type { HeadsAnswer, HelloSource, WantedHead } from '../../protocols/hello/index.js'
import { WireError, type WireEntry, type WireHead, type WireKeyEntry } from '../../protocols/wire.js'
import type { Header } from '../core/header.js'
import type { LedgerId } from '../core/ledger-id.js'
import type { Ledger } from '../ledger/ledger.js'
import type { Ledgers } from '../ledger/ledgers.js'
import type { ReadingRights } from './reading-rights.js'

/** Bytes of the entries in one reply on the hello stream. */
const REPLY_BYTES = 256 * 1024

export type Answers = Pick<HelloSource, 'heads' | 'entries' | 'keyEntries'>

export class HelloAnswers implements Answers {
  readonly #ledgers: Ledgers
  readonly #rights: ReadingRights

  constructor (ledgers: Ledgers, rights: ReadingRights) {
    this.#ledgers = ledgers
    this.#rights = rights
  }

  async heads (peer: string, wanted: WantedHead[]): Promise<HeadsAnswer> {
    const answer: HeadsAnswer = { heads: [], same: [], none: [], denied: [] }
    for (const { ledger: id, size, headHash, hasEvidence } of wanted) {
      const ledger = await this.readable(peer, id)
      const head = ledger === null ? null : await headOf(ledger)
      if (ledger === null || head === null) answer.none.push(id)
      else if (ledger.visible === size && (headHash === undefined || ledger.head()?.hash === headHash) && (head.evidence === null || hasEvidence === true)) answer.same.push(id)
      else answer.heads.push(head)
    }
    return answer
  }

  async entries (peer: string, id: string, from: number, count: number): Promise<WireEntry[]> {
    const ledger = await this.known(peer, id)
    return await servedRange(ledger, from, { count, bytes: REPLY_BYTES })
  }

  async keyEntries (peer: string, id: string): Promise<WireKeyEntry[]> {
    const ledger = await this.known(peer, id)
    return await ledger.keyEntries()
  }

  /** null: not held, or not for this peer: the two look the same. */
  async readable (peer: string, id: string): Promise<Ledger | null> {
    const ledger = this.#ledgers.get(id)
    return ledger !== undefined && await this.#rights.mayRead(peer, ledger) ? ledger : null
  }

  /** Throws UNAVAILABLE for what is not held and for what is not for this peer. */
  async known (peer: string, id: string): Promise<Ledger> {
    const ledger = await this.readable(peer, id)
    if (ledger === null) throw new WireError('UNAVAILABLE', 'not held', { available: { earliest: 0, size: 0 } })
    return ledger
  }
}

/** How this node asks for a head: with what it holds, so that the answer says only what is new. */
export function wantedHead (id: LedgerId, size: number, held: Ledger | undefined): WantedHead {
  const head = held?.visible === size ? held.head() : null
  return { ledger: id, size, ...(head == null ? {} : { headHash: head.hash }), hasEvidence: held?.frozenAt != null }
}

/** The newest entry that is served (below a freeze), with the newest checkpoint and, of a frozen ledger, the evidence. */
export async function headOf (ledger: Ledger): Promise<WireHead | null> {
  const head = ledger.head()
  if (head === null) return null
  return {
    ledger: ledger.id,
    header: head.header,
    signature: head.signature,
    checkpoint: ledger.checkpoint(),
    evidence: await ledger.evidence(),
    earliest: 0
  }
}

/** Entries from `from` on, at least one. Throws UNAVAILABLE with what is held. */
export async function servedRange (ledger: Ledger, from: number, limits: { count: number, bytes: number }, payloads?: (header: Header) => boolean): Promise<WireEntry[]> {
  const count = Math.min(limits.count, ledger.visible - from)
  if (count <= 0) throw new WireError('UNAVAILABLE', 'beyond what is held', { available: { earliest: 0, size: ledger.visible } })
  return await ledger.range(from, { ...limits, count }, payloads)
}
