/** Ledgers, questions and lies for the index: all of it follows from a seed. */
import type { EntryFilter } from '../../../src/core/entry-filter.js'
import { matchesFilter } from '../../../src/core/entry-filter.js'
import { sha256Text } from '../../../src/core/hash.js'
import type { Header } from '../../../src/core/header.js'
import { ledgerIdOf } from '../../../src/core/ledger-id.js'
import { IndexBuilder, rootOf, type IndexSnapshot } from '../../../src/core/lmx1/index-builder.js'
import type { IndexProof, RunItem } from '../../../src/core/lmx1/index-proof.js'
import { postedOf } from '../../../src/core/lmx1/posting.js'
import { sourceOf } from '../../../src/core/lmx1/index-source.js'
import { proveIndex, type RunBounds } from '../../../src/core/lmx1/prove-index.js'
import { verifyIndexProof, type IndexQuestion } from '../../../src/core/lmx1/verify-index.js'
import { dice, type Dice } from '../../helpers/dice.js'

const START_MS = 1_700_000_000_000
const OTHERS = ['a', 'b', 'c'].map((name) => ledgerIdOf(sha256Text(name)))

export const upTo = (roll: Dice, end: number): number => Math.floor(roll() * end)
const oneOf = <T>(roll: Dice, list: readonly T[]): T => list[upTo(roll, list.length)]!

/** Headers of a ledger, with values of all families; unsigned, as the index reads nothing but them. */
export function makeHeaders(size: number, roll: Dice): Header[] {
  return Array.from({ length: size }, (_, seq) => ({
    v: 1,
    ledger: OTHERS[0]!,
    seq,
    prev_hash: sha256Text(`${seq - 1}`),
    key: sha256Text('key'),
    id: `id-${seq}`,
    stream: `s${upTo(roll, 3)}`,
    type: `t${upTo(roll, 6)}`,
    issuer_oid: roll() < 0.8 ? `o${upTo(roll, 20)}` : null,
    subject_oid: roll() < 0.75 ? `p${upTo(roll, 600)}` : null,
    timestamp: START_MS + seq * 3 + upTo(roll, 40),
    payload_hash: null,
    payload_size: 0,
    meta:
      roll() < 0.7
        ? {}
        : {
            crossLedgerRefs: [
              {
                ledgerId: oneOf(roll, OTHERS),
                entryId: `e${upTo(roll, 30)}`,
                entryHash: null,
                referenceType: 'related'
              }
            ],
            sync: { source: oneOf(roll, OTHERS), originalId: 'x', originalHash: sha256Text(`${seq}`) }
          }
  }))
}

export function makeQuestion(size: number, roll: Dice): IndexQuestion {
  const filter: EntryFilter = {}
  if (roll() < 0.3) filter.stream = `s${upTo(roll, 4)}`
  if (roll() < 0.3) filter.type = `t${upTo(roll, 7)}`
  if (roll() < 0.3) filter.issuer_oid = `o${upTo(roll, 22)}`
  if (roll() < 0.3) filter.subject_oid = `p${upTo(roll, 700)}`
  if (roll() < 0.1) filter.id = `id-${upTo(roll, size + 20)}`
  if (roll() < 0.1) filter.refers_to = { ledger: oneOf(roll, OTHERS) }
  if (filter.refers_to && roll() < 0.5) filter.refers_to.entry_id = `e${upTo(roll, 32)}`
  if (roll() < 0.4) filter.from = START_MS + upTo(roll, size * 3)
  if (roll() < 0.2) filter.to = (filter.from ?? START_MS) + upTo(roll, 900)
  const from = roll() < 0.5 ? 0 : upTo(roll, size)
  return { filter, from, to: roll() < 0.6 ? size : from + upTo(roll, size - from + 1) }
}

export const makeBounds = (roll: Dice): RunBounds => ({
  order: roll() < 0.5 ? 'asc' : 'desc',
  limit: 1 + upTo(roll, 40),
  items: roll() < 0.8 ? 2000 : 1 + upTo(roll, 10)
})

export function build(headers: readonly Header[], posted = postedOf): IndexSnapshot {
  const builder = new IndexBuilder(posted)
  for (const header of headers) builder.add(header)
  return builder.snapshot()
}

/** What a scan of all headers finds. */
export function scan(headers: readonly Header[], { filter, from, to }: IndexQuestion): number[] {
  return headers.slice(from, to).flatMap((header) => (matchesFilter(header, filter) ? [header.seq] : []))
}

/** An answer as it is handed over: the headers that the proof refers to are shown beside it. */
export interface Answer {
  proof: IndexProof
  question: IndexQuestion
  headers: Map<number, Header>
}

export async function answer(
  index: IndexSnapshot,
  headers: readonly Header[],
  question: IndexQuestion,
  bounds: RunBounds
): Promise<Answer> {
  const { proof, from, to, entries } = await proveIndex(sourceOf(index), question, bounds, (seq) =>
    matchesFilter(headers[seq]!, question.filter)
  )
  const shown = new Map(entries.map((seq) => [seq, headers[seq]!]))
  return { proof, question: { filter: question.filter, from, to }, headers: shown }
}

/** Changes one thing about an answer, as a server that lies would. The headers stay true: they are signed. */
export function tamper({ proof, question, headers }: Answer, all: readonly Header[], roll: Dice): Answer {
  const copy = structuredClone({ proof, question })
  const shown = new Map(headers)
  const { map, run } = copy.proof
  const items = run?.items ?? []
  const place = upTo(roll, items.length)
  const item = items[place]
  const someone = oneOf(roll, all)
  const changes: (() => void)[] = [
    () => items.splice(place, 1),
    () => item && (items[place] = 'entry' in item ? { posting: postedOf(all[item.entry]!).posting } : otherItem(item)),
    () => items.length > 1 && items.splice(place, 2, items[place + 1] ?? items[0]!, item!),
    () => items.splice(place, items.length, ...(roll() < 0.5 ? [] : [{ posting: postedOf(someone).posting }])),
    () => items.splice(place, 0, { entry: shown.set(someone.seq, someone) && someone.seq }),
    () => map.siblings.length > 0 && map.siblings.splice(upTo(roll, map.siblings.length), 1, sha256Text(`${roll()}`)),
    () => map.siblings.push('0'.repeat(64)),
    () => map.siblings.splice(upTo(roll, map.siblings.length), map.siblings.length),
    () => Object.assign(copy.proof, { run: null, map: { ...map, leaf: null } }),
    () => Object.assign(copy.proof, { run: null }),
    () => map.leaf && (map.leaf.count += roll() < 0.5 ? 1 : -1),
    () => map.leaf && (map.leaf.key = postedOf(someone).keys[0]!),
    () => run && (run.first += roll() < 0.5 ? 1 : -1),
    () => run?.outside.splice(upTo(roll, run.outside.length), 1),
    () => run?.outside.reverse(),
    () => (copy.question.from = upTo(roll, copy.question.to + 1)),
    () => (copy.question.to = copy.question.from + upTo(roll, all.length - copy.question.from)),
    () => item && 'posting' in item && (item.posting = flipDigit(item.posting, roll)),
    () =>
      item && 'skipped' in item && (roll() < 0.5 ? (item.width *= 2) : (item.skipped = flipDigit(item.skipped, roll))),
    () => (copy.proof.family = oneOf(roll, ['all', 'id', 'stream', 'type', 'issuer', 'subject', 'target'] as const))
  ]
  oneOf(roll, changes)()
  return { ...copy, headers: shown }
}

const otherItem = (item: RunItem): RunItem =>
  'posting' in item ? { skipped: item.posting.repeat(2).slice(0, 88), width: 2 } : item

function flipDigit(hex: string, roll: Dice): string {
  const at = upTo(roll, hex.length)
  return `${hex.slice(0, at)}${(Number.parseInt(hex[at]!, 16) ^ (1 << upTo(roll, 4))).toString(16)}${hex.slice(at + 1)}`
}

/**
 * Asks `questions` times and tampers `each` times with every answer. Throws when an answer is not what a scan finds, or
 * a lie is believed.
 */
export async function play(
  size: number,
  questions: number,
  each: number,
  seed: number
): Promise<{ refused: number; same: number }> {
  const roll = dice(seed)
  const headers = makeHeaders(size, roll)
  const index = build(headers)
  const root = { size, root: rootOf(index) }
  const counts = { refused: 0, same: 0 }
  for (let asked = 0; asked < questions; asked++) {
    const honest = await answer(index, headers, makeQuestion(size, roll), makeBounds(roll))
    check(honest, verifyIndexProof(root, honest.question, honest.proof, honest.headers), 'an honest answer')
    for (let time = 0; time < each; time++) {
      const lie = tamper(honest, headers, roll)
      const seqs = believe(lie)
      if (seqs === null) counts.refused++
      else {
        check(lie, seqs, 'a lie')
        counts.same++
      }
    }
  }
  return counts

  function believe(lie: Answer): number[] | null {
    try {
      return verifyIndexProof(root, lie.question, lie.proof, lie.headers)
    } catch (error) {
      if ((error as { code?: string }).code !== 'BAD_PROOF') throw error
      return null
    }
  }

  function check({ question }: Answer, seqs: number[], what: string): void {
    if (seqs.join() !== scan(headers, question).join())
      throw new Error(`seed ${seed}, ${size} entries: ${what} says ${seqs.join()} to ${JSON.stringify(question)}`)
  }
}
