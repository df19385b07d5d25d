/**
 * Sixteen sources and more, of which one is dead, some lie, one is slow, one frozen, one private, one BUSY: each is named,
 * the rest arrives in time, and nothing that does not check is shown. The peers are made by hand, frame by frame.
 */
import { afterEach, expect, test } from 'vitest'
import { verifySignature } from '../../../src/core/signature.js'
import { verifyAnswer } from '../../../src/core/verify-answer.js'
import { verifyEvidence } from '../../../src/core/verify-evidence.js'
import { Author, NETWORK } from '../../core/author.js'
import { startQueryPeer, type Manner } from '../../helpers/query-peer.js'
import { signed, startNode, type TestNode } from '../../helpers/test-node.js'
import { stopAll } from '../../network/fixture.js'

afterEach(stopAll)

const DEADLINE_MS = 3_000

async function makeAuthor(seed: number): Promise<Author> {
  const author = await Author.create(seed)
  for (let at = 0; at < 6; at++) await author.append({ subject_oid: at % 2 === 0 ? 'oid:x' : 'oid:y' })
  return author
}

async function askAll(manners: Manner[]): Promise<{ a: TestNode; ledgers: string[]; peers: string[] }> {
  const a = await startNode({ name: 'a', dht: false })
  const ledgers: string[] = []
  const peers: string[] = []
  for (const [at, manner] of manners.entries()) {
    const author = await makeAuthor(10 + 5 * at)
    const peer = await startQueryPeer(author, manner)
    await a.connect(peer.addr)
    ledgers.push(author.ledger)
    peers.push(peer.host.peerId)
  }
  return { a, ledgers, peers }
}

test('among sixteen and more each is named, and what can be shown arrives in time', async () => {
  const manners: Manner[] = [
    ...Array.from({ length: 6 }, () => 'honest' as const),
    'cuts',
    'swaps',
    'hides',
    'garbage',
    'silent',
    'busy',
    'frozen',
    'resets',
    'holds-back'
  ]
  const { a, ledgers, peers } = await askAll(manners)
  const b = await startNode({ name: 'b', dht: false })
  await b.ledger.appendBatch([{ stream: 'main', type: 'note', subject_oid: 'oid:x', payload: 'b' }])
  await signed(b)
  const dead = await startNode({ name: 'dead', dht: false })
  const hidden = await startNode({ name: 'hidden', access: 'private', dht: false })
  for (const node of [b, dead, hidden]) await a.connect(node.addr)
  await dead.close()
  const all = [...ledgers, b.id, dead.id, hidden.id]

  const started = Date.now()
  const answer = await a.ledger.plugins.interoperability.query({
    filters: { subject_oid: 'oid:x' },
    ledgers: all,
    deadlineMs: DEADLINE_MS,
    file: true
  })
  expect(Date.now() - started).toBeLessThan(DEADLINE_MS + 2_000)
  const states = all.map((ledger) => answer.sources.find((source) => source.ledger === ledger)!.state)
  expect(states).toEqual([
    ...Array.from({ length: 6 }, () => 'proved'),
    'bad_answer',
    'bad_answer',
    'bad_answer',
    'bad_answer',
    'timeout',
    'busy',
    'frozen',
    'no_peers',
    'included',
    'proved',
    'no_peers',
    'no_peers'
  ])
  expect(answer.complete).toBe(false)
  // 3 of each honest one, 2 of the one that holds back, 1 of the node.
  expect(answer.aggregated).toHaveLength(6 * 3 + 2 + 1)
  expect(answer.aggregated.every(({ subject_oid: subject, checked }) => subject === 'oid:x' && checked)).toBe(true)
  const outcomes = new Map(answer.sources.flatMap(({ asked }) => asked.map(({ peer, outcome }) => [peer, outcome])))
  expect(peers.slice(6).map((peer) => outcomes.get(peer))).toEqual([
    'lied',
    'lied',
    'lied',
    'lied',
    'timeout',
    'busy',
    'answered',
    'unreachable',
    'answered'
  ])
  // Who made something up is gone, and stays out.
  const connected = (await a.ledger.plugins.interoperability.peers()).map(({ peer }) => peer)
  expect(peers.filter((peer) => !connected.includes(peer))).toEqual(peers.slice(6, 10))
  const frozen = answer.sources.find(({ state }) => state === 'frozen')!
  expect(frozen.evidence).toMatchObject({ kind: 'same-seq', seq: 6 })

  const verified = await verifyAnswer(JSON.stringify(answer.file))
  expect(verified.entries).toHaveLength(answer.aggregated.length)
  expect(verified.sources.filter(({ proved }) => proved)).toHaveLength(7)
  expect([a, b].flatMap((node) => node.errors())).toEqual([])
})

test('an older tree than one that was seen is stale, and never complete', async () => {
  const author = await makeAuthor(3)
  const a = await startNode({ name: 'a', dht: false })
  const [honest, old] = [await startQueryPeer(author, 'honest'), await startQueryPeer(author, 'old')]
  const ask = async () => (await a.ledger.plugins.interoperability.query({ ledgers: [author.ledger] })).sources[0]!
  await a.connect(honest.addr)
  expect(await ask()).toMatchObject({ state: 'proved', asOf: { size: 7 } })
  a.peerNetwork.host.drop(honest.host.peerId, 'MALFORMED', 60_000)
  await a.connect(old.addr)
  expect(await ask()).toMatchObject({ state: 'stale', asOf: { size: 5 } })
})

test('two histories of one size are evidence, and nobody is believed', async () => {
  const author = await makeAuthor(4)
  const fork = author.fork()
  fork.entries.pop()
  await fork.append({ subject_oid: 'oid:x', id: 'another history' })
  const a = await startNode({ name: 'a', dht: false })
  const ask = async () => await a.ledger.plugins.interoperability.query({ ledgers: [author.ledger] })
  const first = await startQueryPeer(author, 'honest')
  await a.connect(first.addr)
  expect((await ask()).complete).toBe(true)
  a.peerNetwork.host.drop(first.host.peerId, 'MALFORMED', 60_000)
  await a.connect((await startQueryPeer(fork, 'honest')).addr)
  const answer = await ask()
  expect(answer.complete).toBe(false)
  const [{ evidence, state }] = answer.sources as [(typeof answer.sources)[number]]
  expect({ state, evidence }).toMatchObject({ state: 'unlinked', evidence: { kind: 'same-size', seq: 6 } })
  // Anybody can judge it.
  const said = await verifyEvidence(Buffer.from(evidence!.file!), { verify: verifySignature, network: NETWORK })
  expect(said).toMatchObject({ ledger: author.ledger, id: evidence!.id, kind: 'same-size' })

  // As soon as the ledger is held, it is evidence here, too: it freezes.
  const mirror = await a.ledger.parts.ledgers.mirror(author.ledger)
  await mirror.ingest(author.entries)
  await expect.poll(() => mirror.frozenAt).toBe(6)
})
