/**
 * A ledger with more key entries than evidence and proofs can carry: kept as far as that, followed no further, and
 * nobody's fault (R1).
 */
import { afterEach, expect, test } from 'vitest'
import { MAX_KEY_ENTRIES } from '../../src/core/limits.js'
import { stopAll } from '../network/fixture.js'
import { rotatedOften } from '../helpers/rotated-often.js'
import { startNode } from '../helpers/test-node.js'
import { TestPeer } from '../helpers/test-peer.js'

afterEach(stopAll)

test('with 256 key entries it is followed, with 257 it stalls where they are too many; its peer stays', async () => {
  const author = await rotatedOften(MAX_KEY_ENTRIES - 1)
  const { ledger } = author
  const peer = await TestPeer.start({ authors: [author] })
  const node = await startNode()
  await peer.connect(node.addr)
  await node.sync.follow(ledger)
  await node.synced(ledger, MAX_KEY_ENTRIES)
  const more = await rotatedOften(MAX_KEY_ENTRIES + 3)
  peer.entries.set(ledger, more.entries)
  peer.sessions.get(node.peerId)!.tellHeads([peer.head(ledger)])
  await node.becomes(ledger, { status: 'stalled', size: MAX_KEY_ENTRIES, stall: { code: 'TOO_MANY_KEYS' } })

  const late = await startNode()
  await peer.connect(late.addr)
  await late.sync.follow(ledger)
  await late.becomes(ledger, { status: 'stalled', size: MAX_KEY_ENTRIES, stall: { code: 'TOO_MANY_KEYS' } })
  expect([peer.gone, node.errors(), late.errors()]).toEqual([[], [], []])
})
