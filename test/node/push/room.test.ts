/** What comes by push leaves the disk its room, strangers their hosts' shares, and goes when nobody needs it any more. */
import { afterEach, expect, test, vi } from 'vitest'
import { statfs } from 'node:fs/promises'
import { stopAll } from '../../network/fixture.js'
import { fastClock, startNode, type TestNode } from '../../helpers/test-node.js'
import { LetGo } from '../../../src/node/push/let-go.js'
import type { FollowSettings, Follows } from '../../../src/node/replication/follows.js'
import { PushedRoom } from '../../../src/node/replication/pushed-room.js'
import { Author, openNode, TestLog } from '../../ledger/support.js'

afterEach(stopAll)

const note = { stream: 'main', type: 'note', payload: 1 }
const DAY_MS = 24 * 60 * 60_000

async function becomes(node: TestNode, flow: object): Promise<void> {
  await vi.waitFor(
    async () => {
      expect((await node.sync.remotes())[0]?.flows[0]).toMatchObject(flow)
    },
    { timeout: 15_000 }
  )
}

test('freeDisk: nothing is taken of the room that is to stay free; when there is more, it goes on', async () => {
  const a = await startNode({
    name: 'a',
    clock: fastClock(50),
    sync: { push: { accept: 'anyone', limits: { freeDisk: 2 ** 52 } } }
  })
  const b = await startNode({ name: 'b', dht: false })
  await b.ledger.append(note)
  await b.sync.addRemote(a.id, { endpoint: [a.addr], syncDirection: 'push' })
  await becomes(b, { code: 'QUOTA', status: 'failed' })
  expect(a.mirror(b.id)).toBeUndefined()
  const { bavail, bsize } = await statfs(a.dataDir)
  expect(bavail * bsize).toBeLessThan(2 ** 52)
})

const origin = (pool: 'anyone' | 'remotes', peer: string, host: string) =>
  ({ filters: null, paused: false, origin: { pool, peer, host, bytes: 100, at: 0 } }) as const

test('eight of one peer or one host of strangers; other pools have their own places; a full disk admits none', () => {
  const settings = new Map<string, FollowSettings>()
  let freeBytes: number | null = 1_000
  const room = new PushedRoom({
    ledgers: { get: () => undefined },
    follows: { get: (id: string) => settings.get(id) ?? null, list: () => [...settings.keys()] } as unknown as Follows,
    limits: { ledgers: 12, bytesPerLedger: 100, bytes: 1_000, freeDisk: 500 },
    freeBytes: () => freeBytes
  })
  for (let i = 0; i < 8; i++) settings.set(`b${i}`, origin('anyone', `p${i}`, 'h'))
  expect(room.hasRoom('anyone', 'p9', 'h')).toBe(false)
  expect(room.hasRoom('anyone', 'p9', 'other')).toBe(true)
  expect(room.hasRoom('trusted', 'p9', 'h')).toBe(true)
  for (let i = 0; i < 12; i++) settings.set(`r${i}`, origin('remotes', 'p', 'h'))
  expect(room.hasRoom('remotes', 'q', 'i')).toBe(false)
  expect(room.hasRoom('anyone', 'p9', 'other')).toBe(true)
  expect(room.allowanceOf('b1')!.admits(50)).toBe(true)
  freeBytes = 499
  expect(room.hasRoom('anyone', 'p9', 'other')).toBe(false)
  expect(room.allowanceOf('b1')!.admits(50)).toBe(false)
  freeBytes = null
  expect(room.allowanceOf('b1')!.admits(50)).toBe(true)
})

test('a stranger that has not grown for 14 days is let go of; one that grows, is trusted, paused, or followed by hand stays', async () => {
  const { store, ledgers, clock } = await openNode()
  const settings = new Map<string, FollowSettings>()
  const kinds: [string, FollowSettings][] = [
    ['still', origin('anyone', 'p', 'h')],
    ['grown', origin('anyone', 'p', 'h')],
    ['trusted', origin('remotes', 'p', 'h')],
    ['paused', { ...origin('anyone', 'p', 'h'), paused: true }],
    ['by-hand', { filters: null, paused: false }],
    ['adopted', origin('anyone', 'p', 'h')]
  ]
  const names = new Map<string, string>()
  for (const [name, follow] of kinds) {
    const author = await Author.create(name)
    await author.add()
    await (await ledgers.mirror(author.id)).ingest(author.entries.slice(0, 1))
    settings.set(author.id, follow)
    names.set(author.id, name)
    if (name === 'grown') {
      clock.pass(10 * DAY_MS)
      await ledgers.get(author.id)!.ingest(author.entries.slice(1))
    }
  }
  const gone: string[] = []
  const letGo = new LetGo({
    store,
    ledgers,
    follows: { get: (id: string) => settings.get(id) ?? null, list: () => [...settings.keys()] } as unknown as Follows,
    adoption: { sources: () => [...names].filter(([, name]) => name === 'adopted').map(([id]) => id) },
    letGo: async ({ id }) => {
      gone.push(names.get(id)!)
      settings.delete(id)
      await Promise.resolve()
    },
    clock,
    log: new TestLog()
  })
  letGo.start()
  clock.pass(4 * DAY_MS - 1)
  await vi.waitFor(() => {
    expect(gone).toEqual([])
  })
  clock.pass(60 * 60_000)
  await vi.waitFor(() => {
    expect(gone).toEqual(['still'])
  })
  await letGo.stop()
})
