/** One example of each index fault: authors who lie in one way each, from fixed seeds. */
import { fromUtf8 } from '#platform'
import { accuse } from '../../src/core/lmx1/accuse.js'
import { accuseRange } from '../../src/core/lmx1/accuse-range.js'
import type { IndexCharge, ListCharge } from '../../src/core/lmx1/index-charge.js'
import { encodeIndexFault } from '../../src/core/lmx1/index-fault.js'
import type { IndexSnapshot } from '../../src/core/lmx1/index-builder.js'
import type { MapProof } from '../../src/core/lmx1/index-proof.js'
import { EMPTY, find, type MapNode } from '../../src/core/lmx1/map.js'
import { indexKey, postedOf, u48 } from '../../src/core/lmx1/posting.js'
import { sourceOf } from '../../src/core/lmx1/index-source.js'
import { proveIndex } from '../../src/core/lmx1/prove-index.js'
import { leafRef, PostingList } from '../../src/core/lmx1/list.js'
import type { Entry } from '../../src/core/entry.js'
import { Author } from '../core/author.js'
import { accuseAuthor, headersOf, nameIndex } from '../core/lmx1/indexed-author.js'
import { timeless } from '../core/lmx1/liars.js'
import { answer, build } from '../core/lmx1/world.js'

const SIZE = 20
const ALL = indexKey('all', '')
const BOUNDS = { order: 'asc', limit: 100, items: 100 } as const
/** After the first 16 entries. */
const LATE = 1_700_000_000_016

async function liar(seed: number): Promise<Author> {
  const author = await Author.create(seed)
  while (author.size < SIZE / 2) await author.append({ subject_oid: `oid:${author.size % 3}` })
  await author.rotate()
  while (author.size < SIZE) await author.append({ subject_oid: `oid:${author.size % 3}` })
  return author
}

/** An index with one list, of all entries. */
function alone(author: Author, count: number, posted = postedOf): IndexSnapshot {
  const list = new PostingList()
  for (const header of headersOf(author)) {
    const { posting } = posted(header)
    list.append({ posting, ref: leafRef(posting) })
  }
  return { size: author.size, map: { key: ALL, count, list, hash: null } }
}

type Lie = (author: Author) => Promise<{ index: IndexSnapshot; accusing: Entry[]; charge: IndexCharge }>

const LIES: Record<Exclude<IndexCharge['fault'], 'two-roots'>, Lie> = {
  omitted: async (author) => {
    const subject = indexKey('subject', 'oid:1')
    const hides = (seq: number): boolean => seq === 7
    const index = build(headersOf(author), (header) => {
      const said = postedOf(header)
      return hides(header.seq) ? { ...said, keys: said.keys.filter((key) => key !== subject) } : said
    })
    return await believed(author, index, { subject_oid: 'oid:1' }, 7)
  },
  wrong: async (author) => {
    const index = build(headersOf(author), (header) => {
      const { posting, keys } = postedOf(header)
      return { posting: header.seq === 7 ? `${posting.slice(0, 48)}00000000` : posting, keys }
    })
    return await believed(author, index, { stream: 'main', subject_oid: 'oid:1' }, 7)
  },
  order: async (author) => {
    const index = alone(author, SIZE, (header) => {
      const { posting, keys } = postedOf(header)
      return { posting: header.seq === 5 ? u48(4) + posting.slice(12) : posting, keys }
    })
    const { run, way } = await shownBy(index, 5)
    return { index, accusing: [], charge: { fault: 'order', key: ALL, map: way, run } }
  },
  count: async (author) => {
    const index = alone(author, 2)
    const { way } = await shownBy(index, 1)
    return {
      index,
      accusing: author.entries.slice(1, 4),
      charge: { fault: 'count', key: ALL, map: way, run: null }
    }
  },
  shape: async (author) => {
    const { map } = alone(author, SIZE)
    const side: { left: MapNode; right: MapNode; hash: null } =
      Number.parseInt(ALL[0]!, 16) < 8 ? { left: map, right: null, hash: null } : { left: null, right: map, hash: null }
    const index = { size: SIZE, map: side }
    const { way } = await shownBy(index, 1)
    if (way.siblings[0] !== EMPTY) throw new Error('not what it is to show')
    return { index, accusing: [], charge: { fault: 'shape', key: ALL, map: way, run: null } }
  },
  range: async (author) => {
    const asked = { filter: { from: LATE }, from: 8, to: SIZE }
    const index = timeless(headersOf(author), (start) => start === 8)
    const { proof, headers } = await answer(index, headersOf(author), asked, BOUNDS)
    const list = (index.map as { list: PostingList }).list
    return { index, accusing: [], charge: accuseRange(proof, headers, [list.ref(8, 4), list.ref(12, 4)]) }
  }
}

async function believed(
  author: Author,
  index: IndexSnapshot,
  filter: { stream?: string; subject_oid: string },
  missing: number
): ReturnType<Lie> {
  const asked = { filter, from: 0, to: SIZE }
  const { proof, question, headers } = await answer(index, headersOf(author), asked, BOUNDS)
  const entry = author.entries[missing]!
  return { index, accusing: [entry], charge: accuse(question, proof, headers, entry.header) }
}

/** The way to the list of all, and the list from its beginning up to that position, by its postings. */
async function shownBy(index: IndexSnapshot, last: number): Promise<Pick<ListCharge, 'run'> & { way: MapProof }> {
  const { proof } = await proveIndex(sourceOf(index), { filter: {}, from: 0, to: last }, BOUNDS, () => true)
  const { run, map } = proof
  const list = find(index.map, ALL)!.list
  return { run: run && { ...run, items: run.items.map((_item, at) => ({ posting: list.posting(at) })) }, way: map }
}

/** By name. */
export async function faultFiles(): Promise<Record<string, string>> {
  const files: Record<string, string> = {}
  let seed = 300
  for (const [fault, lie] of Object.entries(LIES)) {
    const author = await liar(seed++)
    const { index, accusing, charge } = await lie(author)
    const named = await nameIndex(author, index)
    files[`index-fault-${fault}.json`] = fromUtf8(encodeIndexFault(await accuseAuthor(author, named, accusing, charge)))
  }
  const author = await liar(seed)
  const first = await nameIndex(author, build(headersOf(author).slice(0, SIZE)))
  const second = await nameIndex(author, alone(await liar(seed), SIZE))
  const roots = await accuseAuthor(author, first, [second], { fault: 'two-roots' })
  files['index-fault-two-roots.json'] = fromUtf8(encodeIndexFault(roots))
  return files
}
