/** The feed over the socket: refusals first, then that nothing is dropped, and what a caller without rights gets. */
import { expect, onTestFinished, test } from 'vitest'
import { LedgerClient } from '../../src/rpc/client.js'
import { METHODS } from '../../src/rpc/methods/index.js'
import type { FeedNotice } from '../../src/node/api/feed.js'
import { EXPIRED } from './fake-feed.js'
import { OTHER, OWN } from './fake-node.js'
import { startRig, type Answer, type Rig } from './raw-client.js'

const { after } = METHODS['feed.read'].example.params as { after: string }

async function rigOf(principal?: Parameters<typeof startRig>[0]): Promise<Rig> {
  const rig = await startRig(principal)
  onTestFinished(() => rig.close())
  return rig
}

test('an expired position is refused at once, with where the feed is', async () => {
  const { node, connect } = await rigOf()
  const client = await connect()
  const answer = (await client
    .send({ jsonrpc: '2.0', id: 1, method: 'feed.subscribe', params: { after: EXPIRED } })
    .answer()) as Answer
  expect(answer.error?.data).toMatchObject({
    kind: 'FEED_RESET',
    retryable: false,
    details: { epoch: 'f3a1c2d4e5b60718', floor: 7 }
  })
  expect(node.calls).toEqual([])
})

test('a caller without private names no private ledger, and is told of none', async () => {
  const { node, connect } = await rigOf({
    principal: { scopes: new Set(['read']), privatePayloads: true, refusal: 'NOT_PERMITTED' }
  })
  node.private.add(OTHER)
  const client = await connect()
  for (const method of ['feed.snapshot', 'feed.read', 'feed.subscribe']) {
    const params = method === 'feed.snapshot' ? {} : { after }
    const hidden = await client
      .send({ jsonrpc: '2.0', id: 1, method, params: { ...params, ledgers: [OTHER] } })
      .answer()
    expect(hidden.error?.data.kind).toBe('NOT_FOUND')
    await client.send({ jsonrpc: '2.0', id: 2, method, params: { ...params, ledgers: [OWN] } }).answer()
  }
  expect(node.calls).toMatchObject(
    ['feed.snapshot', 'feed.read', 'feed.subscribe'].map((method) => ({ method, args: [{ publicOnly: true }] }))
  )
})

test('a client that does not read holds the feed back: nothing is dropped, and nothing but one notice waits', async () => {
  const { node, connect } = await rigOf()
  const client = await connect()
  await client.send({ jsonrpc: '2.0', id: 1, method: 'feed.subscribe', params: { after } }).answer()
  client.socket.pause()
  const filler = 'x'.repeat(1024 * 1024)
  let taken = 0
  const sending = (async () => {
    for (let i = 0; i < 40; i++) {
      await node.feed.tell({ events: [], last: `${i} ${filler}` })
      taken++
    }
  })()
  // Round trips on another socket, until none is taken meanwhile: the buffers between are full.
  const bystander = await connect()
  for (let before = -1; before < taken;) {
    before = taken
    await bystander.send({ jsonrpc: '2.0', id: 1, method: 'ledger.head' }).answer()
  }
  expect(taken).toBeLessThan(40)
  client.socket.resume()
  for (let i = 0; i < 40; i++) {
    const { params } = await client.answer()
    expect((params!.result.last as string).split(' ')[0]).toBe(String(i))
  }
  await sending
})

test('a connection that ends, or unsubscribes, holds nobody', async () => {
  const { node, connect } = await rigOf()
  const client = await connect()
  const { result } = await client.send({ jsonrpc: '2.0', id: 1, method: 'feed.subscribe', params: { after } }).answer()
  client.socket.pause()
  const filler = 'x'.repeat(1024 * 1024)
  const sending = (async () => {
    for (let i = 0; i < 40; i++) await node.feed.tell({ events: [], last: filler })
  })()
  client.send({ jsonrpc: '2.0', id: 2, method: 'feed.unsubscribe', params: result! })
  client.socket.destroy()
  await sending
  await expect(node.feed.tell({ events: [], last: 'after the end' })).resolves.toBeUndefined()
})

test('the client follows, until it is told to stop', async () => {
  const { node, path } = await rigOf()
  const client = await LedgerClient.connect(path)
  onTestFinished(() => client.close())
  const told: FeedNotice[] = []
  const stop = await client.followFeed({ after }, (notice) => {
    told.push(notice)
  })
  const { events } = METHODS['feed.read'].example.result as unknown as { events: never[] }
  await node.feed.tell({ events, last: after })
  await expect.poll(() => told).toEqual([{ events, last: after }])
  await stop()
  await expect(client.followFeed({ after: EXPIRED }, () => {})).rejects.toMatchObject({ code: 'FEED_RESET' })
})
