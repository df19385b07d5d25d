/**
 * Evidence that was heard before anything of its ledger was held (R1: "freezes at once"): kept over restarts, judged
 * with the first entries.
 */
import { afterEach, expect, test } from 'vitest'
import { encodeEvidence, sameSeqEvidence } from '../../src/core/evidence.js'
import { MAX_KEPT_EVIDENCE } from '../../src/core/judge-evidence.js'
import { nodeOf } from '../../src/node/daemon-node.js'
import { Author } from '../core/author.js'
import { startNode, type TestNode } from '../helpers/test-node.js'
import { TestPeer } from '../helpers/test-peer.js'
import { stopAll } from '../network/fixture.js'

afterEach(stopAll)

/** Nine entries, a rotation at 5 if there is one; the evidence disputes entry 3. */
async function scene(rotates = false): Promise<{ author: Author; evidence: Uint8Array[] }> {
  const author = await Author.create()
  while (author.size < 5) await author.append()
  const thief = author.fork()
  thief.entries.length = 3
  const others = await Promise.all(Array.from({ length: 12 }, async (_, i) => await thief.make({ id: `stolen-${i}` })))
  const evidence = others.map((other) =>
    encodeEvidence(sameSeqEvidence(author.accused(), 3, author.entries[3]!.raw, other.raw))
  )
  if (rotates) await author.rotate()
  while (author.size < 9) await author.append()
  return { author, evidence }
}

async function toldEarly(node: TestNode, ledger: string, evidence: Uint8Array[]): Promise<void> {
  await node.sync.follow(ledger)
  const first = await TestPeer.start()
  const session = await first.connect(node.addr)
  for (const one of evidence) session.tellEvidence(ledger, one)
  await expect
    .poll(() => node.log.lines.filter(({ message }) => message === 'evidence was judged').length)
    .toBe(evidence.length)
  await first.host.stop()
}

test('it outlives a restart, and nothing of what it disputes is ever shown', async () => {
  const { author, evidence } = await scene()
  const id = author.ledger
  const before = await startNode()
  await toldEarly(before, id, evidence.slice(0, 1))
  expect(await nodeOf(before.ledger, 0).evidence.list(id)).toMatchObject([{ seq: 3, state: 'none' }])
  await before.close()
  const node = await startNode({ dataDir: before.dataDir })
  const shown: number[] = []
  node.ledger.subscribe(id, ({ entries }) => {
    shown.push(...entries.map(({ seq }) => seq))
  })
  const peer = await TestPeer.start({ authors: [author] })
  await peer.connect(node.addr)
  await node.becomes(id, { status: 'stalled', stall: { code: 'FROZEN' }, evidence: 'freezes' })
  expect(node.mirror(id)).toMatchObject({ frozenAt: 3, visible: 3 })
  await expect.poll(() => shown).toEqual([0, 1, 2])
  expect((await node.ledger.query({}, id)).entries).toHaveLength(3)
  expect([peer.gone, node.errors()]).toEqual([[], []])
})

test('excused by the rotation that comes with the first entries: nothing is frozen, it is kept and marked', async () => {
  const { author, evidence } = await scene(true)
  const id = author.ledger
  const before = await startNode()
  await toldEarly(before, id, evidence.slice(0, 1))
  await before.close()
  const node = await startNode({ dataDir: before.dataDir })
  const peer = await TestPeer.start({ authors: [author] })
  await peer.connect(node.addr)
  await node.becomes(id, { status: 'synced', size: 9, evidence: 'excused' })
  expect(node.mirror(id).standing.early).toBeUndefined()
  await node.close()
  const again = await startNode({ dataDir: before.dataDir })
  await again.becomes(id, { size: 9, evidence: 'excused' })
  expect([...node.errors(), ...again.errors()]).toEqual([])
})

test('however much comes, a few pieces are kept', async () => {
  const { author, evidence } = await scene()
  const node = await startNode()
  await toldEarly(node, author.ledger, evidence)
  expect((await node.mirror(author.ledger).allEvidence()).length).toBeLessThanOrEqual(MAX_KEPT_EVIDENCE)
  expect((await node.mirror(author.ledger).heardEvidence.ids()).length).toBeLessThanOrEqual(2 * MAX_KEPT_EVIDENCE)
  // A ledger that is forgotten takes it along.
  await node.sync.unfollow(author.ledger, { forget: true })
  expect(await nodeOf(node.ledger, 0).evidence.list()).toEqual([])
})
