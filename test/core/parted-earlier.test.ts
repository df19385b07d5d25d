import { expect, test } from 'vitest'
import { encodeEvidence, sameSeqEvidence } from '../../src/core/evidence.js'
import { partedEarlier } from '../../src/core/parted-earlier.js'
import { Author, NETWORK } from './author.js'

test('two entries with one predecessor are where the histories part; with two, they parted before', async () => {
  const author = await Author.create()
  while (author.size < 5) await author.append()
  const other = author.fork()
  while (author.size < 8) await author.append()
  while (other.size < 8) await other.append({ stream: 'other' })
  const accused = { network: NETWORK, ledger: author.ledger, keyEntries: [{ ...author.entries[0]!.raw, seq: 0 }] }
  const at = (seq: number): boolean =>
    partedEarlier(encodeEvidence(sameSeqEvidence(accused, seq, author.entries[seq]!.raw, other.entries[seq]!.raw)))
  expect([5, 6, 7].map(at)).toEqual([false, true, true])
})
