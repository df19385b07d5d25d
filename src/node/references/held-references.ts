/** References among the ledgers that are held here. */
import type { Entry } from '../../core/entry.js'
import { referencesIn, referencesInPayload, type Reference } from '../../core/reference.js'
import type { LedgerEntry } from '../../core/view.js'
import type { Ledger } from '../../ledger/ledger.js'
import type { Ledgers } from '../../ledger/ledgers.js'
import type { Followable, ReferenceSource, ReferenceStatus } from '../../references/types.js'
import { judgeReference } from './judge-reference.js'

/** A held entry and its view. */
export interface HeldEntry extends Followable {
  view: LedgerEntry
}

/** `payloads`: follow references in payloads, too? */
export function followable(view: LedgerEntry, payloads: boolean): HeldEntry {
  const { ledger, id, hash, seq, meta, payload } = view
  const references = [
    ...referencesIn(meta).map((reference) => ({ ...reference, where: 'header' as const })),
    ...(payloads ? referencesInPayload(payload) : []).map((reference) => ({ ...reference, where: 'payload' as const }))
  ]
  return { ledger, id, hash, seq, references, view }
}

export class HeldReferences implements Omit<ReferenceSource<HeldEntry>, 'isTrusted' | 'isOver'> {
  readonly #ledgers: Ledgers
  readonly #payloads: boolean

  constructor(ledgers: Ledgers, payloads: boolean) {
    this.#ledgers = ledgers
    this.#payloads = payloads
  }

  async resolve(references: Reference[]): Promise<{ status: ReferenceStatus; entry: HeldEntry | null }[]> {
    return await Promise.all(references.map((reference) => this.#resolveOne(reference)))
  }

  async referring({ ledger, id }: HeldEntry, limit: number): Promise<{ entries: HeldEntry[]; more: boolean }> {
    const { entries, hasMore } = await this.#ledgers.query({ refers_to: { ledger, entry_id: id }, limit })
    return { entries: entries.map((view) => followable(view, this.#payloads)), more: hasMore }
  }

  async #resolveOne(reference: Reference): Promise<{ status: ReferenceStatus; entry: HeldEntry | null }> {
    const { status, target } = await judgeReference(reference, this.#ledgers)
    if (target === null) return { status, entry: null }
    const entry = await target.ledger.reader.one(target.seq)
    return entry === null
      ? { status: 'unresolved', entry: null }
      : { status, entry: await this.#viewed(target.ledger, entry) }
  }

  async #viewed({ reader, audited }: Ledger, entry: Entry): Promise<HeldEntry> {
    const [view] = await reader.views([entry], audited)
    return followable(view!, this.#payloads)
  }
}
