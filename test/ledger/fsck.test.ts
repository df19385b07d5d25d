/** What fsck says of a store as a whole, and of what a mirror has to pull again. */
import { readdir, unlink } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test, vi } from 'vitest'
import { flowKey, nameKey, seqKey, textKey } from '../../src/store/keys.js'
import { VERSION_KEY } from '../../src/store/migrations.js'
import { openStoreAsIs } from '../../src/store/store.js'
import { runFsck } from '../../src/ledger/fsck/run-fsck.js'
import { change, del, flip, fsck, home, keepHome, put, type Home } from './fsck-home.js'
import { TestLog } from './support.js'

/** Each test checks a whole store several times. */
vi.setConfig({ testTimeout: 30_000 })
keepHome()

test('remotes, offers, tokens and flows that cannot be read are named, and taken out; those that can stay', async () => {
  const at = await home()
  const good = [
    textKey('remote', at.author.id),
    textKey('offer', `${at.author.id}peer`),
    textKey('token', 'a'.repeat(64)),
    flowKey(at.n, 'out', at.author.id),
    textKey('adoption', at.author.id)
  ]
  const bad = [
    textKey('remote', 'x'),
    textKey('offer', 'x'),
    textKey('token', 'x'),
    flowKey(at.n, 'out', 'x'),
    textKey('adoption', 'x')
  ]
  await change(at, [...good.map((key) => put(key, '{}')), ...bad.map((key) => put(key, '{'))])
  const report = await fsck(at)
  expect(report.found.damage.map(({ kind, repair }) => [kind, repair])).toEqual([
    ...Array.from({ length: 3 }, () => ['unreadable-remote', 'rebuild']),
    ['unreadable-flow', 'rebuild'],
    ['unreadable-adoption', 'rebuild']
  ])
  expect(await fsck(at, true)).toMatchObject({ clean: true })
  const store = await openStoreAsIs(join(at.node.dir, 'db'), { log: new TestLog() })
  expect((await store.getMany([...good, ...bad])).map((value) => value?.toString())).toEqual([
    ...Array.from({ length: 5 }, () => '{}'),
    ...Array.from({ length: 5 }, () => undefined)
  ])
  await store.close()
})

test('what peers said of themselves belongs to no ledger, and stays', async () => {
  const at = await home()
  const key = textKey('node', '12D3KooWExample')
  await change(at, [put(key, '{}')])
  expect(await fsck(at, true)).toMatchObject({ clean: true, found: { total: 0 } })
})

test('a sound store is clean, and checking it changes nothing', async () => {
  const at = await home()
  const seen: number[] = []
  await at.node.close()
  const dump = async (): Promise<string[]> => {
    const store = await openStoreAsIs(join(at.node.dir, 'db'), { log: new TestLog() })
    const rows = await store.all({ gte: Buffer.of(0), lt: Buffer.of(0xff) })
    await store.close()
    return rows.map(([key, value]) => `${key.toString('hex')} ${value.toString('hex')}`)
  }
  const before = await dump()
  const report = await runFsck(join(at.node.dir, 'db'), {
    log: new TestLog(),
    markFile: join(at.node.dir, 'signer.json'),
    rebuild: true,
    onProgress: ({ done }) => seen.push(done)
  })
  expect(report).toEqual({
    clean: true,
    left: null,
    found: { total: 0, counts: [], damage: [] },
    ledgers: [
      { ledger: at.node.ledgers.own.id, own: true, entries: 11 },
      { ledger: at.author.id, own: false, entries: 302 }
    ]
  })
  expect(seen.at(-1)).toBe(313)
  expect(await dump()).toEqual(before)
})

test('a store that is open says so', async () => {
  const at = await home()
  await expect(
    runFsck(join(at.node.dir, 'db'), { log: new TestLog(), markFile: null, rebuild: true })
  ).rejects.toMatchObject({ code: 'ALREADY_RUNNING' })
})

describe('what a mirror has to pull again', () => {
  test.each([
    ['a flipped bit in an entry', (at: Home) => flip(at, seqKey('entry', at.n, 150), 100), 'damaged-entry', 150],
    ['a flipped bit in the first entry', (at: Home) => flip(at, seqKey('entry', at.n, 0), 100), 'damaged-entry', 0],
    ['a flipped bit in the last entry', (at: Home) => flip(at, seqKey('entry', at.n, 301), 3), 'damaged-entry', 301],
    ['an entry that is gone', (at: Home) => change(at, [del(seqKey('entry', at.n, 150))]), 'torn-mirror', 150],
    [
      'its end is gone',
      (at: Home) => change(at, [del(seqKey('entry', at.n, 300)), del(seqKey('entry', at.n, 301))]),
      'torn-mirror',
      300
    ],
    [
      'an entry in the place of another',
      (at: Home) =>
        change(at, async (store) => [
          { type: 'put', key: seqKey('entry', at.n, 150), value: (await store.get(seqKey('entry', at.n, 299)))! }
        ]),
      'invalid-entry',
      150
    ]
  ] as const)('%s', async (_, damage, kind, seq) => {
    const at = await home()
    await damage(at)
    const report = await fsck(at)
    expect(report.found.damage).toContainEqual(
      expect.objectContaining({ kind, seq, ledger: at.author.id, repair: 'pull' })
    )
    expect(report.found.damage.length).toBeLessThanOrEqual(2)
    // the rest can be read meanwhile
    const node = await at.node.reopen()
    expect(await node.ledgers.own.verifyChain()).toMatchObject({ valid: true })
    expect(await node.ledgers.get(at.author.id)!.get({ seq: 7 })).toMatchObject({ payload: { seq: 7 } })
    expect(await fsck({ ...at, node }, true)).toMatchObject({ clean: true })
    const { ledgers } = await node.reopen()
    const mirror = ledgers.get(at.author.id)!
    expect(mirror.size).toBe(seq)
    await mirror.ingest(at.author.entries.slice(seq))
    expect(await mirror.verifyChain()).toMatchObject({ valid: true, entries: 302, counts: { present: 299, erased: 1 } })
  })

  test('two damaged entries in one ledger are both named', async () => {
    const at = await home()
    await flip(at, seqKey('entry', at.n, 150), 100)
    await flip(at, seqKey('entry', at.n, 250), 100)
    await flip(at, seqKey('payload', at.n, 270), 3)
    expect((await fsck(at)).found.damage).toMatchObject([
      { kind: 'damaged-entry', seq: 150 },
      { kind: 'damaged-entry', seq: 250 },
      { kind: 'damaged-payload', seq: 270 }
    ])
    expect(await fsck(at, true)).toMatchObject({ clean: true })
  })

  test('a flipped bit in a payload: it is missing, and can come again', async () => {
    const at = await home()
    await flip(at, seqKey('payload', at.n, 150), 20)
    expect((await fsck(at)).found.damage).toMatchObject([{ kind: 'damaged-payload', seq: 150 }])
    expect(await fsck(at, true)).toMatchObject({ clean: true })
    const mirror = (await at.node.reopen()).ledgers.get(at.author.id)!
    expect(await mirror.missingPayloads(10)).toEqual([150])
    expect(await mirror.putPayload(150, at.author.entries[150]!.raw.payload!)).toBe(true)
  })
})

test('rebuild keeps what an unclean stop left to do', async () => {
  const at = await home()
  await change(at, [del(Buffer.from('\0clean')), del(nameKey('id', at.n, 'entry-150', 150))])
  expect(await fsck(at, true)).toMatchObject({ clean: true })
  expect((await at.node.reopen()).store.wasClean).toBe(false)
})

test('a newer schema is refused', async () => {
  const at = await home()
  await change(at, [put(VERSION_KEY, '99')])
  await expect(fsck(at, true)).rejects.toMatchObject({ code: 'STORE_TOO_NEW' })
})

test('a database that LevelDB cannot open is salvaged', async () => {
  const at = await home()
  await at.node.close()
  const db = join(at.node.dir, 'db')
  for (const file of await readdir(db))
    if (file.startsWith('MANIFEST') || file === 'CURRENT') await unlink(join(db, file))
  expect(await fsck(at)).toMatchObject({ clean: false, found: { damage: [{ kind: 'unreadable-database' }] } })
  expect(await fsck(at, true)).toMatchObject({ clean: true, found: { damage: [{ kind: 'unreadable-database' }] } })
  expect((await at.node.reopen()).ledgers.get(at.author.id)).toMatchObject({ size: 302 })
})

test('there is no store: none is made', async () => {
  const at = await home()
  await expect(
    runFsck(join(at.node.dir, 'nowhere'), { log: new TestLog(), markFile: null, rebuild: false })
  ).rejects.toMatchObject({ code: 'NOT_FOUND' })
})
