import { expect, test } from 'vitest'
import { encodeEvidence, sameSeqEvidence } from '../../src/core/evidence.js'
import { Author } from '../core/author.js'
import { startNode } from '../helpers/test-node.js'
import { TestPeer } from '../helpers/test-peer.js'
import { stopAll } from '../network/fixture.js'
import { NodeSocket } from './real-node.js'

test('over the socket of a real node: own entries, those of mirrors, and every kind of network event', async () => {
  const [node, other] = [await startNode({ name: 'node' }), await startNode({ name: 'other' })]
  const entries = await NodeSocket.open(node)
  const network = await NodeSocket.open(node)
  await entries.call('ledger.subscribe', { ledger: '*' })
  await network.call('network.subscribe')
  const entryOf =
    (ledger: string, id: string) =>
    (result: Record<string, unknown>): boolean =>
      result.ledger === ledger && (result.entries as { id: string }[]).some((entry) => entry.id === id)
  const kind =
    (of: string, also: Record<string, unknown> = {}) =>
    (result: Record<string, unknown>): boolean =>
      result.kind === of && Object.entries(also).every(([name, value]) => result[name] === value)

  await node.ledger.append({ stream: 's', type: 't', id: 'mine', payload: 1 })
  expect(await entries.event(entryOf(node.id, 'mine'))).toMatchObject({
    entries: [{ id: 'mine', payload: 1, payload_state: 'present', checked: true }]
  })

  await node.connect(other.addr)
  expect(await network.event(kind('record'))).toMatchObject({
    peer: other.peerId,
    ledger: other.id,
    name: 'other',
    at: expect.any(Number)
  })
  expect(await network.event(kind('connected'))).toMatchObject({
    peer: other.peerId,
    ledger: other.id,
    name: 'other',
    at: expect.any(Number)
  })

  await node.sync.follow(other.id)
  await node.synced(other.id, 1)
  expect(await network.event(kind('sync', { ledger: other.id, status: 'synced' }))).toMatchObject({
    code: null,
    size: 1
  })
  await other.ledger.append({ stream: 's', type: 't', id: 'theirs' })
  expect(await entries.event(entryOf(other.id, 'theirs'))).toMatchObject({ ledger: other.id })
  await node.sync.pause(other.id)
  expect(await network.event(kind('sync', { ledger: other.id, status: 'stalled' }))).toMatchObject({ code: 'PAUSED' })

  await node.ledger.plugins.interoperability.trust.attest({ ledger: other.id, levelMilli: 500 })
  expect(await network.event(kind('trust', { ledger: node.id }))).toMatchObject({ at: expect.any(Number) })

  const author = await Author.create()
  while (author.size < 5) await author.append()
  const fork = author.fork()
  fork.entries.length = 3
  await fork.append({ id: 'otherwise' })
  const peer = await TestPeer.start({ authors: [author] })
  const session = await peer.connect(node.addr)
  await node.sync.follow(author.ledger)
  await node.synced(author.ledger, 5)
  session.tellEvidence(
    author.ledger,
    encodeEvidence(sameSeqEvidence(author.accused(), 3, author.entries[3]!.raw, fork.entries[3]!.raw))
  )
  expect(await network.event(kind('evidence'))).toMatchObject({ ledger: author.ledger, frozenAt: 3 })
  expect(await network.event(kind('sync', { ledger: author.ledger, code: 'FROZEN' }))).toMatchObject({
    status: 'stalled'
  })

  await other.close()
  expect(await network.event(kind('disconnected', { peer: other.peerId }))).toMatchObject({ ledger: other.id })
  await stopAll()
}, 60_000)
