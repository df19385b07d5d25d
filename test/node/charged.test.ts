/**
 * Whatever a stranger sends on any protocol that a node serves is charged. That it is charged to the peer and to its
 * host: test/network/toll.test.ts.
 */
import { expect, onTestFinished, test } from 'vitest'
import { LINE, OPENING } from '../../src/network/costs.js'
import { FLAG, frame, RawLine, TYPE } from '../helpers/raw-line.js'
import { startNode } from '../helpers/test-node.js'
import { sent, Stranger } from '../helpers/stranger.js'

test('every protocol of a running node charges for streams and for messages', async () => {
  const node = await startNode()
  const { host } = node.peerNetwork
  const protocols = host.protocols()
  const own = ['hello/1', 'pull/1', 'attest/1', 'kad/1'].map((name) => `/ledgermesh/test/${name}`)
  expect(protocols).toEqual(
    expect.arrayContaining([
      '/ipfs/id/1.0.0',
      '/ipfs/id/push/1.0.0',
      '/ipfs/ping/1.0.0',
      '/meshsub/1.0.0',
      '/meshsub/1.1.0',
      '/meshsub/1.2.0',
      ...own
    ])
  )
  const units = (): number => [...host.charged().values()].reduce((sum, one) => sum + one, 0)
  for (const protocol of protocols) {
    const stranger = await Stranger.dial(node.addr)
    onTestFinished(async () => {
      await stranger.stop()
    })
    const before = units()
    const stream = await stranger.open(protocol)
    await expect
      .poll(units, { message: `a stream of ${protocol}`, interval: 5, timeout: 5_000 })
      .toBeGreaterThan(before)
    const opened = units()
    await sent(stream, new Uint8Array(32))
    await expect
      .poll(units, { message: `messages of ${protocol}`, interval: 5, timeout: 5_000 })
      .toBeGreaterThan(opened)
    await stranger.stop()
  }
  // And what is below them: packets and frames, streams before they have a protocol.
  const line = await RawLine.dial(node.addr)
  onTestFinished(async () => {
    await line.stop()
  })
  for (const [account, bytes] of [
    [LINE.name, frame(TYPE.ping, FLAG.syn, 0, 1)],
    [OPENING.name, frame(TYPE.window, FLAG.syn, 1, 0)]
  ] as const) {
    const before = host.charged().get(account)!
    await line.send(bytes)
    await expect
      .poll(() => host.charged().get(account), { message: account, interval: 5, timeout: 5_000 })
      .toBeGreaterThan(before)
  }
})
