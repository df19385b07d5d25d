/** Options of the sync plugin, and their checked form. */
import { LedgermeshError, type Surface } from '../../core/errors.js'
import { isInteger } from '../../core/grammar.js'
import { readOptions, type Members } from '../../core/options.js'
import type { RuleInput } from '../../conflict/rule.js'
import { ACCEPT_RULES, type AcceptRule } from '../../sync/push/types.js'
import { readRules } from '../conflicts/configured-rules.js'
import { DEFAULT_REPLICAS_MS, MAX_REPLICAS, MAX_REPLICAS_MS, type AutoSync } from '../push/auto-sync.js'
import { DEFAULT_BUDGET_MS, MAX_BUDGET_MS } from '../replication/auto-pull.js'
import { trustMilli } from '../replication/follow-rule.js'
import { DEFAULT_PUSH_LIMITS, type PushLimits } from '../replication/pushed-room.js'
import { readFetchLimits, type FetchLimits } from '../schedule/fetch-limits.js'

/** Which ledgers this node accepts by push, and how much it stores of them. */
export interface PushOptions {
  /** The peers whose offers make this node follow a ledger. Default `nobody`. */
  accept?: AcceptRule
  limits?: Partial<PushLimits>
}

/** Options of the sync plugin. */
export interface SyncPluginOptions {
  /**
   * Pull only ledgers that the own one trusts at least `minTrustLevel`. Default false. A follow of headers alone needs
   * no trust.
   */
  filterByTrust?: boolean
  /** 0–1, default 0: any trust at all. */
  minTrustLevel?: number
  push?: PushOptions
  /**
   * Own entries are offered automatically to remotes with push, soon after they are appended; an append never waits for
   * that, and never fails because of it. `replicas`: how many remotes should have the entries within `timeoutMs` ms
   * (default 9,000); a warning is logged when fewer do. False: they are offered only when `push` is called. Default true.
   */
  autoSync?: boolean | { replicas?: number; timeoutMs?: number }
  /**
   * When the own ledger lacks an entry, `get` looks for it in the other held ledgers, and pulls followed ledgers that
   * are behind; when a ledger is named that is not held, `get` asks peers that have it. It waits at most `budgetMs` ms
   * (default 250, at most 2,000). Default false.
   */
  autoPull?: boolean | { budgetMs?: number }
  /** Limits for all remotes together. Default: 32 ranges at a time, and no limit of bandwidth. */
  limits?: Partial<FetchLimits>
  /**
   * Rules that say which entries of several ledgers describe the same thing, and who decides when they differ. They are
   * in force while they are listed here; further rules are set with `entryConflicts.setRule`.
   */
  rules?: readonly RuleInput[]
  /** The surface for which advice is written. Default: the library. @internal */
  surface?: Surface
}

/** The options, checked and with their defaults. @internal */
export interface SyncSettings {
  /** Only ledgers that the own one trusts at least this much are pulled; null: all followed ones. */
  minTrustMilli: number | null
  accept: AcceptRule
  pushLimits: PushLimits
  fetchLimits: FetchLimits
  /** null: own entries are not offered automatically. */
  autoSync: AutoSync | null
  /** How long `get` searches an entry elsewhere, in ms; null: it does not. */
  searchBudgetMs: number | null
  rules: ReturnType<typeof readRules>
  surface: Surface
}

const OPTIONS: Members<SyncPluginOptions> = {
  filterByTrust: true,
  minTrustLevel: true,
  push: true,
  autoSync: true,
  autoPull: true,
  limits: true,
  rules: true,
  surface: true
}
const AUTO_SYNC: Members<{ replicas?: number; timeoutMs?: number }> = { replicas: true, timeoutMs: true }
const AUTO_PULL: Members<{ budgetMs?: number }> = { budgetMs: true }
const PUSH_OPTIONS: Members<PushOptions> = { accept: true, limits: true }
const LIMITS: Members<Partial<PushLimits>> = { ledgers: true, bytesPerLedger: true, bytes: true, freeDisk: true }

/** Throws INVALID_PARAMS for an unknown option, and for a value out of its range. @internal */
export function readSyncOptions(options: SyncPluginOptions): SyncSettings {
  const {
    filterByTrust = false,
    minTrustLevel = 0,
    push,
    limits,
    autoSync = true,
    autoPull = false,
    rules = [],
    surface = 'library'
  } = readOptions(options, OPTIONS)
  return {
    rules: readRules(rules),
    autoSync: readAutoSync(autoSync),
    searchBudgetMs: readAutoPull(autoPull),
    ...readPush(push),
    fetchLimits: readFetchLimits(limits),
    minTrustMilli: filterByTrust ? trustMilli(minTrustLevel) : null,
    surface
  }
}

/** null: own entries are not offered automatically. Throws INVALID_PARAMS. */
function readAutoSync(given: NonNullable<SyncPluginOptions['autoSync']>): AutoSync | null {
  if (typeof given === 'boolean') return given ? { replicas: 0, timeoutMs: DEFAULT_REPLICAS_MS } : null
  const { replicas = 0, timeoutMs = DEFAULT_REPLICAS_MS } = readOptions(given, AUTO_SYNC)
  if (!isInteger(replicas, MAX_REPLICAS))
    throw new LedgermeshError('INVALID_PARAMS', `replicas is 0 to ${MAX_REPLICAS}`)
  if (!isInteger(timeoutMs, MAX_REPLICAS_MS) || timeoutMs === 0)
    throw new LedgermeshError('INVALID_PARAMS', `timeoutMs is 1 to ${MAX_REPLICAS_MS}`)
  return { replicas, timeoutMs }
}

/** null: entries are not searched elsewhere. Throws INVALID_PARAMS. */
function readAutoPull(given: NonNullable<SyncPluginOptions['autoPull']>): number | null {
  if (typeof given === 'boolean') return given ? DEFAULT_BUDGET_MS : null
  const { budgetMs = DEFAULT_BUDGET_MS } = readOptions(given, AUTO_PULL)
  if (!isInteger(budgetMs, MAX_BUDGET_MS) || budgetMs === 0)
    throw new LedgermeshError('INVALID_PARAMS', `budgetMs is 1 to ${MAX_BUDGET_MS}`)
  return budgetMs
}

/** Throws INVALID_PARAMS. */
function readPush(given: PushOptions | undefined): Pick<SyncSettings, 'accept' | 'pushLimits'> {
  const { accept = 'nobody', limits } = readOptions(given, PUSH_OPTIONS)
  if (!ACCEPT_RULES.includes(accept))
    throw new LedgermeshError('INVALID_PARAMS', `push.accept is one of ${ACCEPT_RULES.join(', ')}`)
  const all = { ...DEFAULT_PUSH_LIMITS, ...readOptions(limits, LIMITS) }
  for (const [limit, value] of Object.entries(all))
    if (!isInteger(value, Number.MAX_SAFE_INTEGER))
      throw new LedgermeshError('INVALID_PARAMS', `push.limits.${limit} is a count`)
  return { accept, pushLimits: all }
}
