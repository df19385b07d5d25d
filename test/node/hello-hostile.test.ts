import { afterEach, describe, expect, test } from 'vitest'
import { hello } from '../../protocols/hello/index.js'
import { encodeEvidence, sameSeqEvidence } from '../../src/core/evidence.js'
import { encodeNodeRecord, type NodeRecord } from '../../src/core/node-record.js'
import { signingInput } from '../../src/core/signature.js'
import type { SignedRecord } from '../../protocols/wire.js'
import { Author, flipBit, key, NETWORK } from '../core/author.js'
import { stopAll, within } from '../network/fixture.js'
import { startNode } from '../helpers/test-node.js'
import { TestPeer } from '../helpers/test-peer.js'

afterEach(stopAll)

async function record(
  author: Author,
  peerId: string,
  members: Partial<NodeRecord> = {},
  signer = author.signer
): Promise<SignedRecord> {
  const issued = Date.now()
  const body = encodeNodeRecord({
    v: 1,
    network: NETWORK,
    ledger: author.ledger,
    peer_id: peerId,
    key: signer.publicKey,
    seq: 1,
    issued,
    expires: issued + 60_000,
    addrs: [],
    capabilities: ['sync'],
    metadata: { version: '1', region: null, streams: [] },
    ...members
  })
  return {
    body,
    signature: await signer.sign(signingInput('nodeRecord', body)),
    keyEntries: author.keyEntries().map(({ raw }) => ({ header: raw.header, signature: raw.signature }))
  }
}

const OTHER_PEER = '12D3KooWJcd5nCVXmGRr6sFyHpAiYJqby1EYDdNoDhBhKRmmBJHq'

describe('an intro with', () => {
  test.each<[string, (author: Author, peerId: string) => Promise<SignedRecord>]>([
    ['a record that names another peer', (author) => record(author, OTHER_PEER)],
    [
      'a record that is not signed by its key',
      async (author, peerId) => {
        const signed = await record(author, peerId)
        return { ...signed, signature: flipBit(signed.signature, 1) }
      }
    ],
    ['a record of another network', (author, peerId) => record(author, peerId, { network: 'other' })],
    [
      'a record that is no record',
      async (author, peerId) => ({ ...(await record(author, peerId)), body: Buffer.from('{}') })
    ],
    [
      'key entries that are forged',
      async (author, peerId) => {
        const signed = await record(author, peerId)
        return {
          ...signed,
          keyEntries: signed.keyEntries.map(({ header, signature }) => ({ header, signature: flipBit(signature, 3) }))
        }
      }
    ],
    [
      'key entries of another ledger',
      async (author, peerId) => ({
        ...(await record(author, peerId)),
        keyEntries: (await record(await Author.create(9), peerId)).keyEntries
      })
    ]
  ])('%s costs the connection', async (_, make) => {
    const author = await Author.create()
    const node = await startNode()
    const liar = await TestPeer.start({ intro: async (peerId) => ({ record: await make(author, peerId) }) })
    await liar.host.dial(node.addr, within(5_000))
    await expect.poll(() => liar.gone, { timeout: 10_000 }).toContain(node.peerId)
    expect(await node.ledger.plugins.interoperability.peers()).toEqual([])
    expect(node.peerNetwork.directory.list()).toEqual([])
    expect(node.errors()).toEqual([])
    const honest = await TestPeer.start()
    await honest.connect(node.addr)
  })

  test("another network's name is refused", async () => {
    const node = await startNode()
    const liar = await TestPeer.start({ intro: { network: 'other' } })
    await liar.host.dial(node.addr, within(5_000))
    await expect.poll(() => liar.gone, { timeout: 10_000 }).toContain(node.peerId)
    expect(await node.ledger.plugins.interoperability.peers()).toEqual([])
    expect(node.errors()).toEqual([])
  })

  test('an expired record leaves a stranger', async () => {
    const author = await Author.create()
    const node = await startNode()
    const past = Date.now() - 1_000_000
    const peer = await TestPeer.start({
      intro: async (peerId) => ({ record: await record(author, peerId, { issued: past, expires: past + 1000 }) })
    })
    await peer.connect(node.addr)
    await expect
      .poll(async () => await node.ledger.plugins.interoperability.peers())
      .toMatchObject([{ ledger: null, name: null }])
  })

  test("a record by another key than the ledger's makes nobody its node", async () => {
    const author = await Author.create()
    const node = await startNode()
    const peer = await TestPeer.start({
      intro: async (peerId) => ({ record: await record(author, peerId, {}, key(77)) })
    })
    await peer.connect(node.addr)
    await expect
      .poll(async () => await node.ledger.plugins.interoperability.peers())
      .toMatchObject([{ ledger: null, name: null }])
    expect((await node.ledger.plugins.interoperability.ledgers()).map(({ ledger }) => ledger)).toEqual([node.id])
  })

  test('a true record names the ledger', async () => {
    const author = await Author.create()
    const node = await startNode()
    const peer = await TestPeer.start({ intro: async (peerId) => ({ record: await record(author, peerId) }) })
    await peer.connect(node.addr)
    await expect
      .poll(async () => await node.ledger.plugins.interoperability.peers())
      .toMatchObject([{ ledger: author.ledger, name: 'tester' }])
  })
})

test('requests for unknown ledgers get a code', async () => {
  const node = await startNode()
  const peer = await TestPeer.start()
  const session = await peer.connect(node.addr)
  const unknown = (await Author.create(9)).ledger
  expect(await session.askHeads([{ ledger: unknown, size: 0 }])).toMatchObject({ heads: [], none: [unknown] })
  await expect(session.askEntries(unknown, 0, 10)).rejects.toMatchObject({
    code: 'UNAVAILABLE',
    available: { earliest: 0, size: 0 }
  })
  await expect(session.askKeyEntries(unknown)).rejects.toMatchObject({ code: 'UNAVAILABLE' })
  await expect(session.askEntries(node.id, 5, 10)).rejects.toMatchObject({
    code: 'UNAVAILABLE',
    available: { earliest: 0, size: 1 }
  })
  expect(await session.askEntries(node.id, 0, 10)).toHaveLength(1)
})

test('a ledger that is followed but not held yet looks like an unknown one', async () => {
  const node = await startNode()
  const [followed, unknown] = [(await Author.create(8)).ledger, (await Author.create(9)).ledger]
  await node.sync.follow(followed)
  const peer = await TestPeer.start()
  const session = await peer.connect(node.addr)
  const answers = await Promise.all(
    [followed, unknown].map(
      async (ledger) =>
        await Promise.all([
          session.askEntries(ledger, 0, 1).catch((error: unknown) => error),
          session.askKeyEntries(ledger).catch((error: unknown) => error)
        ])
    )
  )
  expect(answers[0]!.map((error) => ({ ...(error as object) }))).toEqual(
    answers[1]!.map((error) => ({ ...(error as object) }))
  )
})

async function forked(): Promise<{ author: Author; evidence: Buffer }> {
  const author = await Author.create()
  while (author.size < 5) await author.append()
  const fork = author.fork()
  fork.entries.length = 3
  await fork.append({ id: 'otherwise' })
  return {
    author,
    evidence: Buffer.from(
      encodeEvidence(sameSeqEvidence(author.accused(), 3, author.entries[3]!.raw, fork.entries[3]!.raw))
    )
  }
}

test('forged evidence is dropped with its sender; the true one freezes', async () => {
  const { author, evidence } = await forked()
  const node = await startNode()
  const honest = await TestPeer.start({ authors: [author] })
  const session = await honest.connect(node.addr)
  await node.sync.follow(author.ledger)
  await node.synced(author.ledger, 5)
  const liar = await TestPeer.start()
  const forged = JSON.parse(evidence.toString()) as { b: unknown }
  const lies = await liar.connect(node.addr)
  lies.tellEvidence(
    author.ledger,
    Buffer.from(
      evidence.toString().replace(JSON.stringify(forged.b), JSON.stringify({ header: 'x', signature: '00'.repeat(64) }))
    )
  )
  await expect.poll(() => liar.gone, { timeout: 10_000 }).toContain(node.peerId)
  expect(node.mirror(author.ledger).frozenAt).toBe(null)
  session.tellEvidence(author.ledger, evidence)
  await node.becomes(author.ledger, { status: 'stalled', stall: { code: 'FROZEN' } })
  expect(node.errors()).toEqual([])
})

test('evidence that comes before the entries is not forgotten; what is below it is pulled', async () => {
  const { author, evidence } = await forked()
  const node = await startNode()
  await node.sync.follow(author.ledger)
  const first = await TestPeer.start()
  const session = await first.connect(node.addr)
  session.tellEvidence(author.ledger, evidence)
  // Notices are handled in order: what comes of the second one shows that the first is done with.
  session.tellHeads([
    {
      ...author.entries[4]!.raw,
      signature: flipBit(author.entries[4]!.raw.signature, 4),
      ledger: author.ledger,
      checkpoint: null,
      evidence: null,
      earliest: 0
    }
  ])
  await expect.poll(() => first.gone, { timeout: 10_000 }).toContain(node.peerId)
  const honest = await TestPeer.start({
    hello: {
      entries: (_, __, from, count) =>
        Promise.resolve(author.entries.slice(from, from + Math.min(count, 2)).map(({ raw }) => raw))
    }
  })
  honest.entries.set(author.ledger, author.entries)
  await honest.connect(node.addr)
  await node.becomes(author.ledger, { status: 'stalled', stall: { code: 'FROZEN' } })
  await expect.poll(() => node.mirror(author.ledger).size).toBeGreaterThanOrEqual(3)
  expect(node.mirror(author.ledger)).toMatchObject({ visible: 3, frozenAt: 3 })
  expect(node.errors()).toEqual([])
})

test('a head that is not signed by its key costs the connection', async () => {
  const author = await Author.create()
  await author.append()
  const node = await startNode()
  await node.sync.follow(author.ledger)
  const liar = await TestPeer.start()
  const session = await liar.connect(node.addr)
  const { header, signature } = author.entries[1]!.raw
  session.tellHeads([
    { ledger: author.ledger, header, signature: flipBit(signature, 4), checkpoint: null, evidence: null, earliest: 0 }
  ])
  await expect.poll(() => liar.gone, { timeout: 10_000 }).toContain(node.peerId)
  expect(node.errors()).toEqual([])
})

test('a session that ends while the connection lasts begins again, whoever has to begin it', async () => {
  const node = await startNode()
  for (let i = 0; i < 3; i++) {
    const peer = await TestPeer.start()
    const first = await peer.connect(node.addr)
    if (node.peerId > peer.host.peerId) continue // then the peer is the one to begin
    peer.sessions.clear()
    await first.close()
    await expect.poll(() => peer.sessions.has(node.peerId), { timeout: 10_000 }).toBe(true)
    return
  }
})

test('nobody says hello: garbage on the stream, silence, a stream that is cut', async () => {
  const node = await startNode()
  const peer = await TestPeer.start()
  await peer.host.dial(node.addr, within(5_000))
  const garbage = await peer.host.open(node.peerId, hello, within(5_000))
  await garbage.write(Buffer.from('garbage'))
  await expect.poll(() => peer.gone, { timeout: 10_000 }).toContain(node.peerId)
  const cutter = await TestPeer.start()
  await cutter.host.dial(node.addr, within(5_000))
  const cut = await cutter.host.open(node.peerId, hello, within(5_000))
  cut.abort(new Error('cut'))
  const honest = await TestPeer.start()
  await honest.connect(node.addr)
  expect(node.errors()).toEqual([])
})
