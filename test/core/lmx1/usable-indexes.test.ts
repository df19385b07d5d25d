import { expect, test } from 'vitest'
import type { Entry } from '../../../src/core/entry.js'
import { INDEX_STREAM, INDEX_TYPE, indexMeta, WITHDRAW_TYPE } from '../../../src/core/lmx1/index-entry.js'
import { usableIndexes } from '../../../src/core/lmx1/usable-indexes.js'
import { Author } from '../author.js'

/** Indexes at 1, 2, 4, 5, 7 and 8; withdrawals at 3 (of what `first` names) and 6 (of what `second` names). */
async function branch(first: number[], second: number[]): Promise<Entry[]> {
  const author = await Author.create(7)
  const index = (): Promise<Entry> =>
    author.append({
      type: INDEX_TYPE,
      stream: INDEX_STREAM,
      meta: indexMeta({ size: 1, root: '0'.repeat(64) })
    })
  const withdraw = async (seqs: number[]): Promise<void> => {
    const entries = seqs.map((seq) => author.entries[seq]!.hash)
    await author.append({ type: WITHDRAW_TYPE, stream: INDEX_STREAM, meta: { v: 1, entries } })
  }
  for (const seqs of [first, second]) {
    await index()
    await index()
    await withdraw(seqs)
  }
  await index()
  await index()
  return author.entries
}

test.each([
  { accused: [], first: [1], second: [4], usable: [2, 5, 7, 8], why: 'what is withdrawn is used by nobody' },
  { accused: [2], first: [1], second: [1], usable: [], why: 'nobody took it back: all behind it are struck' },
  { accused: [1], first: [1], second: [4], usable: [5, 7, 8], why: 'taken back: those behind count again' },
  { accused: [1], first: [2], second: [1], usable: [7, 8], why: 'the first withdrawal that names it counts' },
  { accused: [1, 2], first: [1, 2], second: [4], usable: [5, 7, 8], why: 'one failure, two wrong indexes' },
  { accused: [1, 4], first: [1], second: [4], usable: [], why: 'a second time needs the operator' },
  { accused: [8], first: [1], second: [1], usable: [2, 4, 5, 7], why: 'those before it still count' },
  { accused: [4], first: [4], second: [1], usable: [2], why: 'nothing is taken back before it is there' }
])('$why', async ({ accused, first, second, usable }) => {
  // An entry that is not there yet has no hash: such a withdrawal names the genesis.
  const entries = await branch(
    first.map((seq) => (seq < 3 ? seq : 0)),
    second
  )
  expect(
    usableIndexes(
      entries,
      accused.map((seq) => entries[seq]!.hash)
    )
  ).toEqual(usable)
})
