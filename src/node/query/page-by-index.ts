/** A page of an answer of which an index of the author shows that nothing was left out. */
import type { SelectRequest } from '../../../protocols/query/index.js'
import { MAX_ITEMS, MAX_RUN_ITEMS } from '../../../protocols/query/limits.js'
import type { Span } from '../../core/answer-page.js'
import type { Entry } from '../../core/entry.js'
import { matchesFilter, type EntryFilter } from '../../core/entry-filter.js'
import { proveIndex } from '../../core/lmx1/prove-index.js'
import type { LedgerReader } from '../../ledger/ledger-reader.js'
import type { MadePage } from './made-page.js'
import { costOf, MAX_TILES, TILE_LEAVES } from './made-page.js'
import type { UsableIndex } from './index-keeper.js'

/** Headers read at a time behind what the page shows. */
const ITEMS_PER_EXAMINED = 8

/** `span`: below the index's size. Null: the index is not there any more. */
export async function pageByIndex(
  ledger: LedgerReader,
  index: UsableIndex,
  { order, limit, maxBytes, want }: SelectRequest,
  filter: EntryFilter,
  span: Span
): Promise<MadePage | null> {
  const read = new Map<number, Entry>()
  const tiles = new Set<number>()
  let bytes = 0
  const entryOf = async (seq: number): Promise<Entry | null> => {
    let entry = read.get(seq) ?? null
    if (entry === null) {
      entry = await ledger.bareEntry(seq)
      if (entry === null) return null // frozen or cut off meanwhile
      read.set(seq, entry)
      tiles.add(Math.floor(seq / TILE_LEAVES))
      bytes += costOf(entry, want === 'full' && matchesFilter(entry.header, filter))
    }
    return entry
  }
  const bounds = {
    order,
    limit,
    items: MAX_RUN_ITEMS - 2,
    isFull: () => read.size >= MAX_ITEMS || bytes >= maxBytes || tiles.size >= MAX_TILES
  }
  const found = await index.read(index.size, async (source) =>
    proveIndex(source, { filter, ...span }, bounds, async (seq) => {
      const entry = await entryOf(seq)
      return entry !== null && matchesFilter(entry.header, filter)
    })
  )
  if (found === null) return null
  const shown: Entry[] = []
  for (const seq of found.entries) {
    const entry = await entryOf(seq)
    if (entry === null) return null
    shown.push(entry)
  }
  if (order === 'desc') shown.reverse()
  const matching = new Set(shown.filter(({ header }) => matchesFilter(header, filter)).map(({ header }) => header.seq))
  const isOver = order === 'asc' ? found.to === span.to : found.from === span.from
  const { proof } = found
  return {
    shown,
    matching,
    all: true,
    index: { seq: index.seq, entry: index.raw, proof },
    ending: isOver ? 'end' : matching.size === limit ? 'limit' : 'budget',
    next: isOver ? null : order === 'asc' ? found.to : found.from,
    examined: read.size + Math.ceil((proof.run?.items.length ?? 0) / ITEMS_PER_EXAMINED)
  }
}
