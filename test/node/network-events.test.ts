import { afterEach, expect, test } from 'vitest'
import { createLedger, type MeshLedger } from '../../src/node/create-ledger.js'
import { interoperabilityPlugin } from '../../src/node/plugins/interoperability-plugin.js'
import { NetworkEvents } from '../../src/node/events/network-events.js'
import { syncPlugin } from '../../src/node/plugins/sync-plugin.js'
import { silentLog } from '../../src/node/runtime/system.js'
import { encodeEvidence, sameSeqEvidence } from '../../src/core/evidence.js'
import { Author, flipBit } from '../core/author.js'
import { startNode } from '../helpers/test-node.js'
import { TestPeer } from '../helpers/test-peer.js'
import { temporaryFolder } from '../helpers/temporary-folder.js'
import { stopAll } from '../network/fixture.js'
import type { NetworkEvent } from '../../src/node/api/events.js'

const open: MeshLedger[] = []
afterEach(stopAll)
afterEach(async () => {
  await Promise.all(open.splice(0).map((ledger) => ledger.close()))
})

async function start(name: string) {
  const ledger = await createLedger({
    dataDir: await temporaryFolder(),
    name,
    plugins: [interoperabilityPlugin(), syncPlugin()]
  })
  open.push(ledger)
  return ledger
}

test('who comes, what it shows, how its ledger syncs, and that it goes', async () => {
  const [author, follower] = [await start('author'), await start('follower')]
  const events: NetworkEvent[] = []
  follower.plugins.interoperability.subscribe(null, (event) => {
    events.push(event)
  })
  const { peerId, addrs } = {
    peerId: author.parts.peerNetwork!.host.peerId,
    addrs: author.parts.peerNetwork!.host.addrs()
  }
  await follower.plugins.interoperability.connect(addrs[0]!)
  expect(events.filter(({ kind }) => kind !== 'sync')).toMatchObject([
    { kind: 'record', peer: peerId, ledger: author.id, name: 'author', addrs, capabilities: ['sync', 'query'] },
    {
      kind: 'connected',
      peer: peerId,
      ledger: author.id,
      name: 'author',
      software: expect.stringContaining('ledgermesh')
    }
  ])
  expect(follower.plugins.interoperability.clockOffsets()).toHaveLength(1)
  expect(Math.abs(follower.plugins.interoperability.clockOffsets()[0]!)).toBeLessThan(10_000)

  const last = (): NetworkEvent | undefined =>
    events.filter((event) => event.kind === 'sync' && event.ledger === author.id).at(-1)
  await follower.plugins.sync.follow(author.id)
  await expect.poll(last, { timeout: 10_000 }).toMatchObject({ status: 'synced', code: null, size: 1 })
  await follower.plugins.sync.pause(author.id)
  await expect.poll(last, { timeout: 10_000 }).toMatchObject({ status: 'stalled', code: 'PAUSED' })

  await author.close()
  await expect
    .poll(() => events.filter(({ kind }) => kind === 'disconnected'), { timeout: 10_000 })
    .toMatchObject([{ peer: peerId, ledger: author.id }])
  expect(follower.plugins.interoperability.clockOffsets()).toEqual([])
}, 30_000)

test('a subscriber that throws disturbs nobody; kinds are filtered; the end is the end', () => {
  const events = new NetworkEvents({ now: () => 7, after: () => () => {} }, silentLog)
  const seen: NetworkEvent[] = []
  events.subscribe(null, () => {
    throw new Error('no')
  })
  const end = events.subscribe(['evidence'], (event) => {
    seen.push(event)
  })
  events.publish({ kind: 'evidence', ledger: 'b', frozenAt: 3 })
  events.publish({ kind: 'trust', ledger: 'b', subject: null })
  end()
  events.publish({ kind: 'evidence', ledger: 'b', frozenAt: 2 })
  expect(seen).toEqual([{ kind: 'evidence', ledger: 'b', frozenAt: 3, at: 7 }])
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

test('evidence is one event when it holds, and none when it does not or is told again', async () => {
  const { author, evidence } = await forked()
  const node = await startNode()
  const seen: NetworkEvent[] = []
  node.ledger.plugins.interoperability.subscribe(['evidence', 'disconnected'], (event) => {
    seen.push(event)
  })
  const honest = await TestPeer.start({ authors: [author] })
  const session = await honest.connect(node.addr)
  await node.sync.follow(author.ledger)
  await node.synced(author.ledger, 5)
  const liar = await TestPeer.start()
  const lies = await liar.connect(node.addr)
  const { b } = JSON.parse(evidence.toString()) as { b: { signature: string } }
  lies.tellEvidence(
    author.ledger,
    Buffer.from(
      evidence.toString().replace(b.signature, Buffer.from(flipBit(Buffer.from(b.signature, 'hex'), 3)).toString('hex'))
    )
  )
  await expect.poll(() => seen.map(({ kind }) => kind), { timeout: 10_000 }).toEqual(['disconnected'])
  session.tellEvidence(author.ledger, evidence)
  session.tellEvidence(author.ledger, evidence)
  await node.becomes(author.ledger, { status: 'stalled', stall: { code: 'FROZEN' } })
  await session.askHeads([])
  expect(seen.filter(({ kind }) => kind === 'evidence')).toMatchObject([
    { ledger: author.ledger, frozenAt: expect.any(Number) }
  ])
})
