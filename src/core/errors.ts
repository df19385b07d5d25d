/**
 * Every error that Ledgermesh reports, in one table: the RPC number, whether trying again can help, and what to do next.
 * RPC numbers below -32000 are JSON-RPC's own; ours are grouped by family in thousands.
 */
export const ERRORS = {
  // JSON-RPC 2.0, section 5.1
  PARSE_ERROR: { rpc: -32700, retryable: false, next: 'Send one JSON object or array at a time.' },
  INVALID_REQUEST: { rpc: -32600, retryable: false, next: 'Send {"jsonrpc":"2.0","id":…,"method":…,"params":…}.' },
  METHOD_NOT_FOUND: { rpc: -32601, retryable: false, next: 'Ask rpc.discover for the methods.' },
  INVALID_PARAMS: { rpc: -32602, retryable: false, next: 'Ask rpc.discover for the parameters of this method.' },
  INTERNAL: { rpc: -32603, retryable: false, next: 'See the log of the node; this is a bug.' },

  // 1000: an entry, whoever made it
  MALFORMED: { rpc: 1001, retryable: false, next: 'The bytes do not follow the grammar of DESIGN §2.' },
  NOT_CANONICAL: { rpc: 1002, retryable: false, next: 'The bytes are not RFC 8785 canonical JSON.' },
  UPGRADE_NEEDED: { rpc: 1003, retryable: false, next: 'A newer version of ledgermesh wrote this: upgrade this node.' },
  TOO_LARGE: { rpc: 1004, retryable: false, next: 'Make it smaller; the limits are in the README.' },
  BAD_SIGNATURE: { rpc: 1005, retryable: false, next: 'The signature does not belong to these bytes and this key.' },
  BROKEN_LINK: { rpc: 1006, retryable: false, next: 'The entry does not follow the entry before it.' },
  WRONG_LEDGER: { rpc: 1007, retryable: false, next: 'The entry belongs to another ledger.' },
  WRONG_NETWORK: { rpc: 1008, retryable: false, next: 'That ledger was made for another network.' },
  KEY_NOT_IN_FORCE: { rpc: 1009, retryable: false, next: 'The entry is signed by a key that is not the ledger\'s at that place.' },
  BAD_KEY: { rpc: 1010, retryable: false, next: 'A ledger key is 32 bytes: a canonical point that is not of small order.' },
  PAYLOAD_MISMATCH: { rpc: 1011, retryable: false, next: 'The payload is not the one that the header commits to.' },
  BAD_PROOF: { rpc: 1012, retryable: false, next: 'Believe nothing in this file; get it again from where it was made.' },
  BAD_EVIDENCE: { rpc: 1013, retryable: false, next: 'The evidence proves nothing: check where it came from.' },
  BAD_RECORD: { rpc: 1014, retryable: false, next: 'The node record is not signed by whom it names, or has expired.' },

  // 2000: the own ledger and what is stored
  NOT_FOUND: { rpc: 2001, retryable: true, next: 'Not held here: check the id, or follow the ledger that has it.' },
  ID_TAKEN: { rpc: 2002, retryable: false, next: 'Another entry has this id: choose a new id.' },
  RESERVED_TYPE: { rpc: 2003, retryable: false, next: 'Types ledger.*, trust.* and transaction.* have methods of their own.' },
  REFERENCE_UNRESOLVED: { rpc: 2004, retryable: true, next: 'Follow the referenced ledger and wait for the entry, or allow unresolved references.' },
  READ_ONLY: { rpc: 2005, retryable: false, next: 'Only the holder of a ledger\'s key can append to it.' },
  RESTORING: { rpc: 2006, retryable: true, next: 'Keep the node running and connected to nodes that follow its ledger: it pulls back from them what it has signed, then signs again.' },
  STORE_FAILED: { rpc: 2007, retryable: true, next: 'The last write has an unknown outcome: free disk space. The node then goes on by itself; a program that uses the library opens its ledger anew.' },
  STORE_TOO_NEW: { rpc: 2008, retryable: false, next: 'A newer version of ledgermesh wrote this folder: upgrade this node.' },
  STORE_DAMAGED: { rpc: 2009, retryable: false, next: 'Stored bytes do not check: stop the node, and `npx ledgermesh fsck` names what is wrong; with --rebuild it repairs what can be derived or pulled again.' },
  ALREADY_RUNNING: { rpc: 2010, retryable: false, next: 'Another process has this folder open: stop it first (`npx ledgermesh stop`).' },
  CURSOR_INVALID: { rpc: 2011, retryable: false, next: 'Start the query again without a cursor.' },
  CLOSED: { rpc: 2012, retryable: true, next: 'The node is stopping: start it again.' },

  // 3000: sync
  NOT_FOLLOWED: { rpc: 3001, retryable: false, next: 'Follow it first: `npx ledgermesh follow <ledger>`.' },
  FROZEN: { rpc: 3002, retryable: false, next: 'There is evidence against this ledger: see `evidence.list`.' },
  NO_ROTATION: { rpc: 3004, retryable: true, next: 'Connect to a node that holds the branch of the rotation, if the owner made one; otherwise the ledger stays frozen.' },
  NOT_FROZEN: { rpc: 3005, retryable: false, next: 'There is nothing to decide: see `ledgermesh conflicts`.' },
  UNTRUSTED: { rpc: 3003, retryable: false, next: 'See `ledgermesh trust explain <ledger>`; attest it, or follow its headers alone.' },

  // 4000: the network
  UNREACHABLE: { rpc: 4001, retryable: true, next: 'Check the address, and that the other node is running.' },
  BAD_ADDRESS: { rpc: 4002, retryable: false, next: 'An address looks like /ip4/203.0.113.7/tcp/7440/p2p/12D3Koo….' },
  OFFLINE: { rpc: 4003, retryable: true, next: 'The network is switched off, or not started yet.' },
  REFUSED: { rpc: 4004, retryable: false, next: 'The other node does not serve this to us.' },
  TIMEOUT: { rpc: 4005, retryable: true, next: 'Try again; the other side was too slow.' },
  LISTEN_FAILED: { rpc: 4006, retryable: false, next: 'Another program uses the address: choose another one with --listen, or port 0 for a free one.' },

  // 5000: this node and its files
  BAD_CONFIG: { rpc: 5001, retryable: false, next: 'Correct the named file or flag.' },
  BAD_FILE: { rpc: 5002, retryable: false, next: 'Correct the named file.' },
  NODE_UNREACHABLE: { rpc: 5003, retryable: true, next: 'Start it with `npx ledgermesh start`.' },
  OVERLOADED: { rpc: 5004, retryable: true, next: 'Wait a moment, then try again.' }
} as const

export type ErrorCode = keyof typeof ERRORS

/** The only error type that crosses our layers: `code` decides, `message` explains. */
export class LedgermeshError extends Error {
  override readonly name = 'LedgermeshError'
  readonly code: ErrorCode
  /** Facts for programs (JSON values): for example the references that were not resolved. */
  readonly details: Record<string, unknown> | undefined

  constructor (code: ErrorCode, message: string, details?: Record<string, unknown>, options?: ErrorOptions) {
    super(message, options)
    this.code = code
    this.details = details
  }
}

/** Narrows any thrown value: is it ours, with this code? */
export function isCoded (error: unknown, code?: ErrorCode): error is LedgermeshError {
  return error instanceof LedgermeshError && (code === undefined || error.code === code)
}
