/** A node of one ledger that answers by an index, and whose author may have lied in it. */
import { query, type QueryReply, type QuerySource, type SelectRequest } from '../../protocols/query/index.js'
import type { Entry } from '../../src/core/entry.js'
import { matchesFilter } from '../../src/core/entry-filter.js'
import { toHex } from '../../src/core/hash.js'
import { indexOf } from '../../src/core/lmx1/index-entry.js'
import type { IndexSnapshot } from '../../src/core/lmx1/index-builder.js'
import { sourceOf } from '../../src/core/lmx1/index-source.js'
import { proveIndex } from '../../src/core/lmx1/prove-index.js'
import { multiproof } from '../../src/core/multiproof.js'
import { protocolHandler } from '../../src/network/host.js'
import { fromWire } from '../../src/node/query/wire-filter.js'
import { indexToWire } from '../../src/node/query/wire-index.js'
import type { Author } from '../core/author.js'
import { recordOf } from './query-peer.js'
import { TestPeer } from './test-peer.js'

/** Questions by subject are answered by the index; others by what matches. `named`: the entry that names it; `fault`: what it shows. */
export async function startIndexedPeer(
  author: Author,
  index: IndexSnapshot,
  named: Entry,
  fault: Uint8Array | null = null
): Promise<TestPeer> {
  const withFault = (reply: QueryReply): QueryReply => ({ ...reply, basis: { ...reply.basis, indexFault: fault } })
  const source: QuerySource = {
    select: async (_peer, request) => ({ reply: withFault(await select(author, index, named, request)), examined: 1 }),
    get: async (_peer, { wanted }) => {
      const hashes = 'hashes' in wanted ? wanted.hashes.map(toHex) : []
      const entries = author.entries.filter(({ hash }) => hashes.includes(hash))
      return { reply: withFault(await replyOf(author, entries, {})), examined: 1 }
    }
  }
  return await TestPeer.start({
    authors: [author],
    handlers: [protocolHandler(query, source)],
    intro: async (peerId) => ({ record: await recordOf(author, peerId) })
  })
}

async function select(author: Author, index: IndexSnapshot, named: Entry, request: SelectRequest): Promise<QueryReply> {
  const filter = fromWire(request.filter)
  const { size } = indexOf(named.header)!
  const matches = ({ header }: Entry): boolean => matchesFilter(header, filter)
  if (filter.subject_oid === undefined)
    return await replyOf(author, author.entries.slice(request.from, request.to ?? undefined).filter(matches), {})
  if (request.from >= size) return await replyOf(author, author.entries.slice(request.from), { all: true, matches })
  const { limit, from } = request
  const found = await proveIndex(
    sourceOf(index),
    { filter, from, to: size },
    { order: 'asc', limit, items: 100 },
    (seq) => matches(author.entries[seq]!)
  )
  const shown = found.entries.map((seq) => author.entries[seq]!)
  const wire = indexToWire({ entry: named.raw, proof: found.proof })
  const more = { all: true, index: wire, ending: 'budget', next: found.to, matches } as const
  return await replyOf(author, shown, more, [named])
}

async function replyOf(
  author: Author,
  entries: readonly Entry[],
  { matches = () => true, ...some }: Partial<QueryReply> & { matches?: (entry: Entry) => boolean },
  more: readonly Entry[] = []
): Promise<QueryReply> {
  const seqs = new Set([...author.keyEntries(), ...entries, ...more].map(({ header }) => header.seq))
  const tree = multiproof(
    author.hashes(),
    [...seqs].sort((a, b) => a - b)
  )
  return {
    basis: {
      checkpoint: await author.checkpoint(),
      keyEntries: author.keyEntries().map(({ raw: { header, signature } }) => ({ header, signature })),
      consistency: [],
      evidence: null,
      indexFault: null
    },
    entries: entries.map(({ raw }) => ({ ...raw, payload: null })),
    tree: tree.map((hash) => Buffer.from(hash, 'hex')),
    index: null,
    count: entries.filter(matches).length,
    ending: 'end',
    all: false,
    next: null,
    ...some
  }
}
