import { z } from 'zod'
import { execFile } from 'node:child_process'
import { chmod, mkdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, onTestFinished, test, vi } from 'vitest'
import { nodeOf } from '../../src/node/daemon-node.js'
import { startRpcServer } from '../../src/rpc/index.js'
import { ACCESS } from '../../src/rpc/method.js'
import { METHODS, type MethodName } from '../../src/rpc/methods/index.js'
import { OWNER, reader, type Principal } from '../../src/rpc/principal.js'
import { temporaryFolder } from '../helpers/temporary-folder.js'
import { fastClock, startNode } from '../helpers/test-node.js'
import { FakeNode, OTHER, OWN } from './fake-node.js'
import { RawClient, silent, startRig, type Answer } from './raw-client.js'

const NAMES = Object.keys(METHODS) as MethodName[]
const READING = reader(false)
const reads = (name: MethodName): boolean => ['read', 'private'].includes(METHODS[name].access)
const GROUP = String(process.getgid!())

async function reading(node: FakeNode, principal = READING): Promise<{ path: string; folder: string }> {
  const folder = join(await temporaryFolder(), 'read')
  const path = join(folder, 'node.sock')
  const server = await startRpcServer({
    socket: path,
    group: GROUP,
    principal,
    node,
    log: silent,
    onStop: () => {
      throw new Error('stopped over the read socket')
    }
  })
  onTestFinished(async () => {
    await server.close()
  })
  return { path, folder }
}

async function client(path: string): Promise<(method: string, params?: object) => Promise<Answer>> {
  const raw = await RawClient.connect(path)
  onTestFinished(() => {
    raw.socket.destroy()
  })
  let id = 0
  return async (method, params = {}) => {
    raw.send({ jsonrpc: '2.0', id: ++id, method, params })
    for (;;) {
      const answer = await raw.answer()
      if (answer.id === id) return answer
    }
  }
}

const kindOf = ({ error }: Answer): string | undefined => error?.data.kind

test('S12: every method says what it takes to call it, and each is one of the classes', () => {
  expect(NAMES.filter((name) => !ACCESS.includes(METHODS[name].access))).toEqual([])
  // a name that changes something by what it is called is never marked as reading
  const acts =
    /\.(append|erase|set|remove|override|admit|expel|authorize|revoke|register|connect|backup|stop|follow$|unfollow|pull|pause|resume|resolve|attest|accept|verify$|push|rotate)/i
  expect(NAMES.filter((name) => reads(name) && acts.test(name)).toSorted()).toEqual(['alias.resolve'])
})

test('every method over both sockets: the read socket answers those that read, refuses all others, and calls nothing for them', async () => {
  const node = new FakeNode()
  const rig = await startRig({ node })
  onTestFinished(() => rig.close())
  const [own, read] = [await client(rig.path), await client((await reading(node)).path)]
  const seen: Record<string, unknown> = {}
  for (const name of NAMES) {
    const { params } = METHODS[name].example
    const before = node.calls.length
    const overRead = kindOf(await read(name, params))
    const called = node.calls.length - before
    const overOwn = name === 'node.stop' ? undefined : kindOf(await own(name, params))
    seen[name] =
      overRead === 'READING_ONLY'
        ? { overRead, called, own: overOwn !== 'READING_ONLY' }
        : { read: true, own: overOwn !== 'READING_ONLY' }
  }
  expect(seen).toEqual(
    Object.fromEntries(
      NAMES.map((name) => [
        name,
        reads(name) ? { read: true, own: true } : { overRead: 'READING_ONLY', called: 0, own: true }
      ])
    )
  )
  expect((await read('ledger.append', {})).error?.data.kind).toBe('READING_ONLY') // before its params are looked at
  expect((await read('ledger.nothing')).error?.data.kind).toBe('METHOD_NOT_FOUND')
})

test('a batch and a notification do no more', async () => {
  const node = new FakeNode()
  const { path } = await reading(node)
  const raw = await RawClient.connect(path)
  onTestFinished(() => {
    raw.socket.destroy()
  })
  const append = { jsonrpc: '2.0', method: 'ledger.append', params: { stream: 's', type: 't' } }
  raw.send(append)
  const answers = await raw
    .send([append, { ...append, id: 1 }, { jsonrpc: '2.0', id: 2, method: 'node.status' }])
    .answers()
  expect(answers.map(({ id, error }) => [id, error?.data.kind])).toEqual([
    [1, 'READING_ONLY'],
    [2, undefined]
  ])
  expect(node.entries).toEqual([])
})

test('payloads of private ledgers are a right of their own: wherever entries are shown', async () => {
  const node = await startNode({ access: 'private', clock: fastClock(20) })
  const live = nodeOf(node.ledger, Date.now())
  await node.ledger.append({ stream: 's', type: 't', id: 'secret', payload: { secret: 'payload-4711' } })
  await vi.waitFor(
    async () => {
      expect((await live.ledger.checkpoint()).size).toBe(2)
    },
    { timeout: 20_000 }
  )
  const listen = async (principal: Principal): Promise<RawClient> => {
    const rig = await startRig({ node: live, principal })
    onTestFinished(() => rig.close())
    return await rig.connect()
  }
  const start = await feedStart(live)
  for (const [principal, told] of [
    [READING, false],
    [{ ...OWNER, privatePayloads: false }, false],
    [reader(true), true],
    [OWNER, true]
  ] as const) {
    const writes = principal.scopes.has('append')
    const raw = await listen(principal)
    const lines: string[] = []
    const id = `later-${told}-${writes}`
    for (const [method, params] of [
      ['ledger.get', { id: 'secret' }],
      ['ledger.query', {}],
      ['ledger.query', { ledger: '*' }],
      ['ledger.prove', { id: 'secret' }],
      ['network.followReferences', { id: 'secret' }],
      ['feed.snapshot', {}],
      ['feed.read', { after: start }],
      ['network.query', { file: true }],
      ['ledger.subscribe', {}]
    ] as const) {
      lines.push((await raw.send({ jsonrpc: '2.0', id: 1, method, params }).line())!)
    }
    await node.ledger.append({ stream: 's', type: 't', id, payload: { secret: 'payload-4711' } })
    lines.push((await raw.line())!)
    expect(lines.at(-1)).toContain(id)
    expect(lines.map((line) => line.includes('payload-4711'))).toEqual([
      ...Array.from({ length: 7 }, () => told),
      told && writes, // a question across ledgers asks others
      false,
      told
    ])
    expect((JSON.parse(lines[0]!) as { result: object }).result).toMatchObject({
      entry: { id: 'secret', payload_state: told ? 'present' : 'withheld' }
    })
  }
})

/** Before everything that the node has told. */
async function feedStart(node: ReturnType<typeof nodeOf>): Promise<string> {
  const { position } = await node.feed.snapshot()
  return `${position.split('.')[0]!}.0.${'0'.repeat(16)}`
}

/** Those in the tests above and below. */
const PAYLOADS = [
  'feed.read',
  'feed.snapshot',
  'ledger.append',
  'ledger.appendBatch',
  'ledger.erase',
  'ledger.get',
  'ledger.prove',
  'ledger.query',
  'ledger.references',
  'network.fetchReferences',
  'network.followReferences',
  'network.query',
  'sync.entries',
  'sync.resolveEntry',
  'sync.view'
]
/** Entries of reserved types, which have no payload. */
const WITHOUT = [
  'ledger.setAccess',
  'network.admit',
  'network.authorizeNode',
  'network.revokeNode',
  'trust.accept',
  'trust.attest',
  'trust.revoke',
  'trust.verify'
]

test('a method that can show a payload is one that withholds it: nobody forgets a new one', () => {
  const shows = (schema: unknown): boolean => /"(payload_state|payload)"/.test(JSON.stringify(schema))
  const found = NAMES.filter((name) => shows(z.toJSONSchema(METHODS[name].result, { unrepresentable: 'any' })))
  expect(found.toSorted()).toEqual([...PAYLOADS, ...WITHOUT].toSorted())
})

test('what payloads refer to is not shown to whoever may not read them', async () => {
  const node = new FakeNode()
  const read = await client((await reading(node)).path)
  await read('ledger.references', { id: 'genesis', payloads: true })
  expect(node.calls.at(-1)).toMatchObject({ method: 'references', args: [{}, { payloads: false }] })
})

test('of public ledgers everything is shown', async () => {
  const node = new FakeNode()
  await node.append({ stream: 's', type: 't', id: 'open', payload: 'told' })
  const read = await client((await reading(node)).path)
  expect((await read('ledger.get', { id: 'open' })).result).toMatchObject({
    entry: { ledger: OWN, payload: 'told', payload_state: 'present' }
  })
  node.private.add(OWN).add(OTHER)
  expect((await read('ledger.get', { id: 'open' })).result).toMatchObject({
    entry: { payload: null, payload_state: 'withheld' }
  })
})

test('the socket is 0660 in a folder 0750; a folder that is there with other rights is left alone', async () => {
  const { path, folder } = await reading(new FakeNode())
  expect([(await stat(path)).mode & 0o777, (await stat(folder)).mode & 0o777, (await stat(path)).gid]).toEqual([
    0o660,
    0o750,
    Number(GROUP)
  ])
  const there = join(await temporaryFolder(), 'there')
  await mkdir(there)
  await chmod(there, 0o755)
  const start = (socket: string, group: string): ReturnType<typeof startRpcServer> =>
    startRpcServer({ socket, group, principal: READING, node: new FakeNode(), log: silent, onStop: () => undefined })
  await expect(start(join(there, 'node.sock'), GROUP)).rejects.toMatchObject({ code: 'BAD_CONFIG' })
  expect((await stat(there)).mode & 0o777).toBe(0o755)
  await expect(start(join(there, 'new', 'node.sock'), 'no-such-group-here')).rejects.toMatchObject({
    code: 'BAD_CONFIG',
    message: expect.stringContaining('no-such-group-here')
  })
})

// only the superuser can be somebody else
test.skipIf(process.getuid?.() !== 0)('a member of the group may open it, others may not', async () => {
  const { path, folder } = await reading(new FakeNode())
  await chmod(join(folder, '..'), 0o711)
  const open = `const s = require('net').connect(${JSON.stringify(path)}); s.on('connect', () => { console.log('open'); process.exit() }); s.on('error', (e) => { console.log(e.code); process.exit() })`
  const as = async (uid: number, gid: number): Promise<string> =>
    (
      await promisify(execFile)('/usr/bin/env', ['-i', process.execPath, '-e', open], { uid, gid, cwd: '/' })
    ).stdout.trim()
  expect([await as(54_321, Number(GROUP)), await as(54_321, 54_321)]).toEqual(['open', 'EACCES'])
})

test('payloads of private ledgers are withheld in conflicts, too', async () => {
  const node = new FakeNode()
  await node.append({ stream: 's', type: 't', id: 'one', payload: { secret: true } })
  node.private.add(OWN)
  const call = await client((await reading(node)).path)
  const { result } = (await call('sync.view', { conflict: `c${'5'.repeat(32)}` })) as unknown as {
    result: { siblings: { entry: { payload: unknown; payload_state: string } }[] }
  }
  expect(result.siblings.map(({ entry: { payload, payload_state: state } }) => [payload, state])).toEqual([
    [null, 'withheld']
  ])
})
