/**
 * A rule says which entries of several ledgers speak of one thing, and who decides when they differ. Two nodes with
 * equal rules and equal heads see the same siblings (S5).
 */
import type { Json } from '../core/canonical.js'
import { LedgermeshError } from '../core/errors.js'
import { isName, isObject } from '../core/grammar.js'
import { isLedgerId, type LedgerId } from '../core/ledger-id.js'
import { refuseUnknown, type Members } from '../core/options.js'
import { MAX_RULE_LIST } from './limits.js'
import { readMergeMethod, type MergeMethod } from './merge-method.js'

/** Header fields alone: payloads may be filtered, erased or sealed, and then nodes would not agree. */
export const KEY_FIELDS = ['stream', 'type', 'issuer_oid', 'subject_oid', 'id'] as const
/** A field of a rule's key. */
export type KeyField = (typeof KEY_FIELDS)[number]

export const STRATEGIES = ['manual', 'last-write-wins', 'source-priority', 'merge'] as const
/**
 * Who wins when entries differ: nobody by itself, the latest, the first ledger of a list, or what is merged of them.
 */
export type Strategy = (typeof STRATEGIES)[number]

/** A ledger's id, or `own`: the ledger of the node that reads the rule. */
export type Resolver = string

/** A rule, with everything that it says by default. */
export interface ConflictRule {
  /** 1–64 of a–z, 0–9 and -. It is part of the conflicts' ids. */
  name: string
  /** Entries of these streams and types; null: of all. */
  match: { streams: string[] | null; types: string[] | null }
  /** What must be equal for two entries to speak of one thing. Entries in which one of them is null are no claims. */
  key: KeyField[]
  /** Whose entries count: of all ledgers held, or of these. */
  scope: LedgerId[] | 'held'
  /** The scope is the own ledger and those that it adopts from, and changes with them. */
  adopted: boolean
  /**
   * Ledgers whose `derived` reference to another ledger's claim takes it out of the siblings. Default: the scope's; for
   * `held` nobody, else one stranger's entry hides all.
   */
  writers: LedgerId[]
  /** Whose resolutions count, in this order. Default: own. */
  resolvers: Resolver[]
  strategy: Strategy
  /** For source-priority: the first of these that has a sibling wins. */
  priority: LedgerId[]
  /** For source-priority, when none of them has. */
  otherwise: 'manual' | 'last-write-wins'
  /** What `current` is while nothing decides: nothing, or what a resolution chose last. */
  whileOpen: 'nothing' | 'previous'
  /** For merge: how. null: the handler that the program gave with the rule. */
  merge: MergeMethod | null
  /** For last-write-wins and source-priority: does a writer write the winner down, as a resolution of his ledger? */
  record: boolean
}

/** What a caller gives: everything but name, key and scope has a default. */
export interface RuleInput {
  name: string
  match?: { streams?: string[] | null; types?: string[] | null }
  key: KeyField[]
  /** `adopted`: the own ledger and those that it adopts from, as they change. */
  scope: LedgerId[] | 'held' | 'adopted'
  writers?: LedgerId[]
  resolvers?: Resolver[]
  strategy?: Strategy
  priority?: LedgerId[]
  otherwise?: 'manual' | 'last-write-wins'
  whileOpen?: 'nothing' | 'previous'
  merge?: MergeMethod | null
  record?: boolean
}

const MEMBERS: Members<RuleInput & { adopted?: boolean }> = {
  name: true,
  match: true,
  key: true,
  scope: true,
  adopted: true,
  writers: true,
  resolvers: true,
  strategy: true,
  priority: true,
  otherwise: true,
  whileOpen: true,
  merge: true,
  record: true
}
const RULE_NAME = /^[a-z0-9-]{1,64}$/

/**
 * `adopting`: the own ledger and those that it adopts from, for rules of that scope. Throws INVALID_PARAMS that names
 * the member.
 */
export function readRule(given: Json | RuleInput, adopting: readonly LedgerId[] = []): ConflictRule {
  if (!isObject(given)) throw invalid('a rule is an object')
  refuseUnknown(given, Object.keys(MEMBERS), 'member of a rule')
  const {
    name,
    match = {},
    key,
    scope: asked,
    resolvers = ['own'],
    strategy = 'manual',
    priority = [],
    otherwise = 'manual',
    whileOpen = 'nothing',
    merge = null,
    record = false
  } = given as Partial<RuleInput>
  if (typeof name !== 'string' || !RULE_NAME.test(name)) throw invalid('name is 1 to 64 of a-z, 0-9 and -')
  if (!isObject(match)) throw invalid('match is {streams?, types?}')
  refuseUnknown(match, ['streams', 'types'], 'member of match')
  if (!isListOf(key, (one) => KEY_FIELDS.includes(one as KeyField)) || key.length === 0)
    throw invalid(`key lists ${KEY_FIELDS.join(', ')}`)
  const adopted = asked === 'adopted' || (given as { adopted?: boolean }).adopted === true
  const scope = asked === 'adopted' ? [...adopting] : asked
  if (scope !== 'held' && !isListOf(scope, isLedgerId)) throw invalid('scope is held, adopted, or a list of ledger ids')
  if (adopted && scope === 'held') throw invalid('what is adopted is a list of ledgers')
  const writers = (given as Partial<RuleInput>).writers ?? (scope === 'held' ? [] : scope)
  if (!isListOf(writers, isLedgerId)) throw invalid('writers are ledger ids')
  if (!isListOf(resolvers, (one) => one === 'own' || isLedgerId(one))) throw invalid('resolvers are own and ledger ids')
  if (!STRATEGIES.includes(strategy)) throw invalid(`strategy is ${STRATEGIES.join(', ')}`)
  if (!isListOf(priority, isLedgerId) || priority.length > 0 !== (strategy === 'source-priority'))
    throw invalid('priority lists ledger ids, for source-priority and for nothing else')
  if (otherwise !== 'manual' && otherwise !== 'last-write-wins') throw invalid('otherwise is manual or last-write-wins')
  if (whileOpen !== 'nothing' && whileOpen !== 'previous') throw invalid('whileOpen is nothing or previous')
  if (merge !== null && strategy !== 'merge') throw invalid('merge is for the strategy merge')
  if (merge !== null && !isObject(merge)) throw invalid('merge is {command} or {fields}')
  if (typeof record !== 'boolean') throw invalid('record is true or false')
  if (record && strategy !== 'last-write-wins' && strategy !== 'source-priority')
    throw invalid('record is for last-write-wins and source-priority')
  return {
    name,
    match: { streams: names(match.streams, 'streams'), types: names(match.types, 'types') },
    key: KEY_FIELDS.filter((field) => key.includes(field)),
    scope,
    adopted,
    writers,
    resolvers,
    strategy,
    priority,
    otherwise,
    whileOpen,
    merge: merge === null ? null : readMergeMethod(merge),
    record
  }
}

/**
 * May a reference by this ledger take another ledger's claim out of the siblings? The reader's own ledger only by name:
 * nodes must agree.
 */
export function maySilence(rule: ConflictRule, ledger: LedgerId): boolean {
  return rule.writers.includes(ledger) || rule.resolvers.includes(ledger)
}

function names(list: string[] | null | undefined, what: string): string[] | null {
  if (list == null) return null
  if (!isListOf(list, isName)) throw invalid(`match.${what} is a list of names`)
  return list
}

function isListOf<T>(list: T[] | undefined, isOne: (item: unknown) => boolean): list is T[] {
  return Array.isArray(list) && list.length <= MAX_RULE_LIST && new Set(list).size === list.length && list.every(isOne)
}

function invalid(what: string): LedgermeshError {
  return new LedgermeshError('INVALID_PARAMS', `rule: ${what}`)
}
