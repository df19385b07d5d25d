/**
 * One question in virtual time, among peers of which some are dead, slow, busy, liars, behind, shown another history,
 * or hold back what matches. The real planner decides; who lies in bytes is found out, as by the real verifier.
 */
import { merkleRoot } from '../../../src/core/merkle.js'
import { sha256Text } from '../../../src/core/hash.js'
import { QueryPlan } from '../../../src/query/plan.js'
import type {
  Candidate,
  Page,
  PageRequest,
  PlanEffect,
  PlanEvent,
  PlannedLedger,
  SourceReport
} from '../../../src/query/types.js'
import type { Dice } from '../../helpers/dice.js'
import { Agenda } from '../agenda.js'

export type Temper =
  | 'honest'
  | 'dead'
  | 'silent'
  | 'slow'
  | 'busy'
  | 'liar'
  | 'holds-back'
  | 'behind'
  | 'forked'
  | 'private'
const TEMPERS: Temper[] = [
  'honest',
  'dead',
  'silent',
  'slow',
  'busy',
  'liar',
  'holds-back',
  'behind',
  'forked',
  'private'
]

interface History {
  hashes: string[]
  matches: number[]
  /** The index that its author names in an entry; null: none. `hides`: what matches and is not in it. */
  index: { seq: number; size: number; hides: number[] } | null
}

export interface SimLedger {
  id: string
  main: History
  /** The author's other history: the same up to some entry. */
  fork: History
  peers: { peer: string; temper: Temper; isOwner: boolean; size: number }[]
  frozen: boolean
}

export interface SimAnswer {
  sources: readonly SourceReport[]
  complete: boolean
  /** What was taken, by ledger: seqs that match, and the root that they are under. */
  taken: Map<string, { seqs: number[]; root: string }>
  tookMs: number
  mostAtOnce: number
  order: 'asc' | 'desc'
}

const PAGE = 20

export function makeLedger(id: string, dice: Dice): SimLedger {
  const below = (end: number): number => Math.floor(dice() * end)
  const size = 1 + below(90)
  const matches = Array.from({ length: size }, (_, seq) => seq).filter(() => dice() < 0.3)
  const hashes = Array.from({ length: size }, (_, seq) => sha256Text(`${id} ${seq}`))
  const parts = below(size)
  const named = size > 1 && dice() < 0.7 ? 1 + below(size - 1) : null
  // One author of ten lies in his index.
  const lies = dice() < 0.1
  const index =
    named === null
      ? null
      : { seq: named, size: 1 + below(named), hides: lies ? matches.filter(() => dice() < 0.3) : [] }
  const fork = {
    hashes: hashes.map((hash, seq) => (seq < parts ? hash : sha256Text(`${id} other ${seq}`))),
    matches: matches.filter((seq) => seq < parts),
    index: index !== null && index.seq < parts ? index : null
  }
  const peers = Array.from({ length: 1 + below(4) }, (_, at) => ({
    peer: `${id}-p${at}`,
    temper: TEMPERS[below(TEMPERS.length)]!,
    isOwner: at === 0 && dice() < 0.5,
    size: 1 + below(size)
  }))
  return { id, main: { hashes, matches, index }, fork, peers, frozen: dice() < 0.1 }
}

export class QueryWorld {
  readonly #dice: Dice
  readonly #agenda = new Agenda()
  readonly #ledgers: Map<string, SimLedger>
  readonly #plan: QueryPlan
  readonly #order: 'asc' | 'desc'
  readonly #asks = new Map<number, { ledger: SimLedger; page: Page & { seqs: number[] } }>()
  readonly #taken = new Map<string, { seqs: number[]; root: string }>()
  readonly #open = new Set<number>()
  #mostAtOnce = 0
  #now = 0
  #answer: SimAnswer | null = null

  constructor(ledgers: SimLedger[], dice: Dice, deadline: number) {
    this.#dice = dice
    this.#ledgers = new Map(ledgers.map((ledger) => [ledger.id, ledger]))
    this.#order = dice() < 0.5 ? 'asc' : 'desc'
    this.#plan = new QueryPlan({
      ledgers: ledgers.map((ledger) => this.#planned(ledger)),
      order: this.#order,
      limit: 1 + Math.floor(dice() * 40),
      everything: dice() < 0.5,
      deadline
    })
  }

  run(): SimAnswer {
    this.#tell({ kind: 'start' })
    while (this.#answer === null) {
      const item = this.#agenda.take(Infinity)
      if (item === null) throw new Error('the plan waits for nothing')
      this.#now = item.at
      item.run()
    }
    return this.#answer
  }

  #planned(ledger: SimLedger): PlannedLedger {
    const seen = 1 + Math.floor(this.#dice() * ledger.main.hashes.length)
    const told = ledger.peers.filter(() => this.#dice() < 0.7)
    return {
      ledger: ledger.id,
      local: null,
      from: 0,
      to: null,
      tree: null,
      remembered:
        this.#dice() < 0.3
          ? { size: seen, root: rootOf(ledger.main, seen), peers: ['earlier'], byOwner: this.#dice() < 0.5 }
          : null,
      candidates: told.map((one) => this.#candidate(one))
    }
  }

  #candidate({ peer, isOwner }: SimLedger['peers'][number]): Candidate {
    return { peer, isOwner, isConnected: this.#dice() < 0.5, trustMilli: 0, latencyMs: 50, success: 1 }
  }

  #tell(event: PlanEvent): void {
    for (const effect of this.#plan.handle(event, this.#now)) this.#do(effect)
  }

  #do(effect: PlanEffect): void {
    switch (effect.kind) {
      case 'read':
        throw new Error('nothing is held here')
      case 'look': {
        const ledger = this.#ledgers.get(effect.ledger)!
        this.#agenda.add(this.#now + this.#dice() * 6_000, () => {
          const candidates = ledger.peers.map((one) => this.#candidate(one))
          this.#tell({ kind: 'found', ledger: ledger.id, candidates, over: true })
        })
        break
      }
      case 'ask':
        this.#open.add(effect.ask)
        this.#mostAtOnce = Math.max(this.#mostAtOnce, this.#open.size)
        this.#asked(effect.ask, this.#ledgers.get(effect.ledger)!, effect.peer, effect.request)
        break
      case 'drop':
        this.#open.delete(effect.ask)
        break
      case 'take': {
        const { page } = this.#asks.get(effect.ask)!
        const taken = this.#taken.get(effect.ledger) ?? { seqs: [], root: page.root }
        if (taken.root !== page.root) throw new Error('pages of two trees were taken')
        taken.seqs.push(...page.seqs)
        this.#taken.set(effect.ledger, taken)
        break
      }
      case 'forget':
        this.#taken.delete(effect.ledger)
        break
      case 'wake':
        this.#agenda.add(effect.at, () => {
          this.#tell({ kind: 'tick' })
        })
        break
      case 'finish':
        this.#answer = {
          sources: effect.sources,
          complete: effect.complete,
          taken: this.#taken,
          tookMs: this.#now,
          mostAtOnce: this.#mostAtOnce,
          order: this.#order
        }
    }
  }

  #asked(ask: number, ledger: SimLedger, peer: string, request: PageRequest): void {
    const { temper, size } = ledger.peers.find((one) => one.peer === peer)!
    const answer = (event: PlanEvent, afterMs = 5 + this.#dice() * 100): void => {
      this.#agenda.add(this.#now + afterMs, () => {
        this.#open.delete(ask)
        this.#tell(event)
      })
    }
    switch (temper) {
      case 'silent':
        return
      case 'dead':
        answer({ kind: 'failed', ask, outcome: 'unreachable' })
        return
      case 'liar':
        answer({ kind: 'failed', ask, outcome: 'lied' })
        return
      case 'private':
        answer({ kind: 'failed', ask, outcome: 'unknown' })
        return
      case 'busy':
        if (this.#dice() < 0.7) {
          answer({ kind: 'failed', ask, outcome: 'busy', retryMs: this.#dice() * 3_000 })
          return
        }
        break
      default:
    }
    const history = temper === 'forked' ? ledger.fork : ledger.main
    const held = temper === 'behind' ? size : history.hashes.length
    if (request.treeSize !== null && request.treeSize > held) {
      answer({ kind: 'failed', ask, outcome: 'unknown' })
      return
    }
    const page = this.#page(history, request.treeSize ?? held, request, temper === 'holds-back', ledger.frozen)
    this.#asks.set(ask, { ledger, page })
    answer({ kind: 'page', ask, page }, temper === 'slow' ? 400 + this.#dice() * 9_000 : undefined)
  }

  #page(
    history: History,
    size: number,
    { from, to, limit, show, known }: PageRequest,
    holdsBack: boolean,
    frozen: boolean
  ): Page & { seqs: number[] } {
    const root = rootOf(history, size)
    const span = { low: Math.min(from, size), high: Math.min(to ?? size, size) }
    const { low, high, all, byAuthor } = this.#part(history, size, span, show, holdsBack)
    const part = Array.from({ length: high - low }, (_, at) => (this.#order === 'asc' ? low + at : high - 1 - at))
    const hidden = byAuthor ? history.index!.hides : []
    const seqs: number[] = []
    let next: number | null = null
    for (const [at, seq] of part.entries()) {
      if (seqs.length === limit || seqs.length === PAGE || (!byAuthor && at === PAGE)) {
        next = this.#order === 'asc' ? seq : seq + 1
        break
      }
      const isShown = history.matches.includes(seq) && !hidden.includes(seq)
      if (isShown && !(holdsBack && this.#dice() < 0.3)) seqs.push(seq)
    }
    // An index, and what lies behind it, are two pages.
    if (next === null && this.#order === 'asc' && high < span.high) next = high
    if (next === null && this.#order === 'desc' && low > span.low) next = low
    const linked = known === null || known.size > size ? null : rootOf(history, known.size) === known.root
    return { count: seqs.length, bytes: seqs.length, seqs, all, byAuthor, next, size, root, linked, frozen }
  }

  /** What one reply is about, and how it shows that nothing is left out. Who holds something back cannot say so. */
  #part(
    { index }: History,
    size: number,
    { low, high }: { low: number; high: number },
    show: PageRequest['show'],
    holdsBack: boolean
  ): { low: number; high: number; all: boolean; byAuthor: boolean } {
    const all = !holdsBack && (show === 'all' || (show === 'either' && high - low <= PAGE))
    const whole = { low, high, all, byAuthor: false }
    if (holdsBack || show === 'matches' || high - low <= PAGE) return whole
    if (index === null || index.seq >= size || low >= index.size) return whole
    if (this.#order === 'asc' || high <= index.size)
      return { low, high: Math.min(high, index.size), all: true, byAuthor: true }
    const isShort = high - index.size <= PAGE
    return isShort || show === 'all' ? { low: index.size, high, all: true, byAuthor: false } : whole
  }
}

export function rootOf(history: History, size: number): string {
  return merkleRoot(history.hashes.slice(0, size))
}
