/**
 * Translates advice to the operator for the place where it is read. The texts name RPC methods in backticks, with the
 * params that matter in braces; the command line and the library have other names for the same calls.
 */
import type { Surface } from './errors.js'

const CALLS: Record<string, Record<Exclude<Surface, 'socket'>, string>> = {
  'keys.rotate': {
    cli: 'npx ledgermesh keys rotate',
    library: 'npx ledgermesh --home <dataDir> keys rotate --offline'
  },
  'ledger.override': {
    cli: 'npx ledgermesh override --nothing-was-signed-since',
    library: 'ledger.plugins.sync.override()'
  },
  'ledger.referenceStates {status}': {
    cli: 'npx ledgermesh reference-states --status <status>',
    library: 'ledger.referenceStates({ status })'
  },
  'network.connect {address}': {
    cli: 'npx ledgermesh connect <address>',
    library: 'ledger.plugins.interoperability.connect(address)'
  },
  'network.indexFaults': {
    cli: 'npx ledgermesh index-faults',
    library: 'ledger.plugins.interoperability.indexFaults()'
  },
  'network.pardonIndex {ledger}': {
    cli: 'npx ledgermesh pardon-index <ledger>',
    library: 'ledger.plugins.interoperability.pardonIndex(ledger)'
  },
  'network.peers': { cli: 'npx ledgermesh peers', library: 'ledger.plugins.interoperability.peers()' },
  'sync.conflicts': { cli: 'npx ledgermesh conflicts', library: 'ledger.plugins.sync.conflicts()' },
  'sync.resolve {ledger}': { cli: 'npx ledgermesh resolve <ledger>', library: 'ledger.plugins.sync.resolve(ledger)' },
  'sync.resolve {ledger, key}': {
    cli: 'npx ledgermesh resolve <ledger> --key <hex>',
    library: 'ledger.plugins.sync.resolve(ledger, key)'
  },
  'sync.pull {ledger}': { cli: 'npx ledgermesh pull <ledger>', library: 'ledger.plugins.sync.pull(ledger)' },
  'sync.resume {ledger}': { cli: 'npx ledgermesh resume <ledger>', library: 'ledger.plugins.sync.resume(ledger)' },
  'sync.status': { cli: 'npx ledgermesh sync', library: 'ledger.plugins.sync.status()' },
  'trust.explain {to}': {
    cli: 'npx ledgermesh trust explain <ledger>',
    library: 'ledger.plugins.interoperability.trust.explain({ to })'
  }
}

/** The text with each call as this reader has to write it. */
export function adviceFor(surface: Surface, text: string): string {
  return surface === 'socket'
    ? text
    : text.replaceAll(/`([a-z]+\.[a-zA-Z]+(?: \{[a-z, ]+\})?)`/g, (whole, call: string) => {
        const named = CALLS[call]
        return named === undefined ? whole : `\`${named[surface]}\``
      })
}
