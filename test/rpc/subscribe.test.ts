import { expect, onTestFinished, test } from 'vitest'
import { MAX_SUBSCRIPTIONS } from '../../src/rpc/limits.js'
import { OTHER, OWN } from './fake-node.js'
import { startRig, type Answer, type RawClient, type Rig } from './raw-client.js'

async function rigOf(): Promise<Rig> {
  const rig = await startRig()
  onTestFinished(() => rig.close())
  return rig
}

function request(id: number, method: string, params: unknown = []): object {
  return { jsonrpc: '2.0', id, method, params }
}

async function subscribe(client: RawClient, ledger?: string): Promise<string> {
  const { result } = await client.send(request(1, 'ledger.subscribe', [ledger])).answer()
  return result!.subscription as string
}

function ids(answer: Answer): string[] {
  return (answer.params!.result.entries as { id: string }[]).map(({ id }) => id)
}

test('own entries by default, all with *, each with its subscription', async () => {
  const { node, connect } = await rigOf()
  const own = await connect()
  const every = await connect()
  const subscription = await subscribe(own)
  await subscribe(every, '*')
  node.arrive('far')
  await node.append({ stream: 's', type: 't', id: 'near' })
  expect(await own.answer()).toMatchObject({
    jsonrpc: '2.0',
    method: 'ledger.entries_subscription',
    params: { subscription, result: { ledger: OWN, entries: [{ id: 'near' }] } }
  })
  expect(await every.answer()).toMatchObject({ params: { result: { ledger: OTHER, entries: [{ id: 'far' }] } } })
  expect(ids(await every.answer())).toEqual(['near'])
})

test('a notification has no id', async () => {
  const { node, connect } = await rigOf()
  const client = await connect()
  await subscribe(client, '*')
  node.arrive('far')
  expect(Object.keys(await client.answer())).toEqual(['jsonrpc', 'method', 'params'])
})

test('nothing is pushed to a connection that did not subscribe, nor after a subscribe without an id', async () => {
  const { node, connect } = await rigOf()
  const [one, other] = [await connect(), await connect()]
  await subscribe(one, '*')
  other.send({ jsonrpc: '2.0', method: 'ledger.subscribe', params: ['*'] })
  await other.send(request(5, 'ledger.head')).answer()
  node.arrive('far')
  await one.answer()
  expect(await other.send(request(6, 'ledger.head')).answer()).toMatchObject({ id: 6 })
})

test('no notification overtakes the answer that names its subscription', async () => {
  const { node, connect } = await rigOf()
  const open = Promise.withResolvers<void>()
  node.gate = open.promise
  const client = await connect()
  client.send([request(1, 'ledger.subscribe', ['*']), request(2, 'node.status')])
  await expect.poll(() => node.listeners).toBe(1)
  node.arrive('early')
  open.resolve()
  expect(await client.answer()).toMatchObject([{ id: 1, result: {} }, { id: 2 }])
  expect(ids(await client.answer())).toEqual(['early'])
})

test('unsubscribe ends it; another connection cannot', async () => {
  const { node, connect } = await rigOf()
  const [one, other] = [await connect(), await connect()]
  const subscription = await subscribe(one, '*')
  expect(await other.send(request(2, 'ledger.unsubscribe', [subscription])).answer()).toMatchObject({
    result: { unsubscribed: false }
  })
  expect(await one.send(request(2, 'ledger.unsubscribe', [subscription])).answer()).toMatchObject({
    result: { unsubscribed: true }
  })
  expect(node.listeners).toBe(0)
  node.arrive('far')
  expect(await one.send(request(3, 'ledger.unsubscribe', [subscription])).answer()).toMatchObject({
    id: 3,
    result: { unsubscribed: false }
  })
})

test('subscriptions end with their connection, and with its FIN', async () => {
  const { node, connect } = await rigOf()
  const [one, other] = [await connect(), await connect()]
  await subscribe(one, '*')
  await subscribe(other, '*')
  expect(node.listeners).toBe(2)
  expect(await one.fin().rest()).toBe('')
  other.socket.destroy()
  await expect.poll(() => node.listeners).toBe(0)
})

test('their number is bounded', async () => {
  const { connect } = await rigOf()
  const client = await connect()
  for (let count = 0; count < MAX_SUBSCRIPTIONS; count++) await subscribe(client)
  expect(await client.send(request(2, 'ledger.subscribe')).answer()).toMatchObject({
    error: { data: { kind: 'OVERLOADED' } }
  })
})

test('a slow reader loses entries, learns of it once in their place, and grows no memory', async () => {
  const { node, connect } = await rigOf()
  const client = await connect()
  await subscribe(client, '*')
  client.socket.pause()
  const entry = (await node.append({ stream: 's', type: 't', payload: 'x'.repeat(100_000) })).entry
  const sent = 1000
  for (let at = 0; at < sent; at++) {
    node.emit({ ledger: OWN, entries: [{ ...entry, id: `e-${at}` }] })
    if (at % 50 === 0) await new Promise(setImmediate)
  }
  client.socket.resume()
  await client.answer()
  const seen: string[] = []
  for (;;) {
    const answer = await client.answer()
    if (answer.params!.result.overflow === true) break
    seen.push(...ids(answer))
  }
  expect(seen).toEqual(Array.from(seen, (_id, at) => `e-${at}`))
  expect(seen.length).toBeGreaterThan(50)
  expect(seen.length).toBeLessThan(200)
  node.arrive('after')
  expect(ids(await client.answer())).toEqual(['after'])
})

test('a large event becomes several notifications', async () => {
  const { node, connect } = await rigOf()
  const client = await connect()
  await subscribe(client, '*')
  const { entry } = await node.append({ stream: 's', type: 't' })
  await client.answer()
  node.emit({ ledger: OWN, entries: Array.from({ length: 150 }, (_value, at) => ({ ...entry, id: `e-${at}` })) })
  const parts = [await client.answer(), await client.answer(), await client.answer()].map(ids)
  expect(parts.map((part) => part.length)).toEqual([64, 64, 22])
  expect(parts.flat()).toEqual(Array.from({ length: 150 }, (_value, at) => `e-${at}`))
})
