/**
 * Which indexes of a branch may be used. An author whose disk or program failed takes a wrong index back, and those
 * behind count again; who is convicted a second time is believed when the operator says so: then the faults are no more
 * among those given.
 */
import type { Entry } from '../entry.js'
import type { Hash } from '../hash.js'
import { indexOf, withdrawnBy } from './index-entry.js'

/**
 * The seqs of the index entries that count. `entries`: the branch's index entries and withdrawals, by seq (others say
 * nothing). `accused`: hashes of the index entries that faults which count (weigh-fault.ts) name.
 */
export function usableIndexes(entries: readonly Entry[], accused: readonly Hash[]): number[] {
  const withdrawals = entries.flatMap(({ header }) => {
    const withdrawn = withdrawnBy(header)
    return withdrawn === null ? [] : [{ seq: header.seq, withdrawn: new Set(withdrawn) }]
  })
  const endOf = (hash: Hash, seq: number): number =>
    withdrawals.find((one) => one.seq > seq && one.withdrawn.has(hash))?.seq ?? Infinity
  const indexes = entries.filter(({ header }) => indexOf(header) !== null)
  const struck: { from: number; to: number }[] = []
  for (const { hash, header } of indexes.filter((one) => accused.includes(one.hash))) {
    const isSecond = struck.some(({ to }) => to <= header.seq)
    struck.push({ from: header.seq, to: isSecond ? Infinity : endOf(hash, header.seq) })
  }
  return indexes
    .filter(({ hash, header: { seq } }) => endOf(hash, seq) === Infinity)
    .map(({ header }) => header.seq)
    .filter((seq) => !struck.some(({ from, to }) => seq >= from && seq < to))
}
