import { randomBytes } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { ErasuresResult } from '../../src/node/api/erasures.js'
import { startNode, type TestNode } from '../helpers/test-node.js'
import { temporaryFolder } from '../helpers/temporary-folder.js'

const WAIT = { timeout: 20_000, interval: 50 }

/**
 * LevelDB compresses blocks with Snappy, which refers back to what stood before where four bytes or more are the same,
 * and writes the rest as it is. Random text has nothing to refer to, but for four letters here and there by chance; so
 * each of its pieces is searched for. That they are found where they are is shown below by the markers of what was not
 * erased.
 */
const marker = (): string => randomBytes(96).toString('base64')
const PIECE_CHARS = 16

/** Files of a node's data folder, any depth, that contain any piece of the text. */
function filesWith(dataDir: string, text: string): string[] {
  const pieces = Array.from({ length: text.length / PIECE_CHARS }, (_, at) =>
    text.slice(at * PIECE_CHARS, (at + 1) * PIECE_CHARS)
  )
  return readdirSync(dataDir, { recursive: true, withFileTypes: true })
    .filter((file) => file.isFile())
    .map((file) => join(file.parentPath, file.name))
    .filter((path) => pieces.some((piece) => readIfThere(path).includes(piece)))
}

/** LevelDB may delete a file between the listing and the reading. */
function readIfThere(path: string): Buffer {
  try {
    return readFileSync(path)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return Buffer.alloc(0)
    throw error
  }
}

async function append(node: TestNode, type: string, text: string): Promise<string> {
  return (await node.ledger.append({ stream: 's', type, payload: { text } })).entry.hash
}

function names({ erasures }: ErasuresResult): { confirmed: string[]; waiting: string[] } {
  const [newest] = erasures
  return {
    confirmed: newest!.confirmed.map(({ name }) => String(name)).toSorted(),
    waiting: newest!.waiting.map(({ name, reason }) => `${name} ${reason}`).toSorted()
  }
}

test('an erasure reaches author, mirrors, a filtered follower, a late joiner, and a mirror that was away; nothing of it is left in any file', async () => {
  const author = await startNode({ name: 'author' })
  const [secret, secretToo, kept] = [marker(), marker(), marker()]
  const hashes = [await append(author, 'letter', secret), await append(author, 'photo', secretToo)]
  await append(author, 'letter', kept)

  const follow = async (node: TestNode, options?: Parameters<TestNode['sync']['follow']>[1]): Promise<void> => {
    await node.connect(author.addr)
    await node.sync.follow(author.id, options)
    await node.synced(author.id, author.ledger.parts.ledgers.own.size)
  }
  const mirror = await startNode({ name: 'mirror' })
  const awayDir = await temporaryFolder()
  const away = await startNode({ name: 'away', dataDir: awayDir })
  const filtered = await startNode({ name: 'filtered' })
  await follow(mirror)
  await follow(away)
  await follow(filtered, { filters: { types: ['letter'] } })
  // the search finds what is there, and never came what the filter left out
  for (const { dataDir } of [author, mirror, away])
    for (const text of [secret, secretToo, kept]) expect(filesWith(dataDir, text)).not.toEqual([])
  expect(filesWith(filtered.dataDir, secret)).not.toEqual([])
  expect(filesWith(filtered.dataDir, secretToo)).toEqual([])

  const awayPeer = away.peerId
  await away.close()
  await expect.poll(() => author.peerNetwork.connections.isConnected(awayPeer), WAIT).toBe(false)
  const [erasure] = await author.ledger.parts.ledgers.own.erase(hashes)
  const { size } = author.ledger.parts.ledgers.own
  for (const node of [mirror, filtered]) await node.synced(author.id, size)
  const late = await startNode({ name: 'late' })
  await late.connect(mirror.addr)
  await follow(late)

  await expect
    .poll(async () => names(await author.sync.erasures()), WAIT)
    .toEqual({ confirmed: ['filtered', 'late', 'mirror'], waiting: ['away OFFLINE'] })
  expect((await author.sync.erasures()).erasures).toMatchObject([
    { seq: erasure!.entry.seq, hash: erasure!.entry.hash, entries: hashes }
  ])

  const back = await startNode({ name: 'away', dataDir: awayDir })
  await back.connect(mirror.addr) // not the author: any holder tells it
  await back.synced(author.id, size)
  await back.connect(author.addr)
  await expect
    .poll(async () => names(await author.sync.erasures()), WAIT)
    .toEqual({ confirmed: ['away', 'filtered', 'late', 'mirror'], waiting: [] })

  const nodes = [author, mirror, filtered, late, back]
  for (const node of nodes) {
    await node.ledger.parts.ledgers.compacted()
    for (const hash of hashes)
      expect(await node.ledger.get({ hash }, author.id)).toMatchObject({
        payload: null,
        payload_state: 'erased',
        raw: { payload: null }
      })
    expect(await node.ledger.verifyChain({}, author.id)).toMatchObject({
      valid: true,
      payloads: { erased: 2, present: 1 }
    })
    expect(node.errors()).toEqual([])
  }
  await Promise.all(nodes.map((node) => node.close()))
  for (const { dataDir } of nodes) {
    expect([...filesWith(dataDir, secret), ...filesWith(dataDir, secretToo)]).toEqual([])
    expect(filesWith(dataDir, kept)).not.toEqual([])
  }
  // also where it was compressed: the neighbour's bytes stand in a sorted file as they are
  expect(filesWith(author.dataDir, kept).some((path) => path.endsWith('.ldb'))).toBe(true)
}, 90_000)

test('whoever still hands the payload out, or lags behind, is named as one who has not confirmed', async () => {
  const author = await startNode({ name: 'author' })
  const mirror = await startNode({ name: 'mirror' })
  const hash = await append(author, 'letter', marker())
  await mirror.connect(author.addr)
  await mirror.sync.follow(author.id)
  await mirror.synced(author.id, 2)
  await mirror.sync.pause(author.id)
  await author.ledger.parts.ledgers.own.erase([hash])
  await expect
    .poll(async () => names(await author.sync.erasures()), WAIT)
    .toEqual({ confirmed: [], waiting: ['mirror BEHIND'] })
  // a dishonest one: it has the entry, and the payload too
  const held = mirror.mirror(author.id)
  const honest = held.payloads.bind(held)
  held.payloads = async (seqs) => seqs.map((seq) => ({ seq, payload: Buffer.from('kept') }))
  await mirror.sync.resume(author.id)
  await mirror.synced(author.id, 3)
  await expect
    .poll(async () => names(await author.sync.erasures()), WAIT)
    .toEqual({ confirmed: [], waiting: ['mirror HOLDS_PAYLOAD'] })
  held.payloads = honest
  await expect
    .poll(async () => names(await author.sync.erasures()), WAIT)
    .toEqual({ confirmed: ['mirror'], waiting: [] })
  // what was confirmed stays known when it leaves
  await mirror.close()
  await expect.poll(() => author.peerNetwork.connections.peers().length, WAIT).toBe(0)
  expect(names(await author.sync.erasures())).toEqual({ confirmed: ['mirror'], waiting: [] })
}, 60_000)
