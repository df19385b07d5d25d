/** 1000: errors of an entry, the own ledger's or another's. */
import type { ErrorRow } from './row.js'

export const ENTRY_ERRORS = {
  MALFORMED: {
    rpc: 1001,
    retryable: false,
    next: 'Correct what the message names, or obtain the data again from its source.'
  },
  NOT_CANONICAL: {
    rpc: 1002,
    retryable: false,
    next: 'Obtain the bytes again from their source: they were re-encoded on the way and are no longer canonical JSON (RFC 8785).'
  },
  UPGRADE_NEEDED: { rpc: 1003, retryable: false, next: 'A newer version of ledgermesh wrote this: upgrade this one.' },
  TOO_LARGE: {
    rpc: 1004,
    retryable: false,
    next: {
      cli: 'Make it smaller, or split it; the message names the limit, and REFERENCE.md lists all of them.',
      socket: 'Send or ask for less at a time; the message names the limit.',
      library: 'Give less at a time; the message names the limit.'
    }
  },
  BAD_SIGNATURE: {
    rpc: 1005,
    retryable: false,
    next: 'Do not trust it: these bytes were not signed by the key that they name. Get them again from their author.'
  },
  BROKEN_LINK: {
    rpc: 1006,
    retryable: false,
    next: 'Get it again from its author: it does not link to the entry before it.'
  },
  WRONG_LEDGER: {
    rpc: 1007,
    retryable: false,
    next: 'Name the ledger that the entry belongs to, or give an entry of the ledger that you named.'
  },
  WRONG_NETWORK: {
    rpc: 1008,
    retryable: false,
    next: {
      cli: 'Ledgers and nodes of different networks never meet: name one of this network, or give the network that the message names (--network, or "network" in config.json).',
      socket: 'Ledgers and nodes of different networks never meet: name one of the network that node.status shows.',
      library:
        'Ledgers and nodes of different networks never meet: give `createLedger` the network that the message names, or another folder.'
    }
  },
  KEY_NOT_IN_FORCE: {
    rpc: 1009,
    retryable: false,
    next: 'Get it again from its author: the key that signed it was not in force at that entry.'
  },
  BAD_KEY: {
    rpc: 1010,
    retryable: false,
    next: 'Give another key: 32 bytes, not used for this ledger before, and where a next key is asked for, the one that the ledger has committed to.'
  },
  PAYLOAD_MISMATCH: {
    rpc: 1011,
    retryable: false,
    next: 'Get the payload again: its hash is not the one that the author signed.'
  },
  BAD_PROOF: {
    rpc: 1012,
    retryable: false,
    next: 'Do not trust this file; obtain a new copy from its source.'
  },
  BAD_EVIDENCE: {
    rpc: 1013,
    retryable: false,
    next: 'It proves nothing; obtain a new copy from its source.'
  },
  BAD_RECORD: {
    rpc: 1014,
    retryable: false,
    next: 'Ask the node itself for a new record: this one has expired, or is not signed by the node that it names.'
  }
} as const satisfies Record<string, ErrorRow>
