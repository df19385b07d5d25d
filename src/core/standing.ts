/**
 * The state of a ledger under evidence over time (I4, R1): when it freezes, when it thaws without the operator, what is
 * believed afterwards, and what only the operator may decide. Pure: the daemon and the simulator drive the same object.
 */
import type { KeyEpoch } from './chain.js'
import {
  isPinned,
  isRetired,
  judgeEvidence,
  type Decided,
  type HeldChain,
  type Judgement,
  type KeyFork
} from './judge-evidence.js'
import type { VerifiedEvidence } from './verify-evidence.js'

/** State that is kept over a restart. Times are ms since the epoch. */
export interface Facts extends Decided {
  keyForks: KeyFork[]
  /** When a peer first and last answered that our head is the newest that it knows; null: never. */
  heard: { first: number; latest: number } | null
  /**
   * The freeze began when the ledger was settled here: it may thaw without the operator, but only the operator can make
   * it believed again.
   */
  firm: boolean
  /** Nothing from this seq on is believed, although it is shown; null: everything is believed. */
  doubtedFrom: number | null
}

export type Frozen = NonNullable<Judgement['frozen']>

/** A ledger is settled when peers' answers that our head is its newest span this time. */
export const SETTLED_MS = 24 * 60 * 60 * 1000
/** An answer is written when the last written one is this old, or when it is the first that settles the ledger. */
const NOTE_MS = 10 * 60 * 1000
/** No entry has this hash: another rotation by the same key is another entry. */
const NOT_MADE = ''

export const NO_FACTS: Facts = { keyForks: [], pin: null, heard: null, firm: false, doubtedFrom: null }

export class Standing {
  #facts: Facts
  /** Has a peer answered since this start that our head is the newest? */
  #confirmed = false

  constructor(facts: Facts = NO_FACTS) {
    this.#facts = facts
  }

  get facts(): Facts {
    return this.#facts
  }

  /** Takes the facts as the store has them. */
  load(facts: Facts): void {
    this.#facts = facts
  }

  get settled(): boolean {
    const { heard } = this.#facts
    return heard !== null && heard.latest - heard.first >= SETTLED_MS
  }

  /** A peer answered that our head is the newest. True: the facts should be written. */
  confirmed(now: number): boolean {
    this.#confirmed = true
    const { heard } = this.#facts
    // After a clock was set back the count starts anew: the earlier times cannot be trusted.
    if (
      heard !== null &&
      now >= heard.latest &&
      now - heard.latest < NOTE_MS &&
      (this.settled || now - heard.first < SETTLED_MS)
    )
      return false
    this.#facts = {
      ...this.#facts,
      heard: heard === null || now < heard.latest ? { first: now, latest: now } : { first: heard.first, latest: now }
    }
    return true
  }

  /**
   * Entries were voided, or the ledger starts over: earlier answers about the head do not apply to what is held now.
   */
  replaced(): void {
    this.#confirmed = false
    this.#facts = { ...this.#facts, heard: null }
  }

  /** Judges all received evidence against the held chain. `was`: the freeze so far. The facts change with it. */
  judge(held: HeldChain, evidence: readonly VerifiedEvidence[], was: { size: number } | null): Judgement {
    const judgement = judgeEvidence(held, evidence, this.#facts)
    const { frozen, keyForks } = judgement
    let { firm, doubtedFrom } = this.#facts
    if (frozen !== null && was === null)
      firm =
        this.settled &&
        this.#confirmed &&
        isByKeyInForce(
          held,
          evidence.find(({ id }) => id === frozen.evidence)!
        )
    if (frozen === null && was !== null) {
      if (firm) doubtedFrom = Math.min(doubtedFrom ?? Infinity, was.size)
      firm = false
    }
    this.#facts = { ...this.#facts, keyForks, firm, doubtedFrom }
    return judgement
  }

  /** The operator's decision: the chain that is held now is believed again. `pin`: the key of the chosen branch. */
  resolved(pin: string | null = this.#facts.pin): void {
    this.#facts = { ...this.#facts, pin, firm: false, doubtedFrom: null }
  }

  /** Before anything is held, or with a key that the operator names. */
  pinned(pin: string | null): void {
    this.#facts = { ...this.#facts, pin }
  }

  /**
   * May a linked branch with the rotation of the committed key replace entries that only keys retired by it signed?
   * Once the ledger is settled, only the operator may allow it.
   */
  get mayReplace(): boolean {
    return !this.settled && !this.#facts.firm
  }

  /**
   * Would the freeze end with a rotation to `key` (hex) right after the held chain? Not if evidence accuses that key
   * too, and never for a key fork (R1).
   */
  endsWith(held: HeldChain, evidence: readonly VerifiedEvidence[], key: string): boolean {
    const rotation: KeyEpoch = { from: held.size, key, hash: NOT_MADE, nextKeyHash: null }
    return judgeEvidence({ keys: [...held.keys, rotation], size: held.size + 1 }, evidence, this.#facts).frozen === null
  }

  /**
   * For a key history beyond a freeze that a peer shows: the rotation up to which headers are worth pulling. Null:
   * none. It only selects what to pull: only a linked chain retires a key.
   */
  wants(held: HeldChain, evidence: readonly VerifiedEvidence[], shown: readonly KeyEpoch[]): KeyEpoch | null {
    const now = judgeEvidence(held, evidence, this.#facts).frozen
    if (now === null) return null
    // Of two rotations by one key neither is preferred, whatever follows: only the operator's pin chooses, and it may
    // choose a branch other than the held one.
    const own = now.keyFork ? below(held, now.size) : held
    if (!continues(own, shown)) return null
    for (let length = own.keys.length + 1; length <= shown.length; length++) {
      const keys = shown.slice(0, length)
      const rotation = shown[length - 1]!
      if (now.keyFork && !this.#facts.keyForks.every(({ key }) => isPinned({ keys }, key, this.#facts.pin))) continue
      const then = judgeEvidence({ keys, size: rotation.from + 1 }, evidence, this.#facts).frozen
      if (then === null || then.size > now.size) return rotation
    }
    return null
  }
}

/** Are the held keys the beginning of these, entry for entry? */
export function continues({ keys }: Pick<HeldChain, 'keys'>, shown: readonly KeyEpoch[]): boolean {
  return keys.length <= shown.length && keys.every(({ hash }, i) => hash === shown[i]!.hash)
}

function below({ keys, size }: HeldChain, end: number): HeldChain {
  return { keys: keys.filter(({ from }) => from < end), size: Math.min(size, end) }
}

function isByKeyInForce(held: HeldChain, { signed }: VerifiedEvidence): boolean {
  return signed.every(({ key }) => !isRetired(held, key)) && signed.some(({ key }) => key === held.keys.at(-1)!.key)
}
