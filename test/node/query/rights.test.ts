/** Who may ask about a private ledger, what an answer costs, and that a right which ends, ends it. */
import { afterEach, expect, test } from 'vitest'
import type { AccessScope } from '../../../src/core/ledger-types.js'
import { startNode, signed, type TestNode } from '../../helpers/test-node.js'
import { stopAll } from '../../network/fixture.js'

afterEach(stopAll)

async function privateNode(): Promise<TestNode> {
  const node = await startNode({ name: 'hidden', access: 'private' })
  await node.ledger.appendBatch([{ stream: 'secret', type: 'note', subject_oid: 'oid:x', payload: { secret: true } }])
  return node
}

async function readerOf(node: TestNode, scope: AccessScope | null): Promise<TestNode> {
  const reader = await startNode({ name: `reader-${scope ?? 'none'}` })
  // its key is proven by the headers of its ledger
  await reader.connect(node.addr)
  await node.sync.follow(reader.id)
  await node.synced(reader.id, 1)
  if (scope !== null)
    await node.ledger.parts.ledgers.own.setAccess({
      grant: [{ ledger: reader.id, scope }],
      revoke: [],
      trust_milli: null
    })
  await signed(node)
  return reader
}

const ask = async (reader: TestNode, node: TestNode) =>
  await reader.ledger.plugins.interoperability.query({
    ledgers: [node.id],
    filters: { subject_oid: 'oid:x' },
    deadlineMs: 2_000,
    file: true
  })

test('a reader whose scope reaches so far is answered, with payloads; others hear that there is no such ledger', async () => {
  const node = await privateNode()
  for (const scope of ['query-only', 'full'] as const) {
    const reader = await readerOf(node, scope)
    await expect.poll(async () => (await ask(reader, node)).complete, { timeout: 10_000 }).toBe(true)
    expect((await ask(reader, node)).aggregated).toMatchObject([{ payload: { secret: true }, checked: true }])
  }
  for (const scope of ['sync-only', null] as const) {
    const reader = await readerOf(node, scope)
    const answer = await ask(reader, node)
    expect(answer.aggregated).toEqual([])
    expect(['denied', 'unknown', 'no_peers']).toContain(answer.sources[0]!.state)
    expect(answer.file!.parts).toEqual([])
  }
})

test('a right that is taken away is gone from the next question on', async () => {
  const node = await privateNode()
  const reader = await readerOf(node, 'query-only')
  await expect.poll(async () => (await ask(reader, node)).complete, { timeout: 10_000 }).toBe(true)
  await node.ledger.parts.ledgers.own.setAccess({ grant: [], revoke: [reader.id], trust_milli: null })
  expect((await ask(reader, node)).aggregated).toEqual([])
})

test('questions are paid for: each one, and the headers and leaves that are read for it', async () => {
  const node = await startNode({ name: 'asked' })
  await node.ledger.appendBatch(
    Array.from({ length: 3_000 }, (_, at) => ({
      stream: 'main',
      type: 'note',
      subject_oid: `oid:${at % 40}`,
      payload: at
    }))
  )
  await signed(node)
  const asker = await startNode({ name: 'asker' })
  await asker.connect(node.addr)
  const charged = (): number =>
    [...node.peerNetwork.host.charged()]
      .filter(([name]) => name.includes('/query/'))
      .reduce((sum, [, units]) => sum + units, 0)
  const before = charged()
  for (let times = 0; times < 3; times++)
    await asker.ledger.plugins.interoperability.query({ ledgers: [node.id], filters: { subject_oid: 'oid:7' } })
  // One unit a request, and some 3,000 leaves of the twelve tiles that the entries are in.
  expect(charged() - before).toBeGreaterThan(3 * (1 + 2))
})
