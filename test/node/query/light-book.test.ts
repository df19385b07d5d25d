import { expect, test } from 'vitest'
import { verifyBasis, type VerifiedBasis } from '../../../src/core/answer-page.js'
import type { SignedHeader } from '../../../src/core/entry.js'
import { verifySignature } from '../../../src/core/signature.js'
import { verifyEvidence } from '../../../src/core/verify-evidence.js'
import { LightBook } from '../../../src/node/query/light-book.js'
import { Author, NETWORK } from '../../core/author.js'

const author = await Author.create(1)
for (let n = 0; n < 5; n++) await author.append({ id: `${n}` })
const forked = author.fork()
await author.append({ id: 'one' })
await forked.append({ id: 'other' })
const { ledger } = author
const keyEntries: SignedHeader[] = author.keyEntries().map(({ raw }) => raw)

async function shown(by: Author, size = by.size): Promise<[VerifiedBasis, string]> {
  const note = await by.checkpoint(size)
  return [await verifyBasis({ network: NETWORK, ledger }, { keyEntries, checkpoint: note }, verifySignature), note]
}

const OWNER = { peer: 'owner', isOwner: true }
const peer = (n: number) => ({ peer: `p${n}`, isOwner: false })

test('two checkpoints of one size convict their author, and a third party finds them valid', async () => {
  const book = new LightBook()
  book.note(...(await shown(author)), OWNER, null)
  const evidence = book.contradiction(...(await shown(forked)), keyEntries)
  expect(await verifyEvidence(evidence!, { verify: verifySignature, network: NETWORK })).toMatchObject({ ledger })
})

test('the same, another size, or a ledger of which nothing is remembered contradict nothing', async () => {
  const book = new LightBook()
  expect(book.contradiction(...(await shown(author)), keyEntries)).toBeNull()
  book.note(...(await shown(author)), OWNER, null)
  expect(book.contradiction(...(await shown(author)), keyEntries)).toBeNull()
  expect(book.contradiction(...(await shown(author, 3)), keyEntries)).toBeNull()
})

test('what does not continue what is remembered, or is older, does not take its place', async () => {
  const book = new LightBook()
  book.note(...(await shown(author, 4)), peer(1), null)
  const [{ root: first }] = await shown(author, 4)
  for (const linked of [false, null]) book.note(...(await shown(forked)), peer(2), linked)
  book.note(...(await shown(author, 3)), peer(2), true)
  expect(book.of(ledger)).toMatchObject({ size: 4, root: first, peers: ['p1'], byOwner: false })
  book.note(...(await shown(author)), peer(2), true)
  expect(book.of(ledger)).toMatchObject({ size: author.size, peers: ['p2'] })
})

test('who shows it is remembered, a few of them, and that the owner did as long as it is that size', async () => {
  const book = new LightBook()
  book.note(...(await shown(author, 4)), OWNER, null)
  for (let n = 0; n < 6; n++) book.note(...(await shown(author, 4)), peer(n % 5), true)
  expect(book.of(ledger)).toMatchObject({ peers: ['p2', 'p3', 'p4', 'p0'], byOwner: true })
  book.note(...(await shown(author)), peer(1), true)
  expect(book.of(ledger)).toMatchObject({ peers: ['p1'], byOwner: false })
  expect(book.of('another')).toBeNull()
})
