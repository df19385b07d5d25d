/** The store that tests of fsck damage. */
import { cp, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll } from 'vitest'
import type { Ledger } from '../../src/ledger/ledger.js'
import { Author, openNode, temporaryFolder, type Node } from './support.js'

export interface Home {
  node: Node
  author: Author
  mirror: Ledger
  n: number
  own: number
}

/** An own ledger of eleven entries, and a mirror of 302 with an erasure: made once, and copied for each test. */
const made = { dir: '', author: null as Author | null }

beforeAll(async () => {
  made.dir = await mkdtemp(join(tmpdir(), 'ledgermesh-'))
})
afterAll(async () => {
  await rm(made.dir, { recursive: true, force: true })
})

async function make(): Promise<Author> {
  const node = await openNode({ dir: made.dir })
  await node.ledgers.own.appendBatch(
    Array.from({ length: 10 }, (_, i) => ({ stream: 's', type: 't', id: `own-${i}`, payload: { i } }))
  )
  const author = await Author.create()
  await author.addMany(300, (seq) => ({ subject_oid: `subject-${seq}`, stream: seq % 2 ? 'odd' : 'even' }))
  await author.erase([author.entries[5]!.hash])
  const mirror = await node.ledgers.mirror(author.id)
  for (let from = 0; from < author.entries.length; from += 100)
    await mirror.ingest(author.entries.slice(from, from + 100))
  await node.close()
  return author
}

export async function home(): Promise<Home> {
  const author = (made.author ??= await make())
  const dir = await temporaryFolder()
  await cp(made.dir, dir, { recursive: true })
  const node = await openNode({ dir })
  const mirror = node.ledgers.get(author.id)!
  return { node, author, mirror, n: mirror.ledgerNumber, own: node.ledgers.own.ledgerNumber }
}
