/** What is derived from the entries: fsck names what is wrong with it, and makes it anew. */
import { join } from 'node:path'
import { describe, expect, test, vi } from 'vitest'
import { encodeEvidence, sameSeqEvidence } from '../../src/core/evidence.js'
import {
  FAMILY,
  familyRange,
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
import { openStoreAsIs, type Op } from '../../src/store/store.js'
import { change, del, flip, fsck, home, keepHome, kinds, put, type Home } from './fsck-home.js'
import { TestLog } from './support.js'
import { freezeAt } from '../helpers/freeze-at.js'

/** Each test checks a whole store several times. */
vi.setConfig({ testTimeout: 30_000 })
keepHome()

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
