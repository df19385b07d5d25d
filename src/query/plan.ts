/**
 * A question across ledgers, as decisions alone: events in, effects out, no clock, disk or network. Which peer to ask,
 * when to ask a second one, what counts, and whether nothing that matches was left out.
 */
import { MAX_IN_FLIGHT, MAX_PAGE_BYTES, MAX_PER_PEER, MAX_TAKEN_BYTES, MIN_SOURCE_BYTES } from './limits.js'
import { Source, WHOLE } from './source.js'
import type { PlanEffect, PlanEvent, PlanInit } from './types.js'

export class QueryPlan {
  readonly #init: PlanInit
  readonly #sources: Source[]
  #asks = 0
  #bytes = 0
  #isOver = false

  constructor(init: PlanInit) {
    this.#init = init
    const share = Math.max(MIN_SOURCE_BYTES, Math.floor(MAX_PAGE_BYTES / Math.max(init.ledgers.length, 1)))
    this.#sources = init.ledgers.map((ledger) => new Source(ledger, init, Math.min(share, MAX_PAGE_BYTES / 2)))
  }

  handle(event: PlanEvent, now: number): PlanEffect[] {
    if (this.#isOver) return []
    const effects: PlanEffect[] = []
    switch (event.kind) {
      case 'start':
        for (const { plan, request } of this.#sources.map((source) => ({
          plan: source.plan,
          request: source.request()
        })))
          effects.push(
            plan.local === null ? { kind: 'look', ledger: plan.ledger } : { kind: 'read', ledger: plan.ledger, request }
          )
        break
      case 'found':
        this.#of(event.ledger)?.found(event.candidates, event.over)
        break
      case 'read':
        this.#of(event.ledger)?.read(event.page)
        this.#bytes += event.page.bytes
        break
      case 'page':
      case 'frozen':
      case 'failed':
        this.#answered(event, now, effects)
        break
      case 'cancel':
        this.#stop('cancelled', effects)
        break
      case 'tick':
        break
    }
    if (this.#bytes > MAX_TAKEN_BYTES) this.#stop('full', effects)
    if (now >= this.#init.deadline) this.#stop('timeout', effects)
    this.#go(now, effects)
    return effects
  }

  #of(ledger: string): Source | undefined {
    return this.#sources.find(({ plan }) => plan.ledger === ledger)
  }

  #answered(
    event: Extract<PlanEvent, { kind: 'page' | 'frozen' | 'failed' }>,
    now: number,
    effects: PlanEffect[]
  ): void {
    const source = this.#sources.find((one) => one.isAsking(event.ask))
    if (source === undefined) return // dropped meanwhile
    if (event.kind === 'failed') {
      source.failed(event.ask, event.outcome, now, event.retryMs)
      return
    }
    const { ledger } = source.plan
    if (event.kind === 'frozen') source.frozenBy(event.ask)
    else {
      const taken = source.page(event.ask, event.page)
      if (taken === 'take') {
        this.#bytes += event.page.bytes
        effects.push({ kind: 'take', ask: event.ask, ledger })
      }
      if (taken === 'again') effects.push({ kind: 'forget', ledger })
    }
    // The first verified answer wins.
    this.#dropAll(source, effects)
  }

  #dropAll(source: Source, effects: PlanEffect[]): void {
    for (const ask of source.asks) {
      source.drop(ask)
      effects.push({ kind: 'drop', ask })
    }
  }

  #stop(reason: 'timeout' | 'cancelled' | 'full', effects: PlanEffect[]): void {
    for (const source of this.#sources) {
      for (const ask of source.asks) effects.push({ kind: 'drop', ask })
      source.stop(reason)
    }
  }

  #go(now: number, effects: PlanEffect[]): void {
    const asked = new Map<string, number>()
    let inFlight = 0
    for (const source of this.#sources)
      for (const ask of source.asks) {
        inFlight++
        const peer = source.peerOf(ask)!
        asked.set(peer, (asked.get(peer) ?? 0) + 1)
      }
    const hasRoom = (peer: string): boolean => (asked.get(peer) ?? 0) < MAX_PER_PEER
    for (const source of this.#sources) {
      const chosen = inFlight < MAX_IN_FLIGHT ? source.next(now, hasRoom) : null
      if (chosen === null) {
        if (inFlight < MAX_IN_FLIGHT) source.settle()
        continue
      }
      const { peer, request, isWitness } = chosen
      const ask = ++this.#asks
      source.asked(ask, peer, isWitness, now)
      asked.set(peer, (asked.get(peer) ?? 0) + 1)
      inFlight++
      effects.push({ kind: 'ask', ask, ledger: source.plan.ledger, peer, request })
    }
    this.#finishOrWait(now, effects)
  }

  #finishOrWait(now: number, effects: PlanEffect[]): void {
    if (!this.#sources.every((source) => source.isOver)) {
      const at = Math.min(this.#init.deadline, ...this.#sources.map((source) => source.wakeAfter(now)))
      effects.push({ kind: 'wake', at })
      return
    }
    this.#isOver = true
    const sources = this.#sources.map((source) => source.report())
    const complete = sources.length > 0 && sources.every(({ state }) => WHOLE.has(state))
    effects.push({ kind: 'finish', sources, complete })
  }
}
