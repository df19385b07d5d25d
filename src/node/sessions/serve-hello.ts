/** Serves the hello stream of a peer: the own record, and the parts of held ledgers that the peer may see. */
import type { HeadsAnswer, HelloSource, WantedHead } from '../../../protocols/hello/index.js'
import { WireError, type WireEntry, type WireHead, type WireKeyEntry } from '../../../protocols/wire.js'
import type { Access } from '../../core/access.js'
import type { Hash } from '../../core/hash.js'
import type { Header } from '../../core/header.js'
import type { LedgerId } from '../../core/ledger-id.js'
import type { LedgerReader } from '../../ledger/ledger-reader.js'
import { MAX_RETRY_MS } from '../../../protocols/limits.js'
import type { ReadingRights } from '../access/read-access.js'
import type { HandedOut } from './peer-handlers.js'

/** Bytes of the entries in one reply on the hello stream. */
const REPLY_BYTES = 256 * 1024

export type HelloAnswers = Pick<HelloSource, 'heads' | 'entries' | 'keyEntries'>

export class ServeHello implements HelloAnswers {
  readonly #rights: ReadingRights
  readonly #caps: () => HandedOut | null

  constructor(rights: ReadingRights, caps: () => HandedOut | null = () => null) {
    this.#rights = rights
    this.#caps = caps
  }

  async heads(peer: string, wanted: WantedHead[]): Promise<HeadsAnswer> {
    const answer: HeadsAnswer = { heads: [], same: [], none: [], denied: [] }
    for (const { ledger: id, size, headHash, checkpointSize, hasEvidence, evidenceIds } of wanted) {
      // A peer that asks for heads wants to follow: a reader without that right is told here already.
      const ledger = this.#rights.ask(peer, id, 'sync')
      const head = typeof ledger === 'string' ? null : await headOf(ledger, hasEvidence === true ? null : evidenceIds)
      if (ledger === 'denied') answer.denied.push(id)
      else if (ledger === 'unknown' || head === null) answer.none.push(id)
      else if (
        ledger.visible === size &&
        (headHash === undefined || ledger.head()?.hash === headHash) &&
        head.evidence === null &&
        (checkpointSize === undefined || sizeOf(ledger.checkpoint()) <= checkpointSize)
      )
        answer.same.push(id)
      else answer.heads.push(head)
    }
    return answer
  }

  async entries(peer: string, id: string, from: number, count: number): Promise<WireEntry[]> {
    const ledger = this.allowed(peer, id, 'sync')
    const caps = this.#caps()
    assertUncapped(caps, peer, id)
    const range = await servedRange(ledger, from, { count, bytes: REPLY_BYTES })
    const bytes = range.reduce((sum, entry) => sum + bytesOf(entry), 0)
    caps?.took(peer, id, bytes)
    caps?.sent(bytes)
    return range
  }

  async keyEntries(peer: string, id: string): Promise<WireKeyEntry[]> {
    return await this.allowed(peer, id, 'know').keyEntries()
  }

  /**
   * Throws UNAVAILABLE for a ledger that is not held or not for this peer; DENIED for a reader whose scope does not
   * include the right.
   */
  allowed(peer: string, id: string, access: Access): LedgerReader {
    const ledger = this.#rights.ask(peer, id, access)
    if (ledger === 'denied') throw new WireError('DENIED', 'not in the scope of this reader')
    if (ledger === 'unknown') throw new WireError('UNAVAILABLE', 'not held', { available: { earliest: 0, size: 0 } })
    return ledger
  }
}

/**
 * Makes this node's request for a head: with what it holds, so that the answer contains only news. `namesIds`: the peer
 * names the feature EVIDENCE_IDS.
 */
export async function wantedHead(
  id: LedgerId,
  size: number,
  held: LedgerReader | undefined,
  namesIds: boolean
): Promise<WantedHead> {
  const head = held?.visible === size ? held.head() : null
  const evidence = !namesIds
    ? { hasEvidence: held?.frozenAt != null }
    : { evidenceIds: (await held?.heardEvidence.ids()) ?? [] }
  return {
    ledger: id,
    size,
    ...(head == null ? {} : { headHash: head.hash }),
    checkpointSize: sizeOf(held?.checkpoint() ?? null),
    ...evidence
  }
}

/** Entries that a checkpoint note covers: its second line (C2SP tlog-checkpoint). 0: there is none. */
function sizeOf(note: string | null): number {
  return note === null ? 0 : Number(note.split('\n', 2)[1])
}

/**
 * The newest entry that is served (below a freeze), with the newest checkpoint and one piece of evidence that is not in
 * `heard`; null: without evidence.
 */
export async function headOf(ledger: LedgerReader, heard: readonly Hash[] | null = []): Promise<WireHead | null> {
  const head = ledger.head()
  if (head === null) return null
  return {
    ledger: ledger.id,
    header: head.header,
    signature: head.signature,
    checkpoint: ledger.checkpoint(),
    evidence: heard === null ? null : await ledger.heardEvidence.beside(heard),
    earliest: 0
  }
}

/** Entries from `from` on, at least one. Throws UNAVAILABLE with what is held. */
export async function servedRange(
  ledger: LedgerReader,
  from: number,
  limits: { count: number; bytes: number },
  payloads?: (header: Header) => boolean
): Promise<WireEntry[]> {
  const count = Math.min(limits.count, ledger.visible - from)
  if (count <= 0)
    throw new WireError('UNAVAILABLE', 'beyond what is held', { available: { earliest: 0, size: ledger.visible } })
  return await ledger.range(from, { ...limits, count }, payloads)
}

/** Throws BUSY while a cap of bandwidth is used up. Key entries, heads and evidence are never capped. */
export function assertUncapped(caps: HandedOut | null, peer: string, ledger: LedgerId): void {
  const waitMs = caps?.waitMs(peer, ledger) ?? 0
  if (waitMs > 0)
    throw new WireError('BUSY', 'a cap of bandwidth is used up', { retryMs: Math.min(waitMs, MAX_RETRY_MS) })
}

export function bytesOf({ header, signature, payload }: WireEntry): number {
  return header.byteLength + signature.byteLength + (payload?.byteLength ?? 0)
}
