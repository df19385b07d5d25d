import { chmod, mkdir, mkdtemp, rm, stat, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { OPERATOR_CONNECTIONS } from '../../src/rpc/limits.js'
import { startRpcServer } from '../../src/rpc/index.js'
import { FakeNode } from './fake-node.js'
import { silent, startRig, type Rig } from './raw-client.js'

const HEAD = { jsonrpc: '2.0', id: 1, method: 'ledger.head' }

async function rigOf(options?: Parameters<typeof startRig>[0]): Promise<Rig> {
  const rig = await startRig(options)
  onTestFinished(() => rig.close())
  return rig
}

async function folder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'lm-sock-'))
  onTestFinished(() => rm(path, { recursive: true }))
  return path
}

function start(socket: string): ReturnType<typeof startRpcServer> {
  return startRpcServer({ socket, node: new FakeNode(), log: silent, onStop: () => undefined })
}

describe('the socket file', () => {
  test('0600 in a 0700 folder, whatever the mask; the mask is as before', async () => {
    const mask = process.umask(0)
    onTestFinished(() => {
      process.umask(mask)
    })
    const { path } = await rigOf()
    expect((await stat(path)).mode & 0o777).toBe(0o600)
    expect((await stat(dirname(path))).mode & 0o777).toBe(0o700)
    expect(process.umask()).toBe(0)
  })
  test('a folder that is open to others is closed to them', async () => {
    const socket = join(await folder(), 'rpc', 'node.sock')
    await mkdir(dirname(socket))
    await chmod(dirname(socket), 0o755)
    await (await start(socket)).close()
    expect((await stat(dirname(socket))).mode & 0o777).toBe(0o700)
  })
  test('the longest path works, one byte more is refused in words', async () => {
    const base = await folder()
    const path = (bytes: number): string => join(base, 'x'.repeat(bytes - base.length - 6), 'sock')
    expect(path(107).length).toBe(107)
    await (await start(path(107))).close()
    await expect(start(path(108))).rejects.toMatchObject({
      code: 'BAD_CONFIG',
      message: expect.stringContaining('108 bytes; the limit is 107')
    })
  })
  test('one that a crash left is replaced; anything else is not touched', async () => {
    const socket = join(await folder(), 'node.sock')
    const old = createServer()
    await new Promise<void>((resolve) => old.listen(socket, resolve))
    const server = await start(socket)
    await server.close()
    await new Promise((resolve) => old.close(resolve))
    await writeFile(socket, 'precious')
    await expect(start(socket)).rejects.toMatchObject({ code: 'BAD_FILE' })
    expect((await stat(socket)).size).toBe(8)
  })
  test('is gone after close', async () => {
    const socket = join(await folder(), 'node.sock')
    await (await start(socket)).close()
    await expect(stat(socket)).rejects.toMatchObject({ code: 'ENOENT' })
  })
})

describe('connections', () => {
  test('one too many is told so in JSON, and a place that becomes free can be taken', async () => {
    const rig = await rigOf({ maxConnections: 2 })
    const [first, second] = [await rig.connect(), await rig.connect()]
    await first.send(HEAD).answer()
    await second.send(HEAD).answer()
    const third = await rig.connect()
    expect(await third.send(HEAD).answer()).toMatchObject({
      id: null,
      error: { code: 5004, data: { kind: 'OVERLOADED', retryable: true } }
    })
    expect(await third.rest()).toBe('')
    await first.fin().rest()
    await expect.poll(async () => (await (await rig.connect()).send(HEAD).answer()).id).toBe(1)
  })
  test('programs that took all connections do not lock out status, doctor and stop, and cannot take those places either', async () => {
    const rig = await rigOf({ maxConnections: 2 })
    for (let at = 0; at < 2; at++) await (await rig.connect()).send(HEAD).answer()
    const leaked = await Promise.all(Array.from({ length: OPERATOR_CONNECTIONS + 5 }, () => rig.connect()))
    const operator = await rig.connect()
    for (const method of ['rpc.ping', 'node.status', 'node.health', 'sync.status'])
      expect(await operator.send({ ...HEAD, method }).answer()).toMatchObject({ id: 1, result: {} })
    expect(await operator.send(HEAD).answer()).toMatchObject({ id: null, error: { data: { kind: 'OVERLOADED' } } })
    expect(await operator.rest()).toBe('')
    expect(await (await rig.connect()).send([{ ...HEAD, method: 'node.status' }]).answer()).toMatchObject({
      id: null,
      error: { data: { kind: 'OVERLOADED' } }
    })
    expect(await (await rig.connect()).send({ ...HEAD, method: 'node.stop' }).answer()).toMatchObject({
      result: { stopping: true }
    })
    await expect.poll(() => rig.stops).toBe(1)
    for (const one of leaked) one.socket.destroy()
  })
  test('node.stop is answered, then passed on', async () => {
    const rig = await rigOf()
    const client = await rig.connect()
    expect(await client.send({ ...HEAD, method: 'node.stop' }).answer()).toMatchObject({ result: { stopping: true } })
    await expect.poll(() => rig.stops).toBe(1)
  })
  test('whoever asked to stop sees the end of its connection only after the node has stopped', async () => {
    const rig = await rigOf()
    const client = await rig.connect()
    const bystander = await (await rigOf()).connect()
    await client.send({ ...HEAD, method: 'node.stop' }).answer()
    const order: string[] = []
    const ended = client.rest().then(() => {
      order.push('connection')
      client.fin()
    })
    await rig.server.close(async () => {
      // A round trip on another socket: an end that was sent before would be here.
      await bystander.send(HEAD).answer()
      order.push('node')
    })
    await ended
    expect(order).toEqual(['node', 'connection'])
  })
  test('close answers what is pending, then ends', async () => {
    const rig = await startRig()
    const open = Promise.withResolvers<void>()
    rig.node.gate = open.promise
    const client = await rig.connect()
    client.send({ ...HEAD, method: 'node.status' })
    await client.send({ ...HEAD, id: 2 }).answer()
    const server = rig.server.close()
    open.resolve()
    expect(await client.answer()).toMatchObject({ id: 1, result: { name: 'acme' } })
    expect(await client.line()).toBe(null)
    client.fin()
    await server
    await rig.close()
  })
})
