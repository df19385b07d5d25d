import { decodeSigned, type Entry, type RawEntry } from '../../core/entry.js'

/** Entries read per step. */
const PAGE = { count: 512, bytes: 4 * 1024 * 1024 }

/** A ledger that is read in pages. */
export interface Pages {
  visible: number
  range: (from: number, limit: { count: number; bytes: number }, payloads: () => boolean) => Promise<RawEntry[]>
}

/** The visible entries from `from` on, a page at a time, without payloads. Throws STORE_DAMAGED. */
export async function* shownEntries(ledger: Pages, from: number): AsyncIterable<Entry[]> {
  for (let at = from; at < ledger.visible;) {
    const entries = (await ledger.range(at, PAGE, () => false)).map(decodeSigned)
    if (entries.length === 0) return
    at += entries.length
    yield entries
  }
}
