import { signingKeyFromSeed, type SigningKey } from '../core/keys.js'
import type { LedgerId } from '../core/ledger-id.js'
import type { Ledger } from '../ledger/ledger.js'
import type { Ledgers } from '../ledger/ledgers.js'
import type { Host } from '../network/host.js'
import type { Clock } from '../ports.js'
import { OwnRecord } from './own-record.js'
import { VERSION } from './version.js'

/** What every node can do. */
const CAPABILITIES = ['sync', 'query', 'cross-ref']

/** What this node says of itself, beside its addresses. */
export interface Identity {
  /** The ledger that this node speaks for when it is not the own one: that ledger's chain must authorise this peer. */
  speaksFor?: LedgerId | undefined
  /** Beside those that every node has. */
  capabilities?: string[] | undefined
  region?: string | undefined
  streams?: string[] | undefined
}

interface Keys { ledgers: Ledgers, signingKey: SigningKey, peerKey: Uint8Array }

export function capabilitiesOf ({ capabilities = [] }: Identity): string[] {
  return [...new Set([...CAPABILITIES, ...capabilities])]
}

export function ownRecordOf (init: Identity & Keys & { network: string, clock: Clock }, host: Host, capabilities: string[]): OwnRecord {
  const { network, clock, ledgers, signingKey, peerKey, speaksFor, streams = [], region = null } = init
  return new OwnRecord({
    network, clock,
    peerId: host.peerId,
    capabilities,
    addrs: () => host.addrs(),
    ledger: speaksFor ?? ledgers.own.id,
    signingKey: speaksFor === undefined ? signingKey : signingKeyFromSeed(peerKey),
    metadata: { version: VERSION, streams, region }
  })
}

/** The ledger that this node's record names; null: not held yet. */
export function spokenFor ({ speaksFor, ledgers }: Identity & { ledgers: Ledgers }): Ledger | null {
  return speaksFor === undefined ? ledgers.own : ledgers.get(speaksFor) ?? null
}
