/** `sync.entries`: a time to begin with, then the seq, because timestamps are the author's claims and order nothing. */
import type { LedgerId } from '../../core/ledger-id.js'
import { isCoded } from '../../core/errors.js'
import type { Node, QueryFilters, QueryResult } from '../../node/api/node.js'
import type { Handlers } from '../handler.js'
import type { syncMethods } from '../methods/sync.js'

const NEXT = 'seq:'

export const entriesSince: Handlers<typeof syncMethods>['sync.entries'] = async (
  { since, limit, ledger, stream },
  { node }
) => {
  const start =
    typeof since === 'number'
      ? await firstSince(node, { from: since, stream }, ledger)
      : Number(since?.slice(NEXT.length) ?? 0)
  const page = start === null ? null : await pageFrom(node, { fromSeq: start, limit, stream }, ledger)
  // Read after the entries: it reaches at least as far.
  const checkpoint = await checkpointOf(node, ledger)
  const entries = page?.entries ?? []
  const last = entries.at(-1)?.seq
  const at = last === undefined ? start : last + 1
  return {
    entries,
    hasMore: page?.hasMore ?? false,
    next: at === null ? null : `${NEXT}${at}`,
    checkpoint
  }
}

/** A page may be empty although more follows: the work for one is bounded. */
async function pageFrom(node: Node, filter: QueryFilters, ledger: LedgerId | undefined): Promise<QueryResult> {
  for (let cursor: string | undefined; ;) {
    const page = await node.ledger.query({ ...filter, cursor }, ledger)
    if (page.entries.length > 0 || page.nextCursor === null) return page
    cursor = page.nextCursor
  }
}

/** null: there is none yet; the time is to be asked for again. */
async function firstSince(node: Node, filter: QueryFilters, ledger: LedgerId | undefined): Promise<number | null> {
  return (await pageFrom(node, { ...filter, limit: 1 }, ledger)).entries[0]?.seq ?? null
}

type Checkpoint = Awaited<ReturnType<typeof entriesSince>>['checkpoint']

/** null: the caller may not see it, or nothing is held. */
async function checkpointOf(node: Node, ledger: LedgerId | undefined): Promise<Checkpoint> {
  try {
    const { hash, timestamp, size } = await node.ledger.head(ledger)
    const note = await node.ledger.checkpoint(ledger).then(
      (made) => made.note,
      (error: unknown) => {
        if (isCoded(error, 'NOT_FOUND')) return null
        throw error
      }
    )
    return { hash, timestamp, size, note }
  } catch (error) {
    if (isCoded(error, 'NOT_PERMITTED') || isCoded(error, 'NOT_FOUND')) return null
    throw error
  }
}
