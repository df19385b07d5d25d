/** Rules from the settings: in force from the start on, and removed when the settings no longer list them. */
import { LedgermeshError } from '../../core/errors.js'
import { readRule, type ConflictRule, type RuleInput } from '../../conflict/rule.js'
import type { RuleBook } from '../../ledger/claims/rule-book.js'

/** Throws INVALID_PARAMS. */
export function readRules(given: readonly RuleInput[]): ConflictRule[] {
  if (!Array.isArray(given)) throw new LedgermeshError('INVALID_PARAMS', 'rules is a list')
  const rules = given.map((rule) => readRule(rule))
  if (new Set(rules.map(({ name }) => name)).size < rules.length)
    throw new LedgermeshError('INVALID_PARAMS', 'two rules have one name')
  return rules
}

/** Rules with other names that were not set by the settings stay. Throws INVALID_PARAMS when there are too many. */
export async function applyRules(book: RuleBook, rules: readonly ConflictRule[]): Promise<void> {
  const names = new Set(rules.map(({ name }) => name))
  for (const { rule, configured } of book.active) if (configured && !names.has(rule.name)) await book.remove(rule.name)
  for (const rule of rules) await book.set(rule, true)
}
