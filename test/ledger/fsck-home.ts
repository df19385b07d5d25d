/** The store that tests of fsck damage. */
import { cp, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll } from 'vitest'
import { runFsck, type FsckReport } from '../../src/ledger/fsck/run-fsck.js'
import type { Ledger } from '../../src/ledger/ledger.js'
import { openStoreAsIs, type Op, type Store } from '../../src/store/store.js'
import { Author, openNode, temporaryFolder, TestLog, type Node } from './support.js'

export interface Home {
  node: Node
  author: Author
  mirror: Ledger
  n: number
  own: number
}

/** An own ledger of eleven entries, and a mirror of 302 with an erasure: made once a file, and copied for each test. */
const made = { dir: '', author: null as Author | null }

/** To be called by each file that uses `home`: what it copies is gone when the file is done. */
export function keepHome(): void {
  beforeAll(async () => {
    made.dir = await mkdtemp(join(tmpdir(), 'ledgermesh-'))
    made.author = null
  })
  afterAll(async () => {
    await rm(made.dir, { recursive: true, force: true })
  })
}

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

/** The report; with `rebuild` after what can be mended was. */
export async function fsck({ node }: Pick<Home, 'node'>, rebuild = false): Promise<FsckReport> {
  await node.close()
  return await runFsck(join(node.dir, 'db'), { log: new TestLog(), markFile: join(node.dir, 'signer.json'), rebuild })
}

/** Writes to the store behind its owner's back. */
export async function change(
  { node }: Pick<Home, 'node'>,
  ops: Op[] | ((store: Store) => Promise<Op[]>)
): Promise<void> {
  await node.close()
  const store = await openStoreAsIs(join(node.dir, 'db'), { log: new TestLog() })
  await store.write(typeof ops === 'function' ? await ops(store) : ops, { sync: true })
  await store.close()
}

/** The lowest bit of a byte of a value. */
export async function flip(at: Home, key: Uint8Array, byte: number): Promise<void> {
  await change(at, async (store) => {
    const value = (await store.get(key))!
    value[byte]! ^= 1
    return [{ type: 'put', key, value }]
  })
}

export const kinds = (report: FsckReport): string[] => [...new Set(report.found.damage.map(({ kind }) => kind))]
export const del = (key: Uint8Array): Op => ({ type: 'del', key })
export const put = (key: Uint8Array, text = ''): Op => ({ type: 'put', key, value: Buffer.from(text) })
