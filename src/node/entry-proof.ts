import { readCheckpoint } from '../core/checkpoint.js'
import { LedgermeshError } from '../core/errors.js'
import { toHex } from '../core/hash.js'
import type { Ledger } from '../ledger/ledger.js'
import type { EntryPointer, EntryProof } from './api.js'

/** Everything that shows offline that the ledger contains the entry. Throws NOT_FOUND when the newest checkpoint does not reach it yet. */
export async function proveEntry (ledger: Ledger, pointer: EntryPointer, network: string): Promise<EntryProof> {
  const found = await ledger.get(pointer)
  const entry = found === null ? null : await ledger.entry(found.seq)
  if (entry === null) throw new LedgermeshError('NOT_FOUND', `no such entry in ${ledger.id}`)
  const checkpoint = ledger.checkpoint()
  if (checkpoint === null) throw new LedgermeshError('NOT_FOUND', `there is no checkpoint of ${ledger.id} yet`)
  const { size } = readCheckpoint(checkpoint, { network, ledger: ledger.id })
  const { seq } = entry.header
  if (seq >= size || size > ledger.visible) throw new LedgermeshError('NOT_FOUND', `the newest checkpoint covers ${size} entries, not entry ${seq}: a new one is made within a minute`)
  const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString()
  return {
    v: 1,
    network,
    ledger: ledger.id,
    key_entries: (await ledger.keyEntries(size)).map(({ header, signature }) => ({ header: text(header), signature: toHex(signature) })),
    checkpoint,
    seq,
    entry: { header: text(entry.raw.header), signature: toHex(entry.raw.signature), payload: entry.raw.payload === null ? null : text(entry.raw.payload) },
    path: await ledger.inclusionProof(seq, size)
  }
}
