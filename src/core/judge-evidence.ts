/**
 * What evidence means for a chain that is held (I4, R1). Pure, and a function of all that was heard, so that it does
 * not depend on who spoke first.
 *
 * A key is retired only by a rotation in the linked chain that is held. What a retired key signs may be its thief's: it
 * is excused. Two rotations by one key are a key fork: nobody can say which branch is the owner's. Who holds a branch
 * that has retired that key stays on it (contested); everybody else is frozen below the lower of the two until the
 * operator pins a key.
 */
import { keyHash, keyInForce, type KeyEpoch } from './chain.js'
import type { Hash } from './hash.js'
import type { VerifiedEvidence } from './verify-evidence.js'

/** A linked chain that is held, disputed entries included: the keys that its own key entries put in force. */
export interface HeldChain {
  keys: readonly KeyEpoch[]
  size: number
}

/** A key that signed two rotations before this node held either branch past it; `seq`: the lower of the two. */
export interface KeyFork {
  key: string
  seq: number
}

/** What was decided before and counts from then on. */
export interface Decided {
  /** Key forks that were known before a branch past them was held: what is held later does not settle them (R1). */
  keyForks: readonly KeyFork[]
  /**
   * Hex: the key that the operator pinned. It is in force on the branch that he chose, or what that branch commits to.
   */
  pin: string | null
}

/**
 * `freezes`: nothing from `size` on is believed. `excused`: signed by a key that is retired here. `contested`: a key
 * fork that lies behind what is held.
 */
export type Verdict = 'freezes' | 'excused' | 'contested'

export interface Judgement {
  /** The lowest: by size, then by the evidence's id. `evidence`: its id. Null: nothing freezes the chain. */
  frozen: { size: number; evidence: Hash; keyFork: boolean } | null
  verdicts: Map<Hash, Verdict>
  /** All that count, also of before. */
  keyForks: KeyFork[]
}

interface Rotation {
  from: number
  key: string
  hash: Hash
}

export function judgeEvidence(
  held: HeldChain,
  evidence: readonly VerifiedEvidence[],
  decided: Decided = NOTHING_DECIDED
): Judgement {
  const keyForks = keyForksOf(held, evidence, decided)
  const open = new Map(keyForks.map(({ key, seq }) => [key, seq]))
  const verdicts = new Map<Hash, Verdict>()
  let frozen: Judgement['frozen'] = null
  for (const one of evidence) {
    const { verdict, size, keyFork } = judgeOne(held, one, open)
    verdicts.set(one.id, verdict)
    if (size === null) continue
    if (frozen === null || size < frozen.size || (size === frozen.size && one.id < frozen.evidence))
      frozen = { size, evidence: one.id, keyFork }
  }
  return { frozen, verdicts, keyForks }
}

export const NOTHING_DECIDED: Decided = { keyForks: [], pin: null }

/** The number of entries that one piece of evidence freezes the chain at. Null: it freezes nothing here. */
export function disputedFrom(evidence: VerifiedEvidence, held: HeldChain): number | null {
  return judgeEvidence(held, [evidence]).frozen?.size ?? null
}

/** Has the chain a rotation that puts another key in the place of this one? */
export function isRetired({ keys }: Pick<HeldChain, 'keys'>, key: string): boolean {
  return keys.at(-1)!.key !== key && keys.some((epoch) => epoch.key === key)
}

/** Does the branch of these keys, behind its rotation by `key`, lead to the key that the operator pinned? */
export function isPinned({ keys }: Pick<HeldChain, 'keys'>, key: string, pin: string | null): boolean {
  const index = keys.findIndex((epoch) => epoch.key === key)
  return (
    pin !== null &&
    index !== -1 &&
    (keys.slice(index + 1).some((epoch) => epoch.key === pin) || keys.at(-1)!.nextKeyHash === keyHash(pin))
  )
}

/** Does the pin speak of branches behind this key? One that is in force before it, or with it, does not. */
function choosesBehind({ keys }: HeldChain, key: string, pin: string | null): boolean {
  return (
    pin !== null && !keys.slice(0, keys.findIndex((epoch) => epoch.key === key) + 1).some((epoch) => epoch.key === pin)
  )
}

function keyForksOf(held: HeldChain, evidence: readonly VerifiedEvidence[], { keyForks, pin }: Decided): KeyFork[] {
  const found = new Map<string, Rotation[]>()
  for (const rotation of evidence.flatMap(rotationsIn))
    found.set(rotation.key, [...(found.get(rotation.key) ?? []), rotation])
  const forks = new Map(keyForks.map((fork) => [fork.key, fork]))
  for (const [key, rotations] of found) {
    const ours = held.keys.find((epoch, i) => i > 0 && epoch.key === key)
    const all = ours === undefined ? rotations : [...rotations, ours]
    if (all.every(({ hash }) => hash === all[0]!.hash)) continue
    // Known before: it stays as it is, but the other rotation may be a lower one. First seen: who holds a branch past
    // it stays on it, unless he was told another.
    if (isRetired(held, key) && !forks.has(key) && !choosesBehind(held, key, pin)) continue
    forks.set(key, { key, seq: Math.min(forks.get(key)?.seq ?? Infinity, ...all.map(({ from }) => from)) })
  }
  return [...forks.values()].filter(({ key }) => !isPinned(held, key, pin)).sort((a, b) => a.seq - b.seq)
}

function judgeOne(
  held: HeldChain,
  evidence: VerifiedEvidence,
  open: ReadonlyMap<string, number>
): { verdict: Verdict; size: number | null; keyFork: boolean } {
  const rotations = rotationsIn(evidence)
  const forked = rotations.flatMap(({ key }) => open.get(key) ?? [])
  // Whatever else it proves: up to the lower of the two rotations nothing is in question because of it.
  if (forked.length > 0)
    return { verdict: 'freezes', size: Math.max(1, Math.min(...forked, evidence.seq)), keyFork: true }
  const other = (rotation: Rotation): boolean =>
    held.keys.some(({ key, hash }, i) => i > 0 && key === rotation.key && hash !== rotation.hash)
  if (rotations.some(other)) return { verdict: 'contested', size: null, keyFork: false }
  const size = seqOf(held, evidence, rotations)
  return { verdict: size === null ? 'excused' : 'freezes', size, keyFork: false }
}

/** From which seq on it disputes what is held; null: a retired key has signed it. */
function seqOf(held: HeldChain, evidence: VerifiedEvidence, rotations: readonly Rotation[]): number | null {
  let { seq } = evidence
  for (const { seq: at, key } of evidence.signed) {
    if (isRetired(held, key)) return null
    // Only the owner of the committed key makes a rotation: one that is not in our chain is newer than it, or voids
    // what we hold from there on.
    const unknown = rotations.find(({ from, hash }) => from <= at && !held.keys.some((epoch) => epoch.hash === hash))
    if (unknown === undefined && keyInForce(held, at) !== key) return null
    if (unknown !== undefined && unknown.from < held.size) seq = Math.min(seq, unknown.from)
  }
  return Math.max(1, seq)
}

/** By committed keys: those that its key entries show, and those that are disputed. */
function rotationsIn({ keys, signed }: VerifiedEvidence): Rotation[] {
  return [
    ...keys.slice(1),
    ...signed.flatMap(({ seq, key, rotation }) => (rotation === null ? [] : [{ from: seq, key, hash: rotation }]))
  ]
}

/**
 * What is kept of all that was heard: for each key whose thief may have made it, and each set of rotations that it
 * shows, the one with the lowest seq, then the lowest id. Which these are depends on nothing but the evidence, so all
 * who have heard the same keep the same. Of too many those of the oldest keys go first (they are the most likely to be
 * retired), but never the one that freezes.
 */
export function evidenceToKeep(all: readonly VerifiedEvidence[], freezing: Hash | null): VerifiedEvidence[] {
  const best = new Map<string, VerifiedEvidence>()
  for (const one of all) {
    const kind = `${weakestKey(one)} ${rotationsIn(one)
      .map(({ hash }) => hash)
      .join(' ')}`
    const known = best.get(kind)
    if (known === undefined || isLower(one, known)) best.set(kind, one)
  }
  const kept = [...best.values()]
    .sort((a, b) => epochOf(b) - epochOf(a) || (isLower(a, b) ? -1 : 1))
    .slice(0, MAX_KEPT_EVIDENCE)
  const frozen = all.find(({ id }) => id === freezing)
  if (frozen === undefined || kept.includes(frozen)) return kept
  return [frozen, ...kept.slice(0, MAX_KEPT_EVIDENCE - 1)]
}

/** The one that is shown to others: what freezes, else a key fork, else what is excused. Null: there is none. */
export function evidenceToShow(
  all: readonly VerifiedEvidence[],
  { frozen, verdicts }: Judgement
): VerifiedEvidence | null {
  const freezing = all.find(({ id }) => id === frozen?.evidence)
  if (freezing !== undefined) return freezing
  const lowest = (verdict: Verdict): VerifiedEvidence | null =>
    all
      .filter(({ id }) => verdicts.get(id) === verdict)
      .reduce<VerifiedEvidence | null>((a, b) => (a !== null && isLower(a, b) ? a : b), null)
  return lowest('contested') ?? lowest('excused')
}

/** Pieces of evidence about one ledger: a thief of retired keys could sign more and more. */
export const MAX_KEPT_EVIDENCE = 8

/** The oldest of its keys: as soon as that is retired, it proves nothing any more. */
function weakestKey(evidence: VerifiedEvidence): string {
  return evidence.signed.toSorted((a, b) => indexOf(evidence, a.key) - indexOf(evidence, b.key))[0]!.key
}

function epochOf(evidence: VerifiedEvidence): number {
  return indexOf(evidence, weakestKey(evidence))
}

/** A key that only a disputed rotation puts in force is newer than all of its key entries. */
function indexOf({ keys }: VerifiedEvidence, key: string): number {
  const index = keys.findIndex((epoch) => epoch.key === key)
  return index === -1 ? keys.length : index
}

function isLower(a: VerifiedEvidence, b: VerifiedEvidence): boolean {
  return a.seq < b.seq || (a.seq === b.seq && a.id < b.id)
}
