/** All entries that match, in order: while a page is worked on, the next one is asked for. */
import { isCoded } from '../core/errors.js'
import type { LedgerClient } from '../rpc/client.js'

/** Entries asked for at a time; less when the answer would be too large. */
const PAGE = 256

export interface PagedEntry {
  seq: number
  hash: string
  payload_state: string
  meta: Record<string, unknown>
  raw: { header: string; payload: string | null; signature: string }
}
interface Page {
  entries: PagedEntry[]
  nextCursor: string | null
}

export async function* entryPages(
  client: LedgerClient,
  filter: { ledger: string; type?: string; fromSeq?: number }
): AsyncGenerator<PagedEntry> {
  let limit = PAGE
  const ask = async (cursor: string | null): Promise<Page> => {
    for (;;) {
      try {
        const page: Page = await client.call('ledger.query', {
          ...filter,
          limit,
          order: 'asc',
          ...(cursor === null ? {} : { cursor })
        })
        limit = Math.min(limit * 2, PAGE)
        return page
      } catch (error) {
        if (!isCoded(error, 'TOO_LARGE') || limit === 1) throw error
        limit = Math.ceil(limit / 4)
      }
    }
  }
  for (let next: Promise<Page> | null = ask(null); next !== null;) {
    const { entries, nextCursor }: Page = await next
    next = nextCursor === null ? null : ask(nextCursor)
    // who stops early does not wait for it
    next?.catch(() => undefined)
    yield* entries
  }
}
