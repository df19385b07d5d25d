import { isFreeCapability, SERVED_TEXT } from '../../core/capabilities.js'
import { LedgermeshError } from '../../core/errors.js'
import { signingKeyFromSeed, type SigningKey } from '../../core/keys.js'
import type { LedgerId } from '../../core/ledger-id.js'
import type { LedgerReader } from '../../ledger/ledger-reader.js'
import type { Ledgers } from '../../ledger/ledgers.js'
import type { Host } from '../../network/host.js'
import type { Clock } from '../../ports.js'
import { OwnRecord, type OwnRecordInit } from './own-record.js'
import { VERSION } from '../runtime/version.js'

/**
 * The capability that every node serves (pull). A plugin adds its own when it registers the protocol
 * (`PeerNetwork.serve`).
 */
const CAPABILITIES = ['sync']

/** The contents of this node's record, beside its addresses. */
export interface Identity {
  /** The ledger that this node represents if it is not the own one: that ledger's chain must authorise this peer. */
  speaksFor?: LedgerId | undefined
  /** Capabilities beside those that the node serves: not sync, query, cross-ref or registry. */
  capabilities?: string[] | undefined
  region?: string | undefined
  streams?: string[] | undefined
}

interface Keys {
  ledgers: Ledgers
  /** The one that is in force now. */ signingKey: () => SigningKey
  peerKey: Uint8Array
  remember: OwnRecordInit['remember']
  onRenewed: () => void
}

/** Throws INVALID_PARAMS for a capability that only the node itself may add. */
export function capabilitiesOf({ capabilities = [] }: Identity): string[] {
  const claimed = capabilities.find((one) => !isFreeCapability(one))
  if (claimed !== undefined) throw new LedgermeshError('INVALID_PARAMS', `the capability ${claimed}: ${SERVED_TEXT}`)
  return [...new Set([...CAPABILITIES, ...capabilities])]
}

export function ownRecordOf(
  init: Identity & Keys & { network: string; clock: Clock },
  host: Host,
  capabilities: string[]
): OwnRecord {
  const { network, clock, ledgers, signingKey, speaksFor, remember, onRenewed, streams = [], region = null } = init
  const peerKey = signingKeyFromSeed(init.peerKey)
  return new OwnRecord({
    network,
    clock,
    peerKey,
    remember,
    onRenewed,
    peerId: host.peerId,
    capabilities,
    addrs: () => host.addrs(),
    ledger: speaksFor ?? ledgers.own.id,
    signingKey: speaksFor === undefined ? signingKey : () => peerKey,
    metadata: { version: VERSION, streams, region }
  })
}

/** The ledger that this node's record names; null: not held yet. */
export function spokenFor({ speaksFor, ledgers }: Identity & { ledgers: Ledgers }): LedgerReader | null {
  return speaksFor === undefined ? ledgers.own : (ledgers.get(speaksFor) ?? null)
}
