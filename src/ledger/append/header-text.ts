/** The canonical text of a header, put together from its members: their order is fixed, and meta has its text already. */
import { canonicalize } from '../../core/canonical.js'
import type { Header } from '../../core/header.js'
import type { ReadInput } from './append-input.js'

/**
 * `header` is made from `input`. Its names were checked to be well-formed texts and its hashes and ids to have nothing
 * that JSON escapes; so the text is that of `canonicalize(header)`, which a property test holds.
 */
export function headerText(header: Header, input: Pick<ReadInput, 'meta' | 'references'>): string {
  const { id, issuer_oid: issuer, key, ledger, payload_hash: hash, payload_size: size } = header
  const { prev_hash: previous, seq, stream, subject_oid: subject, timestamp, type, v } = header
  return `{"id":${JSON.stringify(id)},"issuer_oid":${JSON.stringify(issuer)},"key":"${key}","ledger":${quoted(ledger)},"meta":${metaText(header, input)},"payload_hash":${quoted(hash)},"payload_size":${size},"prev_hash":${quoted(previous)},"seq":${seq},"stream":${JSON.stringify(stream)},"subject_oid":${JSON.stringify(subject)},"timestamp":${timestamp},"type":${JSON.stringify(type)},"v":${v}}`
}

/** For most entries it is references or something else, not both. */
function metaText({ meta }: Header, input: Pick<ReadInput, 'meta' | 'references'>): string {
  if (input.references.length === 0) return input.meta
  // the references were written with their members in order
  return input.meta === '{}' ? `{"crossLedgerRefs":${JSON.stringify(meta.crossLedgerRefs)}}` : canonicalize(meta)
}

function quoted(plain: string | null): string {
  return plain === null ? 'null' : `"${plain}"`
}
