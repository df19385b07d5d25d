/** Real nodes: one that follows nothing asks, others answer. */
import { afterEach, expect, test } from 'vitest'
import { verifyAnswer } from '../../../src/core/verify-answer.js'
import type { CrossResult } from '../../../src/node/query/query-hook.js'
import { NETWORK } from '../../core/author.js'
import { signed, startNode, type TestNode } from '../../helpers/test-node.js'
import { stopAll } from '../../network/fixture.js'

afterEach(stopAll)

async function author(name: string, subjects: string[]): Promise<TestNode> {
  const node = await startNode({ name })
  await node.ledger.appendBatch(
    subjects.map((subject, at) => ({
      stream: 'main',
      type: 'note',
      subject_oid: subject,
      timestamp: 1_000_000 + at,
      payload: { name, at }
    }))
  )
  await signed(node)
  return node
}

/** A knows B and C, follows nobody, and trusts them so much. */
async function three(levels = [800, 900]): Promise<{ a: TestNode; b: TestNode; c: TestNode }> {
  const b = await author('b', ['oid:x', 'oid:y', 'oid:x'])
  const c = await author('c', ['oid:y', 'oid:x'])
  const a = await author('a', ['oid:x'])
  for (const node of [b, c]) await a.connect(node.addr)
  for (const [at, node] of [b, c].entries())
    await a.ledger.plugins.interoperability.trust.attest({
      ledger: node.id,
      levelMilli: levels[at]!,
      kind: 'query-only'
    } as never)
  return { a, b, c }
}

const across = (node: TestNode) => node.ledger.plugins.interoperability

test('a node that follows nothing asks all that it trusts: every entry that matches, and nothing is left out', async () => {
  const { a, b, c } = await three()
  const answer = await across(a).query({ filters: { subject_oid: 'oid:x' }, minTrustMilli: 700, file: true })
  expect(answer).toMatchObject({ complete: true, nextCursor: null, selection: { by: 'known', left: 0 } })
  expect(answer.sources.map(({ ledger, state, entries }) => `${ledger} ${state} ${entries}`).toSorted()).toEqual(
    [`${a.id} own 1`, `${b.id} proved 2`, `${c.id} proved 1`].toSorted()
  )
  expect(answer.aggregated.map(({ payload, checked }) => [payload, checked])).toHaveLength(4)
  expect(answer.aggregated.every(({ checked, payload_state: state }) => checked && state === 'present')).toBe(true)
  expect(a.ledger.parts.ledgers.list()).toHaveLength(1)
  const verified = await verifyAnswer(JSON.stringify(answer.file))
  expect(verified).toMatchObject({ proved: true, complete: true })
  expect(verified.entries.map(({ hash }) => hash).toSorted()).toEqual(
    answer.aggregated.map(({ hash }) => hash).toSorted()
  )
  expect([a, b, c].flatMap((node) => node.errors())).toEqual([])
})

test('trust chooses which ledgers are asked; a list names them', async () => {
  const { a, b, c } = await three([300, 900])
  const trusted = await across(a).query({ minTrustMilli: 700 })
  expect(trusted.sources.map(({ ledger }) => ledger)).toEqual([a.id, c.id].toSorted())
  const named = await across(a).query({ ledgers: [b.id] })
  expect(named.sources).toMatchObject([{ ledger: b.id, state: 'proved', name: 'b' }])
  const held = await across(a).query({ ledgers: 'held' })
  expect(held.sources).toMatchObject([{ ledger: a.id, state: 'own' }])
})

test('page after page in either order, each ledger from where it ended, of the same trees', async () => {
  const { a, b, c } = await three()
  for (const order of ['asc', 'desc'] as const) {
    const seen: string[] = []
    let cursor: string | undefined
    let pages = 0
    const trees = new Map<string, number>()
    do {
      const page = await across(a).query({ filters: { type: 'note' }, order, limit: 1, cursor })
      expect(page.complete).toBe(true)
      for (const { ledger, asOf } of page.sources) {
        trees.set(ledger, trees.get(ledger) ?? asOf!.size)
        expect(asOf!.size).toBe(trees.get(ledger))
      }
      seen.push(...page.aggregated.map(({ hash }) => hash))
      if (++pages === 1)
        for (const node of [a, b, c]) await node.ledger.append({ stream: 'main', type: 'note', payload: 'later' })
      cursor = page.nextCursor ?? undefined
    } while (cursor !== undefined)
    expect(new Set(seen).size).toBe(seen.length)
    expect(seen.length).toBeGreaterThanOrEqual(6)
  }
  await expect(across(a).query({ cursor: 'AAAA' })).rejects.toMatchObject({ code: 'CURSOR_INVALID' })
  const { nextCursor } = await across(a).query({ limit: 1 })
  await expect(across(a).query({ cursor: nextCursor!, order: 'desc' })).rejects.toMatchObject({
    code: 'CURSOR_INVALID'
  })
})

test('counting, needing, and what cannot be asked', async () => {
  const { a, b, c } = await three()
  expect(await across(a).count({ filters: { subject_oid: 'oid:x' } })).toMatchObject({ total: 4, complete: true })
  await c.close()
  await expect.poll(async () => (await across(a).peers()).length).toBe(1)
  const answer = await across(a).query({ deadlineMs: 1_500 })
  expect(answer.complete).toBe(false)
  expect(answer.sources.find(({ ledger }) => ledger === c.id)).toMatchObject({ state: 'no_peers', asOf: null })
  expect(answer.sources.find(({ ledger }) => ledger === b.id)).toMatchObject({ state: 'proved' })
  await expect(across(a).query({ need: 'complete', deadlineMs: 1_500 })).rejects.toMatchObject({ code: 'INCOMPLETE' })
  for (const wrong of [
    { bogus: 1 },
    { filters: { bogus: 1 } },
    { filters: { stream: '' } },
    { filters: { refers_to: { ledger: 'x' } } },
    { ledgers: [] },
    { ledgers: ['x'] },
    { ledgers: 'all' },
    { limit: 0 },
    { limit: 513 },
    { minTrustMilli: 1001 },
    { order: 'up' },
    { deadlineMs: 0 },
    { deadlineMs: 60_001 },
    { need: 'much' },
    { file: 'x' }
  ])
    await expect(across(a).query(wrong as never)).rejects.toMatchObject({ code: 'INVALID_PARAMS' })
})

test('a second node vouches: of a mirror alone what it shows is included, of two proved', async () => {
  const { a, b, c } = await three()
  await c.connect(b.addr)
  await c.sync.follow(b.id)
  await c.synced(b.id, b.ledger.parts.ledgers.own.size)
  const own = b.ledger.parts.ledgers.own
  await c.mirror(b.id).putCheckpoint(own.checkpoint()!)
  await b.close()
  await expect.poll(async () => (await across(a).peers()).length).toBe(1)
  const answer = await across(a).query({ ledgers: [b.id], filters: { subject_oid: 'oid:x' } })
  expect(answer.sources).toMatchObject([
    { state: 'included', entries: 2, asked: [{ peer: c.peerId, outcome: 'answered' }] }
  ])
  expect(answer.complete).toBe(false)
})

test('ledger.query takes _crossLedger where it is switched on, and refuses it elsewhere', async () => {
  const { a, b } = await three()
  for (const filter of [{ _crossLedger: true }, { _ledgers: [b.id] }, { _crossLedger: false }])
    await expect(a.ledger.query(filter as never)).rejects.toMatchObject({ code: 'INVALID_PARAMS' })
  const on = await startNode({
    network: NETWORK,
    interoperability: { enableCrossLedgerQuery: true, trust: { minTrustLevel: 0.5 } }
  })
  await on.connect(b.addr)
  const ask = async (filter: object): Promise<CrossResult> => (await on.ledger.query(filter as never)) as CrossResult
  expect(await ask({ _crossLedger: true, _ledgers: [b.id, on.id], subject_oid: 'oid:x' })).toMatchObject({
    entries: [],
    sources: [{ ledger: on.id, state: 'own' }]
  })
  await across(on).trust.attest({ ledger: b.id, levelMilli: 600 })
  const answer = await ask({ _crossLedger: true, _ledgers: [b.id], subject_oid: 'oid:x', limit: 1000 })
  expect(answer.complete).toBe(true)
  expect(answer.entries.map(({ ledger }) => ledger)).toEqual([b.id, b.id])
  expect((await ask({ _crossLedger: false, type: 'note' })).entries).toEqual([])
  for (const wrong of [{ _ledgers: [b.id] }, { _crossLedger: 'yes' }, { _crossLedger: true, bogus: 1 }])
    await expect(ask(wrong)).rejects.toMatchObject({ code: 'INVALID_PARAMS' })
})
