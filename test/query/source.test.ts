/** One ledger of a question, driven by hand: whom it asks, when, and what it makes of what comes. */
import { expect, test } from 'vitest'
import { MAX_PAGES, MAX_TRIES, MIN_HEDGE_MS, MIN_RETRY_MS } from '../../src/query/limits.js'
import { Source } from '../../src/query/source.js'
import type { AskOutcome, Candidate, Page, PlanInit, PlannedLedger } from '../../src/query/types.js'

const [ROOT, OTHER] = ['ab'.repeat(32), 'cd'.repeat(32)] as const
const DEADLINE = 5_000
const always = (): boolean => true

const candidate = (peer: string, some: Partial<Candidate> = {}): Candidate => ({
  peer,
  isOwner: false,
  isConnected: true,
  trustMilli: 0,
  latencyMs: 50,
  success: 1,
  ...some
})

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

function source(candidates: Candidate[], some: Partial<PlannedLedger> = {}, init: Partial<PlanInit> = {}): Source {
  return new Source(
    { ledger: 'a', local: null, from: 0, to: null, tree: null, remembered: null, candidates, ...some },
    { ledgers: [], order: 'asc', limit: 5, everything: false, deadline: DEADLINE, ...init },
    1000
  )
}

let asks = 0
/** Asks whoever is next; gives the number of the ask. */
function ask(one: Source, now = 0): number {
  const { peer, isWitness } = one.next(now, always)!
  one.asked(++asks, peer, isWitness, now)
  return asks
}

/** The state once nobody is left to ask. */
function stateOf(one: Source): string {
  one.found([], true)
  one.settle()
  return one.report().state
}

test('of all that was heard, what the operator can do something about comes first', () => {
  const state = (...outcomes: AskOutcome[]): string => {
    const one = source(outcomes.map((_, i) => candidate(`p${i}`)))
    for (const outcome of outcomes) one.failed(ask(one), outcome, 0)
    return stateOf(one)
  }
  expect(state()).toBe('no_peers')
  expect(state('unreachable')).toBe('no_peers')
  expect(state('unknown', 'unreachable')).toBe('unknown')
  expect(state('denied', 'unknown')).toBe('denied')
  expect(state('upgrade_needed', 'denied')).toBe('upgrade_needed')
  expect(state('lied', 'upgrade_needed', 'denied')).toBe('bad_answer')
  expect(state('unsigned', 'unknown')).toBe('bad_answer')
  expect(state('timeout', 'lied')).toBe('timeout')
})

test('who lied, denied or failed is not asked again, and who is busy after a while', () => {
  for (const outcome of ['lied', 'denied', 'unreachable', 'timeout'] as const) {
    const one = source([candidate('p')])
    one.failed(ask(one), outcome, 0)
    expect(one.next(DEADLINE, always)).toBe(null)
  }
  const busy = source([candidate('p')])
  busy.failed(ask(busy), 'busy', 0, 1)
  expect([busy.next(MIN_RETRY_MS - 1, always), busy.wakeAfter(0)]).toEqual([null, MIN_RETRY_MS])
  busy.settle()
  expect(busy.isOver).toBe(false)
  expect(busy.next(MIN_RETRY_MS, always)).toMatchObject({ peer: 'p' })
  const later = source([candidate('p')])
  later.failed(ask(later), 'busy', 0, DEADLINE)
  later.found([], true)
  later.settle()
  expect(later.report().state, 'it comes after the deadline').toBe('busy')
})

test('eight peers are asked, and not the ninth', () => {
  const one = source(Array.from({ length: 12 }, (_, i) => candidate(`p${i}`)))
  for (let n = 0; n < MAX_TRIES; n++) one.failed(ask(one), 'unknown', 0)
  expect([one.next(0, always), stateOf(one)]).toEqual([null, 'unknown'])
})

test('a second one is asked when the first is slow, a third never, and none whose line is full', () => {
  const one = source([candidate('p', { latencyMs: 500 }), candidate('q'), candidate('r')])
  const first = one.next(0, (peer) => peer === 'p')!
  expect(first.peer).toBe('p')
  one.asked(1, 'p', false, 0)
  expect([one.next(999, always), one.wakeAfter(0)]).toEqual([null, 1_000])
  one.asked(2, one.next(1_000, always)!.peer, false, 1_000)
  expect([one.next(9_000, always), one.asks]).toEqual([null, [1, 2]])
  const quick = source([candidate('p', { latencyMs: 1 }), candidate('q')])
  quick.asked(3, 'p', false, 0)
  expect([quick.next(MIN_HEDGE_MS - 1, always), quick.next(MIN_HEDGE_MS, always)?.peer]).toEqual([null, 'q'])
})

test('the first verified answer wins; who was slower is said, and may be asked for something else', () => {
  const one = source([candidate('p'), candidate('q')])
  const slow = ask(one)
  const quick = ask(one, 1_000)
  one.page(quick, page({ next: 4 }))
  one.drop(slow)
  expect(one.next(1_000, always)).toMatchObject({ request: { from: 4, treeSize: 10 } })
  one.stop('timeout')
  expect(
    one
      .report()
      .asked.map(({ outcome }) => outcome)
      .toSorted()
  ).toEqual(['answered', 'slow'])
})

test('the pages of an answer are of one tree: another one is no answer', () => {
  const one = source([candidate('o', { isOwner: true })])
  expect(one.page(ask(one), page({ next: 4 }))).toBe('take')
  expect(one.page(ask(one), page({ root: OTHER }))).toBe('ignore')
  expect(one.report()).toMatchObject({ state: 'unlinked', as_of: { size: 10, root: ROOT }, entries: 1 })
})

test('of a cursor’s tree, too, and it goes on where that ended, in its order', () => {
  const tree = { size: 10, root: ROOT, vouched: true }
  const asc = source([candidate('p')], { tree, from: 4 })
  expect(asc.request()).toMatchObject({ from: 4, to: null, treeSize: 10, known: tree })
  asc.page(ask(asc), page())
  expect(asc.report()).toMatchObject({ state: 'proved', next: null })
  const desc = source([candidate('p')], { tree, to: 7 }, { order: 'desc' })
  desc.page(ask(desc), page({ next: 3, count: 5 }))
  expect(desc.report()).toMatchObject({ state: 'proved', next: { seq: 3, vouched: true } })
  const other = source([candidate('p')], { tree, from: 4 })
  other.page(ask(other), page({ size: 9 }))
  expect(other.report().state).toBe('unlinked')
})

test('whose word makes it whole: the owner’s, a second one’s, or what was remembered from somebody else', () => {
  const state = (isOwner: boolean, remembered: PlannedLedger['remembered'], some: Partial<Page> = {}): string => {
    const one = source([candidate('p', { isOwner })], { remembered })
    one.page(ask(one), page({ linked: remembered === null ? null : true, ...some }))
    return stateOf(one)
  }
  const seen = (peers: string[], byOwner = false, size = 10): PlannedLedger['remembered'] => ({
    size,
    root: ROOT,
    peers,
    byOwner
  })
  expect(state(true, null)).toBe('proved')
  expect(state(false, null)).toBe('included')
  expect(state(false, seen(['p'])), 'its own word twice').toBe('included')
  expect(state(false, seen(['q']))).toBe('proved')
  expect(state(false, seen([], true))).toBe('proved')
  expect(state(true, seen(['q'], false, 20))).toBe('stale')
  expect(state(true, seen(['q']), { linked: false })).toBe('unlinked')
  expect(state(true, null, { all: false })).toBe('included')
  expect(state(true, null, { frozen: true })).toBe('frozen')
})

test('a witness is asked for nothing but how the trees go together, and the first one is asked anew from a larger tree once', () => {
  const one = source([candidate('p'), candidate('q'), candidate('r')])
  one.page(ask(one), page())
  const witness = one.next(0, always)!
  expect(witness).toMatchObject({ isWitness: true, request: { from: 0, to: 0, limit: 1, treeSize: null } })
  expect(one.page(ask(one), page({ size: 12, root: OTHER, linked: true, count: 0 }))).toBe('again')
  expect(one.report()).toMatchObject({ entries: 0, as_of: null })
  expect(one.next(0, always)).toMatchObject({ peer: 'q', request: { from: 0, known: { size: 10, root: ROOT } } })
  expect(one.page(ask(one), page({ size: 12, root: OTHER, linked: true }))).toBe('take')
  expect(one.report()).toMatchObject({ state: 'proved', as_of: { size: 12 } })
})

test('a smaller tree vouches for nothing: the next one may', () => {
  const one = source([candidate('p'), candidate('q'), candidate('r')])
  one.page(ask(one), page())
  expect(one.page(ask(one), page({ size: 3, root: OTHER, count: 0 }))).toBe('ignore')
  expect(one.isOver).toBe(false)
  one.page(ask(one), page({ count: 0 }))
  expect(one.report().state).toBe('proved')
})

test('a page without end is one of sixty-four', () => {
  const one = source([candidate('o', { isOwner: true })], {}, { limit: 512, everything: true })
  for (let n = 1; n <= MAX_PAGES; n++) {
    expect(one.isOver).toBe(false)
    expect(one.request().show).toBe('all')
    one.page(ask(one), page({ count: 0, next: n, size: 1_000 }))
  }
  expect(one.report()).toMatchObject({ state: 'proved', next: { seq: MAX_PAGES } })
})

test('what did not come in time is said: what was shown stays, with where it goes on', () => {
  const none = source([candidate('p')])
  none.asked(1, 'p', false, 0)
  none.stop('timeout')
  expect(none.report()).toMatchObject({ state: 'timeout', as_of: null, asked: [{ peer: 'p', outcome: 'timeout' }] })
  const some = source([candidate('o', { isOwner: true })])
  some.page(ask(some), page({ next: 4 }))
  some.stop('timeout')
  expect(some.report()).toMatchObject({ state: 'truncated', entries: 1, next: { seq: 4, vouched: true } })
  const full = source([candidate('p')])
  full.stop('full')
  expect(full.report().state).toBe('truncated')
  full.stop('timeout')
  expect([full.report().state, full.next(0, always)]).toEqual(['truncated', null])
})

test('evidence alone freezes it, whatever was shown before', () => {
  const one = source([candidate('p'), candidate('q')])
  one.page(ask(one), page())
  one.frozenBy(ask(one))
  expect(one.report()).toMatchObject({ state: 'frozen', entries: 1 })
})

test('what is held is read and nobody asked, and it says when it is behind or frozen', () => {
  const read = (some: object): unknown => {
    const one = source([], { local: 'mirror' })
    expect(one.next(0, always)).toBe(null)
    one.read({ count: 2, bytes: 1, next: null, size: 10, root: ROOT, behind: false, frozen: false, ...some })
    return one.report()
  }
  expect(read({})).toMatchObject({ state: 'mirror', as_of: { size: 10, root: ROOT }, entries: 2, next: null })
  expect(read({ behind: true, next: 5 })).toMatchObject({ state: 'stale', next: { seq: 5, vouched: true } })
  expect(read({ behind: true, frozen: true })).toMatchObject({ state: 'frozen' })
  expect(read({ root: null })).toMatchObject({ as_of: null })
})
