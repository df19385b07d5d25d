/** The index `target` of a store that was written before there was one. */
import type { Level } from 'level'
import { SIGNATURE_BYTES } from '../core/limits.js'
import type { Reference } from '../core/reference.js'
import { headerReferences } from './header-references.js'
import { CHECK_BYTES, familyRange, LEDGER_PREFIX_BYTES, nameKey, seqOf } from './keys.js'
import { encodePosting } from './posting.js'
import { targetValues } from './target-values.js'

/** Entries of one ledger whose references are written together. */
const CHUNK = 4096

/** Writes the same rows when it is run again. */
export async function postTargets(db: Level<Buffer, Buffer>): Promise<void> {
  let postings = new Map<string, number[]>()
  let [ledgerNumber, taken] = [0, 0]
  const write = async (): Promise<void> => {
    const rows = [...postings].map(([target, seqs]) => ({
      type: 'put' as const,
      key: nameKey('target', ledgerNumber, target, seqs[0]!),
      value: encodePosting(seqs)
    }))
    if (rows.length > 0) await db.batch(rows)
    postings = new Map()
    taken = 0
  }
  const { gte, lt } = familyRange('entry')
  for await (const [key, value] of db.iterator({ gte: Buffer.from(gte), lt: Buffer.from(lt) })) {
    const ledger = key.readUInt32BE(LEDGER_PREFIX_BYTES - 4)
    if (ledger !== ledgerNumber || taken === CHUNK) await write()
    ledgerNumber = ledger
    taken++
    for (const target of targetValues(referencesIn(value))) {
      const seqs = postings.get(target)
      if (seqs === undefined) postings.set(target, [seqOf(key)])
      else seqs.push(seqOf(key))
    }
  }
  await write()
}

/** A damaged entry has none: `fsck` names it, and what repairs it posts it. */
function referencesIn(value: Buffer): Reference[] {
  try {
    return headerReferences(value.subarray(CHECK_BYTES + SIGNATURE_BYTES))
  } catch (error) {
    if (error instanceof SyntaxError) return []
    throw error
  }
}
