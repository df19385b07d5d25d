import { writeFile, rm, readdir, unlink } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test, vi } from 'vitest'
import { encodeEvidence, sameSeqEvidence } from '../../src/core/evidence.js'
import {
  FAMILY,
  familyRange,
  flowKey,
  hashKey,
  ledgerKey,
  ledgerRange,
  nameKey,
  seqKey,
  textKey,
  tileKey,
  type Family
} from '../../src/store/keys.js'
import { VERSION_KEY, INCARNATION_KEY } from '../../src/store/migrations.js'
import { openStoreAsIs, type Op, type Store } from '../../src/store/store.js'
import { runFsck, type FsckReport } from '../../src/ledger/fsck/run-fsck.js'
import { home, type Home } from './fsck-home.js'
import { TestLog } from './support.js'
import { freezeAt } from '../helpers/freeze-at.js'

/** Each test checks a whole store several times. */
vi.setConfig({ testTimeout: 30_000 })

async function fsck({ node }: Pick<Home, 'node'>, rebuild = false): Promise<FsckReport> {
  await node.close()
  return await runFsck(join(node.dir, 'db'), { log: new TestLog(), markFile: join(node.dir, 'signer.json'), rebuild })
}

async function change({ node }: Pick<Home, 'node'>, ops: Op[] | ((store: Store) => Promise<Op[]>)): Promise<void> {
  await node.close()
  const store = await openStoreAsIs(join(node.dir, 'db'), { log: new TestLog() })
  await store.write(typeof ops === 'function' ? await ops(store) : ops, { sync: true })
  await store.close()
}

async function flip(at: Home, key: Uint8Array, byte: number): Promise<void> {
  await change(at, async (store) => {
    const value = (await store.get(key))!
    value[byte]! ^= 1
    return [{ type: 'put', key, value }]
  })
}

const kinds = (report: FsckReport): string[] => [...new Set(report.found.damage.map(({ kind }) => kind))]
const del = (key: Uint8Array): Op => ({ type: 'del', key })
const put = (key: Uint8Array, text = ''): Op => ({ type: 'put', key, value: Buffer.from(text) })

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

describe('what is derived is named, rebuilt, and then clean', () => {
  const cases: [string, (home: Home) => Op[], { kind: string; seq: number | null }][] = [
    [
      'by hash',
      ({ author, n }) => [del(hashKey(author.entries[150]!.hash, n, 150))],
      { kind: 'missing-index', seq: 150 }
    ],
    ['by id', ({ n }) => [del(nameKey('id', n, 'entry-150', 150))], { kind: 'missing-index', seq: 150 }],
    ['by subject', ({ n }) => [del(nameKey('subject', n, 'subject-150', 150))], { kind: 'missing-index', seq: 150 }],
    ['by stream', ({ n }) => [del(nameKey('stream', n, 'even', 100))], { kind: 'missing-index', seq: 100 }],
    ['by type', ({ n }) => [del(nameKey('type', n, 'order', 100))], { kind: 'missing-index', seq: 100 }],
    ['key entries', ({ n }) => [del(seqKey('keyEntry', n, 0))], { kind: 'missing-index', seq: 0 }],
    ['erased', ({ n }) => [del(seqKey('erased', n, 5))], { kind: 'missing-index', seq: 5 }],
    ['of the own ledger', ({ own }) => [del(nameKey('id', own, 'own-3', 4))], { kind: 'missing-index', seq: 4 }],
    ['an id that is not so', ({ n }) => [put(nameKey('id', n, 'entry-7', 150))], { kind: 'wrong-index', seq: 150 }],
    [
      'a subject that is not so',
      ({ n }) => [put(nameKey('subject', n, 'subject-7', 150))],
      { kind: 'wrong-index', seq: 150 }
    ],
    ['a key entry that is none', ({ n }) => [put(seqKey('keyEntry', n, 9))], { kind: 'wrong-index', seq: 9 }],
    ['behind the end', ({ n }) => [put(nameKey('id', n, 'entry-900', 900))], { kind: 'wrong-index', seq: 900 }],
    [
      'an erasure that is not so',
      ({ n }) => [{ type: 'put', key: seqKey('erased', n, 9), value: Buffer.from('000000000010', 'hex') }],
      { kind: 'wrong-index', seq: 9 }
    ],
    ['a missing payload that is held', ({ n }) => [put(seqKey('missing', n, 9))], { kind: 'wrong-index', seq: 9 }],
    ['a payload of no entry', ({ n }) => [put(seqKey('payload', n, 900), 'x')], { kind: 'wrong-index', seq: 900 }],
    [
      'an erased payload',
      ({ n, author }) => [{ type: 'put', key: seqKey('payload', n, 5), value: author.entries[5]!.raw.payload! }],
      { kind: 'erased-payload-held', seq: 5 }
    ],
    ['a tree node', ({ n }) => [del(tileKey(n, 8, 0))], { kind: 'missing-tree-node', seq: 255 }],
    ['a tree node of nothing', ({ n }) => [put(tileKey(n, 8, 9), 'x')], { kind: 'wrong-tree-node', seq: null }],
    ['an unreadable state', ({ n }) => [put(ledgerKey('state', n), '{')], { kind: 'unreadable-state', seq: null }],
    [
      'a state of another shape',
      ({ own }) => [put(ledgerKey('state', own), '{"chain":1}')],
      { kind: 'unreadable-state', seq: null }
    ],
    ['no state', ({ n }) => [del(ledgerKey('state', n))], { kind: 'unreadable-state', seq: null }],
    ['an unreadable row', ({ author }) => [put(textKey('ledger', author.id), '{')], { kind: 'ledger-row', seq: null }],
    [
      'no row of the own ledger',
      ({ node }) => [del(textKey('ledger', node.ledgers.own.id))],
      { kind: 'ledger-row', seq: null }
    ],
    ['a row that names no ledger', () => [put(textKey('ledger', 'x'), '{')], { kind: 'ledger-row', seq: null }],
    [
      'keys of a removed ledger',
      () => [
        put(nameKey('id', 77, 'x', 3)),
        put(seqKey('payload', 77, 3), 'x'),
        put(ledgerKey('state', 4_294_967_295), 'x')
      ],
      { kind: 'dangling-keys', seq: null }
    ],
    ['the schema version', () => [put(VERSION_KEY, 'x')], { kind: 'schema', seq: null }],
    ['no schema version', () => [del(VERSION_KEY)], { kind: 'schema', seq: null }],
    ['the incarnation', () => [del(INCARNATION_KEY)], { kind: 'schema', seq: null }],
    ['the next number', () => [put(textKey('meta', 'next-ledger'), '1')], { kind: 'schema', seq: null }],
    ['the standing', ({ n }) => [put(ledgerKey('standing', n), '{}')], { kind: 'unreadable-standing', seq: null }],
    ['follow settings', ({ n }) => [put(ledgerKey('follow', n), '{')], { kind: 'unreadable-follow', seq: null }],
    ['a checkpoint', ({ n }) => [put(ledgerKey('checkpoint', n), 'x')], { kind: 'wrong-checkpoint', seq: null }]
  ]
  test.each(cases)('%s', async (_, ops, expected) => {
    const at = await home()
    await change(at, ops(at))
    const report = await fsck(at)
    expect(report).toMatchObject({ clean: false, left: null })
    expect(report.found.damage).toContainEqual(expect.objectContaining(expected))
    expect(await fsck(at)).toEqual(report)
    expect(await fsck(at, true)).toMatchObject({ clean: true, found: report.found, left: { total: 0 } })
    expect(await fsck(at)).toMatchObject({ clean: true, found: { total: 0 } })
    const { ledgers } = await at.node.reopen()
    const mirror = ledgers.get(at.author.id)!
    expect(await mirror.verifyChain()).toMatchObject({ valid: true, entries: 302, counts: { present: 299, erased: 1 } })
    expect(await mirror.get({ id: 'entry-150' })).toMatchObject({ seq: 150, payload: { seq: 150 } })
    expect((await mirror.query({ stream: 'even', limit: 1000 })).entries.length).toBe(150)
    await ledgers.own.append({ stream: 's', type: 't' })
    expect(await ledgers.own.verifyChain()).toMatchObject({ valid: true, entries: 12 })
  })

  test('a flipped bit in a tree node', async () => {
    const at = await home()
    await flip(at, tileKey(at.n, 8, 0), 4)
    expect((await fsck(at)).found.damage).toMatchObject([
      { kind: 'wrong-tree-node', ledger: at.author.id, seq: 255, repair: 'rebuild' }
    ])
    expect(await fsck(at, true)).toMatchObject({ clean: true })
  })

  test('all of it at once: never stops at the first', async () => {
    const at = await home()
    await change(
      at,
      cases.slice(0, 17).flatMap(([, ops]) => ops(at))
    )
    for (const family of ['issuer', 'type'] as const)
      await change(at, async (store) => (await store.keys(ledgerRange(family, at.n))).map(del))
    const report = await fsck(at)
    expect(kinds(report).toSorted()).toEqual([
      'erased-payload-held',
      'missing-index',
      'missing-tree-node',
      'wrong-index'
    ])
    expect(report.found.total).toBeGreaterThan(300)
    expect(report.found.damage.length).toBeLessThan(250)
    expect(await fsck(at, true)).toMatchObject({ clean: true })
  })

  test('every index of a store', async () => {
    const at = await home()
    await at.node.close()
    const store = await openStoreAsIs(join(at.node.dir, 'db'), { log: new TestLog() })
    for (const family of [
      'keyEntry',
      'tile',
      'erased',
      'id',
      'stream',
      'type',
      'issuer',
      'subject',
      'hash'
    ] as Family[])
      await store.clear(familyRange(family))
    expect(FAMILY.hash).toBe(0x20)
    await store.close()
    expect(await fsck(at, true)).toMatchObject({ clean: true })
  })

  test('evidence freezes again when the state is lost', async () => {
    const at = await home()
    const fork = await at.author.next({ seq: 200, prev_hash: at.author.entries[199]!.hash, id: 'other' })
    const [genesis] = at.author.entries
    const bytes = encodeEvidence(
      sameSeqEvidence(
        { network: 'test', ledger: at.author.id, keyEntries: [{ ...genesis!.raw, seq: 0 }] },
        200,
        at.author.entries[200]!.raw,
        fork.raw
      )
    )
    await freezeAt(at.mirror, 200, bytes)
    await change(at, [del(ledgerKey('state', at.n))])
    expect(await fsck(at, true)).toMatchObject({ clean: true, found: { damage: [{ kind: 'unreadable-state' }] } })
    expect((await at.node.reopen()).ledgers.get(at.author.id)).toMatchObject({ size: 302, frozenAt: 200 })
  })
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

describe('the own ledger', () => {
  test('a damaged entry is reported with what to do, and nothing of it is dropped', async () => {
    const at = await home()
    await flip(at, seqKey('entry', at.own, 5), 100)
    expect((await fsck(at)).found.damage).toMatchObject([
      { kind: 'damaged-own-entry', seq: 5, repair: 'operator', advice: expect.stringContaining('backup') }
    ])
    expect(await fsck(at, true)).toMatchObject({
      clean: false,
      left: { damage: [{ kind: 'damaged-own-entry', seq: 5 }] }
    })
    const { own } = (await at.node.reopen()).ledgers
    expect(own.size).toBe(11)
    expect(await own.get({ id: 'own-9' })).toMatchObject({ payload: { i: 9 } })
  })

  test('its end is gone: it is not signed', async () => {
    const at = await home()
    await change(at, [del(seqKey('entry', at.own, 10))])
    expect(kinds(await fsck(at))).toEqual(expect.arrayContaining(['torn-own', 'mark-ahead']))
    expect(await fsck(at, true)).toMatchObject({ clean: false, left: { damage: [{ kind: 'mark-ahead', seq: 10 }] } })
    expect((await at.node.reopen()).ledgers.own).toMatchObject({ size: 10, signer: 'restoring' })
  })

  const mark = (at: Home): string => join(at.node.dir, 'signer.json')
  test.each([
    ['missing', (at: Home) => rm(mark(at)), 'mark-missing'],
    ['unreadable', (at: Home) => writeFile(mark(at), '{'), 'unreadable-mark'],
    [
      'ahead',
      (at: Home) =>
        writeFile(
          mark(at),
          JSON.stringify({ ledger: at.node.ledgers.own.id, seq: 11, hash: '0'.repeat(64), checkpoint: null })
        ),
      'mark-ahead'
    ],
    [
      'another entry',
      (at: Home) =>
        writeFile(
          mark(at),
          JSON.stringify({ ledger: at.node.ledgers.own.id, seq: 10, hash: '0'.repeat(64), checkpoint: null })
        ),
      'mark-differs'
    ],
    [
      'another root',
      (at: Home) =>
        writeFile(
          mark(at),
          JSON.stringify({
            ledger: at.node.ledgers.own.id,
            seq: 10,
            hash: at.node.ledgers.own.headHash,
            checkpoint: { size: 11, root: '0'.repeat(64) }
          })
        ),
      'mark-differs'
    ],
    [
      'of another ledger',
      (at: Home) =>
        writeFile(mark(at), JSON.stringify({ ledger: at.author.id, seq: 10, hash: '0'.repeat(64), checkpoint: null })),
      'mark-of-another-ledger'
    ]
  ] as const)('the mark is %s: only a person decides', async (_, damage, kind) => {
    const at = await home()
    await at.node.close()
    await damage(at)
    const report = await fsck(at, true)
    expect(report).toMatchObject({
      clean: false,
      left: { total: 1, damage: [{ kind, repair: 'operator', advice: expect.any(String) }] }
    })
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
