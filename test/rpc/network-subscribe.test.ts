import { expect, onTestFinished, test } from 'vitest'
import { NETWORK_EVENT_KINDS } from '../../src/node/api/events.js'
import type { NetworkEvent } from '../../src/node/api/node.js'
import { LedgerClient, type NetworkNotice } from '../../src/rpc/client.js'
import { MAX_SUBSCRIPTIONS } from '../../src/rpc/limits.js'
import { OTHER } from './fake-node.js'
import { startRig, type RawClient, type Rig } from './raw-client.js'

async function rigOf(): Promise<Rig> {
  const rig = await startRig()
  onTestFinished(() => rig.close())
  return rig
}

async function subscribe(client: RawClient, kinds?: string[]): Promise<string> {
  const { result } = await client
    .send({ jsonrpc: '2.0', id: 1, method: 'network.subscribe', params: { kinds } })
    .answer()
  return result!.subscription as string
}

const gone = (peer: string): NetworkEvent => ({ kind: 'disconnected', at: 1, peer, ledger: null })
const trust: NetworkEvent = { kind: 'trust', at: 2, ledger: OTHER, subject: null }

test('every event, or those of the kinds that were asked for', async () => {
  const { node, connect } = await rigOf()
  const [all, some] = [await connect(), await connect()]
  const subscription = await subscribe(all)
  await subscribe(some, ['trust'])
  node.happen(gone('p'))
  node.happen(trust)
  expect(await all.answer()).toEqual({
    jsonrpc: '2.0',
    method: 'network.events_subscription',
    params: { subscription, result: gone('p') }
  })
  expect(await all.answer()).toMatchObject({ params: { result: trust } })
  expect(await some.answer()).toMatchObject({ params: { result: trust } })
})

test.each([
  [['nonsense']],
  [[]],
  ['trust'],
  [[null]],
  [Array.from({ length: NETWORK_EVENT_KINDS.length + 1 }, () => 'trust')]
])('kinds %j are refused, and nothing is subscribed', async (kinds) => {
  const { node, connect } = await rigOf()
  const client = await connect()
  expect(
    await client.send({ jsonrpc: '2.0', id: 1, method: 'network.subscribe', params: { kinds } }).answer()
  ).toMatchObject({ error: { data: { kind: 'INVALID_PARAMS' } } })
  expect(node.listeners).toBe(0)
})

test('one id space and one bound with ledger.subscribe; each ends by itself, all with their connection', async () => {
  const { node, connect } = await rigOf()
  const client = await connect()
  const ids = new Set<string>()
  for (let count = 0; count < MAX_SUBSCRIPTIONS; count++) {
    const method = count % 2 === 0 ? 'ledger.subscribe' : 'network.subscribe'
    ids.add((await client.send({ jsonrpc: '2.0', id: 1, method, params: {} }).answer()).result!.subscription as string)
  }
  expect(ids.size).toBe(MAX_SUBSCRIPTIONS)
  expect(await client.send({ jsonrpc: '2.0', id: 2, method: 'network.subscribe', params: {} }).answer()).toMatchObject({
    error: { data: { kind: 'OVERLOADED' } }
  })
  expect(
    await client.send({ jsonrpc: '2.0', id: 3, method: 'network.unsubscribe', params: ['2'] }).answer()
  ).toMatchObject({ result: { unsubscribed: true } })
  expect(node.listeners).toBe(MAX_SUBSCRIPTIONS - 1)
  client.socket.destroy()
  await expect.poll(() => node.listeners).toBe(0)
})

test('without an id nothing is subscribed', async () => {
  const { node, connect } = await rigOf()
  const client = await connect()
  client.send({ jsonrpc: '2.0', method: 'network.subscribe' })
  await client.send({ jsonrpc: '2.0', id: 5, method: 'ledger.head' }).answer()
  expect(node.listeners).toBe(0)
})

test('a slow reader loses events, learns of it once, and grows no memory', async () => {
  const { node, connect } = await rigOf()
  const client = await connect()
  await subscribe(client)
  client.socket.pause()
  const long = 'x'.repeat(100_000)
  for (let at = 0; at < 1000; at++) {
    node.happen({ kind: 'record', at, peer: 'p', ledger: OTHER, name: long, addrs: [], capabilities: [], expires: 0 })
    if (at % 50 === 0) await new Promise(setImmediate)
  }
  client.socket.resume()
  const seen: unknown[] = []
  for (let answer = await client.answer(); answer.params!.result.overflow !== true; answer = await client.answer())
    seen.push(answer.params!.result.at)
  expect(seen).toEqual(Array.from(seen, (_at, index) => index))
  expect(seen.length).toBeGreaterThan(50)
  expect(seen.length).toBeLessThan(200)
  node.happen(trust)
  expect(await client.answer()).toMatchObject({ params: { result: trust } })
})

test('the client', async () => {
  const { node, path } = await rigOf()
  const client = await LedgerClient.connect(path)
  const notices: NetworkNotice[] = []
  const end = await client.watchNetwork({ kinds: ['disconnected'] }, (notice) => notices.push(notice))
  node.happen(gone('p'))
  node.happen(trust)
  await client.call('ledger.head', {})
  await end()
  node.happen(gone('later'))
  await client.call('ledger.head', {})
  expect(notices).toEqual([gone('p')])
  await client.close()
})
