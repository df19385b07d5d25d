/** Positions that lie or are stale, first; then what is told, and when. */
import { cp } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { Entry } from '../../../src/core/entry.js'
import { endedRights } from '../../../src/ledger/feed/facts.js'
import type { FeedPage } from '../../../src/ledger/feed/feed-event.js'
import { parsePosition } from '../../../src/ledger/feed/position.js'
import { RETENTION_MS } from '../../../src/ledger/feed/retention.js'
import { FeedReader } from '../../../src/ledger/feed-reader.js'
import { feedSnapshot } from '../../../src/ledger/feed-snapshot.js'
import { runFsck } from '../../../src/ledger/fsck/run-fsck.js'
import { copyStore } from '../../../src/store/backup.js'
import { feedKey } from '../../../src/store/feed-rows.js'
import { CLEAN_KEY, openLevel, type Store } from '../../../src/store/store.js'
import { blockMark } from '../block-mark.js'
import { Author, openNode, temporaryFolder, TestLog, type Node } from '../support.js'

const order = (id: string) => ({ stream: 's', type: 't', payload: { id }, id })
const RESET = { code: 'FEED_RESET' }

const read = async ({ store, ledgers }: Pick<Node, 'store' | 'ledgers'>, after: string, more = {}): Promise<FeedPage> =>
  await new FeedReader(store, ledgers).read({ after, ...more })

function startOf({ ledgers }: Node): string {
  return `${ledgers.arrivals.last.epoch}.0.${'0'.repeat(16)}`
}

const lastOf = async (node: Node): Promise<string> => (await feedSnapshot(node.ledgers)).position

/** A node with three own entries behind its genesis, and a position in the middle. */
async function running(): Promise<{ node: Node; middle: string }> {
  const node = await openNode()
  for (const id of ['a', 'b']) await node.ledgers.own.append(order(id))
  const middle = await lastOf(node)
  await node.ledgers.own.append(order('c'))
  return { node, middle }
}

describe('a position that is not one of this feed is never resumed from', () => {
  test.each([
    ['of another epoch', (epoch: string, at: string) => at.replace(epoch, '0123456789abcdef')],
    ['with another digest', (_epoch: string, at: string) => `${at.slice(0, -1)}${at.endsWith('0') ? '1' : '0'}`],
    ['above the last', (epoch: string, at: string) => `${epoch}.99.${at.split('.')[2]!}`],
    ['before the first, with a digest', (epoch: string) => `${epoch}.0.00000000000000ff`]
  ])('%s', async (_what, change) => {
    const { node, middle } = await running()
    const { epoch } = parsePosition(middle)
    await expect(read(node, change(epoch, middle))).rejects.toMatchObject({ ...RESET, details: { epoch, floor: 1 } })
  })

  test.each(['', 'x', 'f.1.2', `${'a'.repeat(16)}.-1.${'a'.repeat(16)}`, `${'a'.repeat(16)}.1e3.${'a'.repeat(16)}`])(
    'what is none at all: %j',
    async (text) => {
      const { node } = await running()
      await expect(read(node, text)).rejects.toMatchObject({ code: 'INVALID_PARAMS' })
    }
  )

  test('of a home that was copied, and went on by itself', async () => {
    const { node } = await running()
    await node.close()
    const dir = await temporaryFolder()
    await cp(node.dir, dir, { recursive: true })
    const again = await node.reopen()
    await again.ledgers.own.append(order('here'))
    const here = await lastOf(again)
    await again.close()
    const copy = await openNode({ dir })
    await expect(read(copy, here)).rejects.toMatchObject(RESET)
    await copy.ledgers.own.append(order('there'))
    const there = await lastOf(copy)
    expect(there.split('.').slice(0, 2)).toEqual(here.split('.').slice(0, 2))
    await expect(read(copy, here)).rejects.toMatchObject(RESET)
  })

  test('of the store that a backup was made of', async () => {
    const { node, middle } = await running()
    const dir = await temporaryFolder()
    await copyStore(node.store, join(dir, 'db'), () => {})
    const copy = await openNode({ dir, markFile: undefined })
    await expect(read(copy, middle)).rejects.toMatchObject(RESET)
    expect((await read(node, middle)).events).toHaveLength(1)
  })

  test('where a number is missing after an unclean stop; after a clean one it is damage, and a repair ends the epoch', async () => {
    const { node, middle } = await running()
    const edit = async (unclean: boolean, damaged?: Buffer): Promise<void> => {
      const db = await openLevel(join(node.dir, 'db'))
      if (damaged === undefined) await db.del(feedKey(2))
      else await db.put(feedKey(5), damaged)
      if (unclean) await db.del(CLEAN_KEY)
      await db.close()
    }
    await node.close()
    await edit(false)
    const fsck = async (rebuild: boolean): Promise<string[]> =>
      (
        await runFsck(join(node.dir, 'db'), { log: new TestLog(), markFile: join(node.dir, 'signer.json'), rebuild })
      ).found.damage.map(({ kind }) => kind)
    expect(await fsck(false)).toEqual(['wrong-feed'])
    await edit(true)
    const again = await node.reopen()
    expect(again.log.lines.map(({ fields }) => fields.event)).toContain('feed.new-epoch')
    await expect(read(again, middle)).rejects.toMatchObject(RESET)
    const next = await lastOf(again)
    await again.ledgers.own.append(order('d'))
    expect((await read(again, next)).events).toMatchObject([{ number: 5, kind: 'entry', seq: 4 }])
    await again.close()
    await edit(false, Buffer.from('x'))
    expect(await fsck(true)).toEqual(['wrong-feed'])
    await expect(read(await again.reopen(), next)).rejects.toMatchObject(RESET)
  })

  test('older than what is kept; but a quiet node has its last event for ever', async () => {
    const { node, middle } = await running()
    node.clock.pass(RETENTION_MS + 1)
    node.ledgers.arrivals.prune()
    await node.ledgers.arrivals.idle()
    const last = await lastOf(node)
    await expect(read(node, middle)).rejects.toMatchObject({ ...RESET, details: { floor: 4 } })
    await expect(read(node, startOf(node))).rejects.toMatchObject(RESET)
    expect(await read(node, last)).toEqual({ events: [], last, hasMore: false })
    const again = await node.reopen()
    await again.ledgers.own.append(order('d'))
    expect((await read(again, last)).events).toMatchObject([{ number: 5, seq: 4 }])
  })
})

describe('what is told', () => {
  test('nothing before the mark of the signer: the next start tells of it', async () => {
    const { node } = await running()
    const last = await lastOf(node)
    const unblock = await blockMark(join(node.dir, 'signer.json'))
    await expect(node.ledgers.own.append(order('d'))).rejects.toMatchObject({ code: 'STORE_FAILED' })
    expect((await read(node, last)).events).toEqual([])
    await unblock()
    const again = await node.reopen()
    expect((await read(again, last)).events).toMatchObject([{ kind: 'entry', entry: { id: 'd' } }])
  })

  test('a filter matches nothing: last goes on all the same', async () => {
    const { node } = await running()
    const page = await read(node, startOf(node), { streams: ['nothing'] })
    expect(page).toEqual({ events: [], last: await lastOf(node), hasMore: false })
    const one = await read(node, startOf(node), { limit: 1, streams: ['s'] })
    expect(one.events).toMatchObject([{ number: 2, entry: { id: 'a' } }])
    expect(one).toMatchObject({ last: one.events[0]!.position, hasMore: true })
  })

  test('nobody hears of what a crash could take back: it is synced first', async () => {
    const { node } = await running()
    const author = await Author.create()
    await author.addMany(2)
    const mirror = await node.ledgers.mirror(author.id)
    await mirror.ingest(author.entries)
    expect(node.ledgers.arrivals.isDirty).toBe(true)
    let flushes = 0
    const counting = new Proxy(node.store, {
      get: (store, name: keyof Store) => (typeof store[name] === 'function' ? store[name].bind(store) : store[name])
    })
    const flush = node.store.flush.bind(node.store)
    node.store.flush = async () => {
      flushes++
      await flush()
    }
    const { events } = await new FeedReader(counting, node.ledgers).read({ after: startOf(node) })
    expect(flushes).toBe(1)
    expect(node.ledgers.arrivals.isDirty).toBe(false)
    expect(events.slice(-3)).toMatchObject(author.entries.map(({ hash }) => ({ kind: 'entry', entry: { hash } })))
  })

  test('an erased payload comes with no event, however old', async () => {
    const { node } = await running()
    const entry = (await node.ledgers.own.get({ id: 'a' }))!
    await node.ledgers.own.erase([entry.hash])
    const { events } = await read(node, startOf(node))
    expect(JSON.stringify(events)).not.toContain('{"id":"a"}')
    expect(events.slice(-2)).toMatchObject([
      { kind: 'entry', entry: { type: 'ledger.erase' } },
      { kind: 'payload-erased', seq: 1, hash: entry.hash, payload_state: 'erased' }
    ])
  })

  test('of private ledgers nothing, when only public ones are asked for', async () => {
    const node = await openNode({ genesis: { name: 'Own', access: 'private', nextKeyHash: null } })
    const author = await Author.create()
    await (await node.ledgers.mirror(author.id)).ingest(author.entries)
    const all = await read(node, startOf(node))
    const open = await read(node, startOf(node), { publicOnly: true })
    expect(all.events.map(({ ledger }) => ledger)).toEqual([node.ledgers.own.id, author.id])
    expect(open.events.map(({ ledger }) => ledger)).toEqual([author.id])
    await node.ledgers.remove(author.id)
    expect((await read(node, all.last, { publicOnly: true })).events).toMatchObject([{ kind: 'removed' }])
    expect((await feedSnapshot(node.ledgers, { publicOnly: true })).ledgers).toEqual([])
  })

  test('an access entry that names this node ends a right', async () => {
    const [author, me, other] = [await Author.create(), await Author.create('me'), await Author.create('other')]
    const access = (revoke: string[]): Promise<Entry> =>
      author.add({ type: 'ledger.access', stream: 'ledger', meta: { grant: [], revoke, trust_milli: null } })
    const entries = [await access([other.id]), await access([me.id])]
    expect(endedRights(entries, me.id)).toMatchObject([{ kind: 'right-ended', at: 2 }])
    expect(endedRights(entries, null)).toEqual([])
  })
})
