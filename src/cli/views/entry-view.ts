import type { LedgerEntry } from '../../core/view.js'
import { shorten, showJson, showTime } from '../format.js'
import { screenColumns } from '../layout.js'
import { showTable } from '../table.js'
import { showPairs } from '../pairs.js'

/** Columns of values in a list of entries. */
const PAYLOAD_COLUMNS = 48
const ID_COLUMNS = 40
const NAME_COLUMNS = 24
/** Of a conflict's id: what `conflicts show` understands. */
const CONFLICT_COLUMNS = 9

export function showEntry(entry: LedgerEntry): string {
  const {
    ledger,
    seq,
    id,
    stream,
    type,
    issuer_oid: issuer,
    subject_oid: subject,
    timestamp,
    hash,
    checked,
    payload,
    payload_state: state,
    meta
  } = entry
  const pairs: [string, string][] = [
    ['id', id],
    ['ledger', ledger],
    ['seq', String(seq)],
    ['stream', stream],
    ['type', type],
    ['issuer', issuer ?? '-'],
    ['subject', subject ?? '-'],
    ['time', showTime(timestamp)],
    ['hash', hash],
    ['signature', checked ? 'checked by itself' : 'covered by its chain; not yet checked by itself']
  ]
  if (Object.keys(meta).length > 0) pairs.push(['meta', showJson(meta)])
  pairs.push(['payload', state === 'present' ? showJson(payload) : `(${state})`])
  return showPairs(pairs)
}

export function showEntries(entries: LedgerEntry[], columns = screenColumns()): string {
  const withConflicts = entries.some(({ conflicts }) => conflicts !== undefined)
  return showTable(
    ['SEQ', 'ID', 'STREAM', 'TYPE', 'SUBJECT', 'TIME', 'PAYLOAD', ...(withConflicts ? ['CONFLICTS'] : [])],
    entries.map((entry) => [
      String(entry.seq),
      shorten(entry.id, ID_COLUMNS),
      shorten(entry.stream, NAME_COLUMNS),
      shorten(entry.type, NAME_COLUMNS),
      shorten(entry.subject_oid ?? '-', ID_COLUMNS),
      showTime(entry.timestamp),
      entry.payload_state === 'present'
        ? shorten(JSON.stringify(entry.payload), PAYLOAD_COLUMNS)
        : `(${entry.payload_state})`,
      ...(withConflicts ? [(entry.conflicts ?? []).map((id) => id.slice(0, CONFLICT_COLUMNS)).join(' ') || '-'] : [])
    ]),
    columns
  )
}
