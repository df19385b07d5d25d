/** Types that the signatures of `index.ts` and `client.ts` use, so that programs can name them. */
export type { TrustLevelMilli } from './node/access/read-access.js'
export type { Identity } from './node/peers/identity.js'
export type { DelayGauge } from './network/load-monitor.js'
export type { AccessScope } from './core/ledger-types.js'
export type { Reference, ReferenceType, SyncMark } from './core/reference.js'
export type { ReferenceTarget } from './ledger/read/reference-target.js'
export type { LedgerChoice } from './node/api/ledger-choice.js'
export type { AskOutcome, SourceState } from './query/types.js'
export type { StallCode } from './sync/types.js'
export type { OfferReason } from './sync/push/types.js'
export type { PushLimits } from './node/replication/pushed-room.js'
export type { AttestationMeta, AttestationStatement, TrustKind } from './trust/attestation.js'
export type { AttestationView } from './trust/graph.js'
export type { TrustExplanation, TrustLevel, TrustStep } from './trust/paths.js'
export type { TrustReason } from './trust/reasons.js'
export type { OwnState } from './ledger/signer/signer-guard.js'
// what goes when, and how much of it
export type { FetchLimits } from './node/schedule/fetch-limits.js'
export type { Job, JobChange, JobFilter, JobState } from './node/api/jobs.js'
export type { Turns as ScheduleTurns } from './sync/schedule/schedule.js'
export type { Window as ScheduleWindow } from './sync/schedule/windows.js'
// where figures go
export type { MetricFamily, MetricLabels, Metrics, MetricValues } from './ports.js'
// what hooks are handed: the ledger's own shapes
export type { EntryKey } from './ledger/read/entry-key.js'
export type { AppendInput as HookAppendInput } from './ledger/append/append-input.js'
export type { ReferenceInput as HookReferenceInput } from './ledger/append/append-input.js'
export type { ReferredTo } from './core/entry-filter.js'
export type { QueryFilter as HookQueryFilter, QueryResult as HookQueryResult } from './ledger/read/query.js'
export type { ChainReport as HookChainReport } from './ledger/read/verify-chain.js'
export type { VoidedRange } from './ledger/write/voided.js'
export type { LedgerFacade } from './node/plugins/ledger-facade.js'
// entries of several ledgers that speak of one thing
export type {
  ConflictDecision,
  ConflictFilters,
  ConflictId,
  ConflictKey,
  ConflictKind,
  ConflictList,
  ConflictPointer,
  ConflictResolution,
  ConflictRule,
  ConflictSibling,
  ConflictState,
  ConflictSummary,
  ConflictView,
  DecisionOptions,
  EntryConflictApi,
  MergeHandler,
  Reason,
  RuleInput,
  RuleStatus,
  WithdrawnCopy
} from './node/api/conflicts.js'
export type { FieldMerge, MergeMethod } from './conflict/merge-method.js'
export type { KeyField, Resolver, Strategy } from './conflict/rule.js'
