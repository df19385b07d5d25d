import { createServer, type Socket } from 'node:net'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { LedgerClient, type Notice } from '../../src/rpc/index.js'
import { OWN } from './fake-node.js'
import { startRig, type Rig } from './raw-client.js'

async function rigOf(): Promise<{ rig: Rig; client: LedgerClient }> {
  const rig = await startRig()
  const client = await LedgerClient.connect(rig.path)
  onTestFinished(async () => {
    await client.close()
    await rig.close()
  })
  return { rig, client }
}

test('calls, with typed params and results', async () => {
  const { client } = await rigOf()
  const { entry, existing } = await client.call('ledger.append', {
    stream: 's',
    type: 't',
    payload: { text: 'ü' },
    id: 'a'
  })
  expect([entry.ledger, entry.payload, existing]).toEqual([OWN, { text: 'ü' }, false])
  expect((await client.call('ledger.get', { id: 'a' })).entry).toEqual(entry)
})

test('a refusal is a LedgermeshError with the code of the node', async () => {
  const { client } = await rigOf()
  await expect(client.call('ledger.get', { id: 'nowhere' })).rejects.toMatchObject({
    name: 'LedgermeshError',
    code: 'NOT_FOUND'
  })
  await expect(client.call('ledger.get', {})).rejects.toMatchObject({ code: 'INVALID_PARAMS' })
})

test('a batch has one outcome for each call, in order', async () => {
  const { client } = await rigOf()
  const outcomes = await client.batch([
    { method: 'ledger.append', params: { stream: 's', type: 't', id: 'a' } },
    { method: 'ledger.append', params: { stream: 's', type: 'ledger.erase' } }
  ])
  expect(outcomes.map(({ result, error }) => [result?.entry.id, error?.code])).toEqual([
    ['a', undefined],
    [undefined, 'RESERVED_TYPE']
  ])
  expect(await client.batch([])).toEqual([])
})

test('subscribes, and stops', async () => {
  const { rig, client } = await rigOf()
  const notices: Notice[] = []
  const end = await client.subscribe({ ledger: '*' }, (notice) => notices.push(notice))
  rig.node.arrive('far')
  await client.call('ledger.head', {})
  await end()
  rig.node.arrive('later')
  await client.call('ledger.head', {})
  expect(notices).toMatchObject([{ entries: [{ id: 'far' }] }])
})

test('no node: NODE_UNREACHABLE; also when it goes away, for what is pending and what comes', async () => {
  const { rig } = await rigOf()
  const path = join(rig.path, '..', 'other.sock')
  await expect(LedgerClient.connect(path)).rejects.toMatchObject({ code: 'NODE_UNREACHABLE' })
  const sockets: Socket[] = []
  const server = createServer((socket) => sockets.push(socket))
  await new Promise<void>((resolve) => server.listen(path, resolve))
  const client = await LedgerClient.connect(path)
  const pending = client.call('ledger.head', {})
  await expect.poll(() => sockets.length).toBe(1)
  sockets[0]!.destroy()
  await expect(pending).rejects.toMatchObject({ code: 'NODE_UNREACHABLE' })
  await expect(client.call('ledger.head', {})).rejects.toMatchObject({ code: 'NODE_UNREACHABLE' })
  await expect(client.batch([{ method: 'ledger.head', params: {} }])).rejects.toMatchObject({
    code: 'NODE_UNREACHABLE'
  })
  await new Promise((resolve) => server.close(resolve))
})

test('a node that talks nonsense is an error, not a hang', async () => {
  const { rig } = await rigOf()
  const path = join(rig.path, '..', 'other.sock')
  const server = createServer((socket) => socket.resume().end('Work queue depth exceeded\n'))
  await new Promise<void>((resolve) => server.listen(path, resolve))
  const client = await LedgerClient.connect(path)
  await expect(client.call('ledger.head', {})).rejects.toMatchObject({ code: 'NO_ANSWER' })
  await client.closed
  await new Promise((resolve) => server.close(resolve))
})
