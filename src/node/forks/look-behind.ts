/**
 * Looks beyond a freeze (R1): a peer's key entries show whether a rotation retires the accused key; the headers up to
 * it are pulled into quarantine, and only when they link to the held entries does the ledger continue with them. No
 * claim of a peer is believed before.
 */
import { extendChain, keyEpoch, verifyKeyEntries, type ChainState, type KeyEpoch } from '../../core/chain.js'
import { decodeSigned, ledgerOf, type Entry } from '../../core/entry.js'
import { LedgermeshError } from '../../core/errors.js'
import type { Header } from '../../core/header.js'
import { setsKey } from '../../core/ledger-types.js'
import { QuarantineBudget } from '../../core/quarantine-budget.js'
import type { Standing } from '../../core/standing.js'
import type { HeldLedger } from '../../ledger/held-ledger.js'
import type { PayloadStates } from '../../ledger/write/entry-ops.js'
import type { Turn } from '../../ledger/write/quarantine.js'
import type { Clock } from '../../ports.js'
import { findFork } from '../../sync/find-fork.js'
import { judged } from '../sessions/peer-fault.js'
import type { PeerRequests } from '../sessions/peer-requests.js'
import type { Verifier } from '../signatures/verifier.js'
import { ourHash } from './other-history.js'
import type { EvidenceCourt } from './evidence-court.js'
import { deadline } from '../runtime/deadline.js'

const ASK_TIMEOUT_MS = 15_000
/** Entries per request. */
const RANGE = 512

export interface LookBehindInit {
  peerNetwork: Pick<PeerRequests, 'fetchKeyEntries' | 'fetchRange'>
  verifier: Pick<Verifier, 'forPeer'>
  court: EvidenceCourt
  clock: Clock
  wants: (ledger: HeldLedger, header: Header) => boolean
  /** Bytes pulled beyond one freeze; default: MAX_QUARANTINE_BYTES. */
  limit?: number
}

/** Where a peer's branch diverges from the held entries (or continues after them), and the rotation to pull up to. */
export interface Target {
  from: number
  rotation: KeyEpoch
}

export class LookBehind {
  readonly #init: LookBehindInit
  readonly #budgets = new WeakMap<HeldLedger, QuarantineBudget>()

  constructor(init: LookBehindInit) {
    this.#init = init
  }

  /**
   * The branch that the peer offers; null: none, or one that only the operator may accept. Throws an error that proves
   * that the peer made it up, or the reason why it did not answer.
   */
  async target(peer: string, ledger: HeldLedger, standing: Standing, byOperator = false): Promise<Target | null> {
    const { peerNetwork, verifier, court, clock } = this.#init
    const shown = (await peerNetwork.fetchKeyEntries(peer, ledger.id, deadline(clock, ASK_TIMEOUT_MS))).map(
      decodeSigned
    )
    try {
      await verifyKeyEntries(ledger.id, shown, verifier.forPeer(peer))
    } catch (error) {
      if (judged(error, 'keys').verdict === 'ignore') return null
      throw error
    }
    const held = await ledger.heldChain()
    if (held === null) return null
    const rotation = standing.wants(held, await court.kept(ledger), shown.map(keyEpoch))
    if (rotation === null) return null
    const end = Math.min(held.size, rotation.from)
    if (!byOperator && !this.#budget(ledger).mayFit(rotation.hash, rotation.from + 1 - end)) return null
    const fork = await findFork(
      end,
      async (at) => await ourHash(ledger, at),
      async (at) => (await this.#range(peer, ledger, at, 1))[0]!.hash
    )
    return { from: fork ?? end, rotation }
  }

  /**
   * Pulls the branch and switches the ledger to it. Throws BROKEN_LINK, KEY_NOT_IN_FORCE or WRONG_LEDGER: the peer does
   * not have what it showed; OVERLOADED: too many bytes.
   */
  async take(
    peer: string,
    ledger: HeldLedger,
    { from, rotation }: Target,
    byOperator: { pin: string | null } | null
  ): Promise<number> {
    const voided = ledger.size - from
    const budget = byOperator === null ? this.#budget(ledger) : new QuarantineBudget(Infinity)
    const turn = await ledger.quarantine.begin(from)
    try {
      const keys = await this.#pull(peer, ledger, turn, rotation, budget)
      const held = (await ledger.heldChain())!
      await this.#init.court.accept(
        ledger,
        turn,
        { keys: [...held.keys.filter((epoch) => epoch.from < from), ...keys], size: rotation.from + 1 },
        byOperator
      )
      return voided
    } catch (error) {
      await ledger.quarantine.end(turn)
      throw error
    }
  }

  /** The rotation in the evidence, right after the undisputed entries. Its signature was checked with the evidence. */
  async put(ledger: HeldLedger, rotation: Entry, byOperator: { pin: string | null }): Promise<number> {
    const from = rotation.header.seq
    const voided = ledger.size - from
    const held = (await ledger.heldChain())!
    const turn = await ledger.quarantine.begin(from)
    await ledger.quarantine.add(turn, [rotation], this.#payloadStates(ledger))
    await this.#init.court.accept(
      ledger,
      turn,
      { keys: [...held.keys.filter((epoch) => epoch.from < from), keyEpoch(rotation)], size: from + 1 },
      byOperator
    )
    return voided
  }

  async #pull(
    peer: string,
    ledger: HeldLedger,
    turn: Turn,
    rotation: KeyEpoch,
    budget: QuarantineBudget
  ): Promise<KeyEpoch[]> {
    const keys: KeyEpoch[] = []
    let chain: ChainState = (await ledger.chainAt(turn.from))!
    while (chain.size <= rotation.from) {
      const entries = await this.#range(peer, ledger, chain.size, Math.min(RANGE, rotation.from + 1 - chain.size))
      for (const entry of entries) {
        chain = extendChain(chain, entry)
        if (setsKey(entry.header)) keys.push(keyEpoch(entry))
      }
      await ledger.quarantine.add(turn, entries, this.#payloadStates(ledger), (bytes) => {
        budget.spend(rotation.hash, bytes)
      })
    }
    // Its signature was checked with the key entries, and it covers every byte before it.
    if (chain.headHash !== rotation.hash)
      throw new LedgermeshError('BROKEN_LINK', "the peer's entries do not lead to the rotation that it showed")
    return keys
  }

  #payloadStates(ledger: HeldLedger): PayloadStates {
    return ({ header }) => (this.#init.wants(ledger, header) ? 'missing' : 'filtered')
  }

  #budget(ledger: HeldLedger): QuarantineBudget {
    let budget = this.#budgets.get(ledger)
    if (budget === undefined) this.#budgets.set(ledger, (budget = new QuarantineBudget(this.#init.limit)))
    return budget
  }

  async #range(peer: string, ledger: HeldLedger, from: number, count: number): Promise<Entry[]> {
    const raw = await this.#init.peerNetwork.fetchRange(
      peer,
      { ledger: ledger.id, from, count, filters: 'headers' },
      deadline(this.#init.clock, ASK_TIMEOUT_MS)
    )
    const entries = raw.map(decodeSigned)
    const [first] = entries
    if (first?.header.seq !== from || ledgerOf(first) !== ledger.id || entries.length > count)
      throw new LedgermeshError('WRONG_LEDGER', 'the peer answered with other entries')
    return entries
  }
}
