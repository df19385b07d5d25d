/** What this node says on the hello stream of a peer: its record, and what the peer may see of the ledgers that are held. */
import type { HeadsAnswer, HelloSource, WantedHead } from '../../protocols/hello/index.js'
import { WireError, type WireEntry, type WireHead, type WireKeyEntry } from '../../protocols/wire.js'
import type { Access } from '../core/access.js'
import type { Header } from '../core/header.js'
import type { LedgerId } from '../core/ledger-id.js'
import type { Ledger } from '../ledger/ledger.js'
import type { ReadingRights } from './reading-rights.js'

/** Bytes of the entries in one reply on the hello stream. */
const REPLY_BYTES = 256 * 1024

export type Answers = Pick<HelloSource, 'heads' | 'entries' | 'keyEntries'>

export class HelloAnswers implements Answers {
  readonly #rights: ReadingRights

  constructor (rights: ReadingRights) {
    this.#rights = rights
  }

  async heads (peer: string, wanted: WantedHead[]): Promise<HeadsAnswer> {
    const answer: HeadsAnswer = { heads: [], same: [], none: [], denied: [] }
    for (const { ledger: id, size, headHash, checkpointSize, hasEvidence } of wanted) {
      // Whoever asks for heads wants to follow: a reader who may not hears it here, and need not find out.
      const ledger = this.#rights.ask(peer, id, 'sync')
      const head = typeof ledger === 'string' ? null : await headOf(ledger)
      if (ledger === 'denied') answer.denied.push(id)
      else if (ledger === 'unknown' || head === null) answer.none.push(id)
      else if (ledger.visible === size && (headHash === undefined || ledger.head()?.hash === headHash) && (head.evidence === null || hasEvidence === true) && (checkpointSize === undefined || sizeOf(ledger.checkpoint()) <= checkpointSize)) answer.same.push(id)
      else answer.heads.push(head)
    }
    return answer
  }

  async entries (peer: string, id: string, from: number, count: number): Promise<WireEntry[]> {
    return await servedRange(this.allowed(peer, id, 'sync'), from, { count, bytes: REPLY_BYTES })
  }

  async keyEntries (peer: string, id: string): Promise<WireKeyEntry[]> {
    return await this.allowed(peer, id, 'know').keyEntries()
  }

  /** Throws UNAVAILABLE for what is not held and for what is not for this peer; DENIED for a reader whose scope does not reach so far. */
  allowed (peer: string, id: string, access: Access): Ledger {
    const ledger = this.#rights.ask(peer, id, access)
    if (ledger === 'denied') throw new WireError('DENIED', 'not in the scope of this reader')
    if (ledger === 'unknown') throw new WireError('UNAVAILABLE', 'not held', { available: { earliest: 0, size: 0 } })
    return ledger
  }
}

/** How this node asks for a head: with what it holds, so that the answer says only what is new. */
export function wantedHead (id: LedgerId, size: number, held: Ledger | undefined): WantedHead {
  const head = held?.visible === size ? held.head() : null
  return { ledger: id, size, ...(head == null ? {} : { headHash: head.hash }), checkpointSize: sizeOf(held?.checkpoint() ?? null), hasEvidence: held?.frozenAt != null }
}

/** Entries that a checkpoint note covers: its second line (C2SP tlog-checkpoint). 0: there is none. */
function sizeOf (note: string | null): number {
  return note === null ? 0 : Number(note.split('\n', 2)[1])
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
