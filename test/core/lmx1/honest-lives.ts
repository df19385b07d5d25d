/**
 * Authors who sign nothing but what they hold, and what becomes of them: crashes that lose what nobody saw, an index on
 * the disk that is behind or ahead, keys that are retired and stolen, versions that write indexes of other forms. Nobody
 * may be able to accuse them. All of it follows from a seed.
 */
import { keyEpoch } from '../../../src/core/chain.js'
import type { Entry } from '../../../src/core/entry.js'
import type { SigningKey } from '../../../src/core/keys.js'
import { IndexBuilder, rootOf, type IndexSnapshot } from '../../../src/core/lmx1/index-builder.js'
import { INDEX_STREAM, INDEX_TYPE, indexMeta, indexOf } from '../../../src/core/lmx1/index-entry.js'
import { encodeIndexFault } from '../../../src/core/lmx1/index-fault.js'
import { indexKey, postedOf } from '../../../src/core/lmx1/posting.js'
import { sourceOf } from '../../../src/core/lmx1/index-source.js'
import { proveIndex } from '../../../src/core/lmx1/prove-index.js'
import { verifyIndexFault } from '../../../src/core/lmx1/verify-index-fault.js'
import { weighFault, type FaultVerdict } from '../../../src/core/lmx1/weigh-fault.js'
import type { Dice } from '../../helpers/dice.js'
import { Author } from '../author.js'
import { accuseAuthor, headersOf } from './indexed-author.js'
import { mutants, orRefused } from './play-faults.js'
import { build, makeHeaders, upTo } from './world.js'

/** Entries that a crash loses at the most. */
const MAX_LOST = 4
const KEY = indexKey('type', 'forged')

export interface Life {
  author: Author
  /** The keys that were in force, and from which entry on. */
  signers: { from: number; signer: SigningKey }[]
}

/** `careless`: goes on with the index that the disk has, whatever became of the entries. */
export async function live(steps: number, roll: Dice, { seed = 1, careless = false } = {}): Promise<Life> {
  const author = await Author.create(seed)
  const signers = [{ from: 0, signer: author.signer }]
  const headers = makeHeaders(steps, roll)
  let builder = new IndexBuilder()
  let shown = 1
  for (let step = 0; step < steps; step++) {
    const { stream, type, issuer_oid, subject_oid, timestamp, meta } = headers[step]!
    const what = roll()
    if (what < 0.06) {
      await author.rotate()
      signers.push({ from: author.size - 1, signer: author.signer })
      shown = author.size
    } else if (what < 0.16) {
      catchUp()
      await author.append({ type: INDEX_TYPE, stream: INDEX_STREAM, meta: indexMeta(said(builder.snapshot())) })
    } else if (what < 0.2) {
      const other = {
        ...indexMeta({ size: 1, root: '0'.repeat(64) }),
        ...(roll() < 0.5 ? { format: 'lmx0' } : { v: 2 })
      }
      await author.append({ type: INDEX_TYPE, stream: INDEX_STREAM, meta: other })
    } else if (what < 0.3) {
      // What nobody saw may be lost, with or without the index that was over it.
      if (roll() < 0.5) catchUp()
      author.entries.splice(Math.max(shown, author.size - upTo(roll, MAX_LOST + 1)))
      if (builder.size > author.size && !careless) builder = new IndexBuilder()
    } else {
      await author.append({ id: `step-${step}`, stream, type, issuer_oid, subject_oid, timestamp, meta })
      if (roll() < 0.2) shown = author.size
    }
  }
  return { author, signers }

  function catchUp(): void {
    for (const header of headersOf(author).slice(builder.size)) builder.add(header)
  }

  /** Never over more than there is. */
  function said(index: IndexSnapshot): { size: number; root: string } {
    const size = Math.min(index.size, author.size)
    return { size, root: rootOf(index) }
  }
}

const namedIn = ({ entries }: Author): Entry[] => entries.filter(({ header }) => indexOf(header) !== null)

/** Accuses him of everything, with all that he signed. Throws when something sticks; how many accusations did not. */
export async function accuseHonest({ author }: Life, files: number, seed: number): Promise<number> {
  const named = namedIn(author)
  const allOfThem = author.entries.filter(({ header }) => header.type === INDEX_TYPE)
  let refused = 0
  for (const first of allOfThem)
    for (const second of allOfThem) {
      const file = await accuseAuthor(author, first, [second], { fault: 'two-roots' })
      if ((await orRefused(() => verifyIndexFault(encodeIndexFault(file)))) !== null)
        throw new Error(`seed ${seed}: two roots in ${first.header.seq} and ${second.header.seq}`)
      refused++
    }
  for (const truth of named) {
    const { size, root } = indexOf(truth.header)!
    const index = build(headersOf(author).slice(0, size))
    if (rootOf(index) !== root) throw new Error(`seed ${seed}: he signed what is not so, in ${truth.header.seq}`)
    refused += await mutants({ author, index, truth, files, seed })
  }
  return refused
}

/** Whether one of his indexes is not what his entries make. */
export function isWrong({ author }: Life): boolean {
  return namedIn(author).some(({ header }) => {
    const { size, root } = indexOf(header)!
    return rootOf(build(headersOf(author).slice(0, size))) !== root
  })
}

/**
 * A thief of a retired key makes a file against the owner: with an index that lies, or with one that the owner signed
 * and an entry of his own below it. What it is worth to those who know of the rotation, and to those who do not yet;
 * null: the owner retired no key.
 */
export async function rob(
  { author, signers }: Life,
  roll: Dice
): Promise<{ late: FaultVerdict; early: FaultVerdict } | null> {
  const epoch = upTo(roll, signers.length - 1)
  const [stolen, after] = [signers[epoch], signers[epoch + 1]]
  if (stolen === undefined || after === undefined) return null
  const thief = author.fork()
  thief.entries.splice(stolen.from + 1 + upTo(roll, after.from - stolen.from))
  thief.signer = stolen.signer
  const honest = namedIn(thief).find(({ header }) => indexOf(header)!.size > stolen.from + 1)
  let [named, forged] = [honest, null as Entry | null]
  if (named === undefined) {
    forged = await thief.append({ type: 'forged' })
    const lie = build(headersOf(thief), (header) => ({ ...postedOf(header), keys: [indexKey('all', '')] }))
    named = await thief.append({
      type: INDEX_TYPE,
      stream: INDEX_STREAM,
      meta: indexMeta({ size: lie.size, root: rootOf(lie) })
    })
    return await worth(lie)
  }
  const { size } = indexOf(named.header)!
  const truth = build(headersOf(thief).slice(0, size))
  const seq = stolen.from + 1 + upTo(roll, size - stolen.from - 1)
  forged = await thief.make({ seq, type: 'forged', prev_hash: thief.entries[seq - 1]!.hash })
  thief.entries.splice(seq, 1, forged)
  return await worth(truth)

  async function worth(index: IndexSnapshot): Promise<{ late: FaultVerdict; early: FaultVerdict }> {
    const question = { filter: { type: 'forged' }, from: 0, to: index.size }
    const { map } = (await proveIndex(sourceOf(index), question, { order: 'asc', limit: 1, items: 1 }, () => true))
      .proof
    const file = await accuseAuthor(thief, named!, [forged!], { fault: 'omitted', key: KEY, map, run: null })
    const verified = await verifyIndexFault(encodeIndexFault(file))
    const shared = thief.hashes().findIndex((hash, at) => hash !== author.entries[at]?.hash)
    const keys = author.keyEntries().map(keyEpoch)
    const known = (until: number): FaultVerdict =>
      weighFault(verified, { keys: keys.slice(0, until), shared, frozen: null })
    return { late: known(keys.length), early: known(epoch + 1) }
  }
}
