/** Answers that somebody else made: whatever is done to them, nothing that is accepted is wrong. */
import { describe, expect, test } from 'vitest'
import { verifyBasis, verifyPage } from '../../src/core/answer-page.js'
import { decodeEntry } from '../../src/core/entry.js'
import { matchesFilter } from '../../src/core/entry-filter.js'
import { encodeHeader } from '../../src/core/header.js'
import { multiproof } from '../../src/core/multiproof.js'
import { verifySignature } from '../../src/core/signature.js'
import type { RawStatement } from '../../src/core/verify-proof.js'
import {
  verifyAnswer,
  type AnswerFile,
  type AnswerQuestion,
  type VerifiedAnswer
} from '../../src/core/verify-answer.js'
import type { IndexProof } from '../../src/core/lmx1/index-proof.js'
import { dice } from '../helpers/dice.js'
import { indexedPartOf, namedBy } from '../vectors/indexed-part.js'
import { answerOf, partOf } from '../vectors/make-files.js'
import { statement } from '../vectors/statement.js'
import { Author, codeOf, flipBit, NETWORK } from './author.js'
import { nameIndex } from './lmx1/indexed-author.js'
import { build } from './lmx1/world.js'

const SEED = Number(process.env.SEED ?? 20261127)
const MUTATIONS = Number(process.env.MUTATIONS ?? 500)
const SUBJECTS = ['oid:a', 'oid:b', 'oid:c', null]

async function makeAuthor(seed: number, entries: number): Promise<Author> {
  const random = dice(seed)
  const author = await Author.create(seed)
  for (let at = 1; at < entries; at++) {
    if (at % 17 === 0) await author.rotate()
    else if (at % 5 === 0) await author.appendPayload({ at })
    else
      await author.append({
        stream: random() < 0.5 ? 'main' : 'other',
        subject_oid: SUBJECTS[Math.floor(random() * 4)]!,
        // they go back and forth: the author's claim orders nothing
        timestamp: 1_700_000_000_000 + Math.floor(random() * 1000)
      })
  }
  return author
}

const authors = await Promise.all([makeAuthor(1, 60), makeAuthor(60, 33), makeAuthor(120, 8)])
for (const author of authors) await nameIndex(author, build(author.entries.map(({ header }) => header)))
/** An answer shows every entry, those that match, or those that match by an index. */
type Way = 'all' | 'matches' | 'index'
const WAYS: Way[] = ['all', 'matches', 'index']
const QUESTIONS: AnswerQuestion[] = [
  { order: 'asc', subject_oid: 'oid:a' },
  { order: 'desc', subject_oid: 'oid:b', stream: 'main' },
  { order: 'asc', from: 1_700_000_000_200, to: 1_700_000_000_700 },
  { order: 'desc' },
  { order: 'asc', subject_oid: 'nobody' }
]

async function makeAnswer(question: AnswerQuestion, way: Way): Promise<AnswerFile> {
  const whole = way !== 'matches'
  const parts = await Promise.all(
    authors.map(async (author) => {
      const note = await author.checkpoint()
      return way === 'index'
        ? await indexedPartOf(author, question, note, 9)
        : partOf(author, question, note, { whole, perPage: 9 })
    })
  )
  parts.sort((a, b) => (a.ledger < b.ledger ? -1 : 1))
  return answerOf(
    question,
    parts,
    parts.map(({ ledger }) => ({ ledger, state: whole ? 'proved' : 'included' })),
    whole
  )
}

/** The same signatures come again and again. */
const verdicts = new Map<string, boolean>()
function verify(key: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  const name = [key, message, signature].map((bytes) => Buffer.from(bytes).toString('base64')).join(' ')
  const known = verdicts.get(name) ?? verifySignature(key, message, signature)
  verdicts.set(name, known)
  return known
}

/** Why what was accepted is wrong; null: it is not. */
function wrong({ entries, sources, question, proved }: VerifiedAnswer): string | null {
  const { order, ...filter } = question
  for (const { ledger, as_of: tree, proved: whole } of sources) {
    const shown = entries.filter((entry) => entry.ledger === ledger).map(({ hash }) => hash)
    const author = authors.find((one) => one.ledger === ledger)
    if (tree === null) {
      if (shown.length > 0 || whole) return 'something of a ledger that is not shown'
      continue
    }
    if (author === undefined) return 'a ledger that there is not'
    const all = author.entries.slice(0, tree.size).filter(({ header }) => matchesFilter(header, filter))
    const due = (order === 'asc' ? all : all.toReversed()).map(({ hash }) => hash)
    const some = due.filter((hash) => shown.includes(hash))
    if (JSON.stringify(some) !== JSON.stringify(shown)) return 'entries that do not match, or in another order'
    if (whole && shown.length !== due.length) return 'it is called whole, and an entry is missing'
  }
  return proved && sources.some((source) => !source.proved) ? 'it is called whole, and a ledger is not' : null
}

test('honest answers say what a walk over all entries says', async () => {
  for (const question of QUESTIONS)
    for (const way of WAYS) {
      const whole = way !== 'matches'
      const verified = await verifyAnswer(JSON.stringify(await makeAnswer(question, way)))
      const by = { all: 'chain', matches: null, index: 'author' }[way]
      for (const source of verified.sources) expect(source.by).toBe(by)
      expect(wrong(verified)).toBeNull()
      const { order: _, ...filter } = question
      const due = authors.flatMap(({ entries }) => entries.filter(({ header }) => matchesFilter(header, filter)))
      expect(verified.entries).toHaveLength(due.length)
      expect(verified).toMatchObject({ proved: whole, complete: whole })
    }
})

test(`no wrong answer is accepted in ${MUTATIONS} mutations`, { timeout: 240_000 }, async () => {
  const random = dice(SEED)
  const answers = await Promise.all(QUESTIONS.flatMap((question) => WAYS.map((way) => makeAnswer(question, way))))
  const smaller = new Map(
    await Promise.all(
      authors.map(async (author) => [author.ledger, await author.checkpoint(author.size - 1, author.signer)] as const)
    )
  )
  let refused = 0
  for (let round = 0; round < MUTATIONS; round++) {
    const file = structuredClone(answers[Math.floor(random() * answers.length)]!)
    const what = mutate(file, (below) => Math.floor(random() * below), smaller)
    try {
      expect(wrong(await verifyAnswer(file, { verify })), `seed ${SEED}, round ${round}: ${what}`).toBeNull()
    } catch (error) {
      if ((error as { code?: string }).code !== 'BAD_PROOF') throw error
      refused++
    }
  }
  console.log(
    `answers: seed ${SEED}, ${refused} of ${MUTATIONS} mutations refused, the others changed nothing that is wrong`
  )
  expect(refused).toBeGreaterThan(MUTATIONS / 2)
})

test('an index that is not of the tree, or of another ledger, or names none, shows nothing', async () => {
  const [author, other] = [authors[0]!, authors[1]!]
  const question = QUESTIONS[0]!
  const part = await indexedPartOf(author, question, await author.checkpoint(), 100)
  const [page] = part.pages
  const answer = (index: Page['index']): AnswerFile =>
    answerOf(
      question,
      [{ ...part, pages: [{ ...page!, index: index! }] }],
      [{ ledger: part.ledger, state: 'proved' }],
      true
    )
  const code = async (entry: RawStatement): Promise<string | undefined> =>
    await codeOf(async () => await verifyAnswer(answer({ ...page!.index!, entry })))
  expect(await code(page!.index!.entry)).toBeUndefined()
  expect(await code(statement(namedBy(other).raw))).toBe('BAD_PROOF')
  expect(await code(statement(author.entries[3]!.raw))).toBe('BAD_PROOF')
  const late = await author.fork().make(namedBy(author).header)
  expect(await code(statement({ ...late.raw, signature: flipBit(late.raw.signature, 1) }))).toBe('BAD_PROOF')
  // A page with entries that no item of the run names.
  const more = { ...page!, entries: [statementWith(author.entries[0]!), ...page!.entries] }
  const tree = multiproof(
    author.hashes(),
    [...new Set([...treeSeqs(author, more), namedBy(author).header.seq])].sort((a, b) => a - b)
  )
  const file = answerOf(
    question,
    [{ ...part, pages: [{ ...more, tree }] }],
    [{ ledger: part.ledger, state: 'proved' }],
    true
  )
  expect(await codeOf(async () => await verifyAnswer(file))).toBe('BAD_PROOF')
})

describe('a page', () => {
  test('what hashes and is not signed is its author’s fault; what does not hash is not', async () => {
    const author = await Author.create(9)
    const good = await author.append({ subject_oid: 'oid:a' })
    const unsigned = decodeEntry({
      header: encodeHeader(author.header()),
      signature: flipBit(good.raw.signature, 3),
      payload: null
    })
    author.entries.push(unsigned)
    const keyEntries = author.keyEntries().map(({ raw }) => raw)
    const of = { network: NETWORK, ledger: author.ledger }
    const basis = await verifyBasis(of, { keyEntries, checkpoint: await author.checkpoint() }, verifySignature)
    const show = async (entry: typeof good): Promise<string | undefined> =>
      await codeOf(async () => {
        const tree = multiproof(author.hashes(), [0, 2])
        await verifyPage(
          basis,
          { span: null, tree, entries: [entry.raw], index: null },
          { filter: {}, order: 'asc' },
          verifySignature
        )
      })
    expect(await show(unsigned)).toBe('BAD_SIGNATURE')
    expect(await show(await author.fork().make({ seq: 2, id: 'made up' }))).toBe('BAD_PROOF')
  })

  test('a rotation that is left out, one that lies behind the checkpoint, another network', async () => {
    const author = authors[0]!
    const keyEntries = author.keyEntries().map(({ raw }) => raw)
    const checkpoint = await author.checkpoint()
    const code = async (network: string, keys: typeof keyEntries, note: string): Promise<string | undefined> =>
      await codeOf(
        async () =>
          await verifyBasis({ network, ledger: author.ledger }, { keyEntries: keys, checkpoint: note }, verifySignature)
      )
    expect(await code(NETWORK, keyEntries, checkpoint)).toBeUndefined()
    expect(await code(NETWORK, keyEntries.slice(0, -1), checkpoint)).toBe('BAD_PROOF')
    expect(await code(NETWORK, keyEntries.toSpliced(1, 1), checkpoint)).toBe('BAD_PROOF')
    expect(await code(NETWORK, [], checkpoint)).toBe('BAD_PROOF')
    expect(await code('other', keyEntries, checkpoint)).toBe('WRONG_NETWORK')
    expect(await code(NETWORK, keyEntries, await author.checkpoint(20))).toBe('BAD_PROOF')
  })
})

function mutate(file: AnswerFile, pick: (below: number) => number, smaller: Map<string, string>): string {
  const part = file.parts[pick(file.parts.length)]!
  const page = part.pages[pick(part.pages.length)]
  const other = file.parts[pick(file.parts.length)]!.pages.flatMap(({ entries }) => entries)
  const others = file.parts[pick(file.parts.length)]!.pages
  const run = page?.index?.proof.run
  const flipText = (text: string): string => {
    const at = pick(text.length)
    return `${text.slice(0, at)}${text[at] === '0' ? '1' : '0'}${text.slice(at + 1)}`
  }
  const ways: [string, () => unknown][] = [
    ['a page is dropped', () => part.pages.splice(pick(part.pages.length), 1)],
    ['a page comes twice', () => page && part.pages.push(structuredClone(page))],
    ['the pages are in another order', () => part.pages.reverse()],
    ['a part is dropped', () => file.parts.splice(pick(file.parts.length), 1)],
    ['a source is dropped', () => file.sources.splice(pick(file.sources.length), 1)],
    ['an entry is dropped', () => page?.entries.splice(pick(page.entries.length), 1)],
    ['an entry is dropped, and the span is cut', () => cut(page, pick)],
    ['entries change places', () => page?.entries.reverse()],
    [
      'an entry is put in',
      () =>
        page && other.length > 0 && page.entries.splice(pick(page.entries.length + 1), 0, other[pick(other.length)]!)
    ],
    [
      'an entry is another',
      () =>
        page &&
        other.length > 0 &&
        page.entries.length > 0 &&
        (page.entries[pick(page.entries.length)] = other[pick(other.length)]!)
    ],
    ['a header is another', () => page?.entries[0] && (page.entries[0].header = flipText(page.entries[0].header))],
    [
      'a signature is another',
      () => page?.entries[0] && (page.entries[0].signature = flipText(page.entries[0].signature))
    ],
    ['the span is shifted', () => page?.span && (page.span.from += pick(3) - 1)],
    ['the span is longer', () => page?.span && (page.span.to += 1 + pick(2))],
    ['it is called a span', () => page && (page.span = { from: 0, to: page.entries.length })],
    ['it is called no span', () => page && (page.span = null)],
    ['a sibling is dropped', () => page?.tree.splice(pick(page.tree.length), 1)],
    [
      'a sibling is another',
      () =>
        page &&
        page.tree.length > 0 &&
        (page.tree[pick(page.tree.length)] = other.length.toString(16).padStart(64, '0'))
    ],
    ['the checkpoint is older', () => (part.checkpoint = smaller.get(part.ledger)!)],
    ['the checkpoint is another', () => (part.checkpoint = flipText(part.checkpoint))],
    ['a key entry is dropped', () => part.key_entries.splice(pick(part.key_entries.length), 1)],
    ['the question is another', () => (file.question.subject_oid = SUBJECTS[pick(3)]!)],
    ['the order is another', () => (file.question.order = file.question.order === 'asc' ? 'desc' : 'asc')],
    ['an item of the index is dropped', () => run?.items.splice(pick(run.items.length), 1)],
    ['an item of the index is another', () => run && (run.items[pick(run.items.length)] = { entry: pick(60) })],
    ['entry and item are dropped', () => dropShown(page, pick)],
    ['a posting is another', () => flipPosting(run, flipText)],
    ['the run is none', () => page?.index && (page.index.proof.run = null)],
    ['the index knows no such value', () => page?.index && (page.index.proof = { ...page.index.proof, ...NOWHERE })],
    ['the index is left out', () => page && delete page.index],
    ['the index is that of another page', () => page && others[0]?.index && (page.index = others[0].index)],
    ['the index is another entry', () => page?.index && other[0] && (page.index.entry = other[0])],
    ['the index entry is not signed', () => page?.index && (page.index.entry.signature = flipText('0'.repeat(128)))],
    ['the parts change ledgers', () => (part.ledger = file.parts[0]!.ledger)]
  ]
  const [what, change] = ways[pick(ways.length)]!
  change()
  return what
}

function statementWith({ raw }: Author['entries'][number]): Page['entries'][number] {
  return { ...statement(raw), payload: null }
}

function treeSeqs(author: Author, { entries }: Page): number[] {
  const shown = entries.map(({ header }) => (JSON.parse(header) as { seq: number }).seq)
  return [...author.keyEntries().map(({ header }) => header.seq), ...shown]
}

type Page = AnswerFile['parts'][number]['pages'][number]
const NOWHERE = { map: { siblings: [], leaf: null }, run: null }

function dropShown(page: Page | undefined, pick: (below: number) => number): void {
  const run = page?.index?.proof.run
  if (page === undefined || run == null || page.entries.length === 0) return
  const [gone] = page.entries.splice(pick(page.entries.length), 1)
  const { seq } = JSON.parse(gone!.header) as { seq: number }
  run.items = run.items.filter((item) => !('entry' in item && item.entry === seq))
}

function flipPosting(run: IndexProof['run'] | undefined, flip: (text: string) => string): void {
  const item = run?.items.find((one) => 'posting' in one)
  if (item !== undefined) item.posting = flip(item.posting)
}

function cut(page: AnswerFile['parts'][number]['pages'][number] | undefined, pick: (below: number) => number): void {
  if (page?.span == null) return
  if (pick(2) === 0) {
    page.entries.pop()
    page.span.to--
  } else {
    page.entries.shift()
    page.span.from++
  }
}
