import type { JsonObject } from '../../core/canonical.js'
import { isReference, type Reference } from '../../core/reference.js'
import { resolveReference, type HeldEntries } from '../../ledger/read/reference-target.js'
import type { VerifiedReference } from '../api/node.js'

/** Compares the references in an entry's meta with what is held now, by the same rule as at append and for counts. */
export async function verifyReferences(
  { crossLedgerRefs }: JsonObject,
  held: HeldEntries
): Promise<VerifiedReference[]> {
  const references: Reference[] = (Array.isArray(crossLedgerRefs) ? (crossLedgerRefs as unknown[]) : []).filter(
    isReference
  )
  return await Promise.all(
    references.map(async (reference): Promise<VerifiedReference> => {
      const resolution = await resolveReference(reference, held)
      const { state } = resolution
      switch (state) {
        case 'resolved':
          return { ...reference, state, checked: resolution.held, held: null }
        case 'unresolved':
          return { ...reference, state, checked: false, held: null }
        case 'contradicted':
          return { ...reference, state, checked: true, held: resolution.held }
      }
    })
  )
}
