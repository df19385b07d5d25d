import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { encodeAnnouncement } from '../../protocols/announce/index.js'
import { signingKeyFromSeed, type SigningKey } from '../../src/core/keys.js'
import { encodeNodeRecord, type NodeRecord } from '../../src/core/node-record.js'
import { peerIdOf } from '../../src/core/peer-key.js'
import { signingInput } from '../../src/core/signature.js'
import { RecordGossip } from '../../src/node/discovery/record-gossip.js'
import { silentLog, systemClock } from '../../src/node/runtime/system.js'
import { Author } from '../core/author.js'
import { addrOf, peerOf, start, stopAll, type Started } from './started.js'

afterEach(stopAll)

const START = Date.now()
const RELAY = peerIdOf(signingKeyFromSeed(Buffer.alloc(32, 9)).publicKey)
const PEER = peerIdOf(signingKeyFromSeed(Buffer.alloc(32, 100)).publicKey)

describe('the validator', () => {
  let now: number
  let author: Author
  let node: Started
  let gossip: RecordGossip
  let relevant: boolean

  beforeEach(async () => {
    now = START
    relevant = true
    // The host of the node names its network "main".
    author = await Author.create(30)
    // Its budgets go by the clock of the test: however slow the machine is, none is filled meanwhile.
    const clock = { ...systemClock, now: () => now }
    node = await start('judge', { network: 'test', clock })
    gossip = new RecordGossip({
      peerNetwork: node.parts.peerNetwork!,
      network: 'test',
      ledgers: node.parts.ledgers,
      clock: { ...clock, after: () => () => undefined },
      log: silentLog,
      isRelevant: () => relevant,
      onRenewed: async () => {}
    })
  })

  async function message({
    signer = author.signer,
    keyEntries = author.keyEntries(),
    ...members
  }: Partial<NodeRecord> & { signer?: SigningKey; keyEntries?: Author['entries'] } = {}): Promise<Uint8Array> {
    const body = encodeNodeRecord({
      v: 1,
      network: 'test',
      ledger: author.ledger,
      peer_id: PEER,
      key: signer.publicKey,
      seq: START,
      issued: START - 1,
      expires: START + 3_600_000,
      addrs: [`/ip4/127.0.0.1/tcp/7440/p2p/${PEER}`],
      capabilities: ['sync'],
      metadata: { version: '0.1.0', streams: [], region: null },
      ...members
    })
    return encodeAnnouncement({
      record: {
        body,
        signature: await signer.sign(signingInput('nodeRecord', body)),
        keyEntries: keyEntries.map(({ raw: { header, signature } }) => ({ header, signature }))
      }
    })
  }
  const judge = async (making: Parameters<typeof message>[0] = {}): Promise<string> =>
    await gossip.judge(RELAY, await message(making))
  const other = (seed: number): SigningKey => signingKeyFromSeed(Buffer.alloc(32, seed))

  test('accepts a new, well signed record of a ledger one has to do with, as a hint', async () => {
    expect(await judge()).toBe('accept')
    expect(node.parts.peerNetwork!.directory.get(PEER)).toMatchObject({
      proof: 'shown',
      sources: ['gossip'],
      status: 'unknown'
    })
    expect(node.parts.peerNetwork!.directory.provenLedger(PEER)).toBeNull()
  })

  test('rejects what the message alone proves to be wrong', async () => {
    const good = await message()
    expect(await gossip.judge(RELAY, good.subarray(0, -1))).toBe('reject')
    expect(await gossip.judge(RELAY, Buffer.concat([good, Buffer.of(0)]))).toBe('reject')
    expect(await gossip.judge(RELAY, encodeAnnouncement({ evidence: Buffer.from('{}') }))).toBe('reject')
    expect(await gossip.judge(RELAY, encodeAnnouncement({ head: author.entries[0]!.raw }))).toBe('reject')
    expect(await judge({ network: 'main' })).toBe('reject')
    expect(await judge({ key: other(66).publicKey })).toBe('reject')
    expect(await judge({ keyEntries: (await Author.create(50)).keyEntries() })).toBe('reject')
    expect(node.parts.peerNetwork!.directory.list()).toEqual([])
  })

  test("ignores what is nobody's fault: strange ledgers, expired, from the future, not newer, too often, a key that is not the ledger's, itself", async () => {
    relevant = false
    expect(await judge()).toBe('ignore')
    relevant = true
    expect(await judge({ issued: START - 2, expires: START })).toBe('ignore')
    expect(await judge({ issued: START + 3_600_000, expires: START + 3_600_001 })).toBe('ignore')
    expect(await judge({ peer_id: peerOf(node) })).toBe('ignore')
    expect(await judge({ signer: other(66) })).toBe('ignore')
    expect(await judge({ signer: other(100) })).toBe('ignore')
    expect(await judge({ keyEntries: [] })).toBe('ignore')
    expect(await judge()).toBe('accept')
    expect(await judge()).toBe('ignore')
    // four at once, and then one in ten seconds
    expect(await judge({ seq: START + 1 })).toBe('accept')
    expect(await judge({ seq: START + 2 })).toBe('accept')
    expect(await judge({ seq: START + 3 })).toBe('accept')
    expect(await judge({ seq: START + 4 })).toBe('ignore')
    now += 9_999
    expect(await judge({ seq: START + 4 })).toBe('ignore')
    now++
    expect(await judge({ seq: START - 1 })).toBe('ignore')
    expect(await judge({ seq: START + 4 })).toBe('accept')
    expect(await judge({ seq: START + 5 })).toBe('ignore')
  })

  test('passes on no more forged signatures than one peer may have checked', async () => {
    const verdicts: string[] = []
    for (let i = 0; i < 30; i++) verdicts.push(await judge({ key: other(66).publicKey, seq: START + i }))
    // 20 at once, the first of which nothing was owed for; and then five in a second
    expect(verdicts).toEqual(Array.from({ length: 30 }, (_, i) => (i < 21 ? 'reject' : 'ignore')))
    now += 200
    expect(await judge({ key: other(66).publicKey, seq: START + 30 })).toBe('reject')
    expect(await judge({ key: other(66).publicKey, seq: START + 31 })).toBe('ignore')
  })
})

test('a node is heard of over a common neighbour, and its ledger is found by the hint', async () => {
  const hub = await start('hub')
  const author = await start('author', { bootstrap: [addrOf(hub)] })
  const reader = await start('reader', { bootstrap: [addrOf(hub)] })
  await hub.plugins.sync.follow(author.id)
  await reader.plugins.sync.follow(author.id)
  const directory = reader.parts.peerNetwork!.directory
  await expect.poll(() => directory.sourcesOf(peerOf(author)), { timeout: 20_000 }).toContain('gossip')
  await expect
    .poll(async () => (await reader.plugins.sync.status(author.id))[0]?.status, { timeout: 10_000 })
    .toBe('synced')
}, 40_000)

test("a private ledger's node tells nobody", async () => {
  const hub = await start('hub')
  const secret = await start('secret', { access: 'private', bootstrap: [addrOf(hub)] })
  const open = await start('open', { bootstrap: [addrOf(hub)] })
  await expect
    .poll(() => hub.parts.peerNetwork!.directory.get(peerOf(open))?.sources, { timeout: 20_000 })
    .toContain('gossip')
  expect(hub.parts.peerNetwork!.connections.peers().map(({ peer }) => peer)).toContain(peerOf(secret))
  expect(hub.parts.peerNetwork!.directory.get(peerOf(secret))).toBeNull()
  expect(open.parts.peerNetwork!.directory.get(peerOf(secret))).toBeNull()
}, 40_000)
