/**
 * Judges the evidence against each ledger, as a whole and one case at a time, and keeps what was decided (I4, R1). The
 * rules are core/standing.ts's.
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
  /** What is believed of the ledger is different now. `was`, `now`: where it was and is frozen; null: nowhere. */
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

  /**
   * What was decided, to ask and to tell. What it says outlives a restart as soon as something is judged or `keep` was
   * called.
   */
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

  /** All evidence that is kept and not damaged. */
  async kept(ledger: HeldLedger): Promise<VerifiedEvidence[]> {
    let proven = this.#proven.get(ledger)
    if (proven === undefined) {
      proven = new Map((await keptEvidence(ledger, this.#init.verify)).map((one) => [shortId(one.id), one]))
      this.#proven.set(ledger, proven)
    }
    return [...proven.values()]
  }

  /**
   * Verified evidence. True: the ledger is frozen by it now, or lower than before. `below`: it disputes what is below
   * its seq too, from there on.
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
   * Stores the first entries of a ledger; evidence that came before them is judged in the same batch (R1: "freezes at
   * once"). Throws as Mirror.ingest.
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

  /** More of the ledger is held, or less: everything is judged anew. */
  async review(ledger: HeldLedger): Promise<void> {
    if (ledger.chain === null || (await this.kept(ledger)).length === 0) return
    await this.#alone(ledger, async () => await this.#judge(ledger, []))
  }

  /** A peer answered that our head is its newest. */
  async confirmed(ledger: HeldLedger): Promise<void> {
    if (ledger.frozenAt === null && this.standing(ledger).confirmed(this.#init.clock.now())) await this.keep(ledger)
  }

  /** The operator names the key that decides should a key of the ledger sign two rotations. */
  async pin(ledger: HeldLedger, key: string): Promise<void> {
    this.standing(ledger).pinned(key)
    await this.keep(ledger)
    await this.review(ledger)
  }

  /** Puts what the standing says on the disk. */
  async keep(ledger: HeldLedger): Promise<void> {
    await ledger.putStanding({ ...ledger.standing, facts: this.standing(ledger).facts })
  }

  /**
   * Of a frozen ledger: the branch in quarantine takes the place of what is held from its first seq on. `held`: what is
   * held with it. `byOperator`: then it is believed, too.
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
   * The operator's word about a ledger that is not frozen any more, but was when it was settled here: it is believed
   * again.
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
    // A key fork that was known before anything was held finds this node on neither branch, whatever came with the
    // first entries.
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
 * As the state of the ledger says it. What was found to reach below the seq that the evidence names (`bound`) stays so
 * while the same evidence freezes it.
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
