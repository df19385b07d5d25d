/** Evidence against the own ledger is shown everywhere, and says what the owner can do (FAULTS §2 row 8). */
import { afterEach, expect, test } from 'vitest'
import { signingKeyFromSeed } from '../../src/core/keys.js'
import { decodeEntry } from '../../src/core/entry.js'
import { encodeEvidence, sameSeqEvidence } from '../../src/core/evidence.js'
import { nodeOf } from '../../src/node/daemon-node.js'
import { Author } from '../core/author.js'
import { stopAll } from '../network/fixture.js'
import { startNode, type TestNode } from '../helpers/test-node.js'
import { TestPeer } from '../helpers/test-peer.js'

afterEach(stopAll)

/** Whoever has a copy of the node's ledger key. */
export async function copyOfKey(node: TestNode, seed: Uint8Array): Promise<Author> {
  const { own } = node.ledger.parts.ledgers
  const entries = (await own.range(0, { count: 1000, bytes: 1 << 20 })).map((raw) => decodeEntry(raw))
  return Object.assign(Object.create(Author.prototype) as Author, {
    entries,
    signer: signingKeyFromSeed(seed),
    next: signingKeyFromSeed(Buffer.alloc(32, 251))
  })
}

test('a frozen own ledger is frozen in status, health and sync, also after a restart, and what is signed is refused', async () => {
  const seed = Buffer.alloc(32, 77)
  const node = await startNode({ signingKey: seed })
  await node.ledger.append({ stream: 's', type: 't' })
  const twin = await copyOfKey(node, seed)
  const mine = twin.entries[1]!
  twin.entries.length = 1
  const other = await twin.append({ id: 'twin' })
  const peer = await TestPeer.start({ authors: [] })
  const session = await peer.connect(node.addr)
  session.tellEvidence(node.id, encodeEvidence(sameSeqEvidence(twin.accused(), 1, mine.raw, other.raw)))
  await node.becomes(node.id, { own: true, status: 'stalled', stall: { code: 'FROZEN', next: null } })

  const looks = async (one: TestNode): Promise<void> => {
    const api = nodeOf(one.ledger, 0)
    expect(await api.status()).toMatchObject({
      own: { state: 'frozen', size: 2, waiting: expect.stringContaining('evidence') },
      evidence: 1,
      stalled: 1
    })
    const health = await api.health()
    expect(health.healthy).toBe(false)
    expect(health.checks.find(({ check }) => check === 'own ledger')).toMatchObject({
      ok: false,
      next: expect.stringContaining('ledger.key')
    })
    expect(await one.status(one.id)).toMatchObject({
      status: 'stalled',
      stall: { code: 'FROZEN', explanation: expect.any(String) }
    })
    expect(await api.sync.conflicts()).toMatchObject({
      conflicts: [{ own: true, frozenAt: 1, disputed: 1, next: expect.stringContaining('ledger.key') }]
    })
    await expect(one.ledger.append({ stream: 's', type: 't' })).rejects.toMatchObject({ code: 'FROZEN' })
  }
  await looks(node)
  await node.close()
  const again = await startNode({ dataDir: node.dataDir, signingKey: seed })
  await looks(again)
  expect([...node.errors(), ...again.errors()]).toEqual([])
})
