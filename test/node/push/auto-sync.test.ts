/** autoSync: own entries go to remotes by themselves, or only when somebody says so; and who is not trusted gets none. */
import { afterEach, expect, test, vi } from 'vitest'
import { stopAll } from '../../network/fixture.js'
import { startNode, type TestNode } from '../../helpers/test-node.js'

afterEach(stopAll)

const note = { stream: 'main', type: 'note', payload: 1 }

async function becomes(node: TestNode, flow: object): Promise<void> {
  await vi.waitFor(
    async () => {
      expect((await node.sync.remotes())[0]?.flows[0]).toMatchObject(flow)
    },
    { timeout: 15_000 }
  )
}

test('false: nothing is offered before somebody says push, also after a restart of the connection', async () => {
  const a = await startNode({ name: 'a', sync: { push: { accept: 'anyone' } } })
  const b = await startNode({ name: 'b', dht: false, sync: { autoSync: false } })
  await b.ledger.append(note)
  await b.sync.addRemote(a.id, { endpoint: [a.addr], syncDirection: 'push' })
  await vi.waitFor(
    async () => {
      expect((await b.sync.remotes())[0]?.peers).toHaveLength(1)
    },
    { timeout: 15_000 }
  )
  await becomes(b, { code: 'MANUAL', status: 'pending', durable: 0, size: 2 })
  expect(await b.sync.push(a.id, { waitMs: 10_000 })).toMatchObject({ flows: [{ status: 'synced', durable: 2 }] })
  await b.ledger.append(note)
  await becomes(b, { code: 'MANUAL', durable: 2, size: 3 })
  expect(a.mirror(b.id).size).toBe(2)
  const pushed = await b.sync.pushEntries(a.id)
  expect(pushed.accepted).toHaveLength(3)
  expect((await b.sync.state({ status: 'pending', direction: 'outbound' })).rows).toEqual([])
})

test('replicas: it is logged once when too few remotes have the newest entry, and once when they do again', async () => {
  const a = await startNode({ name: 'a', sync: { push: { accept: 'nobody' } } })
  const b = await startNode({ name: 'b', dht: false, sync: { autoSync: { replicas: 1, timeoutMs: 300 } } })
  await b.sync.addRemote(a.id, { endpoint: [a.addr], syncDirection: 'push' })
  await becomes(b, { code: 'DENIED' })
  const said = (): unknown[] =>
    b.log.lines.map(({ fields }) => fields.event).filter((event) => String(event).startsWith('push.replicas'))
  const started = Date.now()
  await b.ledger.append(note)
  // an append never waits for it (I1)
  expect(Date.now() - started).toBeLessThan(5_000)
  await vi.waitFor(
    () => {
      expect(said()).toEqual(['push.replicas-lacking'])
    },
    { timeout: 15_000 }
  )
  await a.sync.follow(b.id)
  await a.synced(b.id, 2)
  await b.sync.push(a.id, { waitMs: 10_000 })
  await b.ledger.append(note)
  await vi.waitFor(
    () => {
      expect(said()).toEqual(['push.replicas-lacking', 'push.replicas-reached'])
    },
    { timeout: 15_000 }
  )
})

test('filterByTrust: nothing goes to a remote that the own ledger does not trust, until it does', async () => {
  const a = await startNode({ name: 'a', sync: { push: { accept: 'anyone' } } })
  const b = await startNode({ name: 'b', dht: false, sync: { filterByTrust: true, minTrustLevel: 0.5 } })
  await b.sync.addRemote(a.id, { endpoint: [a.addr], syncDirection: 'push' })
  await becomes(b, { code: 'REMOTE_UNTRUSTED', status: 'failed', durable: 0 })
  await b.sync.follow(a.id, { headers: true })
  await b.synced(a.id, 1)
  await b.ledger.plugins.interoperability.trust.attest({ ledger: a.id, levelMilli: 700, kind: 'full' })
  await becomes(b, { status: 'synced', durable: 2 })
  expect(a.mirror(b.id).size).toBe(2)
})
