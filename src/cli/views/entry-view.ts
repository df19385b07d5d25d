import type { LedgerEntry } from '../../core/view.js'
import { showPairs, showTable, showTime, shorten } from '../format.js'

/** Characters of a payload in a list of entries. */
const PAYLOAD_CHARS = 48

export function showEntry (entry: LedgerEntry): string {
  const { ledger, seq, id, stream, type, issuer_oid: issuer, subject_oid: subject, timestamp, hash, checked, payload, payload_state: state, meta } = entry
  const pairs: [string, string][] = [
    ['id', id], ['ledger', ledger], ['seq', String(seq)], ['stream', stream], ['type', type], ['issuer', issuer ?? '-'], ['subject', subject ?? '-'],
    ['time', showTime(timestamp)], ['hash', hash], ['signature', checked ? 'checked by itself' : 'covered by its chain; not yet checked by itself']
  ]
  if (Object.keys(meta).length > 0) pairs.push(['meta', JSON.stringify(meta)])
  pairs.push(['payload', state === 'present' ? JSON.stringify(payload) : `(${state})`])
  return showPairs(pairs)
}

export function showEntries (entries: LedgerEntry[]): string {
  return showTable(['SEQ', 'ID', 'STREAM', 'TYPE', 'SUBJECT', 'TIME', 'PAYLOAD'], entries.map((entry) => [
    String(entry.seq), shorten(entry.id, 40), entry.stream, entry.type, shorten(entry.subject_oid ?? '-', 40), showTime(entry.timestamp),
    entry.payload_state === 'present' ? shorten(JSON.stringify(entry.payload), PAYLOAD_CHARS) : `(${entry.payload_state})`
  ]))
}
