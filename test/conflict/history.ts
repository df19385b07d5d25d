/** Random histories of a few ledgers that speak of a few keys, and what stands in them by brute force. */
import { sha256Text, type Hash } from '../../src/core/hash.js'
import type { Header } from '../../src/core/header.js'
import { ledgerIdOf, type LedgerId } from '../../src/core/ledger-id.js'
import { claimOf, type ConflictId } from '../../src/conflict/claims.js'
import { maySilence, readRule, type ConflictRule } from '../../src/conflict/rule.js'
import type { Claim, Sighting } from '../../src/conflict/siblings.js'
import type { Dice } from '../helpers/dice.js'

export interface Made {
  ledger: LedgerId
  hash: Hash
  header: Header
}
export interface History {
  rule: ConflictRule
  ledgers: LedgerId[]
  entries: Made[]
}

const MOST_LEDGERS = 5
const MOST_ENTRIES = 24
const LEDGERS = Array.from({ length: MOST_LEDGERS }, (_, i) => ledgerIdOf(sha256Text(`ledger ${i}`)))

/**
 * References are to anything made before, to what nobody made, of all kinds; some entries are copies, reserved, of
 * other streams or without a subject.
 */
export function rollHistory(dice: Dice): History {
  const upTo = (n: number): number => Math.floor(dice() * n)
  const ledgers = LEDGERS.slice(0, 2 + upTo(MOST_LEDGERS - 1))
  const some = (): LedgerId[] => ledgers.filter(() => dice() < 0.7)
  const rule = readRule({
    name: 'test',
    key: ['subject_oid'],
    match: { streams: ['a', 'b'] },
    scope: dice() < 0.5 ? 'held' : some(),
    ...(dice() < 0.7 && { writers: some() }),
    ...(dice() < 0.3 && { resolvers: ['own', ...some()] })
  })
  const entries: Made[] = []
  const count = 3 + upTo(MOST_ENTRIES)
  for (let i = 0; i < count; i++) {
    const ledger = ledgers[upTo(ledgers.length)]!
    const refs = entries.filter(() => dice() < 0.12).map(({ hash }) => hash)
    if (dice() < 0.05) refs.push(sha256Text(`nobody's ${i}`))
    const copied = dice() < 0.1 && entries.length > 0 ? entries[upTo(entries.length)]! : null
    const header = {
      seq: entries.filter((one) => one.ledger === ledger).length,
      id: `entry-${i}`,
      stream: dice() < 0.9 ? 'a' : dice() < 0.5 ? 'b' : 'c',
      type: dice() < 0.95 ? 'said' : 'trust.attestation',
      subject_oid: dice() < 0.05 ? null : dice() < 0.8 ? 'x' : 'y',
      issuer_oid: null,
      meta: {
        ...(refs.length > 0 && {
          crossLedgerRefs: refs.map((entryHash) => ({
            ledgerId: ledgers[upTo(ledgers.length)]!,
            entryId: 'any',
            entryHash,
            referenceType: dice() < 0.85 ? 'derived' : 'source'
          }))
        }),
        ...(copied !== null && {
          sync: { source: copied.ledger, originalId: copied.header.id, originalHash: copied.hash }
        })
      }
    } as unknown as Header
    entries.push({ ledger, hash: sha256Text(JSON.stringify([ledger, header])), header })
  }
  return { rule, ledgers, entries }
}

/**
 * Prefixes of the ledgers that grow and are cut now and then: what is held after each step, in an order that the dice
 * choose.
 */
export function* arrivals({ ledgers, entries }: History, dice: Dice): Generator<Made[]> {
  const chains = new Map(ledgers.map((ledger) => [ledger, entries.filter((one) => one.ledger === ledger)]))
  const sizes = new Map(ledgers.map((ledger) => [ledger, 0]))
  const held = (): Made[] => ledgers.flatMap((ledger) => chains.get(ledger)!.slice(0, sizes.get(ledger)))
  for (;;) {
    const open = ledgers.filter((ledger) => sizes.get(ledger)! < chains.get(ledger)!.length)
    if (open.length === 0) return
    const ledger = open[Math.floor(dice() * open.length)]!
    sizes.set(ledger, sizes.get(ledger)! + 1)
    if (dice() < 0.03) {
      const cut = ledgers[Math.floor(dice() * ledgers.length)]!
      sizes.set(cut, Math.floor(dice() * (sizes.get(cut)! + 1)))
    }
    if (dice() < 0.3 || held().length === entries.length) yield held()
  }
}

/** Claims on each key: copies whose originals are held are no claims of their own. */
function claimsIn(rule: ConflictRule, held: readonly Made[]): Map<ConflictId, (Made & { seen: Hash[] })[]> {
  const all = new Set(held.map(({ hash }) => hash))
  const claims = new Map<ConflictId, (Made & { seen: Hash[] })[]>()
  for (const made of held) {
    const claim = claimOf(rule, made.ledger, made.header)
    if (claim === null || (claim.original !== null && all.has(claim.original))) continue
    claims.set(claim.id, [...(claims.get(claim.id) ?? []), { ...made, seen: claim.seen }])
  }
  return claims
}

/** A reference to a copy of what is held is one to the original. */
function originalsIn(held: readonly Made[]): (hash: Hash) => Hash {
  const all = new Set(held.map(({ hash }) => hash))
  const originals = new Map(
    held.map(({ hash, header }): [Hash, Hash | undefined] => [
      hash,
      (header.meta.sync as { originalHash?: Hash } | undefined)?.originalHash
    ])
  )
  return (hash) => {
    const original = originals.get(hash)
    return original !== undefined && all.has(original) ? original : hash
  }
}

/** By walking every way back from the newest claim of each ledger. */
export function siblingsByForce(rule: ConflictRule, held: readonly Made[]): Map<ConflictId, Hash[]> {
  const original = originalsIn(held)
  const result = new Map<ConflictId, Hash[]>()
  for (const [id, claims] of claimsIn(rule, held)) {
    const byHash = new Map(claims.map((claim) => [claim.hash, claim]))
    const reach = (start: Hash): Set<Hash> => {
      const seen = new Set<Hash>()
      const go = (hash: Hash): void => {
        const claim = byHash.get(hash)!
        const before = claims
          .filter((other) => other.ledger === claim.ledger && other.header.seq < claim.header.seq)
          .map((other) => other.hash)
        const referred = claim.seen
          .map(original)
          .map((target) => byHash.get(target))
          .filter(
            (target) => target !== undefined && (target.ledger === claim.ledger || maySilence(rule, claim.ledger))
          )
        for (const next of [...before, ...referred.map((target) => target!.hash)]) {
          if (seen.has(next)) continue
          seen.add(next)
          go(next)
        }
      }
      go(start)
      return seen
    }
    const newest = claims.filter(
      (claim) => !claims.some((other) => other.ledger === claim.ledger && other.header.seq > claim.header.seq)
    )
    const sees = new Map(newest.map(({ hash }) => [hash, reach(hash)]))
    result.set(
      id,
      newest
        .filter(
          ({ hash, ledger }) => !newest.some((other) => other.ledger !== ledger && sees.get(other.hash)!.has(hash))
        )
        .map(({ hash }) => hash)
        .sort()
    )
  }
  return result
}

/** What the store hands to `siblingsOf`, gathered in memory. */
export function gather(
  rule: ConflictRule,
  held: readonly Made[]
): Map<ConflictId, { newest: Claim[]; sightings: Sighting[] }> {
  const original = originalsIn(held)
  return new Map(
    [...claimsIn(rule, held)].map(([id, claims]) => {
      const newest = new Map<LedgerId, Claim>()
      for (const {
        ledger,
        hash,
        header: { seq }
      } of claims)
        if (seq >= (newest.get(ledger)?.seq ?? 0)) newest.set(ledger, { ledger, seq, hash })
      const sightings = claims.flatMap(({ ledger, header: { seq }, seen }) =>
        seen.map((target): Sighting => ({ target: original(target), by: ledger, seq, kind: 'claim' }))
      )
      return [id, { newest: [...newest.values()], sightings }]
    })
  )
}
