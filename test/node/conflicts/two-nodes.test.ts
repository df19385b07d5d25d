import { expect, test, vi } from 'vitest'
import type { ConflictView, RuleInput } from '../../../src/node/api/conflicts.js'
import type { NetworkEvent } from '../../../src/node/api/events.js'
import { startNode, type TestNode } from '../../helpers/test-node.js'

const KEY = { subject_oid: 'person-7' }

async function pair(): Promise<[TestNode, TestNode]> {
  const [a, b] = [await startNode(), await startNode()]
  await b.connect(a.addr)
  await a.sync.follow(b.id)
  await b.sync.follow(a.id)
  await a.synced(b.id, 1)
  await b.synced(a.id, 1)
  return [a, b]
}

function rule(a: TestNode, b: TestNode, more: Partial<RuleInput> = {}): RuleInput {
  return { name: 'addresses', match: { streams: ['people'] }, key: ['subject_oid'], scope: [a.id, b.id], ...more }
}

async function say(node: TestNode, street: string, options = {}): Promise<string> {
  return (await node.ledger.append({ stream: 'people', type: 'moved', ...KEY, payload: { street } }, options)).entry
    .hash
}

/** Until the node sees so many entries side by side, in this state. */
async function sees(node: TestNode, state: string, siblings: number): Promise<ConflictView> {
  return await vi.waitFor(
    async () => {
      const view = await node.sync.entryConflicts.view({ rule: 'addresses', key: KEY })
      expect({ complete: view.complete, state: view.state, siblings: view.count }).toEqual({
        complete: true,
        state,
        siblings
      })
      return view
    },
    { timeout: 20_000, interval: 20 }
  )
}

test('two nodes with equal rules see the same; who has seen them all takes their place, and a stale writer hears of it', async () => {
  const [a, b] = await pair()
  const events: NetworkEvent[] = []
  a.ledger.plugins.interoperability.subscribe(['conflict'], (event) => {
    events.push(event)
  })
  await a.sync.entryConflicts.setRule(rule(a, b))
  await b.sync.entryConflicts.setRule(rule(a, b))
  const [one, two] = [await say(a, 'Elm 1'), await say(b, 'Oak 2')]
  const [atA, atB] = [await sees(a, 'open', 2), await sees(b, 'open', 2)]
  expect(atA.siblings.map(({ entry }) => entry.hash)).toEqual([one, two].sort())
  expect(atB.siblings.map(({ entry }) => entry.hash)).toEqual([one, two].sort())
  expect(atA.conflict).toBe(atB.conflict)
  expect((await a.sync.entryConflicts.list()).conflicts).toMatchObject([
    { conflict: atA.conflict, key: KEY, state: 'open', siblings: 2 }
  ])
  await vi.waitFor(() => {
    expect(events).toMatchObject([
      { kind: 'conflict', conflict: atA.conflict, rule: 'addresses', state: 'open', siblings: 2 }
    ])
  })

  const { entries } = await a.ledger.query({ withConflicts: true, stream: 'people' }, '*')
  expect(entries.map(({ hash, conflicts }) => [hash, conflicts])).toEqual(
    (a.id < b.id ? [one, two] : [two, one]).map((hash) => [hash, [atA.conflict]])
  )
  expect((await a.ledger.query({ withConflicts: true, type: 'ledger.genesis' })).entries[0]).toMatchObject({
    conflicts: []
  })
  expect((await a.ledger.query({ stream: 'people' })).entries[0]).not.toHaveProperty('conflicts')
  expect(await a.sync.pullEntries(b.id, { timeoutMs: 5_000 })).toMatchObject({ rejected: [] })

  const stale = { expect: { rule: 'addresses', siblings: [one] } }
  await expect(say(a, 'Ash 3', stale)).rejects.toMatchObject({
    code: 'STALE',
    details: { siblings: [one, two].sort() }
  })
  const third = await say(a, 'Ash 3', { expect: { rule: 'addresses', siblings: [one, two] } })
  for (const node of [a, b]) expect(await sees(node, 'single', 1)).toMatchObject({ current: third })
  expect((await b.sync.entryConflicts.list()).conflicts).toEqual([])
  expect((await a.ledger.verifyChain()).valid).toBe(true)
})

test('a decision by a resolver holds where his word counts, until something is said that he had not seen', async () => {
  const [a, b] = await pair()
  // nobody may silence: every claim stays, and decisions are resolutions
  await a.sync.entryConflicts.setRule(rule(a, b, { scope: 'held' }))
  await b.sync.entryConflicts.setRule(rule(a, b, { scope: 'held', resolvers: [a.id] }))
  await say(a, 'Elm 1')
  const two = await say(b, 'Oak 2')
  const { conflict, siblings } = await sees(a, 'open', 2)
  await sees(b, 'open', 2)
  const expected = siblings.map(({ entry }) => entry.hash)
  await expect(a.sync.entryConflicts.resolve(conflict, { choose: two }, { expect: [two] })).rejects.toMatchObject({
    code: 'STALE'
  })
  await expect(b.sync.entryConflicts.resolve(conflict, { choose: two })).rejects.toMatchObject({
    code: 'INVALID_PARAMS'
  })
  const { view, appended } = await a.sync.entryConflicts.resolve(
    conflict,
    { choose: two },
    { expect: expected, note: 'by phone' }
  )
  expect(view).toMatchObject({ state: 'resolved', current: two, by: a.id, note: 'by phone', reason: 'RESOLUTION' })
  expect(appended).toMatchObject([{ entry: { type: 'ledger.resolution', payload: null } }])
  expect(await sees(b, 'resolved', 2)).toMatchObject({ current: two, by: a.id })
  expect((await a.sync.entryConflicts.list()).conflicts).toEqual([])
  expect((await a.sync.entryConflicts.list({ all: true })).conflicts).toMatchObject([{ state: 'resolved' }])

  const three = await say(b, 'Fir 4')
  expect(await sees(a, 'reopened', 2)).toMatchObject({ current: null, unseen: [three], reason: 'NOT_SEEN' })
  expect((await a.sync.entryConflicts.resolve(conflict.slice(0, 33), { none: true })).view).toMatchObject({
    state: 'resolved',
    current: null
  })
  await sees(b, 'resolved', 2)
  // an own claim that has seen the others is a resolution by own, not a smaller set
  expect((await a.sync.entryConflicts.resolve(conflict, { merged: { street: 'Fir 4' } })).view).toMatchObject({
    state: 'agreed'
  })
  expect((await a.sync.entryConflicts.resolve(conflict, { merged: { street: 'Yew 5' } })).view).toMatchObject({
    state: 'resolved',
    reason: 'OWN_CLAIM',
    count: 2
  })
  for (const node of [a, b]) expect((await node.ledger.verifyChain({}, a.id)).valid).toBe(true)
  await expect(a.sync.entryConflicts.view({ conflict: `c${'0'.repeat(32)}` })).rejects.toMatchObject({
    code: 'NO_CONFLICT'
  })
  await expect(a.sync.entryConflicts.view({ conflict: conflict.slice(0, 8) })).resolves.toMatchObject({ conflict })
})

test('writers merge by themselves: by field, or by a handler that the program gives; one that fails leaves it to a person', async () => {
  const [a, b] = await pair()
  const fields = { fields: { '/tags': 'union', '*': 'changed' } } as const
  await a.sync.entryConflicts.setRule(rule(a, b, { strategy: 'merge', merge: fields }))
  await b.sync.entryConflicts.setRule(rule(a, b, { strategy: 'merge', merge: fields }))
  const tagged = async (node: TestNode, tags: string[]): Promise<void> => {
    await node.ledger.append({ stream: 'people', type: 'moved', ...KEY, payload: { tags, street: 'Elm 1' } })
  }
  await Promise.all([tagged(a, ['x']), tagged(b, ['y'])])
  for (const node of [a, b]) {
    await vi.waitFor(
      async () => {
        expect((await sees(node, 'single', 1)).siblings[0]!.entry.payload).toEqual({
          street: 'Elm 1',
          tags: ['x', 'y']
        })
      },
      { timeout: 20_000, interval: 20 }
    )
  }
  await a.sync.entryConflicts.setRule(rule(a, b), {
    strategy: 'merge',
    mergeHandler: () => {
      throw new Error('no idea')
    }
  })
  await b.sync.entryConflicts.setRule(rule(a, b))
  await Promise.all([say(a, 'Oak 2'), say(b, 'Fir 3')])
  await sees(b, 'open', 2)
  // the other one is the first in half of all cases; whoever asks hears at once
  await sees(a, 'open', 2)
  const { conflict } = await a.sync.entryConflicts.view({ rule: 'addresses', key: KEY })
  await expect(a.sync.entryConflicts.resolve(conflict, { merge: true })).rejects.toMatchObject({
    code: 'MERGE_FAILED',
    message: expect.stringContaining('no idea') as string
  })
  await a.sync.entryConflicts.setRule(rule(a, b), {
    strategy: 'merge',
    mergeHandler: (siblings, base) => ({
      street: siblings
        .map(({ payload }) => (payload as { street: string }).street)
        .sort()
        .join(' or '),
      base: base?.payload ?? null
    })
  })
  // it is merged by itself, when nobody asks for it before
  const view = await vi.waitFor(
    async () => {
      await a.sync.entryConflicts.resolve(conflict, { merge: true }).catch(() => null)
      const now = await a.sync.entryConflicts.view({ conflict })
      expect(now).toMatchObject({ complete: true, state: 'single' })
      return now
    },
    { timeout: 20_000, interval: 50 }
  )
  expect(view.siblings[0]!.entry.payload).toMatchObject({ street: 'Fir 3 or Oak 2', base: { street: 'Elm 1' } })
}, 60_000)
