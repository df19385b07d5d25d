import { expect, test } from 'vitest'
import { checkpointOrigin, signCheckpoint } from '../../src/core/checkpoint.js'
import { Author, NETWORK } from '../core/author.js'
import { startNode } from '../helpers/test-node.js'
import { TestPeer } from '../helpers/test-peer.js'

async function authorOf (seed: number, size: number): Promise<Author> {
  const author = await Author.create(seed)
  while (author.size < size) await author.append()
  return author
}

/** A peer that shows this checkpoint beside its head. */
async function showing (author: Author, note: string | null): Promise<TestPeer> {
  const shown = { note }
  const peer: TestPeer = await TestPeer.start({
    authors: [author],
    hello: {
      heads: (_, wanted) => ({
        heads: wanted.filter(({ ledger }) => ledger === author.ledger).map(({ ledger }) => ({ ...peer.head(ledger), checkpoint: shown.note })),
        same: [], none: wanted.filter(({ ledger }) => ledger !== author.ledger).map(({ ledger }) => ledger), denied: []
      })
    }
  })
  return peer
}

test('a checkpoint that no honest peer passes on costs the peer its connection', async () => {
  const author = await authorOf(41, 30)
  for (const note of ['not a note', (await author.checkpoint()).replace(author.ledger, (await Author.create(42)).ledger)]) {
    const node = await startNode()
    const peer = await showing(author, note)
    await node.sync.follow(author.ledger)
    await peer.connect(node.addr)
    await expect.poll(() => peer.gone, { timeout: 10_000 }).toContain(node.peerId)
    expect(node.mirror(author.ledger).checkpoint()).toBeNull()
    expect(node.errors()).toEqual([])
  }
})

test('a checkpoint by another key, or of another root, is not kept', async () => {
  const author = await authorOf(45, 30)
  const origin = checkpointOrigin(NETWORK, author.ledger)
  for (const note of [await author.checkpoint(30, (await Author.create(42)).signer), await signCheckpoint({ origin, size: 30, root: '0'.repeat(64) }, author.signer)]) {
    const node = await startNode()
    const peer = await showing(author, note)
    await node.sync.follow(author.ledger)
    await peer.connect(node.addr)
    await node.synced(author.ledger, 30)
    expect(node.mirror(author.ledger).checkpoint()).toBeNull()
    expect(node.errors()).toEqual([])
  }
})

test('a mirror keeps the checkpoint that its entries confirm, passes it on, and proves entries with it', async () => {
  const author = await authorOf(43, 300)
  const note = await author.checkpoint(280)
  const peer = await showing(author, note)
  const node = await startNode()
  await node.sync.follow(author.ledger)
  await peer.connect(node.addr)
  await node.synced(author.ledger, 300)
  await expect.poll(() => node.mirror(author.ledger).checkpoint(), { timeout: 10_000 }).toBe(note)
  const second = await startNode()
  await second.sync.follow(author.ledger)
  await second.connect(node.addr)
  await expect.poll(() => second.mirror(author.ledger)?.checkpoint(), { timeout: 10_000 }).toBe(note)
  expect([...node.errors(), ...second.errors()]).toEqual([])
})

test('two checkpoints of one size with other roots, both signed, freeze the ledger', async () => {
  const author = await authorOf(44, 20)
  const honest = await showing(author, await author.checkpoint())
  const forged = await showing(author, await signCheckpoint({ origin: checkpointOrigin(NETWORK, author.ledger), size: 20, root: 'ab'.repeat(32) }, author.signer))
  const node = await startNode()
  await node.sync.follow(author.ledger)
  await honest.connect(node.addr)
  await expect.poll(() => node.mirror(author.ledger).checkpoint(), { timeout: 10_000 }).not.toBeNull()
  await forged.connect(node.addr)
  await node.becomes(author.ledger, { status: 'stalled', stall: { code: 'FROZEN' } })
  expect(node.mirror(author.ledger).frozenAt).toBe(19)
})
