/**
 * Before a root is signed, questions about it are answered as a peer would ask them, checked as a stranger checks them,
 * and compared with what the ledger's own postings find: a wrong root would convict its author everywhere.
 */
import type { EntryFilter } from '../../core/entry-filter.js'
import { matchesFilter } from '../../core/entry-filter.js'
import { isCoded } from '../../core/errors.js'
import type { Header } from '../../core/header.js'
import { proveIndex } from '../../core/lmx1/prove-index.js'
import { verifyIndexProof, type IndexRoot } from '../../core/lmx1/verify-index.js'
import { referencesIn } from '../../core/reference.js'
import type { LedgerReader } from '../../ledger/ledger-reader.js'
import type { StoredIndex } from '../../ledger/lmx1/stored-index.js'
import type { Random } from '../../ports.js'

/** Questions asked of each index, and entries that each is about. */
const QUESTIONS = 64
const LIMIT = 4
const ITEMS = 512

/** What is wrong; null: nothing. */
export async function tryIndex(
  ledger: LedgerReader,
  index: StoredIndex,
  root: IndexRoot,
  random: Pick<Random, 'next'>
): Promise<string | null> {
  const upTo = (end: number): number => Math.floor(random.next() * end)
  for (let asked = 0; asked < QUESTIONS; asked++) {
    const entry = await ledger.reader.one(upTo(root.size))
    if (entry === null) return 'an entry is missing'
    const filter = about(entry.header, upTo)
    const order = asked % 2 === 0 ? 'asc' : 'desc'
    const from = asked % 4 === 0 ? 0 : Math.min(entry.header.seq, upTo(root.size))
    const wrong = await tryOne(ledger, index, root, { filter, order, from, to: root.size })
    if (wrong !== null) return `${JSON.stringify(filter)}: ${wrong}`
  }
  return null
}

/** A question that the entry answers; now and then one that nothing does. */
function about(header: Header, upTo: (end: number) => number): EntryFilter {
  const { id, stream, type, issuer_oid: issuer, subject_oid: subject, timestamp, meta } = header
  const [target] = referencesIn(meta)
  const questions: EntryFilter[] = [
    { id },
    { id: `${id.slice(0, 100)} not` },
    { stream },
    { type, from: timestamp },
    { stream, type, to: timestamp + 1 },
    issuer === null ? {} : { issuer_oid: issuer, type },
    subject === null ? { from: timestamp } : { subject_oid: subject },
    target === undefined ? {} : { refers_to: { ledger: target.ledgerId, entry_id: target.entryId } }
  ]
  return questions[upTo(questions.length)]!
}

async function tryOne(
  ledger: LedgerReader,
  index: StoredIndex,
  root: IndexRoot,
  { filter, order, from, to }: { filter: EntryFilter; order: 'asc' | 'desc'; from: number; to: number }
): Promise<string | null> {
  const headers = new Map<number, Header>()
  const read = async (seq: number): Promise<Header | null> => {
    const header = headers.get(seq) ?? (await ledger.reader.one(seq))?.header ?? null
    if (header !== null) headers.set(seq, header)
    return header
  }
  const found = await index.read(root.size, async (source) =>
    proveIndex(source, { filter, from, to }, { order, limit: LIMIT, items: ITEMS }, async (seq) => {
      const header = await read(seq)
      return header !== null && matchesFilter(header, filter)
    })
  )
  if (found === null) return 'it is not there'
  try {
    const span = { from: found.from, to: found.to }
    // One that was cut off meanwhile.
    for (const seq of found.entries) if ((await read(seq)) === null) return 'an entry is missing'
    const said = verifyIndexProof(root, { filter, ...span }, found.proof, headers)
    const local = await ledger.walk(filter, { order: 'asc', span, limit: LIMIT + 1, maxBytes: Infinity })
    const here = local.found.map(({ header }) => header.seq)
    // The local search may end early; what it has found is compared.
    const reached = local.next ?? Infinity
    return here.join() === said.filter((seq) => seq < reached).join()
      ? null
      : `it shows ${said.join()}, not ${here.join()}`
  } catch (error) {
    if (!isCoded(error, 'BAD_PROOF')) throw error
    return error.message
  }
}
