import { readCheckpoint } from '../core/checkpoint.js'
import { LedgermeshError } from '../core/errors.js'
import { toHex } from '../core/hash.js'
import type { EntryProof } from '../core/verify-proof.js'
import type { LedgerReader } from './ledger-reader.js'
import { OwnLedger } from './own-ledger.js'
import type { EntryKey } from './read/entry-key.js'

/**
 * Everything that proves offline that the ledger contains the entry. The own ledger makes a checkpoint for it. Throws
 * NOT_FOUND; NOT_YET when no checkpoint covers the entry yet.
 */
export async function proveEntry(ledger: LedgerReader, pointer: EntryKey, network: string): Promise<EntryProof> {
  const found = await ledger.get(pointer)
  const entry = found === null ? null : await ledger.entry(found.seq)
  if (entry === null) throw new LedgermeshError('NOT_FOUND', `no such entry in ${ledger.id}`)
  const { seq } = entry.header
  const { note: checkpoint, size } = await coveringCheckpoint(ledger, seq + 1, network)
  const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString()
  return {
    v: 1,
    network,
    ledger: ledger.id,
    key_entries: (await ledger.keyEntries(size)).map(({ header, signature }) => ({
      header: text(header),
      signature: toHex(signature)
    })),
    checkpoint,
    seq,
    entry: {
      header: text(entry.raw.header),
      signature: toHex(entry.raw.signature),
      payload: entry.raw.payload === null ? null : text(entry.raw.payload)
    },
    path: await ledger.inclusionProof(seq, size)
  }
}

/**
 * The newest checkpoint, if it covers at least `atLeast` entries; the own ledger makes such a checkpoint. Throws
 * NOT_YET.
 */
export async function coveringCheckpoint(
  ledger: LedgerReader,
  atLeast: number,
  network: string
): Promise<{ note: string; size: number; root: string }> {
  const covers = (note: string | null): { note: string; size: number; root: string } | null => {
    if (note === null) return null
    const { size, root } = readCheckpoint(note, { network, ledger: ledger.id })
    return size >= atLeast && size <= ledger.visible ? { note, size, root } : null
  }
  let covering = covers(ledger.checkpoint())
  if (covering === null && ledger instanceof OwnLedger)
    covering = covers(await ledger.checkpoints.covering(atLeast)) ?? covers(ledger.checkpoint())
  if (covering !== null) return covering
  const newest = ledger.checkpoint()
  const covered = newest === null ? 0 : readCheckpoint(newest, { network, ledger: ledger.id }).size
  throw new LedgermeshError(
    'NOT_YET',
    `no checkpoint of ${ledger.id} covers ${atLeast} entries here (the newest covers ${covered}): ${
      ledger instanceof OwnLedger
        ? 'this node does not sign at the moment (`node.status` says why)'
        : 'its author signs one within a minute of an entry, and it comes with the next exchange of heads'
    }`
  )
}
