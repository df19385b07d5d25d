import { isReservedType } from '../../core/ledger-types.js'
import { wants, type Wanted } from '../../core/payload-filter.js'
import { referencesIn, syncMarkOf } from '../../core/reference.js'
import type { Header } from '../../core/header.js'
import type { JsonObject } from '../../core/canonical.js'
import type { LedgerId } from '../../core/ledger-id.js'
import type { CopyInput, Original, SkipCode } from './types.js'

export type Choice = { do: 'copy'; input: CopyInput } | { do: 'wait' } | { do: 'skip'; code: SkipCode }

/** May it be adopted, whatever its payload? */
export function isCandidate(filters: Wanted, header: Header): boolean {
  return !isReservedType(header.type) && syncMarkOf(header.meta) === null && wants(filters, header)
}

/**
 * Decides the outcome of an original. `filters`: the entries to adopt; `followed`: the entries whose payloads the
 * follow wants. Copies are never copied, so that each original is at most once in each ledger, whichever ledgers adopt
 * from which.
 */
export function choose(source: LedgerId, filters: Wanted, followed: Wanted, original: Original): Choice {
  const { header, hash, payload } = original
  if (isReservedType(header.type)) return { do: 'skip', code: 'RESERVED' }
  if (syncMarkOf(header.meta) !== null) return { do: 'skip', code: 'IS_COPY' }
  if (!wants(filters, header)) return { do: 'skip', code: 'FILTERED' }
  switch (payload.state) {
    case 'erased':
      return { do: 'skip', code: 'ERASED' }
    case 'malformed':
      return { do: 'skip', code: 'MALFORMED' }
    case 'missing':
      return { do: 'wait' }
    case 'filtered':
      // The follow may have wanted the payload when the entry was stored, or want it only since.
      return wants(followed, header) ? { do: 'wait' } : { do: 'skip', code: 'FILTERED' }
    case 'none':
    case 'present':
      return { do: 'copy', input: copyOf(source, header, hash, payload.state === 'present' ? payload.content : null) }
  }
}

/** References unchanged from the original: the hash decides, and the originals are held. */
function copyOf(
  source: LedgerId,
  { id: originalId, stream, type, issuer_oid, subject_oid, timestamp, meta }: Original['header'],
  originalHash: string,
  payload: CopyInput['payload']
): CopyInput {
  const { crossLedgerRefs: _references, ...rest } = meta
  return {
    id: originalHash,
    stream,
    type,
    issuer_oid,
    subject_oid,
    payload,
    timestamp,
    meta: { ...rest, sync: { source, originalId, originalHash } } as JsonObject,
    references: referencesIn(meta)
  }
}
