/**
 * One ledger of a question: which peer is asked next, and what came of it. It starts requests only when it is told that
 * there is room for one.
 */
import type { Hash } from '../core/hash.js'
import { bestFirst, UNKNOWN_LATENCY_MS } from './choose.js'
import { MAX_PAGES, MAX_TRIES, MIN_HEDGE_MS, MIN_RETRY_MS } from './limits.js'
import type {
  Candidate,
  LocalPage,
  AskOutcome,
  Page,
  PageRequest,
  PlannedLedger,
  PlanInit,
  SourceReport,
  SourceState
} from './types.js'

/** What came of an answer: the page counts, it does not, or everything before it does not either. */
export type Taken = 'take' | 'ignore' | 'again'

/** Nothing that matches is missing between the page's two ends. */
export const WHOLE: ReadonlySet<SourceState> = new Set(['own', 'mirror', 'proved'])

interface Tree {
  size: number
  root: Hash
}

interface Asking {
  peer: string
  /** Asked only how its tree goes together with the one that was shown. */
  isWitness: boolean
}

export class Source {
  readonly plan: PlannedLedger
  readonly #init: PlanInit
  readonly #maxBytes: number
  readonly #candidates: Candidate[]
  readonly #asking = new Map<number, Asking>()
  readonly #outcomes = new Map<string, AskOutcome>()
  /** Busy peers, and when they may be asked again. */
  readonly #later = new Map<string, number>()
  readonly #slow = new Set<string>()
  /** What is still to be shown. */
  #span: { from: number; to: number | null }
  #isDone = false
  #tree: Tree | null
  /** What the first page must continue. */
  #known: Tree | null
  #found = 0
  #pages = 0
  #whole = true
  #byAuthor = false
  #linked = true
  #frozen = false
  /** The tree is vouched for by the owner, or by two. */
  #vouched = false
  #showedBy: string | null = null
  #restarted = false
  #isAtEnd = false
  /** Nobody else will be found. */
  #lookedAll = false
  #hedgeAt = Infinity
  #wasStopped = false
  /** The page had no room left. */
  #wasFull = false
  /** A larger tree of the same history is known. */
  #behind = false
  #state: SourceState | null = null

  constructor(plan: PlannedLedger, init: PlanInit, maxBytes: number) {
    this.plan = plan
    this.#init = init
    this.#maxBytes = maxBytes
    this.#candidates = plan.candidates.toSorted(bestFirst)
    this.#span = { from: plan.from, to: plan.to }
    this.#tree = plan.tree
    this.#vouched = plan.tree?.vouched === true
    this.#known = plan.remembered
  }

  get isOver(): boolean {
    return this.#state !== null
  }

  /**
   * When something is to be looked at again; Infinity: when something comes. What is due already waits for room, or for
   * somebody to ask: an answer leads back to it.
   */
  wakeAfter(now: number): number {
    return this.isOver ? Infinity : Math.min(...[this.#hedgeAt, ...this.#later.values()].filter((at) => at > now))
  }

  get asks(): number[] {
    return [...this.#asking.keys()]
  }

  isAsking(ask: number): boolean {
    return this.#asking.has(ask)
  }

  peerOf(ask: number): string | undefined {
    return this.#asking.get(ask)?.peer
  }

  request(): PageRequest {
    const { everything, limit } = this.#init
    return {
      ...this.#span,
      limit: limit - this.#found,
      maxBytes: this.#maxBytes,
      show: everything ? 'all' : 'either',
      treeSize: this.#tree?.size ?? null,
      known: this.#tree ?? this.#known
    }
  }

  /** What goes together with the tree that was shown: no entries, only what they would stand on. */
  #witnessRequest(): PageRequest {
    return { ...this.request(), from: 0, to: 0, limit: 1, show: 'matches', treeSize: null }
  }

  /** The peer to ask now; null: none, or not yet. `hasRoom`: may this peer be asked one more thing? */
  next(
    now: number,
    hasRoom: (peer: string) => boolean
  ): { peer: string; request: PageRequest; isWitness: boolean } | null {
    if (this.isOver || this.plan.local !== null) return null
    const isHedge = this.#asking.size > 0
    if (isHedge && (this.#asking.size > 1 || now < this.#hedgeAt)) return null
    const isWitness = this.#isAtEnd
    const wait = (peer: string): number => this.#later.get(peer) ?? 0
    const found = this.#candidates.find(
      ({ peer }) =>
        !this.#isAsked(peer) &&
        (!this.#outcomes.has(peer) || this.#later.has(peer)) &&
        wait(peer) <= now &&
        hasRoom(peer)
    )
    const again = this.#showedBy
    // The one that showed the first page is asked for the next one, too: it has the tree.
    if (!isWitness && !isHedge && again !== null && this.#outcomes.get(again) === 'answered' && hasRoom(again))
      return { peer: again, request: this.request(), isWitness }
    if (found === undefined || this.#outcomes.size >= MAX_TRIES + this.#later.size) return null
    return { peer: found.peer, request: isWitness ? this.#witnessRequest() : this.request(), isWitness }
  }

  asked(ask: number, peer: string, isWitness: boolean, now: number): void {
    this.#later.delete(peer)
    this.#asking.set(ask, { peer, isWitness })
    const { latencyMs } = this.#candidates.find((one) => one.peer === peer) ?? { latencyMs: UNKNOWN_LATENCY_MS }
    this.#hedgeAt = this.#asking.size > 1 ? Infinity : now + Math.max(MIN_HEDGE_MS, 2 * latencyMs)
  }

  #isAsked(peer: string): boolean {
    return [...this.#asking.values()].some((one) => one.peer === peer)
  }

  found(candidates: readonly Candidate[], over: boolean): void {
    for (const one of candidates)
      if (!this.#candidates.some(({ peer }) => peer === one.peer)) this.#candidates.push(one)
    this.#candidates.sort(bestFirst)
    if (over) this.#lookedAll = true
  }

  read({ count, next, size, root, behind, frozen }: LocalPage): void {
    this.#found = count
    this.#tree = root === null ? null : { size, root }
    this.#move(next)
    this.#state = frozen ? 'frozen' : behind ? 'stale' : this.plan.local
  }

  /** A page that checks. Asks that are not wanted any more are dropped by whoever calls. */
  page(ask: number, page: Page): Taken {
    const { peer, isWitness } = this.#asking.get(ask)!
    this.#asking.delete(ask)
    this.#hedgeAt = Infinity
    this.#outcomes.set(peer, 'answered')
    if (page.frozen) this.#frozen = true
    return isWitness ? this.#witnessed(peer, page) : this.#take(peer, page)
  }

  #take(peer: string, page: Page): Taken {
    const { remembered } = this.plan
    if (page.linked === false) this.#linked = false
    if (this.#tree === null) {
      this.#showedBy = peer
      const isSecond = this.#restarted || remembered?.byOwner === true || remembered?.peers.some((one) => one !== peer)
      this.#vouched = this.#isOwner(peer) || (page.linked === true && isSecond === true)
    } else if (this.#tree.size !== page.size || this.#tree.root !== page.root) {
      // Pages of two trees are no answer.
      this.#linked = false
      this.#end()
      return 'ignore'
    }
    this.#tree = { size: page.size, root: page.root }
    this.#showedBy = peer
    this.#found += page.count
    this.#pages++
    this.#whole &&= page.all
    this.#byAuthor ||= page.byAuthor
    this.#move(page.next)
    this.#isAtEnd = page.next === null || this.#found >= this.#init.limit || this.#pages >= MAX_PAGES
    if (this.#isAtEnd && !this.#needsWitness()) this.#end()
    return 'take'
  }

  /** A second source of the tree: the same, a continuation, or another history. */
  #witnessed(peer: string, page: Page): Taken {
    const tree = this.#tree!
    if (page.size === tree.size ? page.root !== tree.root : page.linked === false) this.#linked = false
    else if (page.size === tree.size) this.#vouched = true
    else if (page.size > tree.size && page.linked === true) {
      // The first one was behind: what is new is asked of whoever has it, once.
      if (!this.#restarted && this.plan.tree === null) return this.#again(peer)
      this.#behind = true
    }
    // A smaller tree vouches for nothing: the next one may.
    if (!this.#linked || !this.#needsWitness()) this.#end()
    return 'ignore'
  }

  #again(peer: string): Taken {
    this.#restarted = true
    this.#span = { from: this.plan.from, to: this.plan.to }
    this.#known = this.#tree
    this.#tree = null
    this.#found = 0
    this.#pages = 0
    this.#whole = true
    this.#byAuthor = false
    this.#isAtEnd = false
    this.#isDone = false
    this.#showedBy = peer
    return 'again'
  }

  #needsWitness(): boolean {
    return this.#whole && !this.#vouched && !this.#behind && !this.#frozen && this.#linked
  }

  /** There is evidence, and no checkpoint below it. */
  frozenBy(ask: number): void {
    const { peer } = this.#asking.get(ask)!
    this.#asking.delete(ask)
    this.#outcomes.set(peer, 'answered')
    this.#frozen = true
    this.#end()
  }

  failed(ask: number, outcome: AskOutcome, now: number, retryMs = 0): void {
    const { peer } = this.#asking.get(ask)!
    this.#asking.delete(ask)
    this.#hedgeAt = Infinity
    this.#outcomes.set(peer, outcome)
    if (outcome === 'busy') this.#later.set(peer, now + Math.max(retryMs, MIN_RETRY_MS))
  }

  /** Another one was quicker: it may still be asked for something else. */
  drop(ask: number): void {
    this.#slow.add(this.#asking.get(ask)!.peer)
    this.#asking.delete(ask)
  }

  /** To be called when `next` found nobody: is that so for good? */
  settle(): void {
    if (this.isOver || this.plan.local !== null || this.#asking.size > 0) return
    // For a second word on what was shown nobody waits who may not even be there.
    const mayCome =
      !this.#isAtEnd && (!this.#lookedAll || [...this.#later.values()].some((at) => at < this.#init.deadline))
    const isLeft = this.#outcomes.size < MAX_TRIES && this.#candidates.some(({ peer }) => !this.#outcomes.has(peer))
    if (!mayCome && !isLeft) this.#end()
  }

  /** The time is over, or the page is full; what was asked is not waited for. */
  stop(reason: 'timeout' | 'cancelled' | 'full'): void {
    if (this.isOver) return
    const outcome = reason === 'full' ? 'cancelled' : reason
    for (const { peer } of this.#asking.values()) this.#outcomes.set(peer, outcome)
    this.#wasFull = reason === 'full'
    this.#asking.clear()
    this.#wasStopped = true
    this.#end()
  }

  #isOwner(peer: string): boolean {
    return this.#candidates.some((one) => one.peer === peer && one.isOwner)
  }

  #move(next: number | null): void {
    this.#isDone = next === null
    if (next === null) return
    if (this.#init.order === 'asc') this.#span = { ...this.#span, from: next }
    else this.#span = { ...this.#span, to: next }
  }

  #end(): void {
    this.#hedgeAt = Infinity
    this.#state = this.#judge()
  }

  #judge(): SourceState {
    if (!this.#linked) return 'unlinked'
    if (this.#frozen) return 'frozen'
    if (this.#pages === 0) return this.#wasFull ? 'truncated' : this.#unanswered()
    const { remembered } = this.plan
    if (this.#behind || (remembered !== null && remembered.size > this.#tree!.size)) return 'stale'
    if (!this.#isAtEnd) return 'truncated'
    return this.#whole && this.#vouched ? 'proved' : 'included'
  }

  /** Of all that was heard, what the operator can do something about comes first. */
  #unanswered(): SourceState {
    const outcomes = new Set(this.#outcomes.values())
    const isUnasked = this.plan.local !== null || this.#candidates.some(({ peer }) => !this.#outcomes.has(peer))
    if (outcomes.has('timeout') || outcomes.has('cancelled') || (this.#wasStopped && isUnasked)) return 'timeout'
    if (outcomes.has('busy')) return 'busy'
    if (outcomes.has('lied') || outcomes.has('unsigned')) return 'bad_answer'
    if (outcomes.has('upgrade_needed')) return 'upgrade_needed'
    if (outcomes.has('denied')) return 'denied'
    return outcomes.has('unknown') ? 'unknown' : 'no_peers'
  }

  report(): SourceReport {
    const started = this.#pages > 0 || this.plan.local !== null
    const seq = this.#init.order === 'asc' ? this.#span.from : this.#span.to
    const vouched = this.plan.local !== null || this.#vouched
    return {
      ledger: this.plan.ledger,
      state: this.#state!,
      by: !WHOLE.has(this.#state!) ? null : this.#byAuthor ? 'author' : 'chain',
      as_of: !started || this.#tree === null ? null : { size: this.#tree.size, root: this.#tree.root },
      next: !started || this.#isDone || seq === null ? null : { seq, vouched },
      entries: this.#found,
      asked: [
        ...[...this.#outcomes].map(([peer, outcome]) => ({ peer, outcome })),
        ...[...this.#slow]
          .filter((peer) => !this.#outcomes.has(peer))
          .map((peer) => ({ peer, outcome: 'slow' as const }))
      ]
    }
  }
}
