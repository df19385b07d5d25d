/**
 * Resolves references by fetching targets in ledgers that are not held. Only on the operator's request, because a query
 * reveals which references are read.
 */
import type { LedgerId } from '../../core/ledger-id.js'
import type { Reference } from '../../core/reference.js'
import type { LedgerEntry } from '../../core/view.js'
import type { AskedReference } from '../../ledger/read/reference-target.js'
import type { PlacedReference, ReferenceSource, ReferenceStatus } from '../../references/types.js'
import { followable, type HeldEntry, type HeldReferences } from './held-references.js'

/** Entries of a ledger that is not held, by hash or by id, which have been verified. */
export type FetchEntries = (ledger: LedgerId, wanted: { hashes: string[]; ids: string[] }) => Promise<LedgerEntry[]>

export interface FetchedReferencesInit {
  held: HeldReferences
  isHeld: (ledger: LedgerId) => boolean
  isTrusted: (ledger: LedgerId) => boolean
  fetch: FetchEntries
  /**
   * `ask`: fetch targets of references in payloads, too; `held`: look those up only here, because a query would reveal
   * that this node can read the payload.
   */
  payloads: 'ask' | 'held' | 'none'
}

type Shown = { status: 'proved' | 'unresolved' | 'contradicted'; entry: LedgerEntry | null }
type Resolved = { status: ReferenceStatus; entry: HeldEntry | null }

export class FetchedReferences implements Omit<ReferenceSource<HeldEntry>, 'isTrusted' | 'isOver'> {
  readonly #init: FetchedReferencesInit

  constructor(init: FetchedReferencesInit) {
    this.#init = init
  }

  async resolve(references: PlacedReference[]): Promise<Resolved[]> {
    const { held, isHeld, isTrusted, payloads } = this.#init
    const resolved: Resolved[] = await held.resolve(references)
    const open = new Set(
      references.filter(
        ({ ledgerId, where }, i) =>
          resolved[i]!.status === 'unresolved' &&
          !isHeld(ledgerId) &&
          isTrusted(ledgerId) &&
          (where === 'header' || payloads === 'ask')
      )
    )
    const found = await this.#fetchAll(open)
    return references.map((reference, i) =>
      open.has(reference) ? this.#shown(reference, found.get(reference.ledgerId)!) : resolved[i]!
    )
  }

  /** References to an entry are known only for held ledgers. */
  async referring(entry: HeldEntry, limit: number): Promise<{ entries: HeldEntry[]; more: boolean }> {
    return await this.#init.held.referring(entry, limit)
  }

  #shown(reference: Reference, found: readonly LedgerEntry[]): Resolved {
    const { status, entry } = judgeShown(reference, found)
    return { status, entry: entry === null ? null : followable(entry, this.#init.payloads !== 'none') }
  }

  /** The entries of one ledger and depth are requested together. */
  async #fetchAll(references: Iterable<Reference>): Promise<Map<LedgerId, LedgerEntry[]>> {
    const byLedger = Map.groupBy(references, ({ ledgerId }) => ledgerId)
    return new Map(
      await Promise.all(
        [...byLedger].map(async ([ledger, ofOne]): Promise<[LedgerId, LedgerEntry[]]> => [
          ledger,
          await this.#init.fetch(ledger, wantedBy(ofOne))
        ])
      )
    )
  }
}

/** What to ask for: by hash where a reference has one, else by id. */
export function wantedBy(references: readonly AskedReference[]): { hashes: string[]; ids: string[] } {
  const hashes = references.flatMap(({ entryHash }) => entryHash ?? [])
  const ids = references.flatMap(({ entryHash, entryId }) => (entryHash == null ? [entryId] : []))
  return { hashes: [...new Set(hashes)], ids: [...new Set(ids)] }
}

/** The hash decides; without one the lowest entry of that id is meant. */
export function judgeShown({ entryId, entryHash }: Reference, found: readonly LedgerEntry[]): Shown {
  const entry =
    entryHash === null
      ? found.filter(({ id }) => id === entryId).toSorted((a, b) => a.seq - b.seq)[0]
      : found.find(({ hash }) => hash === entryHash)
  if (entry === undefined) return { status: 'unresolved', entry: null }
  return entry.id === entryId ? { status: 'proved', entry } : { status: 'contradicted', entry: null }
}
