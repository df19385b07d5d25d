/** Conditional append: the claims for a key must be the ones that the caller has seen. */
import type { Entry } from '../../core/entry.js'
import { LedgermeshError } from '../../core/errors.js'
import type { Hash } from '../../core/hash.js'
import type { LedgerId } from '../../core/ledger-id.js'
import { MAX_REFERENCES } from '../../core/limits.js'
import { claimOf, type ConflictId } from '../../conflict/claims.js'
import { resolutionOf } from '../../conflict/resolution.js'
import type { ConflictIndex } from '../claims/conflict-index.js'
import type { RuleBook, StoredRule } from '../claims/rule-book.js'
import type { HeldEntries } from '../read/reference-target.js'
import type { ReadInput, ReferenceInput } from './append-input.js'

/** `siblings`: hashes, in any order. */
export interface Expected {
  stored: StoredRule
  id: ConflictId
  siblings: readonly Hash[]
}

/**
 * The claims that a caller expects for an entry's key. Throws INVALID_PARAMS when the entry is not a claim under that
 * rule, NOT_YET while the rule is still being applied to older entries.
 */
export function expectedOf(
  rules: RuleBook,
  ledger: LedgerId,
  { rule: name, siblings }: { rule: string; siblings: readonly Hash[] },
  input: ReadInput
): Expected {
  const stored = rules.byName(name)
  if (stored === undefined) throw new LedgermeshError('INVALID_PARAMS', `there is no rule ${name}`)
  if (!stored.complete) throw new LedgermeshError('NOT_YET', `rule ${name} has not been applied to all entries yet`)
  if (stored.rule.key.includes('id') && input.id === undefined)
    throw new LedgermeshError('INVALID_PARAMS', `rule ${name} goes by id: give the entry's`)
  const claim = claimOf(stored.rule, ledger, { ...input, id: input.id ?? '', meta: {} })
  if (claim === null) throw new LedgermeshError('INVALID_PARAMS', `rule ${name} has no such claims`)
  return { stored, id: claim.id, siblings }
}

/**
 * References that record that the siblings were seen; for siblings in the own ledger the order of entries shows it.
 * Throws STALE when one of them is not held here, INVALID_PARAMS when there are too many.
 */
export async function referencesTo(
  held: HeldEntries,
  ledger: LedgerId,
  siblings: readonly Hash[],
  given: readonly ReferenceInput[]
): Promise<ReferenceInput[]> {
  const references = [...given]
  for (const hash of siblings) {
    const target = await held.byHash(hash)
    if (target === null) throw stale(`no entry with hash ${hash} is held here`)
    if (target.ledgerId !== ledger) references.push({ ...target, referenceType: 'derived' })
  }
  if (references.length > MAX_REFERENCES)
    throw new LedgermeshError('INVALID_PARAMS', `more than ${MAX_REFERENCES} references: a resolution can say more`)
  return references
}

/** `drafted`: the entries that precede it in the same batch. Throws STALE, with the current siblings. */
export async function assertExpected(
  conflicts: ConflictIndex,
  ledger: LedgerId,
  { stored, id, siblings }: Expected,
  drafted: readonly Entry[]
): Promise<void> {
  if (
    drafted.some(({ header }) => (claimOf(stored.rule, ledger, header) ?? resolutionOf(stored.rule, header))?.id === id)
  )
    throw stale('another claim for the key is in the same batch')
  const now = (await conflicts.judge(stored, id))?.facts.siblings.map(({ hash }) => hash) ?? []
  const same = now.length === new Set(siblings).size && now.every((hash) => siblings.includes(hash))
  if (!same) throw stale('the claims for the key are not the expected ones', { siblings: now })
}

function stale(message: string, details?: Record<string, unknown>): LedgermeshError {
  return new LedgermeshError('STALE', message, details)
}
