import type { Entry } from '../../core/entry.js'
import type { Payload } from '../../core/payload.js'
import { viewEntry, type LedgerEntry } from '../../core/view.js'

/** `viewEntry` without another check of the payload bytes, which were made or read here. */
export function viewOwn(entry: Entry): LedgerEntry {
  const { payload } = entry.raw
  const view = viewEntry({ ...entry, raw: { ...entry.raw, payload: null } }, true, 'missing')
  if (payload === null) return view
  const text = Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength).toString()
  return {
    ...view,
    payload: (JSON.parse(text) as Payload).payload,
    payload_state: 'present',
    raw: { ...view.raw, payload: text }
  }
}
