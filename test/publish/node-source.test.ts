/** Published from a real node, over its socket. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { NodeSource, ledgerNamed } from '../../src/cli/publish-source.js'
import { nodeOf } from '../../src/node/daemon-node.js'
import { checkErased } from '../../src/publish/check-erased.js'
import { publish } from '../../src/publish/publish.js'
import { LedgerClient, startRpcServer } from '../../src/rpc/index.js'
import { startNode, type TestNode } from '../helpers/test-node.js'
import { silent } from '../rpc/raw-client.js'
import { MemoryFolder, readAsStranger } from './support.js'

async function client(node: TestNode): Promise<LedgerClient> {
  const socket = join(node.dataDir, 's')
  const server = await startRpcServer({ socket, node: nodeOf(node.ledger, 0), log: silent, onStop: () => undefined })
  const connected = await LedgerClient.connect(socket)
  onTestFinished(async () => {
    await connected.close()
    await server.close()
  })
  return connected
}

test('a node is published as it grows; an erased payload goes, and a server that still has it is found out', async () => {
  const node = await startNode({ name: 'acme' })
  const rpc = await client(node)
  const source = new NodeSource(rpc, await ledgerNamed(rpc, undefined))
  const folder = new MemoryFolder()
  const appended = await node.ledger.appendBatch(
    Array.from({ length: 400 }, (_, at) => ({ stream: 's', type: 't', payload: { at } }))
  )
  expect(await publish(source, folder, { payloads: true })).toMatchObject({ ledger: node.id, size: 401, before: 0 })
  expect(readAsStranger(folder.files)).toBe(401)
  const before = new Set([...folder.files.keys()].filter((path) => path.startsWith('payload/')))
  expect(before.size).toBe(400)

  await node.ledger.erase([appended[3]!.entry.hash])
  expect(await publish(source, folder, { payloads: true })).toMatchObject({
    size: 402,
    payloads: { erased: 1, written: 0 }
  })
  const [gone] = [...before].filter((path) => !folder.files.has(path))
  expect(readAsStranger(folder.files)).toBe(402)

  const answers = [200, 404, 302, 410, 500]
  const asked: string[] = []
  const server = createServer((request, response) => {
    asked.push(`${request.method!} ${request.url!}`)
    response.writeHead(answers.shift()!, { location: '/elsewhere' }).end()
  }).listen(0, '127.0.0.1')
  onTestFinished(() => void server.close())
  await new Promise((resolve) => server.once('listening', resolve))
  const base = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/acme`)
  const hash = gone!.split('/')[1]
  const check = async (): Promise<unknown> => await checkErased(base, source.erased(0))
  expect(await check()).toEqual({ asked: 1, served: [hash], unknown: [] })
  expect(await check()).toEqual({ asked: 1, served: [], unknown: [] })
  expect(await check()).toEqual({ asked: 1, served: [], unknown: [{ hash, answer: '302' }] })
  expect(await check()).toEqual({ asked: 1, served: [], unknown: [] })
  expect(await check()).toEqual({ asked: 1, served: [], unknown: [{ hash, answer: '500' }] })
  expect(new Set(asked)).toEqual(new Set([`HEAD /acme/payload/${hash!}`]))
})

test('a private ledger is refused', async () => {
  const node = await startNode({ access: 'private' })
  const rpc = await client(node)
  const folder = new MemoryFolder()
  await expect(
    publish(new NodeSource(rpc, await ledgerNamed(rpc, undefined)), folder, { payloads: false })
  ).rejects.toMatchObject({ code: 'INVALID_PARAMS' })
  expect(folder.files.size).toBe(0)
})
