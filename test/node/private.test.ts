import { afterEach, expect, test } from 'vitest'
import { announceTopic } from '../../protocols/announce/index.js'
import { fetchHead, fetchKeyEntries, fetchPayloads, fetchRange, pull } from '../../protocols/pull/index.js'
import { askGet, askSelect, query } from '../../protocols/query/index.js'
import { Author, NETWORK } from '../core/author.js'
import { stopAll, within } from '../network/fixture.js'
import { startNode, type TestNode } from '../helpers/test-node.js'
import { TestPeer } from '../helpers/test-peer.js'

afterEach(stopAll)

const SECRET = [{ stream: 'secret', type: 'note', payload: { secret: true } }]

async function privateNode(): Promise<TestNode> {
  const node = await startNode({ name: 'hidden', access: 'private' })
  await node.ledger.appendBatch(SECRET)
  return node
}

/** Everything that a stranger can ask about a ledger, as far as it can see. */
async function everything(peer: TestPeer, node: TestNode, ledger: string): Promise<unknown[]> {
  const session = peer.sessions.get(node.peerId)!
  const stream = async () => await peer.host.open(node.peerId, pull, within(5_000))
  const asking = async () => await peer.host.open(node.peerId, query, within(5_000))
  const signal = within(10_000)
  const results = await Promise.allSettled([
    session.askHeads([{ ledger, size: 0 }]),
    session.askHeads([{ ledger, size: 2 }]),
    session.askEntries(ledger, 0, 5),
    session.askEntries(ledger, 77, 5),
    session.askKeyEntries(ledger),
    stream().then((open) => fetchHead(open, ledger, { signal })),
    stream().then((open) => fetchRange(open, { ledger, from: 0, count: 1, want: 'full' }, { signal })),
    stream().then((open) => fetchKeyEntries(open, ledger, { signal })),
    stream().then((open) => fetchPayloads(open, { ledger, seqs: [1] }, { signal })),
    ...[null, 1, 77].map(async (treeSize) =>
      askSelect(
        await asking(),
        {
          ledger,
          filter: { stream: 'secret' },
          from: 0,
          to: null,
          order: 'asc',
          limit: 1,
          maxBytes: 1000,
          want: 'full',
          show: 'either',
          treeSize,
          knownSize: 1
        },
        { signal }
      )
    ),
    asking().then((open) =>
      askGet(open, { ledger, wanted: { seqs: [0, 1] }, want: 'full', knownSize: null }, { signal })
    )
  ])
  return results.map((result) =>
    result.status === 'fulfilled'
      ? result.value
      : { ...(result.reason as object), message: (result.reason as Error).message }
  )
}

test('to a stranger a private ledger is the same as none', async () => {
  const node = await privateNode()
  const stranger = await TestPeer.start()
  await stranger.connect(node.addr)
  const unknown = (await Author.create(9)).ledger
  const about = JSON.stringify(await everything(stranger, node, node.id)).replaceAll(node.id, 'ID')
  expect(about).toBe(JSON.stringify(await everything(stranger, node, unknown)).replaceAll(unknown, 'ID'))
  expect(about).not.toContain('"header"')
  const session = stranger.sessions.get(node.peerId)!
  expect(session.intro.record).toBeNull()
})

test('it has no topic, no provider record and no name, also with those who follow it in vain', async () => {
  const node = await privateNode()
  const other = await startNode()
  await other.connect(node.addr)
  await other.sync.follow(node.id)
  await other.sync.follow((await startNode()).id)
  await expect.poll(async () => (await other.ledger.plugins.interoperability.peers()).length).toBe(1)
  expect(node.peerNetwork.host.subscribers(announceTopic(NETWORK, node.id))).toEqual([])
  expect(other.peerNetwork.host.subscribers(announceTopic(NETWORK, node.id))).toEqual([])
  const found: string[] = []
  for await (const { peer } of other.peerNetwork.host.findProviders(
    `/ledgermesh/${NETWORK}/ledger/${node.id}`,
    within(1_500)
  ))
    found.push(peer)
  expect(found).toEqual([])
  expect(
    (await other.ledger.plugins.interoperability.ledgers()).find(({ ledger }) => ledger === node.id)
  ).toMatchObject({ name: null, nodes: [] })
  expect(other.mirror(node.id).size).toBe(0)
})

test('a reader that was granted access, and proves its ledger, gets it and hears of new entries; revoked, it gets no more', async () => {
  const node = await privateNode()
  const reader = await startNode({ name: 'reader' })
  await reader.connect(node.addr)
  // The reader's key is proven by the headers of its ledger.
  await node.sync.follow(reader.id)
  await node.synced(reader.id, 1)
  await reader.sync.follow(node.id)
  await node.ledger.parts.ledgers.own.setAccess({
    grant: [{ ledger: reader.id, scope: 'full' }],
    revoke: [],
    trust_milli: null
  })
  await reader.synced(node.id, 3)
  expect(await reader.ledger.get({ seq: 1 }, node.id)).toMatchObject({ payload: { secret: true } })
  expect(reader.peerNetwork.host.subscribers(announceTopic(NETWORK, node.id))).toEqual([])
  await node.ledger.appendBatch(SECRET)
  await reader.synced(node.id, 4)
  expect(await reader.status(node.id)).toMatchObject({ announced: false })

  // A mirror keeps it as private as its author does.
  const stranger = await TestPeer.start()
  await stranger.connect(reader.addr)
  const unknown = (await Author.create(9)).ledger
  expect(JSON.stringify(await everything(stranger, reader, node.id)).replaceAll(node.id, 'ID')).toBe(
    JSON.stringify(await everything(stranger, reader, unknown)).replaceAll(unknown, 'ID')
  )

  expect(stranger.asked.map(({ ledger }) => ledger)).not.toContain(node.id)
  const restarted = await (async () => {
    await reader.close()
    return await startNode({ dataDir: reader.dataDir })
  })()
  await stranger.connect(restarted.addr)
  await restarted.connect(node.addr)
  await node.ledger.appendBatch(SECRET)
  await restarted.synced(node.id, 5)
  expect(stranger.asked.map(({ ledger }) => ledger)).not.toContain(node.id)

  await node.ledger.parts.ledgers.own.setAccess({ grant: [], revoke: [reader.id], trust_milli: null })
  await node.ledger.appendBatch(SECRET)
  expect(
    await restarted.peerNetwork.requests.askHeads(
      node.peerNetwork.host.peerId,
      [{ ledger: node.id, size: 5 }],
      within(5_000)
    )
  ).toMatchObject({ heads: [], none: [node.id] })
  expect(restarted.mirror(node.id).size).toBe(5)
  expect([...node.errors(), ...reader.errors(), ...restarted.errors()]).toEqual([])
})

test("a plugin's query hook does not decide who may read", async () => {
  const node = await startNode({
    access: 'private',
    extra: [
      {
        id: 'liar',
        version: '1',
        hooks: { beforeQuery: () => ({ shortCircuit: { entries: [], nextCursor: null, hasMore: false } }) }
      }
    ]
  })
  const reader = await startNode()
  await reader.connect(node.addr)
  await node.sync.follow(reader.id)
  await node.synced(reader.id, 1)
  await node.ledger.parts.ledgers.own.setAccess({
    grant: [{ ledger: reader.id, scope: 'sync-only' }],
    revoke: [],
    trust_milli: null
  })
  await reader.sync.follow(node.id)
  await reader.synced(node.id, 2)
  expect((await node.ledger.query({})).entries).toEqual([])
})
