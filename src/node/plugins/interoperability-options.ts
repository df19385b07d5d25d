/** Options of the interoperability plugin, and their checked form. */
import { LedgermeshError } from '../../core/errors.js'
import { readOptions, type Members } from '../../core/options.js'
import type { DiscoverOptions } from '../api/discovery.js'
import { trustMilli } from '../replication/follow-rule.js'

/** Options of the interoperability plugin. */
export interface InteroperabilityOptions {
  /** What `discover` does when it is not told otherwise. */
  discovery?: DiscoverOptions
  /** `findLedgers` finds only ledgers that the own one trusts at least `minTrustLevel`, 0–1. Default: all. */
  trust?: { minTrustLevel?: number }
  /** Does `ledger.query` take `_crossLedger` and `_ledgers` in its filter? Default false: they are refused. */
  enableCrossLedgerQuery?: boolean
  /** Be a registry for others. */
  registry?: boolean
  /** Multiaddrs of registries to search in. */
  registries?: string[]
  /** DNS servers, ip or ip:port. Default: those of the system. */
  dnsServers?: string[]
  /**
   * The index by which answers prove that nothing is missing: of the own ledger (which then names it in entries of type
   * `ledger.index`), of all ledgers that are held, or none. Default `off`.
   */
  index?: 'off' | 'own' | 'all'
}

const OPTIONS: Members<InteroperabilityOptions> = {
  discovery: true,
  trust: true,
  enableCrossLedgerQuery: true,
  registry: true,
  registries: true,
  dnsServers: true,
  index: true
}
const INDEXES: readonly unknown[] = ['off', 'own', 'all']
const TRUST_OPTIONS: Members<NonNullable<InteroperabilityOptions['trust']>> = { minTrustLevel: true }
const DISCOVER_OPTIONS: Members<DiscoverOptions> = {
  method: true,
  registryUrl: true,
  registryPeer: true,
  domain: true,
  bootstrapNodes: true,
  capability: true,
  region: true,
  minTrustMilli: true
}

/** The options, checked and with their defaults. @internal */
export interface InteroperabilitySettings {
  /** What `discover` does when it is not told otherwise. */
  discovery: DiscoverOptions
  /** Least trust (0–1000) in a ledger that `findLedgers` returns; 0: all are returned. */
  minTrustMilli: number
  enableCrossLedgerQuery: boolean
  /** Be a registry for others. */
  isRegistry: boolean
  /** Multiaddrs of registries to search in. */
  registries: string[]
  /** ip or ip:port; none: those of the system. */
  dnsServers: string[]
  /** Whose index is kept. */
  index: 'off' | 'own' | 'all'
}

/** Throws INVALID_PARAMS for an unknown option, and for a trust level that is none. @internal */
export function readInteroperabilityOptions(given: InteroperabilityOptions): InteroperabilitySettings {
  const options = readOptions(given, OPTIONS)
  const { index = 'off' } = options
  if (!INDEXES.includes(index)) throw new LedgermeshError('INVALID_PARAMS', 'index is off, own or all')
  const { minTrustLevel } = readOptions(options.trust, TRUST_OPTIONS)
  return {
    discovery: readDiscoverOptions(options.discovery),
    minTrustMilli: minTrustLevel === undefined ? 0 : Math.max(trustMilli(minTrustLevel), 1),
    enableCrossLedgerQuery: options.enableCrossLedgerQuery === true,
    isRegistry: options.registry === true,
    registries: options.registries ?? [],
    dnsServers: options.dnsServers ?? [],
    index
  }
}

/** Throws INVALID_PARAMS. */
export function readDiscoverOptions(given: DiscoverOptions | undefined): DiscoverOptions {
  return readOptions(given, DISCOVER_OPTIONS)
}
