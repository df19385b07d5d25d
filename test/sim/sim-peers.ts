/**
 * What one node asks of others, and tells them, over the simulated network: what sessions/peer-network.ts is to a real
 * node.
 */
import type { HeadsResult, WantedHead } from '../../protocols/hello/index.js'
import type { PayloadItem } from '../../protocols/pull/index.js'
import { WireError, wireError, type WireEntry, type WireKeyEntry } from '../../protocols/wire.js'
import { LedgermeshError, type ErrorCode } from '../../src/core/errors.js'
import { NETWORK } from './histories.js'
import { isProvableLie } from './provable-lies.js'
import type { SimLedger } from './sim-ledger.js'
import type { SimNode } from './sim-node.js'
import type { World } from './world.js'

/** As the protocols': shorter than what the asker waits at most. */
const HELLO_TIMEOUT_MS = 15_000
const PULL_TIMEOUT_MS = 30_000
/** A dropped peer does not come back for so long, unless the node restarts. */
const BAN_MS = 600_000

export class SimPeers {
  readonly network = NETWORK
  readonly authority = { caughtUp: (): Promise<void> => Promise.resolve() }
  readonly #world: World
  readonly #node: SimNode

  constructor(world: World, node: SimNode) {
    this.#world = world
    this.#node = node
  }

  async askHeads(peer: string, wanted: { ledger: string; size: number }[], signal: AbortSignal): Promise<HeadsResult> {
    const held: WantedHead[] = []
    for (const { ledger, size } of wanted) {
      const { visible, head, heardEvidence } = this.#node.store(ledger)
      held.push({
        ledger,
        size,
        ...(size > 0 && visible === size && { headHash: head!.hash }),
        evidenceIds: await heardEvidence.ids()
      })
    }
    return {
      ...(await this.#ask(peer, HELLO_TIMEOUT_MS, signal, (node) => node.heads(this.#node.id, held))),
      unanswered: []
    }
  }

  async fetchRange(
    peer: string,
    { ledger, from, count, filters }: { ledger: string; from: number; count: number; filters: unknown },
    signal: AbortSignal
  ): Promise<WireEntry[]> {
    const entries = await this.#ask(peer, PULL_TIMEOUT_MS, signal, (node) =>
      node.range(this.#node.id, ledger, from, count, filters !== 'headers')
    )
    this.#note(peer, entries)
    // As the client of the protocol: what breaks it is no answer.
    if (entries.length === 0 || entries.length > count) throw new WireError('INVALID_FRAME', 'not what was asked for')
    return entries
  }

  async fetchPayloads(peer: string, ledger: string, seqs: number[], signal: AbortSignal): Promise<PayloadItem[]> {
    const payloads = await this.#ask(peer, PULL_TIMEOUT_MS, signal, (node) =>
      node.payloads(this.#node.id, ledger, seqs)
    )
    this.#note(peer, payloads)
    return payloads
  }

  async fetchKeyEntries(peer: string, ledger: string, signal: AbortSignal): Promise<WireKeyEntry[]> {
    return await this.#ask(peer, HELLO_TIMEOUT_MS, signal, (node) => node.keyEntries(this.#node.id, ledger))
  }

  drop(peer: string, code: ErrorCode): void {
    this.#world.note(`${this.#node.id} drops ${peer}: ${code}`)
    this.#node.ban(peer, this.#world.now + BAN_MS)
    this.#world.after(0, () => {
      this.#world.disconnect(this.#node.id, peer)
    })
  }

  tellHead({ id }: SimLedger): void {
    const { id: self } = this.#node
    for (const peer of this.#world.linksOf(self)) {
      this.#world.track(
        this.#node.head(peer, id, []).then((head) => {
          if (head !== null)
            this.#world.send(self, peer, (node) => {
              node.noticed(self, head)
            })
        })
      )
    }
  }

  tellEvidence({ id }: SimLedger, evidence: Uint8Array): void {
    const { id: self } = this.#node
    for (const peer of this.#world.linksOf(self))
      this.#world.send(self, peer, (node) => {
        node.told(self, id, evidence)
      })
  }

  /** Nobody but the simulation knows that it is a lie. */
  #note(peer: string, answer: object): void {
    if (isProvableLie(answer)) this.#node.lies.set(peer, (this.#node.lies.get(peer) ?? 0) + 1)
  }

  async #ask<T>(
    peer: string,
    timeoutMs: number,
    signal: AbortSignal,
    serve: (node: SimNode) => T | Promise<T>
  ): Promise<T> {
    if (!this.#world.linked(this.#node.id, peer)) throw new LedgermeshError('UNREACHABLE', peer)
    if (signal.aborted) throw wireError(signal.reason)
    return await this.#world.ask(this.#node.id, peer, timeoutMs, serve, signal)
  }
}
