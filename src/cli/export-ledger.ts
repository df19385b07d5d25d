/** Reads a whole ledger from the node, page by page, as the lines of an export. */
import { isCoded } from '../core/errors.js'
import { formatExportEntry, formatExportHead } from '../core/export.js'
import { readCheckpoint } from '../core/checkpoint.js'
import type { LedgerClient } from '../rpc/client.js'
import { entryPages } from './entry-pages.js'

export interface ExportCounts {
  total: number
  done: number
}

/** Lines without newline. What is appended meanwhile is not in it. */
export async function* exportLedger(
  client: LedgerClient,
  ledger: string,
  onProgress: (counts: ExportCounts) => void
): AsyncGenerator<string> {
  const { network } = await client.call('node.status', {})
  const note = await newestCheckpoint(client, ledger)
  const { size } = await client.call('ledger.head', { ledger })
  const keyEntries: { header: string; signature: string }[] = []
  for (const type of ['ledger.genesis', 'ledger.rotate-key']) {
    for await (const entry of entryPages(client, { ledger, type }))
      if (entry.seq < size) keyEntries.push({ header: entry.raw.header, signature: entry.raw.signature })
  }
  // one that reaches further than what is shown is over disputed entries
  const checkpoint = note !== null && readCheckpoint(note, { network, ledger }).size <= size ? note : null
  yield formatExportHead({ v: 1, network, ledger, key_entries: keyEntries, checkpoint })
  for await (const entry of entryPages(client, { ledger })) {
    if (entry.seq >= size) return
    yield formatExportEntry(entry.raw)
    onProgress({ total: size, done: entry.seq + 1 })
  }
}

async function newestCheckpoint(client: LedgerClient, ledger: string): Promise<string | null> {
  try {
    return (await client.call('ledger.checkpoint', { ledger })).note
  } catch (error) {
    if (isCoded(error, 'NOT_FOUND')) return null
    throw error
  }
}
