import { expect, test } from 'vitest'
import { verifyBasis, type VerifiedBasis } from '../../../src/core/answer-page.js'
import type { SignedHeader } from '../../../src/core/entry.js'
import { verifySignature } from '../../../src/core/signature.js'
import { verifyEvidence } from '../../../src/core/verify-evidence.js'
import { LightBook, MAX_CONVICTED, MAX_EVIDENCE_CHARS, MAX_LEDGERS } from '../../../src/node/query/light-book.js'
import { LedgermeshError } from '../../../src/core/errors.js'
import { textKey } from '../../../src/store/keys.js'
import { Author, NETWORK } from '../../core/author.js'
import { TestLog } from '../../ledger/support.js'
import { MemoryStore } from '../../store/memory-store.js'

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

/** Over a store, and another one as after a restart. */
function setup(store = new MemoryStore()) {
  const log = new TestLog()
  const again = async (): Promise<LightBook> => {
    const book = new LightBook({ store, clock: { now: () => ++now }, log })
    await book.load()
    return book
  }
  return { store, log, again, book: new LightBook({ store, clock: { now: () => ++now }, log }) }
}
let now = 1_000

const OWNER = { peer: 'owner', isOwner: true }
const peer = (n: number) => ({ peer: `p${n}`, isOwner: false })

test('two checkpoints of one size convict their author, and a third party finds them valid', async () => {
  const book = setup().book
  await book.note(...(await shown(author)), OWNER, null)
  const evidence = book.contradiction(...(await shown(forked)), keyEntries)
  expect(await verifyEvidence(evidence!, { verify: verifySignature, network: NETWORK })).toMatchObject({ ledger })
})

test('the same, another size, or a ledger of which nothing is remembered contradict nothing', async () => {
  const book = setup().book
  expect(book.contradiction(...(await shown(author)), keyEntries)).toBeNull()
  await book.note(...(await shown(author)), OWNER, null)
  expect(book.contradiction(...(await shown(author)), keyEntries)).toBeNull()
  expect(book.contradiction(...(await shown(author, 3)), keyEntries)).toBeNull()
})

test('what does not continue what is remembered, or is older, does not take its place', async () => {
  const book = setup().book
  await book.note(...(await shown(author, 4)), peer(1), null)
  const [{ root: first }] = await shown(author, 4)
  for (const linked of [false, null]) await book.note(...(await shown(forked)), peer(2), linked)
  await book.note(...(await shown(author, 3)), peer(2), true)
  expect(book.of(ledger)).toMatchObject({ size: 4, root: first, peers: ['p1'], byOwner: false })
  await book.note(...(await shown(author)), peer(2), true)
  expect(book.of(ledger)).toMatchObject({ size: author.size, peers: ['p2'] })
})

test('who shows it is remembered, a few of them, and that the owner did as long as it is that size', async () => {
  const book = setup().book
  await book.note(...(await shown(author, 4)), OWNER, null)
  for (let n = 0; n < 6; n++) await book.note(...(await shown(author, 4)), peer(n % 5), true)
  expect(book.of(ledger)).toMatchObject({ peers: ['p2', 'p3', 'p4', 'p0'], byOwner: true })
  await book.note(...(await shown(author)), peer(1), true)
  expect(book.of(ledger)).toMatchObject({ peers: ['p1'], byOwner: false })
  expect(book.of('another')).toBeNull()
})

/** A basis of another ledger, which nobody signed. */
const first = await shown(author)
const other = (n: number): [VerifiedBasis, string] => {
  const [basis, note] = first
  return [
    {
      ...basis,
      ledger: `b${'a'.repeat(47)}${n
        .toString(26)
        .padStart(4, '0')
        .replaceAll(/\d/g, (d) => 'qrstuvwxyz'[Number(d)]!)}a`
    },
    note
  ]
}

test('a restart forgets nothing, and a row that cannot be read counts as not there', async () => {
  const { book, store, again } = setup()
  await book.note(...(await shown(author)), OWNER, null)
  await book.convict(ledger, Buffer.from('evidence'))
  const next = await again()
  expect(next.of(ledger)).toEqual(book.of(ledger))
  expect(next.of(ledger)).toMatchObject({ size: author.size, byOwner: true, peers: ['owner'], evidence: 'evidence' })
  for (const damage of [
    '',
    '{',
    '{}',
    '[]',
    JSON.stringify({ ...book.of(ledger), size: 0 }),
    JSON.stringify({ ...book.of(ledger), more: 1 })
  ]) {
    await store.write([{ type: 'put', key: textKey('light', ledger), value: Buffer.from(damage) }])
    expect((await again()).of(ledger)).toBeNull()
  }
})

test('past the limit the ledger that was shown longest ago is forgotten, on the disk too', async () => {
  const { book, store, again } = setup()
  for (let n = 0; n <= MAX_LEDGERS; n++) await book.note(...other(n), peer(1), null)
  const ids = [0, 1, MAX_LEDGERS].map((n) => other(n)[0].ledger)
  for (const one of [book, await again()]) expect(ids.map((id) => one.of(id) !== null)).toEqual([false, true, true])
  expect(store.size).toBe(MAX_LEDGERS)
})

test('evidence is kept of so many authors and so large, the newest of them; once is enough', async () => {
  const { book } = setup()
  for (let n = 0; n <= MAX_CONVICTED; n++) {
    await book.note(...other(n), peer(1), null)
    const { ledger: id } = other(n)[0]
    await book.convict(id, Buffer.from('x'.repeat(MAX_EVIDENCE_CHARS + 1)))
    expect(book.of(id)?.evidence).toBeNull()
    await book.convict(id, Buffer.from('first'))
    await book.convict(id, Buffer.from('second'))
    expect(book.of(id)?.evidence).toBe('first')
  }
  expect(book.of(other(0)[0].ledger)?.evidence).toBeNull()
  await book.convict('of nothing', Buffer.from('x'))
  expect(book.of('of nothing')).toBeNull()
})

test('an answer that leaves out the newest key is by a retired one (A9), however it goes on from there', async () => {
  const { book } = setup()
  const [basis, note] = await shown(author)
  const rotated = { ...basis, keys: [...basis.keys, { ...basis.keys[0]!, from: 3, key: 'ab'.repeat(32) }] }
  await book.note(rotated, note, OWNER, null)
  expect(book.isRetired(rotated)).toBe(false)
  expect(book.isRetired({ ...basis, size: 3 }), 'as of a tree without it').toBe(false)
  expect(book.isRetired(basis)).toBe(true)
  expect(
    book.isRetired({ ...rotated, keys: [...basis.keys, { ...basis.keys[0]!, from: 3, key: 'cd'.repeat(32) }] })
  ).toBe(true)
  expect(book.isRetired({ ...basis, ledger: 'another' })).toBe(false)
})

test('the same peer that shows the same again writes nothing; a disk that fails is said once for each', async () => {
  const { book, store, log } = setup()
  await book.note(...(await shown(author)), peer(1), null)
  const { writes } = store
  await book.note(...(await shown(author)), peer(1), true)
  expect(store.writes).toBe(writes)
  store.fails = new LedgermeshError('STORE_FAILED', 'no space')
  await book.note(...(await shown(author)), peer(2), true)
  expect([book.of(ledger)?.peers, log.lines.map(({ fields }) => fields.event)]).toEqual([
    ['p1', 'p2'],
    ['query.light-failed']
  ])
  store.fails = new Error('a bug')
  await expect(book.note(...(await shown(author)), peer(3), true)).rejects.toThrow('a bug')
})
