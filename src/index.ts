/** The library. Re-exports only. */
export { createLedger, type CreateLedgerOptions, type MeshLedger, type PluginMethods } from './node/create-ledger.js'
export { interoperabilityPlugin, type InteroperabilityOptions } from './node/plugins/interoperability-plugin.js'
export { CrossLedgerQuery, type CrossLedgerQuestion, type Interoperable } from './node/plugins/cross-ledger-query.js'
export { NetworkRegistry, type RegistryFilters } from './node/plugins/network-registry.js'
export { TrustManager, type TrustRelationship } from './node/plugins/trust-manager.js'
export { syncPlugin, type PushOptions, type SyncPluginOptions } from './node/plugins/sync-plugin.js'
export type { Plugin, PluginContext } from './node/plugins/plugin.js'
export type * from './node/api/access.js'
export type * from './node/api/adopt.js'
export type * from './node/api/discovery.js'
export type * from './node/api/erasures.js'
export type * from './node/api/events.js'
export type * from './node/api/evidence.js'
export type * from './node/api/feed.js'
export type * from './node/api/handles.js'
export type * from './node/api/tokens.js'
export type * from './node/api/node.js'
export type * from './node/api/push.js'
export type {
  FollowedReferences,
  FollowReferencesOptions,
  References,
  ReferencesOptions,
  ReferenceState,
  ReferenceStates,
  ReferenceStatesOptions
} from './node/api/references.js'
export type * from './node/api/query.js'
export type * from './node/api/topology.js'
export type {
  Direction,
  EntryName,
  Followed,
  Frontier,
  NamedReference,
  ReferenceStatus,
  ReferenceWhere
} from './references/types.js'
export type * from './node/api/trust.js'
export { exportTopology } from './node/topology/export-topology.js'
export type * from './public-types.js'
export type { LedgerHooks } from './ledger/append/hooks.js'
export type { Clock, Log, LogFields, Random } from './ports.js'
export { LedgerClient, type NetworkNotice, type Notice } from './rpc/client.js'
export type { Outcome } from './rpc/client-message.js'
export type { GivenTo, Method, MethodAccess, Notifies, Param, ParamsOf, ResultOf } from './rpc/method.js'
export type { MethodName, Methods } from './rpc/methods/index.js'

// for checking without a node
export * from './verify.js'
export { signingKeyFromSeed, type SigningKey } from './core/keys.js'
