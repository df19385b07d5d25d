/** What comes by push leaves the disk its room, strangers their hosts' shares, and goes when nobody needs it any more. */
import { afterEach, expect, test, vi } from 'vitest'
import { statfs } from 'node:fs/promises'
import { stopAll } from '../../network/fixture.js'
import { fastClock, startNode, type TestNode } from '../../helpers/test-node.js'
import { LetGo } from '../../../src/node/push/let-go.js'
import type { Ledger } from '../../../src/ledger/ledger.js'
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
    follows: {
      get: (id: string) => settings.get(id) ?? null,
      has: (id: string) => settings.has(id),
      list: () => [...settings.keys()]
    } as unknown as Follows,
    limits: { ledgers: 12, bytesPerLedger: 100, bytes: 1_000, freeDisk: 500 },
    disk: {
      get bytes() {
        return freeBytes
      },
      announce: () => {}
    }
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

/** A room of 12 places and 1,000 bytes; ledgers have what `taken` says. */
function roomOf(freeDisk = 0): {
  room: PushedRoom
  settings: Map<string, FollowSettings>
  taken: Map<string, number>
  disk: { bytes: number; announce: (bytes: number) => void }
} {
  const settings = new Map<string, FollowSettings>()
  const taken = new Map<string, number>()
  const disk = {
    bytes: 1_000,
    announce: (bytes: number) => {
      disk.bytes -= bytes
    }
  }
  const room = new PushedRoom({
    ledgers: { get: (id: string) => ({ taken: taken.get(id) ?? 0 }) as Ledger },
    follows: {
      get: (id: string) => settings.get(id) ?? null,
      has: (id: string) => settings.has(id),
      list: () => [...settings.keys()]
    } as unknown as Follows,
    limits: { ledgers: 12, bytesPerLedger: 100, bytes: 150, freeDisk },
    disk
  })
  return { room, settings, taken, disk }
}

test('200 that are accepted at once get the places that there are, and a place that came to nothing is free again', () => {
  const { room, settings } = roomOf()
  const got = Array.from({ length: 200 }, (_, i) => room.reserve(`b${i}`, 'remotes', `p${i}`, `h${i}`))
  expect(got.filter((one) => one !== null)).toHaveLength(12)
  // The same ledger twice, and eight of one stranger.
  expect(room.reserve('b0', 'tokens', 'p', 'h')).toBeNull()
  const ofOne = Array.from({ length: 12 }, (_, i) => room.reserve(`s${i}`, 'anyone', 'p', `h${i}`))
  expect(ofOne.filter((one) => one !== null)).toHaveLength(8)
  settings.set('b0', origin('remotes', 'p0', 'h0'))
  got[0]!()
  expect(room.hasRoom('remotes', 'q', 'h')).toBe(false)
  got[1]!()
  expect(room.hasRoom('remotes', 'q', 'h')).toBe(true)
})

test('batches that are written at once share the bytes of the pool and of the disk', () => {
  const { room, settings, taken, disk } = roomOf(900)
  disk.bytes = 10_000
  for (const id of ['a', 'b']) settings.set(id, origin('anyone', id, id))
  const [a, b] = [room.allowanceOf('a')!, room.allowanceOf('b')!]
  expect(a.admits(90)).toBe(true)
  expect(b.admits(61)).toBe(false)
  expect(b.admits(60)).toBe(true)
  // a's batch failed, and a smaller one was written
  expect(a.admits(40)).toBe(true)
  taken.set('a', 40)
  expect(b.admits(100)).toBe(true)
  taken.set('b', 100)
  disk.bytes = 905
  expect(a.admits(50)).toBe(true)
  expect(disk.bytes).toBe(895)
  expect(b.admits(100)).toBe(false)
  expect(room.mayGrow('b')).toBe(false)
  expect(room.hasRoom('trusted', 'q', 'h')).toBe(false)
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
