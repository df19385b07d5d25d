/** References among the ledgers that are held here. */
import type { Entry } from '../../core/entry.js'
import { referencesIn, type Reference } from '../../core/reference.js'
import type { LedgerEntry } from '../../core/view.js'
import type { Ledger } from '../../ledger/ledger.js'
import type { Ledgers } from '../../ledger/ledgers.js'
import { resolveReference } from '../../ledger/read/reference-target.js'
import type { Followable, ReferenceSource, ReferenceStatus } from '../../references/types.js'

/** An entry that is held, and how it is shown. */
export interface HeldEntry extends Followable {
  view: LedgerEntry
}

export function followable(view: LedgerEntry): HeldEntry {
  const { ledger, id, hash, seq, meta } = view
  return { ledger, id, hash, seq, references: referencesIn(meta), view }
}

export class HeldReferences implements Omit<ReferenceSource<HeldEntry>, 'isTrusted' | 'isOver'> {
  readonly #ledgers: Ledgers

  constructor(ledgers: Ledgers) {
    this.#ledgers = ledgers
  }

  async resolve(references: Reference[]): Promise<{ status: ReferenceStatus; entry: HeldEntry | null }[]> {
    return await Promise.all(references.map((reference) => this.#resolveOne(reference)))
  }

  async referring({ ledger, id }: HeldEntry, limit: number): Promise<{ entries: HeldEntry[]; more: boolean }> {
    const { entries, hasMore } = await this.#ledgers.query({ refers_to: { ledger, entry_id: id }, limit })
    return { entries: entries.map(followable), more: hasMore }
  }

  async #resolveOne(reference: Reference): Promise<{ status: ReferenceStatus; entry: HeldEntry | null }> {
    const resolution = await resolveReference(reference, this.#ledgers.held)
    if (resolution.state === 'contradicted') return { status: 'contradicted', entry: null }
    const ledger = this.#ledgers.get(reference.ledgerId)
    if (ledger === undefined) return { status: 'unresolved', entry: null }
    if (resolution.state === 'unresolved')
      return { status: (await this.#isBehindFreeze(ledger, reference)) ? 'disputed' : 'unresolved', entry: null }
    const seq = await ledger.reader.seqOfHash(resolution.hash, ledger.visible)
    // What nobody has audited yet may still turn out to be badly signed.
    if (seq === null || seq >= ledger.audited) return { status: 'unresolved', entry: null }
    const entry = await ledger.reader.one(seq)
    return entry === null
      ? { status: 'unresolved', entry: null }
      : { status: 'verified', entry: await this.#viewed(ledger, entry) }
  }

  async #isBehindFreeze({ reader, size, visible }: Ledger, { entryId, entryHash }: Reference): Promise<boolean> {
    if (size === visible) return false
    return entryHash === null
      ? (await reader.seqOfId(entryId, size)) !== null
      : (await reader.seqOfHash(entryHash, size)) !== null
  }

  async #viewed({ reader, audited }: Ledger, entry: Entry): Promise<HeldEntry> {
    const [view] = await reader.views([entry], audited)
    return followable(view!)
  }
}
