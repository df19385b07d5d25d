import { join } from 'node:path'
import { expect, onTestFinished, test, vi } from 'vitest'
import { isCoded, LedgermeshError } from '../../../src/core/errors.js'
import { Level } from 'level'
import { runFsck } from '../../../src/ledger/fsck/run-fsck.js'
import type { Ledgers } from '../../../src/ledger/ledgers.js'
import { conflictId } from '../../../src/conflict/claims.js'
import { RESOLUTION_TYPE, resolutionMeta } from '../../../src/conflict/resolution.js'
import { SEEN_BY_CLAIM } from '../../../src/ledger/claims/claim-ops.js'
import { seenKey } from '../../../src/store/conflict-keys.js'
import { familyRange } from '../../../src/store/keys.js'
import { SCHEMA, VERSION_KEY } from '../../../src/store/migrations.js'
import { CLEAN_KEY, openStore, type Op, type Store } from '../../../src/store/store.js'
import { dice, type Dice } from '../../helpers/dice.js'
import { failWrites } from '../../helpers/fail-writes.js'
import { Author, openNode, temporaryFolder, TestLog } from '../support.js'
import { ALL_STATES, expectRight, subjectRule, writeHistory } from './world.js'

const log = new TestLog()
/** Writes between kills; `KILL_STEP=1` kills at each of them. */
const STEP = Number(process.env.KILL_STEP ?? 6)

/** `KILL_SEEDS=200` plays as many. */
const SEEDS = Number(process.env.KILL_SEEDS ?? 6)
/** Writes after which a seed is killed at the latest, and rounds of decisions: the last kills come after all of them. */
const MOST_WRITES = 60
const ROUNDS = 3

/** Everything after the first `alive` writes is lost, as when the process is killed there. */
function mortal(store: Store, alive: number): { store: Store; writes: () => number } {
  let writes = 0
  const counted = async <T>(run: () => Promise<T>): Promise<T> => {
    if (++writes > alive) throw new LedgermeshError('STORE_FAILED', 'killed')
    return await run()
  }
  const handler: ProxyHandler<Store> = {
    get: (target, name: keyof Store) => {
      if (name === 'write')
        return async (ops: Op[], options: { sync: boolean }) => {
          await counted(async () => {
            await target.write(ops, options)
          })
        }
      if (name === 'clear')
        return async (range: Parameters<Store['clear']>[0]) => {
          await counted(async () => {
            await target.clear(range)
          })
        }
      const value = target[name]
      return typeof value === 'function' ? value.bind(target) : value
    }
  }
  return { store: new Proxy(store, handler), writes: () => writes }
}

/** The database beneath a store that nobody has open. */
async function edit(dir: string, change: (db: Level<Buffer, Buffer>) => Promise<void>): Promise<void> {
  const db = new Level<Buffer, Buffer>(join(dir, 'db'), { keyEncoding: 'buffer', valueEncoding: 'buffer' })
  await change(db)
  await db.close()
}

async function live(ledgers: Ledgers, [a, b, c]: [Author, Author, Author]): Promise<void> {
  await ledgers.rules.set(subjectRule({ writers: [a.id] }))
  for (const author of [a, b, c]) {
    const mirror = await ledgers.mirror(author.id)
    await mirror.ingest(author.entries.slice(mirror.size, 5))
    await mirror.ingest(author.entries.slice(mirror.size))
    await mirror.setAudited(mirror.size)
    await ledgers.conflicts.caughtUp()
  }
  await ledgers.get(b.id)!.rewind(3)
  await ledgers.rules.set(subjectRule({ writers: [a.id, c.id] }))
  ledgers.conflicts.wake()
  await ledgers.conflicts.caughtUp()
  await ledgers.remove(c.id)
  await ledgers.conflicts.caughtUp()
}

test('killed at a write, the next start finds what the entries say', { timeout: 300_000 }, async () => {
  const authors = (await Promise.all(['a', 'b', 'c'].map(async (name) => await Author.create(name)))) as [
    Author,
    Author,
    Author
  ]
  await writeHistory(authors, 24, dice(7))
  let kills = 0
  for (let alive = 3; ; alive += STEP) {
    const dir = await temporaryFolder()
    const inner = await openStore(join(dir, 'db'), { log })
    const { store, writes } = mortal(inner, alive)
    let ended = false
    try {
      const node = await openNode({ dir, store })
      await live(node.ledgers, authors)
      ended = writes() <= alive
      await node.ledgers.conflicts.caughtUp()
      await node.close()
    } catch (error) {
      if (!isCoded(error, 'STORE_FAILED')) throw error
      await inner.close()
      await edit(dir, async (db) => {
        await db.del(CLEAN_KEY)
      })
    }
    if (ended) break
    kills++
    const again = await openNode({ dir })
    if (again.ledgers.rules.active.length > 0) {
      for (const mirror of again.ledgers.list().filter(({ own, size }) => !own && size > 0))
        await mirror.setAudited(mirror.size)
      await expectRight(again.ledgers, authors, `killed after ${alive} writes`)
    }
    await again.close()
    expect(
      (await runFsck(join(dir, 'db'), { log, markFile: null, rebuild: false })).found.damage,
      `killed after ${alive} writes`
    ).toEqual([])
  }
  expect(kills).toBeGreaterThan(60 / STEP)
})

/** What is decided meanwhile: an own claim, a resolution of what is open, and a rule that changes while it is built. */
async function decide(ledgers: Ledgers, roll: Dice): Promise<void> {
  const { own, rules, conflicts } = ledgers
  if (roll() < 0.5) await own.append({ stream: 'orders', type: 'order', subject_oid: 'x', payload: roll() })
  const { found } = await conflicts.list(ALL_STATES, { offset: 0, limit: 2 })
  for (const { id } of found) {
    const siblings = (await conflicts.judge(rules.active[0]!, id))?.facts.siblings ?? []
    const [first] = siblings
    if (first === undefined) continue
    await own.appendReserved(
      [
        {
          stream: 'ledger',
          type: RESOLUTION_TYPE,
          payload: null,
          meta: {
            ...resolutionMeta({
              rule: rules.active[0]!.rule.name,
              key: { subject_oid: first.entry.header.subject_oid! },
              chosen: first.hash,
              note: ''
            }),
            crossLedgerRefs: siblings.map(({ ledger, hash, entry }) => ({
              ledgerId: ledger,
              entryId: entry.header.id,
              entryHash: hash,
              referenceType: 'derived' as const
            }))
          }
        }
      ],
      { allowUnresolved: true }
    )
  }
  await rules.set(subjectRule({ resolvers: ['own'], strategy: roll() < 0.5 ? 'last-write-wins' : 'manual' }))
  conflicts.wake()
  if (roll() < 0.5) await rules.remove('subjects')
  await rules.set(subjectRule())
  conflicts.wake()
  await conflicts.caughtUp()
}

test('killed while conflicts are resolved and rules change under way, by seed', { timeout: 900_000 }, async () => {
  for (let seed = 1; seed <= SEEDS; seed++) {
    const roll = dice(seed)
    const authors = (await Promise.all(
      ['a', 'b', 'c'].map(async (name) => await Author.create(`${name} ${seed}`))
    )) as [Author, Author, Author]
    await writeHistory(authors, 12, roll)
    const alive = 5 + Math.floor(roll() * MOST_WRITES)
    const what = `seed ${seed}, killed after ${alive} writes`
    const dir = await temporaryFolder()
    const inner = await openStore(join(dir, 'db'), { log })
    const { store } = mortal(inner, alive)
    try {
      const { ledgers } = await openNode({ dir, store })
      await ledgers.rules.set(subjectRule({ writers: [authors[0].id] }))
      for (const author of authors) {
        const mirror = await ledgers.mirror(author.id)
        await mirror.ingest(author.entries)
        await mirror.setAudited(mirror.size)
      }
      await ledgers.conflicts.caughtUp()
      for (let round = 0; round < ROUNDS; round++) await decide(ledgers, roll)
    } catch (error) {
      if (!isCoded(error, 'STORE_FAILED')) throw error
    }
    await inner.close()
    await edit(dir, async (db) => {
      await db.del(CLEAN_KEY)
    })
    const again = await openNode({ dir })
    again.ledgers.conflicts.wake()
    await again.ledgers.conflicts.caughtUp()
    const { ledgers } = again
    for (const stored of ledgers.rules.active) {
      const { found, complete } = await ledgers.conflicts.list(ALL_STATES, { offset: 0, limit: 100 })
      expect({ what, complete }).toEqual({ what, complete: true })
      for (const subject_oid of ['x', 'y']) {
        const id = conflictId(stored.rule.name, { subject_oid })
        const state = (await ledgers.conflicts.judge(stored, id))?.verdict.state ?? 'single'
        // those that wait are listed as open ones
        const listed = state === 'single' || state === 'agreed' ? undefined : state === 'waiting' ? 'open' : state
        expect({ what, state: found.find((one) => one.id === id)?.row.state }).toEqual({ what, state: listed })
      }
    }
    await again.close()
    const { damage } = (await runFsck(join(dir, 'db'), { log, markFile: null, rebuild: false })).found
    expect({ what, damage }).toEqual({ what, damage: [] })
  }
})

test('a store of schema 2 is migrated, also when it is killed at the write', async () => {
  const dir = await temporaryFolder()
  const node = await openNode({ dir })
  await node.close()
  await edit(dir, async (db) => {
    await db.put(VERSION_KEY, Buffer.from('2'))
  })
  for (const persisted of [false, true]) {
    const { restore } = failWrites(new Error('killed'), { all: true, persisted })
    onTestFinished(restore)
    await expect(openStore(join(dir, 'db'), { log })).rejects.toThrow('killed')
    restore()
  }
  const again = await openNode({ dir })
  expect((await again.store.get(VERSION_KEY))?.toString()).toBe(String(SCHEMA))
})

test('a store of schema 9 is migrated, killed at each write: its rules look again, and find the same', async () => {
  const roll = dice(9)
  const all = await Promise.all([1, 2, 3].map(async (at) => await Author.create(`author ${at}`)))
  await writeHistory(all, 25, roll)
  const dir = await temporaryFolder()
  const node = await openNode({ dir })
  await node.ledgers.rules.set(subjectRule({ writers: [all[0]!.id] }))
  for (const author of all) {
    const mirror = await node.ledgers.mirror(author.id)
    await mirror.ingest(author.entries)
    await mirror.setAudited(mirror.size)
  }
  await expectRight(node.ledgers, all, 'before')
  const seen = async ({ store }: { store: Store }): Promise<string[]> =>
    (await store.keys(familyRange('seen'))).map((key) => key.toString('hex'))
  const right = await seen(node)
  await node.close()
  // a row of each kind that the older program wrote and this one does not
  const stale = seenKey(1, `c${'1'.repeat(32)}`, '2'.repeat(64), 3, 1)
  for (let kill = 0; kill < 3; kill++) {
    await edit(dir, async (db) => {
      await db.put(stale, SEEN_BY_CLAIM)
      await db.put(VERSION_KEY, Buffer.from('9'))
    })
    let left = kill
    const { batch } = Level.prototype as unknown as { batch: (this: unknown, ...given: unknown[]) => unknown }
    const spy = vi.spyOn(Level.prototype, 'batch').mockImplementation(function (this: unknown, ...args: unknown[]) {
      return left-- === 0 ? Promise.reject(new Error('killed')) : batch.apply(this, args)
    } as never)
    await expect(openStore(join(dir, 'db'), { log })).rejects.toThrow('killed')
    spy.mockRestore()
    const again = await openNode({ dir })
    again.ledgers.conflicts.wake()
    await expectRight(again.ledgers, all, `killed at write ${kill}`)
    expect(await seen(again)).toEqual(right)
    await again.close()
    expect((await runFsck(join(dir, 'db'), { log, markFile: null, rebuild: false })).found.damage).toEqual([])
  }
})
