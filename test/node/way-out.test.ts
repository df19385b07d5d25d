/** The owner's way out of a freeze (R1): the committed next key retires the accused one, and everybody goes on. */
import { rename } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { readKeyFile } from '../../src/config/key-file.js'
import { paths } from '../../src/config/paths.js'
import { keyHash } from '../../src/core/chain.js'
import { decodeEntry } from '../../src/core/entry.js'
import { encodeEvidence, sameSeqEvidence } from '../../src/core/evidence.js'
import { signingKeyFromSeed } from '../../src/core/keys.js'
import { verifySignature } from '../../src/core/signature.js'
import { nodeOf } from '../../src/node/daemon-node.js'
import { rotateKeys } from '../../src/node/home/rotate-keys.js'
import { silentLog, systemClock, systemRandom } from '../../src/node/runtime/system.js'
import { Author, NETWORK } from '../core/author.js'
import { stopAll } from '../network/fixture.js'
import { startNode, type TestNode } from '../helpers/test-node.js'
import { TestPeer } from '../helpers/test-peer.js'
import { verifyEvidence } from '../../src/core/verify-evidence.js'

afterEach(stopAll)

const note = { stream: 's', type: 't' }
const WAYS_OUT = { own: { state: 'ready' }, evidence: 0, stalled: 0 }

/** Whoever has a copy of a file with a key of the node's ledger, at entry `at`. */
async function thiefOf(node: TestNode, file: string, at: number): Promise<{ mine: Author; thief: Author }> {
  const entries = (await node.ledger.parts.ledgers.own.range(0, { count: 100, bytes: 1 << 20 })).map((raw) =>
    decodeEntry(raw)
  )
  const signer = signingKeyFromSeed(readKeyFile(file))
  const mine = Object.assign(Object.create(Author.prototype) as Author, {
    entries,
    signer,
    next: signingKeyFromSeed(Buffer.alloc(32, 251))
  })
  const thief = mine.fork()
  thief.entries.length = at
  return { mine, thief }
}

async function tell(node: TestNode, evidence: Uint8Array): Promise<TestPeer> {
  const peer = await TestPeer.start()
  ;(await peer.connect(node.addr)).tellEvidence(node.id, evidence)
  await node.becomes(node.id, { own: true, status: 'stalled' })
  return peer
}

/** A node with three entries, frozen at 1 by whoever stole ledger.key. */
async function accused(): Promise<{ node: TestNode; evidence: Uint8Array }> {
  const node = await startNode()
  for (let i = 0; i < 2; i++) await node.ledger.append(note)
  const { mine, thief } = await thiefOf(node, paths(node.dataDir).ledgerKey, 1)
  const other = await thief.append({ id: 'stolen' })
  return { node, evidence: encodeEvidence(sameSeqEvidence(mine.accused(), 1, mine.entries[1]!.raw, other.raw)) }
}

test('a thief of ledger.key is retired by a rotation in the running node: it signs again, and a frozen follower goes on by itself', async () => {
  const { node, evidence } = await accused()
  const follower = await startNode()
  await follower.connect(node.addr)
  await follower.sync.follow(node.id)
  await follower.synced(node.id, 3)
  await tell(node, evidence)
  await follower.becomes(node.id, { status: 'stalled', stall: { code: 'FROZEN' } })
  const api = nodeOf(node.ledger, 0)
  expect(await api.sync.conflicts()).toMatchObject({
    conflicts: [{ own: true, next: expect.stringContaining('keys rotate') }]
  })
  await expect(node.ledger.append(note)).rejects.toMatchObject({ code: 'FROZEN' })
  expect(await node.ledger.parts.ledgers.own.checkpoints.maybeCheckpoint(Date.now() + 60_000)).toBeNull()

  const { seq } = await api.keys.rotate()
  expect(seq).toBe(3)
  // At once: no append in between is refused.
  await node.ledger.append(note)
  expect(await api.status()).toMatchObject(WAYS_OUT)
  expect(await api.sync.conflicts()).toMatchObject({ conflicts: [], disputes: [{ ledger: node.id, state: 'excused' }] })
  await follower.becomes(node.id, { status: 'synced', size: 5, audited: 5, evidence: 'excused' })
  // The thief goes on telling; nobody is frozen again.
  const again = await TestPeer.start()
  ;(await again.connect(follower.addr)).tellEvidence(node.id, evidence)
  await node.ledger.append(note)
  await follower.becomes(node.id, { status: 'synced', size: 6, evidence: 'excused' })
  await node.close()
  const restarted = await startNode({ dataDir: node.dataDir, offline: true })
  expect(await nodeOf(restarted.ledger, 0).status()).toMatchObject(WAYS_OUT)
  await restarted.ledger.append(note)
  expect([...node.errors(), ...follower.errors(), ...restarted.errors()]).toEqual([])
})

test('rotated while no node ran, or killed right after the rotation was stored: the next start judges anew', async () => {
  const { node, evidence } = await accused()
  await tell(node, evidence)
  await node.close()
  expect(
    await rotateKeys({ home: node.dataDir, clock: systemClock, random: systemRandom, log: silentLog })
  ).toMatchObject({ seq: 3 })
  const restarted = await startNode({ dataDir: node.dataDir, offline: true })
  await restarted.becomes(node.id, { status: 'synced', size: 4, evidence: 'excused' })
  await restarted.ledger.append(note)
})

test('whoever stole the next key, too, and rotated with it: no rotation ends that, none is signed, and no file is changed', async () => {
  const node = await startNode()
  for (let i = 0; i < 2; i++) await node.ledger.append(note)
  const { nextKey, rotatingLedgerKey } = paths(node.dataDir)
  const { mine, thief } = await thiefOf(node, nextKey, 2)
  const rotation = await thief.append({
    id: 'stolen',
    type: 'ledger.rotate-key',
    meta: { next_key_hash: keyHash(thief.next.publicKey) }
  })
  const evidence = encodeEvidence(sameSeqEvidence(mine.accused(), 2, mine.entries[2]!.raw, rotation.raw))
  expect(await verifyEvidence(evidence, { verify: verifySignature, network: NETWORK })).toMatchObject({ seq: 2 })
  await tell(node, evidence)
  const api = nodeOf(node.ledger, 0)
  await expect(api.keys.rotate()).rejects.toMatchObject({ code: 'FROZEN' })
  expect(await api.status()).toMatchObject({ own: { state: 'frozen', size: 3 } })
  await expect(rename(rotatingLedgerKey, join(node.dataDir, 'x'))).rejects.toMatchObject({ code: 'ENOENT' })
  await expect(node.ledger.append(note)).rejects.toMatchObject({ code: 'FROZEN' })
})
