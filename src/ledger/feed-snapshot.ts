/**
 * Where a consumer begins: what there is, and the position to go on from. The position is taken first and the pages are
 * read after it, so a page may be newer; each event since is told again behind the position, and all of them can be
 * applied twice.
 */
import { LedgermeshError } from '../core/errors.js'
import { isLedgerId, type LedgerId } from '../core/ledger-id.js'
import type { LedgerEntry } from '../core/view.js'
import type { FeedLedger, FeedSnapshot, FeedSnapshotOptions } from './feed/feed-event.js'
import { DEFAULT_FEED_LIMIT, PAGE_BYTES } from './feed/limits.js'
import { formatPosition, parsePosition } from './feed/position.js'
import { shownViews } from './feed-reader.js'
import type { Ledger } from './ledger.js'
import type { Ledgers } from './ledgers.js'

/** Entries read at once: few of them are read in vain when they are large. */
const CHUNK = 64

interface Place {
  position: string
  ledger: LedgerId
  seq: number
}

/** Throws CURSOR_INVALID, FEED_RESET (the snapshot took longer than the feed is kept), STORE_DAMAGED, STORE_FAILED. */
export async function feedSnapshot(
  ledgers: Pick<Ledgers, 'list' | 'arrivals'>,
  { cursor, limit = DEFAULT_FEED_LIMIT, ledgers: wanted, publicOnly = false }: FeedSnapshotOptions = {}
): Promise<FeedSnapshot> {
  const { arrivals } = ledgers
  const begun = cursor === undefined ? null : readCursor(cursor)
  const position = begun?.position ?? formatPosition(arrivals.last)
  if (begun !== null) await arrivals.assertHeld(parsePosition(begun.position))
  const chosen = ledgers
    .list()
    .filter(
      ({ id, chain }) => chain !== null && (wanted?.includes(id) ?? true) && (!publicOnly || chain.access === 'public')
    )
  const shown = begun === null ? chosen.map(describe) : []
  const page = await entriesFrom(chosen, begun, limit)
  await arrivals.flush()
  return {
    position,
    ledgers: shown,
    entries: page.entries,
    next: page.next === null ? null : `${position}~${page.next.id}~${page.next.seq}`
  }
}

function describe(ledger: Ledger): FeedLedger {
  const { id, size, visible, audited, frozen, chain } = ledger
  return {
    ledger: id,
    access: chain!.access,
    size,
    visible,
    head: ledger.head()?.hash ?? null,
    audited: Math.min(audited, visible),
    frozen: frozen === null ? null : { from: frozen.size, evidence: frozen.evidence }
  }
}

async function entriesFrom(
  chosen: readonly Ledger[],
  begun: Place | null,
  limit: number
): Promise<{ entries: LedgerEntry[]; next: { id: LedgerId; seq: number } | null }> {
  const entries: LedgerEntry[] = []
  let bytes = 0
  for (const ledger of chosen) {
    if (begun !== null && ledger.id < begun.ledger) continue
    for (let seq = ledger.id === begun?.ledger ? begun.seq : 0; seq < ledger.visible;) {
      if (entries.length >= limit || bytes >= PAGE_BYTES) return { entries, next: { id: ledger.id, seq } }
      const end = seq + Math.min(CHUNK, limit - entries.length)
      for (const entry of await shownViews(ledger, seq, end)) {
        entries.push(entry)
        bytes += entry.raw.header.length + (entry.raw.payload?.length ?? 0)
      }
      seq = end
    }
  }
  return { entries, next: null }
}

function readCursor(cursor: string): Place {
  const [position, ledger, seq, ...more] = cursor.split('~')
  const at = Number(seq)
  if (position === undefined || !isLedgerId(ledger) || !/^\d{1,15}$/.test(seq ?? '') || more.length > 0)
    throw new LedgermeshError('CURSOR_INVALID', 'the cursor is not one that a snapshot gave')
  return { position, ledger, seq: at }
}
