/** Index faults: who lies convicts himself in a small file; nobody who is honest is convicted by any file. */
import { beforeAll, expect, test } from 'vitest'
import { codeOf, key, type Author } from '../author.js'
import { canonicalize, type Json } from '../../../src/core/canonical.js'
import { keyEpoch } from '../../../src/core/chain.js'
import type { Entry } from '../../../src/core/entry.js'
import { accuseRange } from '../../../src/core/lmx1/accuse-range.js'
import { LIST_FAULTS, type IndexCharge } from '../../../src/core/lmx1/index-charge.js'
import {
  INDEX_STREAM,
  INDEX_TYPE,
  indexMeta,
  indexOf,
  WITHDRAW_TYPE,
  withdrawnBy
} from '../../../src/core/lmx1/index-entry.js'
import { encodeIndexFault, makeIndexFault, type IndexFault } from '../../../src/core/lmx1/index-fault.js'
import { packFault } from '../../../src/core/lmx1/pack-fault.js'
import { rootOf, type IndexSnapshot } from '../../../src/core/lmx1/index-builder.js'
import { indexKey, postedOf } from '../../../src/core/lmx1/posting.js'
import { leafRef } from '../../../src/core/lmx1/list.js'
import { sourceOf } from '../../../src/core/lmx1/index-source.js'
import { proveIndex } from '../../../src/core/lmx1/prove-index.js'
import { verifyIndexFault, type VerifiedIndexFault } from '../../../src/core/lmx1/verify-index-fault.js'
import { verifyIndexProof } from '../../../src/core/lmx1/verify-index.js'
import { weighFault } from '../../../src/core/lmx1/weigh-fault.js'
import { isReservedType } from '../../../src/core/ledger-types.js'
import { dice } from '../../helpers/dice.js'
import { accuseAuthor, authorOf, basisOf, bytesBeside, headersOf, nameIndex, treeOf } from './indexed-author.js'
import { timeless } from './liars.js'
import { answer, build } from './world.js'
import { convictions, mutants } from './play-faults.js'

const SEED = 1
const SIZE = 120

let honest: Author
let truth: Entry
let index: IndexSnapshot

beforeAll(async () => {
  honest = await authorOf(SIZE, dice(SEED))
  index = build(headersOf(honest))
  truth = await nameIndex(honest, index)
})

const check = async (file: IndexFault | Uint8Array): Promise<VerifiedIndexFault> =>
  await verifyIndexFault(file instanceof Uint8Array ? file : encodeIndexFault(file))

const known = (author: Author, shared: number): Parameters<typeof weighFault>[1] => ({
  keys: author.keyEntries().map(keyEpoch),
  shared,
  frozen: null
})

test('whatever a lying builder says: each believed answer that lacks an entry convicts, in a small file', async () => {
  for (const kind of [0, 1, 2, 3, 4, 5]) {
    const { convicted, largest } = await convictions({ size: SIZE, questions: 30, most: 4, kind, seed: SEED })
    expect(convicted, `lie ${kind}, seed ${SEED}`).toBeGreaterThan(0)
    expect(largest).toBeLessThan(16 * 1024)
  }
})

test('no accusation of an honest author checks, whatever is changed in it', async () => {
  expect(await mutants({ author: honest, index, truth, files: 150, seed: SEED })).toBe(150)
})

test('a file that convicts a liar convicts nobody once another is named, or a part is of another branch', async () => {
  const liar = await authorOf(40, dice(3), 30)
  const lie = build(headersOf(liar), (header) => ({ ...postedOf(header), keys: [indexKey('all', '')] }))
  const named = await nameIndex(liar, lie)
  const { proof } = await proveIndex(sourceOf(lie), { filter: { id: 'entry-7' }, from: 0, to: 40 }, BOUNDS, () => true)
  const charge: IndexCharge = { fault: 'omitted', key: indexKey('id', 'entry-7'), map: proof.map, run: null }
  const file = await accuseAuthor(liar, named, [liar.entries[7]!], charge)
  const verified = await check(file)
  expect(verified).toMatchObject({ ledger: liar.ledger, fault: 'omitted', index: { seq: 40, size: 40 } })
  expect(weighFault(verified, known(liar, liar.size))).toBe('counts')
  expect(weighFault(verified, { ...known(liar, liar.size), frozen: 40 })).toBe('apart')
  const others = await basisOf(honest)
  for (const changed of [
    { ledger: honest.ledger },
    { network: 'other' },
    { checkpoint: others.checkpoint },
    { entries: [statementOf(honest.entries[7]!)] },
    { index: statementOf(truth) },
    { entries: [statementOf(liar.entries[8]!)] },
    { key_entries: file.key_entries.slice(0, 1) },
    { tree: file.tree.slice(1) },
    { fault: 'wrong' },
    { fault: 'count' },
    { run: { first: 0, items: [], outside: [] } }
  ])
    expect(await codeOf(() => check({ ...file, ...changed } as typeof file))).toBe('BAD_PROOF')
})

test('the thief of a retired key, and a branch that was left, convict nobody', async () => {
  const roll = dice(8)
  const author = await authorOf(20, roll, 60)
  const stolen = author.fork() // rotated at 10: the thief has the key of before
  const early = stolen.entries.slice(0, 10)
  stolen.entries.splice(0, Infinity, ...early)
  stolen.signer = key(60)
  const forged = await stolen.append({ type: 'forged' })
  const lie = build(early.map(({ header }) => header).concat(forged.header), (header) => ({
    ...postedOf(header),
    keys: [indexKey('all', '')]
  }))
  const named = await nameIndex(stolen, lie)
  const { map } = (await proveIndex(sourceOf(lie), { filter: { id: 'x' }, from: 0, to: 11 }, BOUNDS, () => true)).proof
  const file = await accuseAuthor(stolen, named, [forged], {
    fault: 'omitted',
    key: indexKey('type', 'forged'),
    map,
    run: null
  })
  const verified = await check(file) // a file alone cannot show that the key was retired
  expect(weighFault(verified, known(author, 10))).toBe('excused')
  // the same, before the owner rotated: another branch, of which 10 entries are shared
  expect(weighFault(verified, { ...known(stolen, 10), keys: [keyEpoch(early[0]!)] })).toBe('apart')
})

test('a true index of the owner, beside an entry that a thief signed below it, is excused', async () => {
  const author = await authorOf(12, dice(9), 80)
  const roots = build(headersOf(author).slice(0, 3))
  const thief = author.fork()
  thief.entries.splice(3, Infinity)
  thief.signer = key(80)
  const named = await nameIndex(thief, roots) // as the owner did, byte for byte
  const other = await thief.make({ seq: 1, type: 'forged', prev_hash: thief.entries[0]!.hash })
  thief.entries.splice(1, 1, other)
  const { map } = (
    await proveIndex(sourceOf(roots), { filter: { type: 'forged' }, from: 0, to: 3 }, BOUNDS, () => true)
  ).proof
  const charge: IndexCharge = { fault: 'omitted', key: indexKey('type', 'forged'), map, run: null }
  const verified = await check(await accuseAuthor(thief, named, [other], charge))
  expect(weighFault(verified, known(author, author.size))).toBe('excused')
})

test('range: times that are not those of the parts, whoever shows the parts', async () => {
  const liar = await authorOf(64, dice(5), 90)
  const lie = timeless(headersOf(liar), (start) => start === 8)
  const named = await nameIndex(liar, lie)
  const question = { filter: { from: 1_700_000_000_150 }, from: 8, to: 64 }
  const { proof, headers } = await answer(lie, headersOf(liar), question, BOUNDS)
  const list = lie.map as unknown as { list: { ref: (start: number, width: number) => string } }
  const parts: [string, string] = [list.list.ref(8, 4), list.list.ref(12, 4)]
  verifyIndexProof({ size: 64, root: rootOf(lie) }, question, proof, headers) // it is believed
  const charge = accuseRange(proof, headers, parts)
  const file = await accuseAuthor(liar, named, [], charge)
  expect(await check(file)).toMatchObject({ fault: 'range' })
  expect(bytesBeside(file)).toBeLessThan(16 * 1024)
  const { way } = charge
  for (const changed of [
    { ...way, position: 9 },
    { ...way, pairs: way.pairs.slice(0, -1) },
    { ...way, pairs: way.pairs.slice(1) },
    { ...way, pairs: [...way.pairs, parts] },
    { ...way, posting: postedOf(liar.entries[8]!.header).posting }
  ])
    expect(await codeOf(() => check({ ...file, way: changed } as never))).toBe('BAD_PROOF')
  // an honest list has no such subtree
  const shown = await answer(index, headersOf(honest), { ...question, to: SIZE }, BOUNDS)
  expect(await codeOf(() => accuseRange(shown.proof, shown.headers, parts))).toBe('BAD_PROOF')
  const said = leafRef(postedOf(honest.entries[0]!.header).posting)
  const accused = await accuseAuthor(honest, truth, [], {
    ...charge,
    key: shown.proof.map.leaf!.key,
    map: shown.proof.map
  })
  for (const pairs of [[], [[said, said]], way.pairs])
    expect(await codeOf(() => check({ ...accused, way: { position: 0, pairs, posting: null } } as never))).toBe(
      'BAD_PROOF'
    )
})

test('two roots over as many entries convict; the same root again, another size or another format does not', async () => {
  const liar = await authorOf(10, dice(6), 110)
  const size = 5
  const right = indexMeta({ size, root: rootOf(build(headersOf(liar).slice(0, size))) })
  const wrong = indexMeta({ size, root: rootOf(build(headersOf(liar).slice(0, size - 1))) })
  const name = (meta: typeof right): Promise<Entry> => liar.append({ type: INDEX_TYPE, stream: INDEX_STREAM, meta })
  const [first, again, other, smaller, newer, format] = [
    await name(right),
    await name(right), // after a crash: the entry before may not have been seen
    await name(wrong),
    await name({ ...wrong, size: 4 }),
    await name({ ...wrong, v: 2 }),
    await name({ ...wrong, format: 'lmx0' })
  ]
  const judge = async (one: Entry, two: Entry): Promise<string | VerifiedIndexFault | undefined> => {
    const file = await accuseAuthor(liar, one, [two], { fault: 'two-roots' })
    return (await codeOf(() => check(file))) ?? (await check(file))
  }
  expect(await judge(first, other)).toMatchObject({ fault: 'two-roots', index: { seq: first.header.seq } })
  for (const [one, two] of [
    [other, first],
    [first, again],
    [first, first],
    [first, smaller],
    [first, newer],
    [first, format],
    [newer, first],
    [first, liar.entries.at(-1)!]
  ] as const)
    expect(await judge(one, two)).toBe('BAD_PROOF')
})

test('an entry that is not wholly an index, or a withdrawal, says nothing and is valid', async () => {
  // no caller can write one: append, push, import and adopt ask this
  for (const type of [INDEX_TYPE, WITHDRAW_TYPE]) expect(isReservedType(type)).toBe(true)
  const { header } = truth
  expect(indexOf(header)).toEqual({ size: SIZE, root: rootOf(index) })
  const meta = header.meta
  for (const changed of [
    { stream: 'main' },
    { type: 'note' },
    { issuer_oid: 'o' },
    { subject_oid: 'o' },
    { payload_hash: '0'.repeat(64), payload_size: 1 },
    { meta: { ...meta, more: 1 } },
    { meta: { ...meta, size: 0 } },
    { meta: { ...meta, size: header.seq + 1 } },
    { meta: { ...meta, root: 'x' } },
    { meta: { ...meta, v: 2 } }
  ]) {
    expect(indexOf({ ...header, ...changed })).toBeNull()
    await honest.make(changed) // its grammar is that of any other entry
  }
  const withdrawal = { ...header, type: WITHDRAW_TYPE, meta: { v: 1, entries: [truth.hash] } }
  expect(withdrawnBy(withdrawal)).toEqual([truth.hash])
  for (const entries of [[], ['x'], Array.from({ length: 65 }, () => truth.hash), null])
    expect(withdrawnBy({ ...withdrawal, meta: { v: 1, entries } })).toBeNull()
  expect(withdrawnBy(header)).toBeNull()
})

test('what is no fault file, or too long, or of a newer version', async () => {
  const file = await accuseAuthor(honest, truth, [], { fault: 'shape', key: truth.hash, map: NO_MAP, run: null })
  const bytes = (changes: object): Uint8Array =>
    Buffer.from(canonicalize({ ...packFault(file), ...changes } as unknown as Json))
  expect(await codeOf(() => check(bytes({})))).toBe('BAD_PROOF')
  expect(await codeOf(() => check(bytes({ v: 2, more: 1 })))).toBe('UPGRADE_NEEDED')
  expect(await codeOf(() => check(Buffer.alloc(1024 * 1024 + 1)))).toBe('TOO_LARGE')
  expect(await codeOf(() => check(Buffer.from(`${JSON.stringify(file)}\n`)))).toBe('BAD_PROOF')
  const map = (siblings: unknown): object => ({ map: { leaf: null, siblings } })
  for (const packed of [[], null, 'AAAA', ' ', '=', `${'A'.repeat(43)}`, `${'A'.repeat(42)}B=`, `${'A'.repeat(43)}=\n`])
    for (const changes of [{ tree: packed }, map(packed)])
      expect(await codeOf(() => check(bytes(changes)))).toBe('BAD_PROOF')
  for (const fault of [...LIST_FAULTS, 'range', 'two-roots', 'kind', 1])
    expect(await codeOf(() => check(bytes({ fault })))).toBe('BAD_PROOF')
  expect(await codeOf(() => encodeIndexFault({ ...file, more: 1 } as never))).toBe('BAD_PROOF')
})

const NO_MAP = { siblings: [], leaf: null }
const BOUNDS = { order: 'asc', limit: 500, items: 1000 } as const

function statementOf({ raw }: Entry): { header: string; signature: string } {
  return { header: Buffer.from(raw.header).toString(), signature: Buffer.from(raw.signature).toString('hex') }
}

test('the tree of a file is put together from what is at hand, or refused', async () => {
  const basis = await basisOf(honest)
  const shown = treeOf(honest, [truth])
  const make = (trees: (typeof shown)[]): unknown =>
    makeIndexFault(basis, trees, truth.raw, [honest.entries[5]!.raw], { fault: 'two-roots' })
  expect(await codeOf(() => make([shown]))).toBe('BAD_PROOF')
  expect(await codeOf(() => make([{ ...shown, proof: shown.proof.slice(1) }]))).toBe('BAD_PROOF')
  expect(await codeOf(() => make([shown, treeOf(honest, [honest.entries[5]!])]))).toBeUndefined()
})
