/** One running query: carries out the planner's decisions, and collects the results. */
import type { Question } from '../../core/answer-page.js'
import type { LedgerId } from '../../core/ledger-id.js'
import type { AnswerPart } from '../../core/verify-answer.js'
import type { VerifiedEvidence } from '../../core/verify-evidence.js'
import { viewEntry, type LedgerEntry } from '../../core/view.js'
import type { LedgerReader } from '../../ledger/ledger-reader.js'
import type { Clock } from '../../ports.js'
import { QueryPlan } from '../../query/plan.js'
import type { Candidate, PageRequest, PlanEffect, PlanEvent, PlanInit, SourceReport } from '../../query/types.js'
import type { AskPeer } from './ask-peer.js'
import type { KnownFault } from './index-faults.js'
import { isDamage, type ReadLocal } from './read-local.js'
import { partOf, type VerifiedReply } from './verify-reply.js'

export interface QueryRunInit {
  network: string
  question: Question
  plan: PlanInit
  /** Every page must be provable to others. */
  withProof: boolean
  /** A monotonic clock. */
  clock: Clock
  peers: Pick<AskPeer, 'ask'>
  local: Pick<ReadLocal, 'read'>
  held: (ledger: LedgerId) => LedgerReader | undefined
  /** Further peers that may have it, found by slower methods. */
  look: (ledger: LedgerId, signal: AbortSignal) => Promise<Candidate[]>
  stopping: AbortSignal
}

/** The verified results of one ledger. */
export interface Shown {
  name: string | null
  access: 'public' | 'private' | null
  entries: LedgerEntry[]
  part: AnswerPart | null
}

export interface QueryOutcome {
  sources: readonly SourceReport[]
  complete: boolean
  shown: Map<LedgerId, Shown>
  evidence: Map<LedgerId, VerifiedEvidence>
  /** Why what an index says proves nothing. */
  indexFaults: Map<LedgerId, KnownFault>
}

export class QueryRun {
  readonly #init: QueryRunInit
  readonly #plan: QueryPlan
  readonly #asks = new Map<number, AbortController>()
  readonly #replies = new Map<number, VerifiedReply>()
  readonly #shown = new Map<LedgerId, Shown>()
  readonly #evidence = new Map<LedgerId, VerifiedEvidence>()
  readonly #indexFaults = new Map<LedgerId, KnownFault>()
  readonly #over = new AbortController()
  readonly #done = Promise.withResolvers<QueryOutcome>()
  #wake: (() => void) | null = null

  constructor(init: QueryRunInit) {
    this.#init = init
    this.#plan = new QueryPlan(init.plan)
  }

  /** Throws only errors of this node. */
  async run(): Promise<QueryOutcome> {
    const { stopping } = this.#init
    const cancel = (): void => {
      this.#tell({ kind: 'cancel' })
    }
    stopping.addEventListener('abort', cancel, { once: true })
    try {
      this.#tell({ kind: 'start' })
      if (stopping.aborted) cancel()
      return await this.#done.promise
    } finally {
      stopping.removeEventListener('abort', cancel)
      this.#wake?.()
      this.#over.abort()
      for (const controller of this.#asks.values()) controller.abort()
    }
  }

  #tell(event: PlanEvent): void {
    for (const effect of this.#plan.handle(event, this.#init.clock.now())) this.#do(effect)
  }

  #do(effect: PlanEffect): void {
    const { clock } = this.#init
    switch (effect.kind) {
      case 'read':
        this.#start(this.#read(effect.ledger, effect.request))
        break
      case 'look':
        this.#start(this.#look(effect.ledger))
        break
      case 'ask':
        this.#start(this.#ask(effect))
        break
      case 'drop':
        this.#asks.get(effect.ask)?.abort()
        break
      case 'take':
        this.#take(effect.ledger, this.#replies.get(effect.ask)!)
        break
      case 'forget':
        this.#shown.delete(effect.ledger)
        break
      case 'wake':
        this.#wake?.()
        this.#wake = clock.after(Math.max(effect.at - clock.now(), 0), () => {
          this.#tell({ kind: 'tick' })
        })
        break
      case 'finish': {
        const { sources, complete } = effect
        this.#done.resolve({
          sources,
          complete,
          shown: this.#shown,
          evidence: this.#evidence,
          indexFaults: this.#indexFaults
        })
      }
    }
  }

  #start(work: Promise<void>): void {
    work.catch((error: unknown) => {
      this.#done.reject(error)
    })
  }

  async #look(ledger: LedgerId): Promise<void> {
    const candidates = await this.#init.look(ledger, this.#over.signal)
    this.#tell({ kind: 'found', ledger, candidates, over: true })
  }

  async #read(id: LedgerId, request: PageRequest): Promise<void> {
    const { held, local, question, withProof } = this.#init
    const ledger = held(id)
    if (ledger === undefined) return // removed meanwhile: the deadline reports it
    try {
      const { page, entries, part } = await local.read(ledger, question, request, withProof)
      this.#shown.set(id, { name: ledger.chain?.name ?? null, access: ledger.chain?.access ?? null, entries, part })
      this.#tell({ kind: 'read', ledger: id, page })
    } catch (error) {
      if (!isDamage(error)) throw error
      const page = { count: 0, bytes: 0, next: null, size: 0, root: null, behind: true, frozen: false }
      this.#tell({ kind: 'read', ledger: id, page })
    }
  }

  async #ask({ ask, ledger, peer, request }: Extract<PlanEffect, { kind: 'ask' }>): Promise<void> {
    const { network, question, peers } = this.#init
    const controller = new AbortController()
    this.#asks.set(ask, controller)
    const answered = await peers.ask(peer, { network, ledger, question, request }, controller.signal)
    this.#asks.delete(ask)
    if (answered.kind === 'failed') {
      this.#tell({ ...answered, ask })
      return
    }
    const { reply } = answered
    if (reply.evidence !== null) this.#evidence.set(ledger, reply.evidence)
    if (reply.indexFault !== undefined) this.#indexFaults.set(ledger, reply.indexFault)
    this.#replies.set(ask, reply)
    this.#tell(reply.page === null ? { kind: 'frozen', ask } : { kind: 'page', ask, page: reply.page })
    this.#replies.delete(ask)
  }

  #take(ledger: LedgerId, reply: VerifiedReply): void {
    const shown = this.#shown.get(ledger) ?? {
      name: reply.basis!.name,
      access: reply.basis!.access,
      entries: [],
      part: partOf(reply)
    }
    shown.entries.push(...reply.entries.map((entry) => viewEntry(entry, true, 'missing')))
    shown.part!.pages.push(reply.text)
    this.#shown.set(ledger, shown)
  }
}
