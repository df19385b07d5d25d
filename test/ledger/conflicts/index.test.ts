import { describe, expect, test } from 'vitest'
import { countConflicts } from '../../../src/ledger/claims/count-conflicts.js'
import { conflictId } from '../../../src/conflict/claims.js'
import { storedAt } from '../../../src/ledger/claims/stored-at.js'
import { runFsck } from '../../../src/ledger/fsck/run-fsck.js'
import { conflictKey, claimKey, ledgerBeforeSeq, ruleKey } from '../../../src/store/conflict-keys.js'
import { familyRange, ledgerRange } from '../../../src/store/keys.js'
import { join } from 'node:path'
import { acceptBranch } from '../../helpers/freeze-at.js'
import { dice } from '../../helpers/dice.js'
import { Author, openNode, START_MS, TestLog, type Node } from '../support.js'
import { ALL_STATES, expectRight, subjectRule, writeHistory } from './world.js'

const log = new TestLog()

async function authors(count: number, seed: number): Promise<Author[]> {
  return await Promise.all(Array.from({ length: count }, async (_, i) => await Author.create(`author ${seed} ${i}`)))
}

/** Ingests a bit more of a ledger, and lets it be audited. */
async function more({ ledgers }: Node, author: Author, count: number, audit = true): Promise<void> {
  const mirror = await ledgers.mirror(author.id)
  const next = author.entries.slice(mirror.size, mirror.size + count)
  if (next.length > 0) await mirror.ingest(next)
  if (audit) await mirror.setAudited(mirror.size)
}

describe('siblings in the store', () => {
  test('equal brute force, whatever comes first; also after rewinds, and when the rule comes late or changes', async () => {
    for (let seed = 1; seed <= 6; seed++) {
      const roll = dice(seed)
      const all = await authors(2 + Math.floor(roll() * 3), seed)
      await writeHistory(all, 25, roll)
      const node = await openNode()
      const writers = all.filter(() => roll() < 0.6).map(({ id }) => id)
      if (roll() < 0.7) await node.ledgers.rules.set(subjectRule({ writers }))
      for (
        let step = 0;
        all.some((author) => (node.ledgers.get(author.id)?.size ?? 0) < author.entries.length);
        step++
      ) {
        const author = all[Math.floor(roll() * all.length)]!
        await more(node, author, 1 + Math.floor(roll() * 4), roll() < 0.9)
        if (roll() < 0.05) await node.ledgers.get(author.id)!.rewind(Math.floor(roll() * author.entries.length))
        if (roll() < 0.05) await node.ledgers.remove(author.id)
        if (node.ledgers.rules.active.length > 0 && roll() < 0.2)
          await expectRight(node.ledgers, all, `seed ${seed}, step ${step}`)
      }
      for (const author of all) await more(node, author, 0)
      await node.ledgers.rules.set(subjectRule({ writers, resolvers: ['own', all[0]!.id] }))
      node.ledgers.conflicts.wake()
      await expectRight(node.ledgers, all, `seed ${seed}, another rule`)
      const again = await node.reopen()
      await expectRight(again.ledgers, all, `seed ${seed}, reopened`)
      await again.close()
      expect(
        (await runFsck(join(again.dir, 'db'), { log, markFile: null, rebuild: false })).found.damage,
        `seed ${seed}`
      ).toEqual([])
    }
  })

  test('references of claims get rows only where they can silence: of writers, and of the own ledger', async () => {
    const [a, b] = (await authors(2, 99)) as [Author, Author]
    const meta = {
      crossLedgerRefs: [
        { ledgerId: b.id, entryId: 'one', entryHash: 'ab'.repeat(32), referenceType: 'derived' as const }
      ]
    }
    for (const author of [a, b]) await author.add({ subject_oid: 'x', meta }, { value: 1 })
    const node = await openNode()
    const { ledgers, store } = node
    await ledgers.rules.set(subjectRule({ writers: [b.id] }))
    for (const author of [a, b]) await more(node, author, 9)
    await ledgers.own.appendReserved([{ stream: 'orders', type: 'order', subject_oid: 'x', payload: 1, meta }], {
      allowUnresolved: true
    })
    expect((await store.keys(familyRange('seen'))).map(ledgerBeforeSeq)).toEqual(
      [ledgers.get(b.id)!, ledgers.own].map(({ ledgerNumber }) => ledgerNumber).sort((x, y) => x - y)
    )
  })

  test('only audited and undisputed entries count, and a freeze takes them out again', async () => {
    const [a, b] = (await authors(2, 100)) as [Author, Author]
    await a.add({ subject_oid: 'x' }, { value: 1 })
    await b.add({ subject_oid: 'x' }, { value: 2 })
    const node = await openNode()
    const { ledgers } = node
    await ledgers.rules.set(subjectRule())
    await more(node, a, 9)
    await more(node, b, 9, false)
    const open = async (): Promise<number> => {
      await ledgers.conflicts.caughtUp()
      return (await ledgers.conflicts.list(['open'], { offset: 0, limit: 10 })).found.length
    }
    expect(await open()).toBe(0)
    await ledgers.get(b.id)!.setAudited(2)
    expect(await open()).toBe(1)
    const mirror = ledgers.get(b.id)!
    await mirror.decide({ frozen: { size: 1, evidence: 'e'.repeat(32) }, keep: [], row: mirror.standing })
    expect(await open()).toBe(0)
    await mirror.decide({ frozen: null, keep: [], row: mirror.standing })
    expect(await open()).toBe(1)
  })

  test('a copy of what is disputed or voided is no claim of whoever has copied it', async () => {
    const [a, b] = (await authors(2, 104)) as [Author, Author]
    const one = await a.add({ subject_oid: 'x' }, { value: 1 })
    await b.add({ subject_oid: 'x' }, { value: 2 })
    const forked = await a.sign({ ...one.header, id: 'other', subject_oid: 'y', payload_hash: null, payload_size: 0 })
    const node = await openNode()
    const { ledgers } = node
    const { own } = ledgers
    await ledgers.rules.set(subjectRule({ scope: [a.id, b.id, own.id] }))
    for (const author of [a, b]) await more(node, author, 9)
    const { stream, type, id: originalId } = one.header
    const sync = { source: a.id, originalId, originalHash: one.hash }
    await own.appendReserved(
      [{ id: one.hash, stream, type, subject_oid: 'x', payload: { value: 1 }, meta: { sync } }],
      {
        allowUnresolved: true
      }
    )
    const states = async (): Promise<string[]> => {
      await ledgers.conflicts.caughtUp()
      return (await ledgers.conflicts.list(ALL_STATES, { offset: 0, limit: 10 })).found.map(({ row }) => row.state)
    }
    expect(await states()).toEqual(['open'])
    const mirror = ledgers.get(a.id)!
    await mirror.decide({ frozen: { size: 1, evidence: 'e'.repeat(32) }, keep: [], row: mirror.standing })
    expect(await states()).toEqual([])
    await acceptBranch(mirror, [forked])
    await mirror.setAudited(mirror.size)
    expect(await mirror.voidedEntry(one.hash)).not.toBeNull()
    expect(await states()).toEqual([])
    const again = await node.reopen()
    const rule = again.ledgers.rules.active[0]!
    const judged = await again.ledgers.conflicts.judge(rule, conflictId(rule.rule.name, { subject_oid: 'x' }))
    expect(judged?.facts.siblings.map(({ ledger }) => ledger)).toEqual([b.id])
    expect(judged?.facts.withdrawn).toEqual([
      { ledger: own.id, seq: 1, hash: expect.any(String) as string, of: one.hash, kind: 'source-voided' }
    ])
    // Another author says something else: it is a conflict, which says what stood there too.
    const [c] = (await authors(1, 105)) as [Author]
    await again.ledgers.rules.set(subjectRule({ scope: [a.id, b.id, c.id, own.id] }))
    const { hash } = await c.add({ subject_oid: 'x' }, { value: 3 })
    await again.ledgers.own.append({ id: hash, stream: 's', type: 't' })
    await more(again, c, 9)
    await again.ledgers.conflicts.caughtUp()
    const found = await again.ledgers.conflicts.judge(
      again.ledgers.rules.active[0]!,
      conflictId('subjects', { subject_oid: 'x' })
    )
    expect(found?.verdict.kinds).toEqual(['concurrent', 'same-id', 'source-voided', 'id-taken'])
    expect(await countConflicts(again.store)).toContainEqual({ state: 'open', kind: 'id-taken', count: 1 })
  })

  test('a payload that comes, or is erased, is looked at again', async () => {
    const [a, b] = (await authors(2, 101)) as [Author, Author]
    const one = await a.add({ subject_oid: 'x' }, { value: 1 })
    const two = await b.add({ subject_oid: 'x' }, { value: 1 })
    const node = await openNode()
    await node.ledgers.rules.set(subjectRule())
    await more(node, a, 9)
    const mirror = await node.ledgers.mirror(b.id)
    await mirror.ingest(b.entries.map((entry) => ({ ...entry, raw: { ...entry.raw, payload: null } })))
    await mirror.setAudited(2)
    const states = async (): Promise<string[]> => {
      await node.ledgers.conflicts.caughtUp()
      return (await node.ledgers.conflicts.list(ALL_STATES, { offset: 0, limit: 10 })).found.map(({ row }) => row.state)
    }
    /** Of the states and kinds that there are. */
    const counts = async (): Promise<unknown[]> =>
      (await countConflicts(node.store)).flatMap(({ state, kind, count }) =>
        count === 0 ? [] : [[state, kind, count]]
      )
    expect(await states()).toEqual(['open'])
    expect(await counts()).toEqual([['open', 'incomparable', 1]])
    await mirror.putPayload(1, two.raw.payload!)
    expect(await states()).toEqual([])
    expect(await counts()).toEqual([])
    await a.erase([one.hash])
    await more(node, a, 1)
    expect(await states()).toEqual(['decided'])
    expect(await counts()).toEqual([['decided', 'edit-erase', 1]])
  })

  test('a reference to what is not here makes it wait; one that the ledger contradicts does not', async () => {
    const [a, b] = (await authors(2, 102)) as [Author, Author]
    await b.add({ subject_oid: 'x' }, { value: 1 })
    const later = await b.add({ subject_oid: 'x' }, { value: 2 })
    await a.add(
      {
        subject_oid: 'x',
        meta: {
          crossLedgerRefs: [
            { ledgerId: b.id, entryId: later.header.id, entryHash: later.hash, referenceType: 'derived' }
          ]
        }
      },
      { value: 3 }
    )
    const node = await openNode()
    await node.ledgers.rules.set(subjectRule({ scope: [a.id, b.id] }))
    await more(node, a, 9)
    await more(node, b, 2)
    const row = async (): Promise<unknown> => {
      await node.ledgers.conflicts.caughtUp()
      const [found] = (await node.ledgers.conflicts.list(ALL_STATES, { offset: 0, limit: 1 })).found
      return found === undefined
        ? null
        : (await node.ledgers.conflicts.judge(node.ledgers.rules.active[0]!, found.id))!.verdict
    }
    expect(await row()).toMatchObject({ state: 'waiting', waiting: 1 })
    await more(node, b, 9)
    expect(await row()).toBeNull()
    const [c] = (await authors(1, 103)) as [Author]
    await c.add({ subject_oid: 'z' }, { value: 3 })
    await a.add(
      {
        subject_oid: 'z',
        meta: {
          crossLedgerRefs: [{ ledgerId: c.id, entryId: 'entry-1', entryHash: 'f'.repeat(64), referenceType: 'derived' }]
        }
      },
      { value: 4 }
    )
    await node.ledgers.rules.set(subjectRule({ scope: [a.id, c.id] }))
    await more(node, a, 1)
    await more(node, c, 9)
    expect(await row()).toMatchObject({ state: 'open', waiting: 0 })
  })
})

describe('when entries were stored', () => {
  test('is kept for each batch, and goes with the entries', async () => {
    const node = await openNode()
    const author = await Author.create()
    await author.addMany(10)
    await more(node, author, 4)
    node.clock.pass(60_000)
    await more(node, author, 20)
    const mirror = node.ledgers.get(author.id)!
    expect(
      await Promise.all([0, 3, 4, 10].map(async (seq) => await storedAt(node.store, mirror.ledgerNumber, seq)))
    ).toEqual([START_MS, START_MS, START_MS + 60_000, START_MS + 60_000])
    await mirror.rewind(5)
    node.clock.pass(60_000)
    await more(node, author, 20)
    expect(await Promise.all([4, 5].map(async (seq) => await storedAt(node.store, mirror.ledgerNumber, seq)))).toEqual([
      START_MS + 60_000,
      START_MS + 120_000
    ])
  })

  test('of what an older program stored it is the time of the first start', async () => {
    const node = await openNode()
    const author = await Author.create()
    await author.addMany(3)
    await more(node, author, 9)
    const { ledgerNumber } = node.ledgers.get(author.id)!
    await node.store.clear(ledgerRange('storedAt', ledgerNumber))
    node.clock.pass(5000)
    const again = await node.reopen()
    expect(await storedAt(again.store, ledgerNumber, 3)).toBe(START_MS + 5000)
  })
})

describe('fsck', () => {
  test.each<[string, (node: Node) => Promise<void>, string]>([
    [
      'a claim that no entry made',
      async ({ store }) => {
        await store.write(
          [{ type: 'put', key: claimKey('claim', 1, `c${'1'.repeat(32)}`, 1, 1), value: Buffer.alloc(32) }],
          { sync: true }
        )
      },
      'wrong-claims'
    ],
    [
      'claims that are gone',
      async ({ store }) => {
        await store.clear(familyRange('claim'))
      },
      'wrong-claims'
    ],
    [
      'who saw whom, gone',
      async ({ store }) => {
        await store.clear(familyRange('seen'))
      },
      'wrong-claims'
    ],
    [
      'a conflict that is in no list',
      async ({ store }) => {
        await store.clear(familyRange('conflictByState'))
      },
      'wrong-claims'
    ],
    [
      'a conflict that the list calls another kind',
      async ({ store }) => {
        const [key] = await store.keys(familyRange('conflictByState'))
        await store.write([{ type: 'put', key: key!, value: Buffer.of(2) }], { sync: true })
      },
      'wrong-claims'
    ],
    [
      'a conflict that cannot be read',
      async ({ store }) => {
        await store.write([{ type: 'put', key: conflictKey(1, `c${'1'.repeat(32)}`), value: Buffer.from('{}') }], {
          sync: true
        })
      },
      'wrong-claims'
    ],
    [
      'claims of a rule that there is not',
      async ({ store }) => {
        await store.write(
          [{ type: 'put', key: claimKey('claim', 9, `c${'1'.repeat(32)}`, 1, 1), value: Buffer.alloc(32) }],
          { sync: true }
        )
      },
      'wrong-claims'
    ],
    [
      'a rule that cannot be read',
      async ({ store }) => {
        await store.write([{ type: 'put', key: ruleKey(2), value: Buffer.from('{"rule":{}}') }], { sync: true })
      },
      'unreadable-rule'
    ]
  ])('names %s, and --rebuild has the rule look again', async (_, harm, kind) => {
    const all = await authors(2, 200)
    await writeHistory(all, 12, dice(3))
    const node = await openNode()
    await node.ledgers.rules.set(subjectRule({ writers: [all[0]!.id] }))
    for (const author of all) await more(node, author, 99)
    await expectRight(node.ledgers, all, 'before')
    await harm(node)
    await node.close()
    const report = await runFsck(join(node.dir, 'db'), { log, markFile: null, rebuild: true })
    expect(report.found.counts).toMatchObject([{ kind }])
    expect(report).toMatchObject({ clean: true, left: { total: 0 } })
    const again = await openNode({ dir: node.dir })
    await expectRight(again.ledgers, all, 'after')
    await again.close()
    expect((await runFsck(join(node.dir, 'db'), { log, markFile: null, rebuild: false })).clean).toBe(true)
  })
})
