/** What holds at every moment of every run (DESIGN §3, I3 to I6). */
import { strict as assert } from 'node:assert'
import type { Entry } from '../../src/core/entry.js'
import { STALL_SENTENCES } from '../../src/sync/stall-codes.js'
import type { StallCode } from '../../src/sync/types.js'
import type { Runner } from './runner.js'
import type { SimNode } from './sim-node.js'
import type { Observer, World } from './world.js'

/** Longest time in `syncing` without progress (I6). */
const SYNCING_MS = 60_000
/** Longest time until something is tried again. */
const NEXT_MS = 200_000
/** Between what a clock shows and when its timer ends, ms. */
const CLOCK_MS = 2
/** So many lies that prove themselves cannot all have come too late. */
const SURE_LIES = 3
/** Stalls that nothing but a word from outside ends. */
const LASTING = new Set<StallCode>(['FROZEN', 'PAUSED', 'UNTRUSTED'])

/** A ledger, as those know it who see everything. */
export interface Truth {
  ledger: string
  /** Everything that its author ever signed. */
  signed: ReadonlySet<string>
  /** Where its author began to tell two stories. */
  forkAt: number | null
}

export class Watch implements Observer {
  evidence = 0
  drops = 0
  readonly #world: World
  readonly #truths: Map<string, Truth>
  readonly #progress = new Map<Runner, Map<string, { size: number; at: number }>>()

  constructor(world: World, truths: readonly Truth[]) {
    this.#world = world
    this.#truths = new Map(truths.map((truth) => [truth.ledger, truth]))
    world.watch = this
  }

  /** I3. */
  stored(node: SimNode, ledger: string, entries: readonly Entry[]): void {
    const { signed } = this.#truths.get(ledger)!
    for (const { hash, header } of entries)
      assert(signed.has(hash), `${node.id} stored entry ${header.seq}, which its author never signed`)
  }

  /** I4. */
  froze(node: SimNode, ledger: string): void {
    const { forkAt } = this.#truths.get(ledger)!
    const { frozenAt } = node.store(ledger)
    assert(forkAt !== null, `${node.id} has evidence against an honest author`)
    assert(
      frozenAt !== null && frozenAt >= Math.max(1, forkAt),
      `${node.id} is frozen at ${frozenAt}, the histories part at ${forkAt}`
    )
    this.evidence++
  }

  /** I5. */
  dropped(node: SimNode, peer: string): void {
    assert.match(peer, /^x/, `${node.id} dropped ${peer}, who is honest`)
    this.drops++
  }

  /** I5: being busy is not a failure. */
  busy(node: SimNode, peer: string, before: number, after: number): void {
    assert(after <= before, `${node.id} holds it against ${peer} that it was busy`)
  }

  /**
   * I5, the other way: who hands over lies that prove themselves is dropped. One may come when nobody waits for it any
   * more.
   */
  static punished(nodes: readonly SimNode[]): void {
    for (const { id, lies, dropped } of nodes) {
      for (const [peer, count] of lies)
        assert(count < SURE_LIES || dropped.includes(peer), `${id} was lied to ${count} times by ${peer}, and keeps it`)
    }
  }

  look(nodes: readonly SimNode[]): void {
    for (const node of nodes) {
      if (!node.alive) continue
      for (const ledger of node.runner.sync.list()) this.#look(node, ledger)
    }
    for (let n = 0; n < Math.min(nodes.length, 20); n++) this.#probe(this.#world.pick(nodes))
  }

  #look({ id, runner, clock }: SimNode, ledger: string): void {
    const now = clock.now()
    const status = runner.sync.status(ledger, now)!
    if (status.status === 'syncing') this.#progressOf(runner, ledger, status.size, `${id} ${ledger}`)
    else this.#progress.get(runner)?.delete(ledger)
    if (status.status !== 'stalled') return
    const { code, since, next } = status
    assert(STALL_SENTENCES[code] !== undefined && since <= now + CLOCK_MS, `${id} ${JSON.stringify(status)} at ${now}`)
    if (!LASTING.has(code)) assert(next !== null, `${id} never tries again: ${JSON.stringify(status)}`)
    if (next !== null)
      assert(
        next >= now - CLOCK_MS && next <= now + NEXT_MS,
        `${id} tries again at ${next}, it is ${now}: ${JSON.stringify(status)}`
      )
  }

  /** I6. */
  #progressOf(runner: Runner, ledger: string, size: number, where: string): void {
    let ledgers = this.#progress.get(runner)
    if (ledgers === undefined) this.#progress.set(runner, (ledgers = new Map()))
    const last = ledgers.get(ledger)
    if (last === undefined || last.size !== size) ledgers.set(ledger, { size, at: this.#world.now })
    else
      assert(
        this.#world.now - last.at <= SYNCING_MS,
        `${where} has been syncing at ${size} for ${this.#world.now - last.at} ms`
      )
  }

  /** What a node serves is signed and not disputed, and what is not disputed is served (I3, I4). */
  #probe(node: SimNode): void {
    for (const [ledger, { size, frozenAt, visible, head, shown }] of node.stores) {
      const truth = this.#truths.get(ledger)
      if (truth === undefined || size === 0 || !node.alive || !node.holds(ledger)) continue
      const range = node.served('n0', ledger, 0, size)
      assert(
        range.length === visible && visible === Math.min(size, frozenAt ?? size) && visible > 0,
        `${node.id} serves ${range.length} of ${size}, frozen at ${frozenAt}`
      )
      assert.equal(head, range.at(-1))
      assert.equal(shown !== null, frozenAt !== null, `${node.id} keeps its evidence to itself`)
      for (const { hash, header } of range)
        assert(truth.signed.has(hash), `${node.id} serves entry ${header.seq}, which its author never signed`)
    }
  }
}
