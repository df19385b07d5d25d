import { EVIDENCE_ID_DIGITS } from '../../store/keys.js'

/** The prefix of an evidence id that keys of the store and stored decisions use. */
export function shortId(id: string): string {
  return id.slice(0, EVIDENCE_ID_DIGITS)
}
