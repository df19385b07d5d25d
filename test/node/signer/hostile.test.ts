/**
 * Peers that are not our client say what they like of our own ledger: nobody without a key that counts stops the signer
 * (FAULTS R3–R5).
 */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test, vi } from 'vitest'
import { encodeHeader } from '../../../src/core/header.js'
import { encodeNodeRecord, type NodeRecord } from '../../../src/core/node-record.js'
import { keyHash } from '../../../src/core/chain.js'
import { decodeEntry, type Entry } from '../../../src/core/entry.js'
import { signingKeyFromSeed, type SigningKey } from '../../../src/core/keys.js'
import { signingInput } from '../../../src/core/signature.js'
import { signEntry } from '../../../src/ledger/append/draft.js'
import { readMark } from '../../../src/ledger/signer/signer-mark.js'
import { keyAt } from '../../helpers/key-at.js'
import { startNode, type TestNode } from '../../helpers/test-node.js'
import { TestPeer } from '../../helpers/test-peer.js'

const note = { stream: 's', type: 'note', payload: 1 }

async function headOf(
  node: TestNode,
  key: SigningKey,
  seq: number,
  more: { type?: string; meta?: object; prev?: string } = {}
): Promise<Entry> {
  const { header } = decodeEntry({ ...node.ledger.parts.ledgers.own.head()!, payload: null })
  const { type = 'note', meta = {}, prev = 'a'.repeat(64) } = more
  const next = {
    ...header,
    ledger: node.id,
    seq,
    prev_hash: prev,
    key: key.publicKey,
    id: `forged-${seq}`,
    stream: 's',
    type,
    payload_hash: null,
    payload_size: 0,
    meta: meta as never,
    timestamp: 1
  }
  expect(encodeHeader(next).length).toBeGreaterThan(0)
  return await signEntry(next, null, key)
}

/** How far it has signed, without the checkpoints that come by themselves. */
async function markOf(node: TestNode): Promise<{ seq: number; hash: string }> {
  const { seq, hash } = (await readMark(join(node.dataDir, 'signer.json')))!
  return { seq, hash }
}

/** A node with rotated keys: `keyAt(0)` is retired, `keyAt(1)` in force, `keyAt(2)` committed. */
async function rotated(): Promise<TestNode> {
  const node = await startNode({ signingKey: keyAt(0), nextKeyHash: keyHash(keyAt(1).publicKey) })
  await node.ledger.append(note)
  await node.ledger.parts.ledgers.own.rotateKey(keyAt(1), keyHash(keyAt(2).publicKey))
  await node.ledger.append(note)
  return node
}

async function tells(node: TestNode, entries: Entry[], keyEntries: Entry[] = []): Promise<TestPeer> {
  const peer = await TestPeer.start()
  // what it shows when it is asked, and hands over as key entries
  peer.entries.set(node.id, [...keyEntries, ...entries])
  const session = await peer.connect(node.addr)
  for (const entry of entries) session.tellHeads([peer.head(node.id, [entry])])
  await vi.waitFor(
    () => {
      expect(peer.asked.length).toBeGreaterThan(0)
    },
    { timeout: 10_000 }
  )
  await session.askHeads([{ ledger: node.id, size: 0 }]) // a round trip behind the notices
  return peer
}

describe('R5: heads of the own ledger', () => {
  test.each([
    [9_000_000_000, 'far above the head'],
    [4, 'just above'],
    [3, 'in the place of the head'],
    [1, 'below the rotation']
  ])('by a retired key at %i, %s: nothing happens, in memory or on disk', async (seq) => {
    const node = await rotated()
    const mark = await markOf(node)
    await tells(node, [await headOf(node, keyAt(0), seq)])
    expect(node.ledger.parts.ledgers.own.signer).toBe('ready')
    expect(await markOf(node)).toEqual(mark)
    await node.ledger.append(note)
    expect(node.errors()).toEqual([])
  })

  test('a history as long as a thief of a retired key likes does not continue ours', async () => {
    const node = await rotated()
    const own = node.ledger.parts.ledgers.own
    const [genesis] = (await own.keyEntries()).map((raw) => decodeEntry({ ...raw, payload: null }))
    // he re-signs the rotation with the key that he stole, to keys of his own
    const keys = [1, 11, 12, 13].map(keyAt)
    const history = [genesis!]
    for (const [i, key] of keys.entries()) {
      history.push(
        await headOf(node, key, 100 * (i + 1), {
          type: 'ledger.rotate-key',
          meta: { next_key_hash: keyHash((keys[i + 1] ?? keyAt(14)).publicKey) }
        })
      )
    }
    await tells(node, [await headOf(node, keyAt(13), 9_000_000_000)], history)
    expect(own.signer).toBe('ready')
    await node.ledger.append(note)
  })

  test('by the key in force: nothing is signed any more, and the mark stays where it is until the range is here', async () => {
    const node = await rotated()
    const mark = await markOf(node)
    await tells(node, [await headOf(node, keyAt(1), 9_000_000_000)])
    await vi.waitFor(
      () => {
        expect(node.ledger.parts.ledgers.own.signer).toBe('restoring')
      },
      { timeout: 10_000 }
    )
    await expect(node.ledger.append(note)).rejects.toMatchObject({ code: 'RESTORING' })
    expect(await markOf(node)).toEqual(mark)
    // the operator's word about it holds, also when it comes again
    await node.sync.override()
    await node.ledger.append(note)
  })

  test('by the committed next key: stops too', async () => {
    const node = await rotated()
    await tells(node, [await headOf(node, keyAt(2), 50, { type: 'ledger.rotate-key', meta: { next_key_hash: null } })])
    await vi.waitFor(
      () => {
        expect(node.ledger.parts.ledgers.own.signer).toBe('restoring')
      },
      { timeout: 10_000 }
    )
  })
})

describe('R4: records', () => {
  const record = (node: TestNode, key: SigningKey, more: Partial<NodeRecord> = {}): Uint8Array => {
    const now = Date.now()
    return encodeNodeRecord({
      v: 1,
      network: node.peerNetwork.network,
      ledger: node.id,
      peer_id: node.peerId,
      key: key.publicKey,
      seq: 2 ** 53 - 1,
      issued: now,
      expires: now + 3_600_000,
      addrs: [],
      capabilities: [],
      metadata: { version: '1', streams: [], region: null },
      ...more
    })
  }
  const show = async (
    node: TestNode,
    key: SigningKey,
    more: Partial<NodeRecord> = {}
  ): Promise<{ peer: TestPeer; proofs: NodeRecord[] }> => {
    const proofs: NodeRecord[] = []
    const peer = await TestPeer.start({
      hello: {
        onRecord: (_, { body }) => {
          proofs.push(JSON.parse(Buffer.from(body).toString()) as NodeRecord)
        }
      }
    })
    const session = await peer.connect(node.addr)
    const body = record(node, key, more)
    session.tellRecord({ body, signature: await key.sign(signingInput('nodeRecord', body)), keyEntries: [] })
    await session.askHeads([{ ledger: node.id, size: 0 }])
    return { peer, proofs }
  }

  test("by a stranger's key, with our peer id and seq 2^53 - 1: no twin; the answer is a record by our peer key", async () => {
    const node = await startNode({ signingKey: keyAt(0), nextKeyHash: null })
    const { proofs } = await show(node, keyAt(7))
    await vi.waitFor(
      () => {
        expect(proofs).toContainEqual(expect.objectContaining({ peer_id: node.peerId, seq: 0 }))
      },
      { timeout: 10_000 }
    )
    expect(node.ledger.parts.ledgers.own.signer).toBe('ready')
    await node.ledger.append(note)
  })

  test('by a retired key: ignored; an own one, repeated: ignored', async () => {
    const node = await rotated()
    await show(node, keyAt(0))
    const { peer } = await show(node, keyAt(7))
    const own = await node.peerNetwork.ownRecord()
    peer.sessions.get(node.peerId)!.tellRecord(own)
    await peer.sessions.get(node.peerId)!.askHeads([{ ledger: node.id, size: 0 }])
    expect(node.ledger.parts.ledgers.own.signer).toBe('ready')
  })

  test('by the ledger key in force: TWIN at once, on disk, in every answer; by an older process: CONFIRMING', async () => {
    const node = await startNode({ signingKey: keyAt(0), nextKeyHash: null })
    const events: unknown[] = []
    node.ledger.plugins.interoperability.subscribe(['signer'], (event) => {
      events.push(event)
    })
    await show(node, keyAt(0))
    await vi.waitFor(
      () => {
        expect(node.ledger.parts.ledgers.own.signer).toBe('twin')
      },
      { timeout: 10_000 }
    )
    await expect(node.ledger.append(note)).rejects.toMatchObject({ code: 'TWIN' })
    expect(await node.status(node.id)).toMatchObject({ status: 'stalled', stall: { code: 'TWIN' } })
    expect(events).toContainEqual(expect.objectContaining({ kind: 'signer', state: 'twin' }))
    await vi.waitFor(
      async () => {
        expect(JSON.parse(await readFile(join(node.dataDir, 'witnesses.json'), 'utf8'))).toMatchObject({
          twin: { issued: expect.any(Number) }
        })
      },
      { timeout: 10_000 }
    )
    await node.close()
    const again = await startNode({ dataDir: node.dataDir, signingKey: keyAt(0), nextKeyHash: null })
    await expect(again.ledger.append(note)).rejects.toMatchObject({ code: 'TWIN' })
    await again.sync.override()
    await again.ledger.append(note)
    await show(again, keyAt(0), { issued: Date.now() - 3_000_000, expires: Date.now() + 3_000_000 })
    await vi.waitFor(
      () => {
        expect(again.ledger.parts.ledgers.own.signer).toBe('confirming')
      },
      { timeout: 10_000 }
    )
    // the other one may live: it has FOREIGN_HOLD_MS to answer, unless the operator says that it does not
    await expect(again.ledger.append(note)).rejects.toMatchObject({ code: 'CONFIRMING' })
    await again.sync.override()
    await again.ledger.append(note)
  })

  test('by the own peer key: TWIN', async () => {
    const node = await startNode()
    const seed = (await readFile(join(node.dataDir, 'peer.key'), 'utf8')).trim()
    await show(node, signingKeyFromSeed(Buffer.from(seed, 'hex')), { ledger: `b${'a'.repeat(52)}` })
    await vi.waitFor(
      () => {
        expect(node.ledger.parts.ledgers.own.signer).toBe('twin')
      },
      { timeout: 10_000 }
    )
  })
})
