/**
 * Entries voided by another branch (I4): their signed headers are kept for inspection. They are never served and never
 * in answers.
 */
import { toHex, type Hash } from '../../core/hash.js'
import type { Entry } from '../../core/entry.js'
import { chunks } from '../../store/chunks.js'
import { seqsFrom } from '../../core/seqs.js'
import { LEDGER_PREFIX_BYTES, ledgerRange, SEQ_BYTES, seqOf, voidedKey } from '../../store/keys.js'
import type { Op, Store } from '../../store/store.js'
import type { EntryReader } from '../read/entry-reader.js'
import { decodeStored, encodeEntry, readEntryBytes } from '../read/records.js'

/** Entries moved in one batch. */
const CHUNK = 256

/** `evidence`: the prefix of the id of the evidence that caused it. */
export interface VoidedEntry {
  evidence: string
  seq: number
  hash: Hash
  header: string
  signature: string
}
/** A run of voided entries: its first seq, and how many. */
export interface VoidedRange {
  evidence: string
  from: number
  entries: number
}

/** Payloads are not kept: they could not be erased here any more. Damaged entries are left out. */
export async function keepVoided(
  store: Store,
  reader: EntryReader,
  evidence: string,
  from: number,
  to: number
): Promise<void> {
  for (let at = from; at < to; at += CHUNK) {
    const seqs = seqsFrom(at, Math.min(at + CHUNK, to))
    const ops = (await reader.many(seqs))
      .filter((entry) => entry !== null)
      .map((entry): Op => ({
        type: 'put',
        key: voidedKey(reader.ledgerNumber, evidence, entry.header.seq),
        value: encodeEntry(entry)
      }))
    if (ops.length > 0) await store.write(ops, { sync: at + CHUNK >= to })
  }
}

export async function voidedRanges(store: Store, ledgerNumber: number): Promise<VoidedRange[]> {
  const ranges = new Map<string, VoidedRange>()
  for (const key of await store.keys(ledgerRange('voided', ledgerNumber))) {
    const evidence = evidenceOf(key)
    const range = ranges.get(evidence)
    if (range === undefined) ranges.set(evidence, { evidence, from: seqOf(key), entries: 1 })
    else range.entries++
  }
  return [...ranges.values()]
}

/** Ordered by evidence, then by seq; `offset`: how many to leave out. */
export async function voidedEntries(
  store: Store,
  ledgerNumber: number,
  offset: number,
  limit: number
): Promise<VoidedEntry[]> {
  const keys = (await store.keys({ ...ledgerRange('voided', ledgerNumber), limit: offset + limit })).slice(offset)
  const values = await store.getMany(keys)
  return keys.map((key, i) => {
    const { header, signature, hash } = readEntryBytes(values[i]!, seqOf(key))
    return {
      evidence: evidenceOf(key),
      seq: seqOf(key),
      hash,
      header: Buffer.from(header).toString(),
      signature: toHex(signature)
    }
  })
}

/**
 * The voided entry with this hash; null: none. Nothing lists them by hash, because hardly any ledger has some: all of
 * them are read, in steps.
 */
export async function voidedEntry(store: Store, ledgerNumber: number, hash: Hash): Promise<Entry | null> {
  for await (const chunk of chunks(store, ledgerRange('voided', ledgerNumber), CHUNK)) {
    const found = chunk.find(([key, value]) => readEntryBytes(value, seqOf(key)).hash === hash)
    if (found !== undefined) return decodeStored(found[1], seqOf(found[0]))
  }
  return null
}

function evidenceOf(key: Buffer): string {
  return key.toString('utf8', LEDGER_PREFIX_BYTES, key.length - SEQ_BYTES)
}
