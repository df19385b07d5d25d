import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { keyHash } from '../../src/core/chain.js'
import type { SigningKey } from '../../src/core/keys.js'
import { signingKeyFromSeed } from '../../src/core/keys.js'
import { MAX_NODE_RECORD_LIFE_MS } from '../../src/core/limits.js'
import { encodeNodeRecord, type NodeRecord } from '../../src/core/node-record.js'
import { peerIdOf } from '../../src/core/peer-key.js'
import { signingInput, verifySignature } from '../../src/core/signature.js'
import { openLedgers, type Ledgers } from '../../src/ledger/ledgers.js'
import { Directory, type ShownRecord } from '../../src/node/peers/peer-directory.js'
import { NodeAuthority } from '../../src/node/peers/node-authority.js'
import { checkRecord } from '../../src/node/peers/check-record.js'
import { silentLog, systemRandom } from '../../src/node/runtime/system.js'
import { openStore, type Store } from '../../src/store/store.js'
import { temporaryFolder } from '../helpers/temporary-folder.js'
import { Author, codeOf, key } from '../core/author.js'

const NOW = 1_700_000_000_000
let now = NOW
const clock = { now: () => now, after: () => () => undefined }
const peerSigner = (seed: number): SigningKey => signingKeyFromSeed(Buffer.alloc(32, seed))
const peerOf = (seed: number): string => peerIdOf(peerSigner(seed).publicKey)
const PEER = peerOf(100)

let store: Store
let ledgers: Ledgers
let directory: Directory
let author: Author
let folder: string

async function open(): Promise<void> {
  store = await openStore(folder, { log: silentLog })
  ledgers = await openLedgers({
    store,
    clock,
    random: systemRandom,
    log: silentLog,
    network: 'test',
    verify: verifySignature,
    signingKey: key(90),
    genesis: { name: 'me', access: 'public', nextKeyHash: null }
  })
  const authority = new NodeAuthority(ledgers, silentLog)
  await authority.load()
  directory = new Directory({ network: 'test', ledgers, authority, store, clock, log: silentLog, onChecked: () => {} })
  await directory.load()
}

async function close(): Promise<void> {
  await directory.close()
  await ledgers.close()
  await store.close()
}

beforeEach(async () => {
  now = NOW
  folder = await temporaryFolder()
  author = await Author.create()
  await open()
})
afterEach(close)

/** Stores what the author has appended since. */
async function hold(): Promise<void> {
  const mirror = await ledgers.mirror(author.ledger)
  await mirror.ingest(author.entries.slice(mirror.size))
}

interface Making extends Partial<NodeRecord> {
  signer?: SigningKey
  keyEntries?: number
}

async function record({
  signer = author.signer,
  keyEntries = Infinity,
  ...members
}: Making = {}): Promise<ShownRecord> {
  const body = encodeNodeRecord({
    v: 1,
    network: 'test',
    ledger: author.ledger,
    peer_id: PEER,
    key: signer.publicKey,
    seq: NOW,
    issued: NOW,
    expires: NOW + 60_000,
    addrs: [`/ip4/127.0.0.1/tcp/7440/p2p/${PEER}`],
    capabilities: ['sync'],
    metadata: { version: '0.1.0', streams: [], region: null },
    ...members
  })
  return {
    body,
    signature: await signer.sign(signingInput('nodeRecord', body)),
    keyEntries: author
      .keyEntries()
      .slice(0, keyEntries)
      .map(({ raw: { header, signature } }) => ({ header, signature }))
  }
}

const show = async (making: Making = {}, peer = PEER): Promise<string | undefined> => {
  const made = await record(making)
  return await codeOf(() => directory.addShown(peer, made, 'test/1', verifySignature))
}
const hear = async (making: Making = {}): Promise<boolean> =>
  directory.addHeard(await checkRecord(await record(making), { network: 'test', verify: verifySignature }), 'gossip')
const proof = (peer = PEER): string | undefined => directory.get(peer)?.proof

describe('a record shown on its own connection', () => {
  test('by the key in force of a held ledger proves it', async () => {
    await hold()
    expect(await show()).toBeUndefined()
    expect(directory.provenLedger(PEER)).toBe(author.ledger)
    expect(directory.get(PEER)).toMatchObject({
      name: 'tester',
      proof: 'proven',
      sources: ['connection'],
      software: 'test/1'
    })
  })

  test('proves nothing about a ledger that is not held', async () => {
    expect(await show()).toBeUndefined()
    expect([directory.provenLedger(PEER), proof()]).toEqual([null, 'shown'])
  })

  test('is refused when it names another peer, another network, or is forged', async () => {
    await hold()
    expect(await show({ peer_id: peerOf(101) })).toBe('BAD_RECORD')
    expect(await show({ network: 'other' })).toBe('WRONG_NETWORK')
    expect(await show({ signer: key(66), key: author.signer.publicKey })).toBe('BAD_RECORD')
    const made = await record()
    const other = await Author.create(30)
    const foreign = {
      ...made,
      keyEntries: other.keyEntries().map(({ raw: { header, signature } }) => ({ header, signature }))
    }
    expect(await codeOf(() => directory.addShown(PEER, foreign, null, verifySignature))).toBe('WRONG_LEDGER')
    expect(directory.list()).toEqual([])
  })

  test('leaves a stranger when it is expired or from the future', async () => {
    await hold()
    expect(await show({ issued: NOW - 2, expires: NOW })).toBeUndefined()
    expect(directory.get(PEER)).toBeNull()
    expect(
      await show({
        seq: Number.MAX_SAFE_INTEGER,
        issued: NOW + MAX_NODE_RECORD_LIFE_MS,
        expires: NOW + MAX_NODE_RECORD_LIFE_MS + 1
      })
    ).toBeUndefined()
    expect(directory.provenLedger(PEER)).toBeNull()
  })

  test('stops proving when it expires', async () => {
    await hold()
    await show()
    now = NOW + 59_999
    expect(directory.provenLedger(PEER)).toBe(author.ledger)
    now = NOW + 60_000
    expect(directory.provenLedger(PEER)).toBeNull()
  })

  test('does not go back to an older one', async () => {
    await hold()
    await show({ seq: 5, capabilities: ['new'] })
    expect(await show({ seq: 4, capabilities: ['old'] })).toBeUndefined()
    expect(directory.get(PEER)!.record.capabilities).toEqual(['new'])
  })

  test("by a retired key is a stranger's, also with key entries cut short", async () => {
    const old = author.signer
    await author.rotate()
    await hold()
    expect(await show({ signer: old, keyEntries: 1 })).toBeUndefined()
    expect([directory.provenLedger(PEER), proof()]).toEqual([null, 'claimed'])
    expect(await show({ seq: NOW + 1 })).toBeUndefined()
    expect(directory.provenLedger(PEER)).toBe(author.ledger)
  })

  test('proves no more once the ledger that we hold rotates its key', async () => {
    await hold()
    await show()
    await author.rotate()
    await hold()
    expect([directory.provenLedger(PEER), proof()]).toEqual([null, 'claimed'])
  })
})

describe("a node beside the keyholder's", () => {
  const authorize = async (peer: string, expires: number | null = null): Promise<void> => {
    await author.append({ type: 'ledger.authorize-node', meta: { peer_id: peer, expires } })
    await hold()
  }
  const byPeer: Making = { signer: peerSigner(100) }

  test('speaks for the ledger while the chain authorises its peer id', async () => {
    await hold()
    expect(await show(byPeer)).toBeUndefined()
    expect([directory.provenLedger(PEER), proof()]).toEqual([null, 'claimed'])
    await authorize(PEER)
    expect([directory.provenLedger(PEER), proof()]).toEqual([author.ledger, 'proven'])
    await author.append({ type: 'ledger.revoke-node', meta: { peer_id: PEER } })
    await hold()
    expect(directory.provenLedger(PEER)).toBeNull()
  })

  test('does so until the authorisation expires', async () => {
    await authorize(PEER, NOW + 10)
    await show(byPeer)
    expect(directory.provenLedger(PEER)).toBe(author.ledger)
    now = NOW + 10
    expect(directory.provenLedger(PEER)).toBeNull()
  })

  test('must sign with its own key: neither another key nor another authorised peer will do', async () => {
    await authorize(PEER)
    await authorize(peerOf(101))
    expect(await show({ signer: peerSigner(101) })).toBeUndefined()
    expect(directory.provenLedger(PEER)).toBeNull()
    expect(await show({ signer: peerSigner(101), peer_id: peerOf(101) })).toBe('BAD_RECORD')
  })

  test('is known after a restart, when the authorisation is read from the store', async () => {
    await authorize(PEER)
    await close()
    await open()
    expect(directory.provenLedger(PEER)).toBeNull()
    await show(byPeer)
    expect(directory.provenLedger(PEER)).toBe(author.ledger)
  })

  test('is authorised by that ledger alone, not by another one that names it', async () => {
    await hold()
    const other = await Author.create(30)
    await other.append({ type: 'ledger.authorize-node', meta: { peer_id: PEER, expires: null } })
    const mirror = await ledgers.mirror(other.ledger)
    await mirror.ingest(other.entries)
    await show(byPeer)
    expect(directory.provenLedger(PEER)).toBeNull()
  })
})

describe('a record heard from others', () => {
  test('is a hint, never authority', async () => {
    await hold()
    expect(await hear()).toBe(true)
    expect(directory.get(PEER)).toMatchObject({
      proof: 'proven',
      status: 'unknown',
      lastSeen: null,
      sources: ['gossip']
    })
    expect(directory.provenLedger(PEER)).toBeNull()
  })

  test('is not taken when anybody could have written it, expired, replayed or from the future', async () => {
    await hold()
    const other = await Author.create(30)
    expect(await hear({ signer: other.signer })).toBe(false)
    expect(await hear({ signer: peerSigner(101) })).toBe(false)
    expect(await hear({ issued: NOW - 1, expires: NOW })).toBe(false)
    expect(await hear({ issued: NOW + MAX_NODE_RECORD_LIFE_MS, expires: NOW + MAX_NODE_RECORD_LIFE_MS + 1 })).toBe(
      false
    )
    expect(await hear({ seq: 7 })).toBe(true)
    expect(await hear({ seq: 7 })).toBe(false)
    expect(await hear({ seq: 6 })).toBe(false)
  })

  test('cannot give a peer another ledger: that is reported', async () => {
    await hold()
    await show()
    const thief = await Author.create(30)
    const made = await record({ signer: thief.signer, ledger: thief.ledger, seq: NOW + 5 })
    const forged = {
      ...made,
      keyEntries: thief.keyEntries().map(({ raw: { header, signature } }) => ({ header, signature }))
    }
    expect(
      directory.addHeard(await checkRecord(forged, { network: 'test', verify: verifySignature }), 'registry')
    ).toBe(false)
    expect(directory.provenLedger(PEER)).toBe(author.ledger)
    expect(directory.contradictions.list()).toMatchObject([{ source: 'registry', peer: PEER, ledger: thief.ledger }])
  })

  test('moves the addresses of a node that was met, and nothing else', async () => {
    await hold()
    await show({ capabilities: ['sync'] })
    const addr = `/ip4/203.0.113.7/tcp/1/p2p/${PEER}`
    expect(await hear({ seq: NOW + 1, addrs: [addr], capabilities: ['registry'] })).toBe(true)
    expect(directory.get(PEER)!.record).toMatchObject({ addrs: [addr], capabilities: ['sync'], seq: NOW })
    // Replayed, or older than what was heard: nothing moves back.
    expect(await hear({ seq: NOW + 1, addrs: [] })).toBe(false)
    expect(await hear({ seq: NOW, addrs: [] })).toBe(false)
    expect(directory.get(PEER)!.record.addrs).toEqual([addr])
  })

  test('is capped per ledger, those that only claim to be its nodes sooner', async () => {
    await hold()
    for (let i = 0; i < 20; i++)
      expect(await hear({ signer: peerSigner(i + 200), peer_id: peerOf(i + 200) })).toBe(i < 16)
    expect(await hear()).toBe(true)
    for (let i = 0; i < 60; i++) await hear({ peer_id: peerOf(i + 110) })
    expect(directory.nodesOf(author.ledger)).toHaveLength(64)
  })
})

test('nodes, their provenance and when they were seen outlive a restart; authority does not', async () => {
  await hold()
  directory.addSource(PEER, 'dht')
  expect(directory.sourcesOf(PEER)).toEqual(['dht'])
  await show()
  directory.connected(PEER)
  expect(directory.get(PEER)!.status).toBe('online')
  directory.onDisconnected(PEER)
  await close()
  now = NOW + 1000
  await open()
  expect(directory.get(PEER)).toMatchObject({
    status: 'offline',
    lastSeen: NOW,
    sources: ['dht', 'connection'],
    name: 'tester',
    proof: 'proven'
  })
  expect(directory.provenLedger(PEER)).toBeNull()
  await close()
  now = NOW + 8 * 24 * 60 * 60_000
  await open()
  expect(directory.list()).toEqual([])
})

test('a committed next key is not in force before it rotates', async () => {
  await hold()
  expect(keyHash(author.next.publicKey)).toBe(author.entries[0]!.header.meta.next_key_hash)
  await show({ signer: author.next })
  expect(directory.provenLedger(PEER)).toBeNull()
})
