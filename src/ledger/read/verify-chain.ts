/** Re-reads a stored ledger from the disk and checks all of it. */
import { setImmediate } from 'node:timers/promises'
import { extendChain, startChain } from '../../core/chain.js'
import { entryHash, verifyEntrySignature, type Entry } from '../../core/entry.js'
import { LedgermeshError, type ErrorCode } from '../../core/errors.js'
import type { Hash } from '../../core/hash.js'
import { decodeHeader } from '../../core/header.js'
import type { LedgerId } from '../../core/ledger-id.js'
import { setsKey } from '../../core/ledger-types.js'
import { checkPayload, decodePayload } from '../../core/payload.js'
import { syncMarkOf } from '../../core/reference.js'
import type { Verify } from '../../core/signature.js'
import { hashKey, nameKey, seqKey } from '../../store/keys.js'
import type { Store } from '../../store/store.js'
import type { EntryReader } from './entry-reader.js'
import { findMissingPostings } from './posting-check.js'
import { readEntryBytes } from './records.js'
import { chainAt } from './chain-at.js'
import { Tree } from './tree.js'

/** The result of re-reading a chain from disk: counts, and the first entry that is not valid. */
export interface ChainReport {
  ledger: LedgerId
  valid: boolean
  /** First seq that was checked. */
  from: number
  /** Entries that were checked and are valid. */
  entries: number
  /** `none`: entries whose header says that they have no payload. */
  counts: {
    signatures: number
    present: number
    erased: number
    filtered: number
    missing: number
    malformed: number
    none: number
  }
  /** Timestamps that go back; copies, which have their originals' timestamps, are not counted. */
  warnings: number
  firstInvalid: { seq: number; code: ErrorCode; message: string } | null
}

export interface Verified {
  id: LedgerId
  reader: EntryReader
  store: Store
  verify: Verify
  size: number
  headHash: Hash | null
}

/** Entries checked between two turns of the event loop: about 8 ms of signatures. */
const CHUNK = 64

/** Errors other than failed checks (a closed store, for example) are thrown. */
export async function verifyChain(
  ledger: Verified,
  { from = 0, limit = Infinity }: { from?: number; limit?: number }
): Promise<ChainReport> {
  const report: ChainReport = {
    ledger: ledger.id,
    valid: true,
    from,
    entries: 0,
    warnings: 0,
    firstInvalid: null,
    counts: { signatures: 0, present: 0, erased: 0, filtered: 0, missing: 0, malformed: 0, none: 0 }
  }
  const end = Math.min(ledger.size, from + limit)
  let seq = from
  try {
    const tree = new Tree(ledger.store, ledger.reader)
    await tree.load(Math.min(from, ledger.size))
    let chain = await chainAt(ledger.store, ledger.id, ledger.reader, from)
    let timestamp = 0
    for await (const rows of ledger.reader.scan(from, end, CHUNK)) {
      const entries: Entry[] = []
      for (const row of rows) {
        if (row.seq !== seq) break
        const entry = decodeStrictly(row.value, seq)
        chain = chain === null ? startChain(ledger.id, entry) : extendChain(chain, entry)
        if (!(await verifyEntrySignature(entry, ledger.verify)))
          throw new LedgermeshError('BAD_SIGNATURE', `entry ${seq}`)
        report.counts.signatures++
        // A copy has its original's timestamp.
        if (syncMarkOf(entry.header.meta) === null) {
          if (entry.header.timestamp < timestamp) report.warnings++
          timestamp = entry.header.timestamp
        }
        entries.push(entry)
        seq++
      }
      seq -= entries.length
      const check = await checkRest(ledger, entries, tree, report)
      seq += entries.length
      if (check !== null) {
        seq = check.seq
        throw check.error
      }
      report.entries += entries.length
      if (entries.length < rows.length) break
      await setImmediate()
    }
    if (seq < end) throw new LedgermeshError('STORE_DAMAGED', `entry ${seq} is not in the store`)
    if (end === ledger.size && chain !== null && chain.headHash !== ledger.headHash)
      throw new LedgermeshError('STORE_DAMAGED', 'the stored head is not the last entry')
  } catch (error) {
    if (!(error instanceof LedgermeshError) || error.code === 'CLOSED') throw error
    report.valid = false
    report.firstInvalid = {
      seq: typeof error.details?.seq === 'number' ? error.details.seq : seq,
      code: error.code,
      message: error.message
    }
  }
  return report
}

/** Throws STORE_DAMAGED for bytes that the disk changed, and the errors of `decodeHeader`. */
export function decodeStrictly(value: Buffer, seq: number): Entry {
  const { header, signature } = readEntryBytes(value, seq)
  const decoded = decodeHeader(header)
  return { header: decoded, hash: entryHash({ header, signature }), raw: { header, signature, payload: null } }
}

/** Payloads, indexes and tree nodes of consecutive entries; the first problem, or null. */
async function checkRest(
  { reader, store }: Verified,
  entries: Entry[],
  tree: Tree,
  report: ChainReport
): Promise<{ seq: number; error: LedgermeshError } | null> {
  const { counts } = report
  const { ledgerNumber } = reader
  const payloads = await store.getMany(entries.map(({ header }) => seqKey('payload', ledgerNumber, header.seq)))
  const absent = entries
    .filter(({ header }, i) => header.payload_hash !== null && payloads[i] === undefined)
    .map(({ header }) => header.seq)
  for (const state of await reader.absences(absent)) counts[state]++
  for (const [i, { header }] of entries.entries()) {
    const payload = payloads[i]
    if (header.payload_hash === null) counts.none++
    else if (payload !== undefined) {
      try {
        checkPayload(header, payload)
      } catch (error) {
        return { seq: header.seq, error: error as LedgermeshError }
      }
      counts[isPayload(payload) ? 'present' : 'malformed']++
    }
  }
  for (const { hash, header } of entries) {
    const { seq } = header
    const wanted = [
      hashKey(hash, ledgerNumber, seq),
      nameKey('id', ledgerNumber, header.id, seq),
      ...(setsKey(header) ? [seqKey('keyEntry', ledgerNumber, seq)] : [])
    ]
    const nodes = tree.push(hash, seq, header.timestamp)
    const found = await store.getMany([...wanted, ...nodes.map(({ key }) => key)])
    if (found.slice(0, wanted.length).includes(undefined))
      return { seq, error: new LedgermeshError('STORE_DAMAGED', `entry ${seq} is not indexed`) }
    if (nodes.some((node, i) => node.type === 'put' && !found[wanted.length + i]?.equals(node.value)))
      return { seq, error: new LedgermeshError('STORE_DAMAGED', `a tree node above entry ${seq} does not check`) }
  }
  const seq = await findMissingPostings(store, ledgerNumber, entries)
  return seq === null ? null : { seq, error: new LedgermeshError('STORE_DAMAGED', `entry ${seq} is not indexed`) }
}

function isPayload(bytes: Uint8Array): boolean {
  try {
    decodePayload(bytes)
    return true
  } catch (error) {
    if (error instanceof LedgermeshError) return false
    throw error
  }
}
