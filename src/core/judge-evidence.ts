/**
 * What evidence means for a held chain (I4, R1). Pure, and a function of all evidence received, so that the order of
 * arrival does not matter.
 *
 * A key is retired only by a rotation in the held, linked chain. Whatever a retired key signs may come from a thief of
 * that key: it is excused. Two rotations by one key are a key fork: it cannot be decided which branch is the owner's. A
 * node that holds a branch that has retired that key stays on it (contested); every other node freezes the ledger below
 * the lower of the two until the operator pins a key.
 */
import { keyHash, keyInForce, type KeyEpoch } from './chain.js'
import type { Hash } from './hash.js'
import type { VerifiedEvidence } from './verify-evidence.js'

/** A held, linked chain, disputed entries included: the keys that its own key entries put in force. */
export interface HeldChain {
  keys: readonly KeyEpoch[]
  size: number
}

/** A key that signed two rotations before this node held either branch past it; `seq`: the lower of the two. */
export interface KeyFork {
  key: string
  seq: number
}

/** Earlier decisions, which stay in force. */
export interface Decided {
  /** Key forks that were known before a branch past them was held: branches received later do not settle them (R1). */
  keyForks: readonly KeyFork[]
  /** Hex: the key that the operator pinned. It is in force on the chosen branch, or that branch commits to it. */
  pin: string | null
}

/**
 * `freezes`: nothing from `size` on is believed. `excused`: signed by a key that is retired here. `contested`: a key
 * fork that the held chain is already past.
 */
export type Verdict = 'freezes' | 'excused' | 'contested'

export interface Judgement {
  /** The lowest: by size, then by the evidence's id. `evidence`: its id. Null: nothing freezes the chain. */
  frozen: { size: number; evidence: Hash; keyFork: boolean } | null
  verdicts: Map<Hash, Verdict>
  /** All key forks that count, earlier ones included. */
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

/** The number of entries at which one piece of evidence freezes the chain. Null: it freezes nothing here. */
export function disputedFrom(evidence: VerifiedEvidence, held: HeldChain): number | null {
  return judgeEvidence(held, [evidence]).frozen?.size ?? null
}

/** Has the chain a rotation that puts another key in the place of this one? */
export function isRetired({ keys }: Pick<HeldChain, 'keys'>, key: string): boolean {
  return keys.at(-1)!.key !== key && keys.some((epoch) => epoch.key === key)
}

/** Does the branch of these keys, after its rotation by `key`, lead to the key that the operator pinned? */
export function isPinned({ keys }: Pick<HeldChain, 'keys'>, key: string, pin: string | null): boolean {
  const index = keys.findIndex((epoch) => epoch.key === key)
  return (
    pin !== null &&
    index !== -1 &&
    (keys.slice(index + 1).some((epoch) => epoch.key === pin) || keys.at(-1)!.nextKeyHash === keyHash(pin))
  )
}

/**
 * Does the pin choose between branches after this key? A pinned key that is in force before this key, or is this key,
 * does not.
 */
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
    // A key fork known before stays as it is, but the other rotation may be a lower one. When it is first seen, a node
    // that holds a branch past it stays on that branch, unless its operator pinned another.
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
  // Up to the lower of the two rotations this evidence disputes nothing, whatever else it proves.
  if (forked.length > 0)
    return { verdict: 'freezes', size: Math.max(1, Math.min(...forked, evidence.seq)), keyFork: true }
  const other = (rotation: Rotation): boolean =>
    held.keys.some(({ key, hash }, i) => i > 0 && key === rotation.key && hash !== rotation.hash)
  if (rotations.some(other)) return { verdict: 'contested', size: null, keyFork: false }
  const size = seqOf(held, evidence, rotations)
  return { verdict: size === null ? 'excused' : 'freezes', size, keyFork: false }
}

/** The seq from which on it disputes the held chain; null: a retired key has signed it. */
function seqOf(held: HeldChain, evidence: VerifiedEvidence, rotations: readonly Rotation[]): number | null {
  let { seq } = evidence
  for (const { seq: at, key } of evidence.signed) {
    if (isRetired(held, key)) return null
    // Only the owner of the committed key can make a rotation: one that is not in the held chain is newer than the
    // chain, or voids its entries from there on.
    const unknown = rotations.find(({ from, hash }) => from <= at && !held.keys.some((epoch) => epoch.hash === hash))
    if (unknown === undefined && keyInForce(held, at) !== key) return null
    if (unknown !== undefined && unknown.from < held.size) seq = Math.min(seq, unknown.from)
  }
  return Math.max(1, seq)
}

/** Rotations by committed keys: those among its key entries, and those that are disputed. */
function rotationsIn({ keys, signed }: VerifiedEvidence): Rotation[] {
  return [
    ...keys.slice(1),
    ...signed.flatMap(({ seq, key, rotation }) => (rotation === null ? [] : [{ from: seq, key, hash: rotation }]))
  ]
}

/**
 * Which of the received evidence is kept: for each key that may have been stolen, and each set of rotations shown, the
 * evidence with the lowest seq, then the lowest id. The choice depends on the evidence alone, so nodes that received
 * the same evidence keep the same. When there is too much, evidence of the oldest keys is removed first (they are the
 * most likely to be retired), but never the evidence that freezes.
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

/**
 * The evidence that is shown to other nodes: what freezes, else a key fork, else what is excused. Null: there is none.
 */
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

/** Pieces of evidence kept about one ledger: a thief of retired keys could sign more and more. */
export const MAX_KEPT_EVIDENCE = 8

/** The oldest of its keys: once that key is retired, the evidence proves nothing any more. */
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
