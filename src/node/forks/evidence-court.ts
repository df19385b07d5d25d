/**
 * Judges the evidence against each ledger, as a whole and one case at a time, and stores the decisions (I4, R1).
 * core/standing.ts has the rules.
 */
import { Mutex } from '../../core/mutex.js'
import { keyEpoch, type ChainState } from '../../core/chain.js'
import type { Entry } from '../../core/entry.js'
import { evidenceToKeep, evidenceToShow, type HeldChain, type Judgement } from '../../core/judge-evidence.js'
import { setsKey } from '../../core/ledger-types.js'
import type { Verify } from '../../core/signature.js'
import { Standing } from '../../core/standing.js'
import type { VerifiedEvidence } from '../../core/verify-evidence.js'
import type { LedgerState } from '../../ledger/read/records.js'
import type { HeldLedger } from '../../ledger/held-ledger.js'
import { keptEvidence } from '../../ledger/read/kept-evidence.js'
import type { Turn } from '../../ledger/write/quarantine.js'
import type { Decision } from '../../ledger/read/standing-row.js'
import type { PayloadStates } from '../../ledger/write/entry-ops.js'
import type { Clock, Log } from '../../ports.js'
import { shortId } from './short-id.js'

type Frozen = LedgerState['frozen']

export interface EvidenceCourtInit {
  verify: Verify
  clock: Clock
  log: Log
  /**
   * The believed part of the ledger has changed. `was`, `now`: the earlier and the present point of the freeze; null:
   * none.
   */
  onJudged: (ledger: HeldLedger, was: Frozen, now: Frozen) => void | Promise<void>
}

interface Decided extends Decision {
  keep: readonly VerifiedEvidence[]
}

export class EvidenceCourt {
  readonly #init: EvidenceCourtInit
  readonly #standings = new WeakMap<HeldLedger, { standing: Standing; row: HeldLedger['standing']; cuts: number }>()
  readonly #proven = new WeakMap<HeldLedger, Map<string, VerifiedEvidence>>()
  readonly #judging = new WeakMap<HeldLedger, Mutex>()

  constructor(init: EvidenceCourtInit) {
    this.#init = init
  }

  /** The standing of the ledger. Changes to it are stored with the next judgement or by `keep`. */
  standing(ledger: HeldLedger): Standing {
    let known = this.#standings.get(ledger)
    if (known === undefined)
      this.#standings.set(
        ledger,
        (known = { standing: new Standing(ledger.standing.facts), row: ledger.standing, cuts: ledger.cuts })
      )
    if (known.row !== ledger.standing) known.standing.load(ledger.standing.facts)
    if (known.cuts !== ledger.cuts) known.standing.replaced()
    known.row = ledger.standing
    known.cuts = ledger.cuts
    return known.standing
  }

  /** All undamaged kept evidence. */
  async kept(ledger: HeldLedger): Promise<VerifiedEvidence[]> {
    let proven = this.#proven.get(ledger)
    if (proven === undefined) {
      proven = new Map((await keptEvidence(ledger, this.#init.verify)).map((one) => [shortId(one.id), one]))
      this.#proven.set(ledger, proven)
    }
    return [...proven.values()]
  }

  /**
   * Takes verified evidence. True: the ledger is now frozen by it, or frozen lower than before. `below`: it also
   * disputes entries below its seq, from there on.
   */
  async hear(ledger: HeldLedger, evidence: VerifiedEvidence, below = Infinity): Promise<boolean> {
    return await this.#alone(ledger, async () => {
      if (ledger.chain !== null) return await this.#judge(ledger, [evidence], { id: evidence.id, below })
      const keep = evidenceToKeep(merged(await this.kept(ledger), [evidence]), null)
      await this.#keep(
        ledger,
        { frozen: null, keep, row: { ...ledger.standing, facts: this.standing(ledger).facts, early: true } },
        [evidence]
      )
      return false
    })
  }

  /**
   * Stores the first entries of a ledger; evidence that arrived before them is judged in the same batch (R1: "freezes
   * at once"). Throws the errors of Ledger.ingest.
   */
  async first(ledger: HeldLedger, entries: Entry[], payloadStates: PayloadStates): Promise<ChainState> {
    return await this.#alone(ledger, async () => {
      if (ledger.standing.early !== true) return await ledger.ingest(entries, { payloadStates })
      const held = { keys: entries.filter(({ header }) => setsKey(header)).map(keyEpoch), size: entries.length }
      const standing = new Standing(this.standing(ledger).facts)
      const decision = this.#outcome(ledger, standing, held, await this.kept(ledger), null, null)
      const chain = await ledger.ingest(entries, { payloadStates, decision })
      this.#decided(ledger, standing, decision)
      if (decision.frozen !== null) await this.#init.onJudged(ledger, null, decision.frozen)
      return chain
    })
  }

  /** The held entries have changed: everything is judged again. */
  async review(ledger: HeldLedger): Promise<void> {
    if (ledger.chain === null || (await this.kept(ledger)).length === 0) return
    await this.#alone(ledger, async () => await this.#judge(ledger, []))
  }

  /** A peer answered that our head is the newest. */
  async confirmed(ledger: HeldLedger): Promise<void> {
    if (ledger.frozenAt === null && this.standing(ledger).confirmed(this.#init.clock.now())) await this.keep(ledger)
  }

  /** The operator pins the key that decides if a key of the ledger signs two rotations. */
  async pin(ledger: HeldLedger, key: string): Promise<void> {
    this.standing(ledger).pinned(key)
    await this.keep(ledger)
    await this.review(ledger)
  }

  /** Stores the standing. */
  async keep(ledger: HeldLedger): Promise<void> {
    await ledger.putStanding({ ...ledger.standing, facts: this.standing(ledger).facts })
  }

  /**
   * For a frozen ledger: the branch in quarantine replaces the held entries from its first seq on. `held`: the chain
   * with the branch. `byOperator`: the branch is also believed.
   */
  async accept(
    ledger: HeldLedger,
    turn: Turn,
    held: HeldChain,
    byOperator: { pin: string | null } | null
  ): Promise<Frozen> {
    return await this.#alone(ledger, async () => {
      const was = ledger.frozen
      const standing = new Standing(this.standing(ledger).facts)
      if (byOperator !== null) standing.resolved(byOperator.pin ?? undefined)
      const { frozen, row } = this.#outcome(ledger, standing, held, await this.kept(ledger), was, null)
      if (turn.from < ledger.size) standing.replaced()
      await ledger.acceptBranch(turn, frozen, { ...row, facts: standing.facts })
      this.#standings.set(ledger, { standing, row: ledger.standing, cuts: ledger.cuts })
      await this.#init.onJudged(ledger, was, frozen)
      return frozen
    })
  }

  /**
   * The operator's decision about a ledger that is no longer frozen, but was frozen after it was settled here: it is
   * believed again.
   */
  async trustAgain(ledger: HeldLedger): Promise<void> {
    await this.#alone(ledger, async () => {
      this.standing(ledger).resolved()
      await this.keep(ledger)
      await ledger.load()
      await this.#init.onJudged(ledger, null, null)
    })
  }

  async #judge(
    ledger: HeldLedger,
    heard: VerifiedEvidence[],
    bound: { id: string; below: number } | null = null
  ): Promise<boolean> {
    const was = ledger.frozen
    const standing = this.standing(ledger)
    const decision = this.#outcome(
      ledger,
      standing,
      (await ledger.heldChain())!,
      merged(await this.kept(ledger), heard),
      was,
      bound
    )
    const { frozen, row } = decision
    if (JSON.stringify([frozen, row]) === JSON.stringify([was, ledger.standing])) {
      for (const { id } of heard) if (row.verdicts[shortId(id)] === undefined) ledger.heardEvidence.passOver(id)
      return false
    }
    await this.#keep(ledger, decision, heard)
    const moved = frozen?.size !== was?.size
    if (moved) await this.#init.onJudged(ledger, was, frozen)
    return moved && frozen !== null && frozen.size < (was?.size ?? Infinity)
  }

  async #keep(ledger: HeldLedger, decision: Decided, heard: readonly VerifiedEvidence[]): Promise<void> {
    await ledger.decide(decision)
    this.#decided(ledger, this.standing(ledger), decision)
    for (const { id, kind } of heard) {
      const isKept = decision.keep.some((one) => one.id === id)
      if (!isKept) ledger.heardEvidence.passOver(id)
      this.#init.log.info(
        {
          event: 'evidence.judged',
          ledger: ledger.id,
          evidence: id,
          kind,
          verdict: decision.row.verdicts[shortId(id)] ?? (isKept ? 'not judged yet' : 'not kept')
        },
        'evidence was judged'
      )
    }
  }

  #decided(ledger: HeldLedger, standing: Standing, { keep }: Decided): void {
    this.#proven.set(ledger, new Map(keep.map((one) => [shortId(one.id), one])))
    this.#standings.set(ledger, { standing, row: ledger.standing, cuts: ledger.cuts })
  }

  #outcome(
    ledger: HeldLedger,
    standing: Standing,
    held: HeldChain,
    all: readonly VerifiedEvidence[],
    was: Frozen,
    bound: { id: string; below: number } | null
  ): Decided {
    // For a key fork that was known before any entry was held, this node is on neither branch, whatever the first
    // entries contain.
    if (ledger.standing.early === true) standing.judge(beginningOf(held), all, null)
    const judgement = standing.judge(held, all, was)
    const frozen = frozenAs(judgement, ledger, was, held, bound)
    const keep = evidenceToKeep(all, judgement.frozen?.evidence ?? null)
    const verdicts = Object.fromEntries(
      keep.map(({ id }) => [shortId(id), judgement.verdicts.get(id)!]).sort(([a], [b]) => (a! < b! ? -1 : 1))
    )
    const shown = evidenceToShow(keep, judgement)
    return { frozen, keep, row: { facts: standing.facts, verdicts, shown: shown === null ? null : shortId(shown.id) } }
  }

  async #alone<T>(ledger: HeldLedger, run: () => Promise<T>): Promise<T> {
    let mutex = this.#judging.get(ledger)
    if (mutex === undefined) this.#judging.set(ledger, (mutex = new Mutex()))
    return await mutex.run(run)
  }
}

/**
 * The freeze for the state of the ledger. A dispute that was found to reach below the seq in the evidence (`bound`)
 * stays so while the same evidence freezes the ledger.
 */
function frozenAs(
  { frozen }: Judgement,
  ledger: HeldLedger,
  was: Frozen,
  held: HeldChain,
  bound: { id: string; below: number } | null
): Frozen {
  if (frozen === null) return null
  const evidence = shortId(frozen.evidence)
  const before = was?.evidence === evidence && held.size === ledger.size ? was.size : Infinity
  const size = Math.max(1, Math.min(frozen.size, before, bound?.id === frozen.evidence ? bound.below : Infinity))
  return { size, evidence, ...(frozen.keyFork && { keyFork: true as const }) }
}

function merged(known: readonly VerifiedEvidence[], heard: readonly VerifiedEvidence[]): VerifiedEvidence[] {
  return [...known, ...heard.filter(({ id }) => !known.some((one) => one.id === id))]
}

function beginningOf({ keys }: HeldChain): HeldChain {
  return { keys: keys.slice(0, 1), size: 1 }
}
