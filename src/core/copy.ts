/**
 * Compares an adopted entry with its original. The payload has a salt of its own, so that only its content can be
 * compared.
 */
import { canonicalize, type Json, type JsonObject } from './canonical.js'
import type { Entry } from './entry.js'
import { isCoded } from './errors.js'
import { decodePayload } from './payload.js'
import { syncMarkOf } from './reference.js'

/**
 * The members of the copy that differ from its original; an empty list: none. Payloads are compared only when both are
 * held.
 */
export function differsFromOriginal(copy: Entry, original: Entry): string[] {
  const mark = syncMarkOf(copy.header.meta)
  const same = {
    id: copy.header.id === original.hash,
    originalId: mark?.originalId === original.header.id,
    originalHash: mark?.originalHash === original.hash,
    stream: copy.header.stream === original.header.stream,
    type: copy.header.type === original.header.type,
    issuer_oid: copy.header.issuer_oid === original.header.issuer_oid,
    subject_oid: copy.header.subject_oid === original.header.subject_oid,
    timestamp: copy.header.timestamp === original.header.timestamp,
    meta: metaOf(copy) === metaOf(original),
    payload: isSamePayload(copy, original)
  }
  return Object.entries(same)
    .filter(([, is]) => !is)
    .map(([member]) => member)
}

/** An empty list of references means the same as no list. */
function metaOf({ header: { meta } }: Entry): string {
  const { sync: _sync, crossLedgerRefs = [], ...rest } = meta
  return canonicalize({ ...rest, crossLedgerRefs } as JsonObject)
}

function isSamePayload(copy: Entry, original: Entry): boolean {
  if (!isHeld(copy) || !isHeld(original)) return true
  const content = contentOf(copy)
  return content !== null && content === contentOf(original)
}

function isHeld({ header, raw }: Entry): boolean {
  return header.payload_hash === null || raw.payload !== null
}

/** Canonical; null: these are not payload bytes. None at all and JSON's null are the same (AppendInput). */
function contentOf({ raw: { payload } }: Entry): string | null {
  if (payload === null) return canonicalize(null)
  try {
    return canonicalize(decodePayload(payload).payload as Json)
  } catch (error) {
    if (isCoded(error)) return null
    throw error
  }
}
