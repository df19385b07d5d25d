import assert from 'node:assert/strict'
import { expect, test } from 'vitest'
import { MAX_IN_FLIGHT, MAX_PER_PEER, MAX_TAKEN_BYTES } from '../../src/query/limits.js'
import { QueryPlan } from '../../src/query/plan.js'
import type { Candidate, Page, PlanEffect, PlanInit, PlannedLedger, SourceReport } from '../../src/query/types.js'

const ROOT = 'ab'.repeat(32)
const OTHER = 'cd'.repeat(32)

function candidate(peer: string, some: Partial<Candidate> = {}): Candidate {
  return { peer, isOwner: false, isConnected: true, trustMilli: 0, latencyMs: 50, success: 1, ...some }
}

function planned(ledger: string, candidates: Candidate[], some: Partial<PlannedLedger> = {}): PlannedLedger {
  return { ledger, local: null, from: 0, to: null, tree: null, remembered: null, candidates, ...some }
}

const page = (some: Partial<Page> = {}): Page => ({
  count: 1,
  bytes: 100,
  all: true,
  byAuthor: false,
  next: null,
  size: 10,
  root: ROOT,
  linked: null,
  frozen: false,
  ...some
})

/** A plan whose effects are looked at one by one. */
class Desk {
  readonly plan: QueryPlan
  now = 0
  effects: PlanEffect[] = []

  constructor(ledgers: PlannedLedger[], some: Partial<PlanInit> = {}) {
    this.plan = new QueryPlan({ ledgers, order: 'asc', limit: 5, everything: false, deadline: 5_000, ...some })
    this.tell({ kind: 'start' })
  }

  tell(event: Parameters<QueryPlan['handle']>[0]): void {
    this.effects.push(...this.plan.handle(event, this.now))
  }

  at(now: number): void {
    this.now = now
    this.tell({ kind: 'tick' })
  }

  of<Kind extends PlanEffect['kind']>(kind: Kind): Extract<PlanEffect, { kind: Kind }>[] {
    return this.effects.filter((one): one is Extract<PlanEffect, { kind: Kind }> => one.kind === kind)
  }

  /** The newest ask. */
  get last() {
    return this.of('ask').at(-1)!
  }

  /** Nobody else has the ledger. */
  over(ledger = 'a'): void {
    this.tell({ kind: 'found', ledger, candidates: [], over: true })
  }

  get sources(): readonly SourceReport[] {
    return this.of('finish')[0]!.sources
  }

  get states(): string[] {
    return this.sources.map(({ state }) => state)
  }
}

test('the owner’s own node is asked first, and its word is enough', () => {
  const desk = new Desk([planned('a', [candidate('p'), candidate('o', { isOwner: true, success: 0 })])])
  expect(desk.last).toMatchObject({ peer: 'o', request: { show: 'either', treeSize: null, known: null, limit: 5 } })
  desk.tell({ kind: 'page', ask: desk.last.ask, page: page() })
  expect(desk.states).toEqual(['proved'])
  expect(desk.of('finish')[0]).toMatchObject({ complete: true })
})

test('what a stranger shows is proved when a second one shows the same tree, and included otherwise', () => {
  const shown = (second: Partial<Page> | null): Desk => {
    const desk = new Desk([planned('a', [candidate('p'), ...(second === null ? [] : [candidate('q')])])])
    desk.over()
    desk.tell({ kind: 'page', ask: desk.last.ask, page: page() })
    if (second !== null) {
      assert.partialDeepStrictEqual(desk.last, {
        peer: 'q',
        request: { from: 0, to: 0, known: { size: 10, root: ROOT } }
      })
      desk.tell({ kind: 'page', ask: desk.last.ask, page: page({ count: 0, all: false, ...second }) })
    }
    return desk
  }
  expect(shown({}).states).toEqual(['proved'])
  expect(shown(null).states).toEqual(['included'])
  expect(shown({ size: 9, root: OTHER }).states).toEqual(['included'])
  expect(shown({ root: OTHER }).states).toEqual(['unlinked'])
  expect(shown({ size: 12, root: OTHER, linked: false }).states).toEqual(['unlinked'])
  const behind = shown({ size: 12, root: OTHER, linked: true })
  expect(behind.of('forget')).toHaveLength(1)
  expect(behind.last).toMatchObject({ peer: 'q', request: { from: 0, to: null, known: { size: 10 } } })
  behind.tell({ kind: 'page', ask: behind.last.ask, page: page({ size: 12, root: OTHER, linked: true }) })
  expect(behind.states).toEqual(['proved'])
  expect(behind.sources[0]).toMatchObject({ as_of: { size: 12, root: OTHER } })
})

test('what does not show everything is included, whoever vouches', () => {
  const desk = new Desk([planned('a', [candidate('o', { isOwner: true })])])
  desk.tell({ kind: 'page', ask: desk.last.ask, page: page({ all: false }) })
  expect(desk.states).toEqual(['included'])
  expect(desk.of('finish')[0]).toMatchObject({ complete: false })
})

test('a tree that is smaller than one seen before is stale; one that does not continue it is unlinked', () => {
  const shown = (some: Partial<Page>): string[] => {
    const remembered = { size: 20, root: ROOT, peers: ['x'], byOwner: false }
    const desk = new Desk([planned('a', [candidate('o', { isOwner: true })], { remembered })])
    expect(desk.last.request.known).toEqual(remembered)
    desk.tell({ kind: 'page', ask: desk.last.ask, page: page(some) })
    return desk.states
  }
  expect(shown({ size: 19 })).toEqual(['stale'])
  expect(shown({ size: 20, linked: true })).toEqual(['proved'])
  expect(shown({ size: 20, root: OTHER, linked: false })).toEqual(['unlinked'])
  expect(shown({ size: 30, linked: false })).toEqual(['unlinked'])
})

test('pages of one tree are asked of one peer until the limit, the end, or for ever of somebody else', () => {
  const desk = new Desk([planned('a', [candidate('o', { isOwner: true }), candidate('p')])])
  desk.tell({ kind: 'page', ask: desk.last.ask, page: page({ count: 2, next: 4 }) })
  expect(desk.last).toMatchObject({ peer: 'o', request: { from: 4, limit: 3, treeSize: 10 } })
  desk.tell({ kind: 'failed', ask: desk.last.ask, outcome: 'unreachable' })
  expect(desk.last).toMatchObject({ peer: 'p', request: { from: 4, treeSize: 10 } })
  desk.tell({ kind: 'page', ask: desk.last.ask, page: page({ count: 3, next: 8 }) })
  expect(desk.sources[0]).toMatchObject({ state: 'proved', entries: 5, next: { seq: 8, vouched: true } })
  expect(desk.of('take')).toHaveLength(2)
})

test('two trees of one size in one answer are no answer', () => {
  const desk = new Desk([planned('a', [candidate('o', { isOwner: true })])])
  desk.tell({ kind: 'page', ask: desk.last.ask, page: page({ next: 4 }) })
  desk.tell({ kind: 'page', ask: desk.last.ask, page: page({ root: OTHER }) })
  expect(desk.states).toEqual(['unlinked'])
  expect(desk.of('take')).toHaveLength(1)
})

test('a slow peer gets company, the first that checks wins, and the other is dropped and named', () => {
  const desk = new Desk([
    planned('a', [candidate('p', { latencyMs: 300, success: 1, trustMilli: 900 }), candidate('o', { latencyMs: 900 })])
  ])
  desk.over()
  const [first] = desk.of('ask')
  expect(first).toMatchObject({ peer: 'p' })
  expect(desk.of('wake').at(-1)).toMatchObject({ at: 600 })
  desk.at(599)
  expect(desk.of('ask')).toHaveLength(1)
  desk.at(600)
  expect(desk.last.peer).toBe('o')
  desk.tell({ kind: 'page', ask: desk.last.ask, page: page({ all: false }) })
  expect(desk.of('drop')).toEqual([{ kind: 'drop', ask: first!.ask }])
  expect(desk.sources[0]!.asked).toEqual([
    { peer: 'o', outcome: 'answered' },
    { peer: 'p', outcome: 'slow' }
  ])
  desk.tell({ kind: 'page', ask: first!.ask, page: page() })
  expect(desk.of('take')).toHaveLength(1)
})

test('a busy peer is asked again after its pause; liars and those that know nothing are not', () => {
  const desk = new Desk([planned('a', [candidate('p'), candidate('q'), candidate('r')])])
  desk.over()
  desk.tell({ kind: 'failed', ask: desk.last.ask, outcome: 'busy', retryMs: 700 })
  desk.tell({ kind: 'failed', ask: desk.last.ask, outcome: 'lied' })
  desk.tell({ kind: 'failed', ask: desk.last.ask, outcome: 'unknown' })
  expect(desk.of('ask').map(({ peer }) => peer)).toEqual(['p', 'q', 'r'])
  expect(desk.of('wake').at(-1)).toMatchObject({ at: 700 })
  desk.at(700)
  expect(desk.last.peer).toBe('p')
  desk.tell({ kind: 'page', ask: desk.last.ask, page: page() })
  expect(desk.states).toEqual(['included'])
  expect(desk.sources[0]!.asked).toEqual([
    { peer: 'p', outcome: 'answered' },
    { peer: 'q', outcome: 'lied' },
    { peer: 'r', outcome: 'unknown' }
  ])
})

test.each([
  ['busy', 'busy'],
  ['lied', 'bad_answer'],
  ['unsigned', 'bad_answer'],
  ['denied', 'denied'],
  ['unknown', 'unknown'],
  ['unreachable', 'no_peers'],
  ['upgrade_needed', 'upgrade_needed']
] as const)('nothing but %s: %s', (outcome, state) => {
  const desk = new Desk([planned('a', [candidate('p')])])
  desk.over()
  desk.tell({ kind: 'failed', ask: desk.last.ask, outcome, retryMs: 60_000 })
  expect(desk.states).toEqual([state])
  expect(desk.of('finish')[0]).toMatchObject({ complete: false })
})

test('nobody has it: said when the search is over, or at the deadline', () => {
  const desk = new Desk([planned('a', []), planned('b', [])])
  desk.over('a')
  expect(desk.of('finish')).toEqual([])
  desk.at(5_000)
  expect(desk.states).toEqual(['no_peers', 'no_peers'])
})

test('at the deadline everything ends: what is asked is dropped, what came stays, each source says which', () => {
  const desk = new Desk([
    planned('a', [candidate('p')]),
    planned('b', [candidate('q')]),
    planned('c', [], { local: 'mirror' })
  ])
  const [a] = desk.of('ask')
  desk.tell({ kind: 'page', ask: a!.ask, page: page({ next: 3 }) })
  desk.at(4_999)
  expect(desk.of('finish')).toEqual([])
  desk.at(5_000)
  expect(desk.states).toEqual(['truncated', 'timeout', 'timeout'])
  expect(desk.of('drop')).toHaveLength(2)
  expect(desk.sources[0]).toMatchObject({ entries: 1, next: { seq: 3 } })
})

test('what is held is read, not asked: own, mirror, behind, frozen', () => {
  const read = (local: 'own' | 'mirror', some: object): SourceReport => {
    const desk = new Desk([planned('a', [candidate('p')], { local })])
    expect(desk.of('ask')).toEqual([])
    desk.tell({
      kind: 'read',
      ledger: 'a',
      page: { count: 2, bytes: 9, next: null, size: 4, root: ROOT, behind: false, frozen: false, ...some }
    })
    return desk.sources[0]!
  }
  expect(read('own', {})).toMatchObject({ state: 'own', as_of: { size: 4, root: ROOT }, next: null, entries: 2 })
  expect(read('mirror', { next: 3 })).toMatchObject({ state: 'mirror', next: { seq: 3, vouched: true } })
  expect(read('mirror', { behind: true }).state).toBe('stale')
  expect(read('own', { frozen: true }).state).toBe('frozen')
})

test('evidence freezes: with entries below it, and with none', () => {
  const desk = new Desk([planned('a', [candidate('p')]), planned('b', [candidate('q')])])
  const [a, b] = desk.of('ask')
  desk.tell({ kind: 'page', ask: a!.ask, page: page({ frozen: true }) })
  desk.tell({ kind: 'frozen', ask: b!.ask })
  expect(desk.states).toEqual(['frozen', 'frozen'])
  expect(desk.sources.map(({ entries }) => entries)).toEqual([1, 0])
})

test('at most 16 requests at once, and 4 at one peer', () => {
  const ledgers = Array.from({ length: 40 }, (_, at) => planned(`l${String(at).padStart(2, '0')}`, [candidate('one')]))
  expect(new Desk(ledgers).of('ask')).toHaveLength(MAX_PER_PEER)
  const many = ledgers.map((one, at) => ({ ...one, candidates: [candidate(`p${at}`)] }))
  const desk = new Desk(many)
  expect(desk.of('ask')).toHaveLength(MAX_IN_FLIGHT)
  desk.tell({ kind: 'failed', ask: desk.of('ask')[0]!.ask, outcome: 'unreachable' })
  expect(desk.of('ask')).toHaveLength(MAX_IN_FLIGHT + 1)
})

test('cancelled: nothing is asked any more, and everything says so', () => {
  const desk = new Desk([planned('a', [candidate('p')])])
  desk.tell({ kind: 'cancel' })
  expect(desk.states).toEqual(['timeout'])
  expect(desk.sources[0]!.asked).toEqual([{ peer: 'p', outcome: 'cancelled' }])
  expect(desk.plan.handle({ kind: 'tick' }, 9)).toEqual([])
})

test('the pages after the first are of the cursor’s tree, and what vouched for it then vouches still', () => {
  const tree = { size: 10, root: ROOT, vouched: true }
  const desk = new Desk([planned('a', [candidate('p')], { from: 4, tree })])
  expect(desk.last.request).toMatchObject({ from: 4, treeSize: 10 })
  desk.tell({ kind: 'page', ask: desk.last.ask, page: page() })
  expect(desk.states).toEqual(['proved'])
})

test('a page of too many bytes ends: what came stays, the others say that there was no room', () => {
  const ledgers = Array.from({ length: 20 }, (_, at) =>
    planned(`l${String(at).padStart(2, '0')}`, [candidate(`p${at}`, { isOwner: true })])
  )
  const desk = new Desk(ledgers)
  for (let at = 0; at < 17; at++) desk.tell({ kind: 'page', ask: at + 1, page: page({ bytes: MAX_TAKEN_BYTES / 16 }) })
  expect(desk.states).toEqual([...Array.from({ length: 17 }, () => 'proved'), 'truncated', 'truncated', 'truncated'])
  expect(desk.of('drop')).toHaveLength(3)
  expect(desk.of('finish')[0]).toMatchObject({ complete: false })
})
