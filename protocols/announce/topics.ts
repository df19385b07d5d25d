import { WireError } from '../codes.js'
import { checkLedger, checkNetwork } from '../fields.js'

/** The topic of one public ledger: its heads, and evidence against its author. Throws INVALID. */
export function announceTopic(network: string, ledger: string): string {
  return `/ledgermesh/${named(checkNetwork, network)}/announce/${named(checkLedger, ledger)}`
}

/** The topic of the network's node records. Throws INVALID. */
export function nodesTopic(network: string): string {
  return `/ledgermesh/${named(checkNetwork, network)}/nodes`
}

function named(check: (name: string) => string, name: string): string {
  try {
    return check(name)
  } catch (error) {
    throw new WireError('INVALID', 'no such topic', { cause: error })
  }
}
