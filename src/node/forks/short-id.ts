import { EVIDENCE_ID_DIGITS } from '../../store/keys.js'

/** The beginning of an evidence id, as in keys of the store and in what is decided about it. */
export function shortId(id: string): string {
  return id.slice(0, EVIDENCE_ID_DIGITS)
}
