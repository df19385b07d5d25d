/** 2000: errors of the own ledger and of what is stored. */
import type { ErrorRow } from './row.js'

export const LEDGER_ERRORS = {
  NOT_FOUND: {
    rpc: 2001,
    retryable: true,
    next: {
      cli: 'Check the id and the ledger: `npx ledgermesh ledgers` lists what is known here, and `npx ledgermesh follow <ledger>` fetches one.',
      socket: 'Check the id and the ledger: network.ledgers lists what is known here, and sync.follow fetches one.',
      library:
        'Check the id and the ledger: `ledger.plugins.interoperability.ledgers()` lists what is known, `ledger.plugins.sync.follow(id)` fetches one.'
    }
  },
  ID_TAKEN: {
    rpc: 2002,
    retryable: false,
    next: 'Choose a new id; or, to repeat an append, give exactly what was given the first time.'
  },
  RESERVED_TYPE: {
    rpc: 2003,
    retryable: false,
    next: {
      cli: 'Use the command that makes such an entry (`npx ledgermesh trust --help`, `npx ledgermesh erase --help`, …), or another type.',
      socket: 'Use the method that makes such an entry (trust.attest, ledger.erase, …), or another type.',
      library: 'Use the method of the plugin that makes such an entry, or another type.'
    }
  },
  REFERENCE_UNRESOLVED: {
    rpc: 2004,
    retryable: true,
    next: {
      cli: 'Follow the ledger of the missing entry (`npx ledgermesh follow <ledger>`) and wait for it; or write the reference without its hash: `npx ledgermesh append --allow-unresolved`, `npx ledgermesh import --wait`.',
      socket: 'Follow the ledger of the missing entry (sync.follow) and wait for it, or give allowUnresolved: true.',
      library: 'Follow the ledger of the missing entry and wait for it, or give allowUnresolved: true.'
    }
  },
  REFERENCE_PRIVATE: {
    rpc: 2017,
    retryable: false,
    next: {
      cli: 'Leave the reference out, or put it into the payload; `npx ledgermesh append --allow-private-target` writes it all the same.',
      socket: 'Leave the reference out, or put it into the payload; or give allowPrivateTarget: true.',
      library: 'Leave the reference out, or put it into the payload; or give allowPrivateTarget: true.'
    }
  },
  READ_ONLY: {
    rpc: 2005,
    retryable: false,
    next: {
      cli: "Do it on the node that has this ledger's key, while that node runs.",
      socket: "Do it on the node that has this ledger's key.",
      library:
        "Do it on the node that has this ledger's key; if other nodes hold the ledger, open it with a plugin that uses the network, or with `offline: true`."
    }
  },
  RESTORING: {
    rpc: 2006,
    retryable: true,
    next: 'Keep the node running and connected to nodes that follow its ledger: it pulls back from them what it has signed, then signs again.'
  },
  STORE_FAILED: {
    rpc: 2007,
    retryable: true,
    next: {
      cli: 'Whether the last write is stored is not known: free disk space (or file handles) and run the same command again when `npx ledgermesh doctor` says the ledger is ready; with the same --id nothing is written twice.',
      socket:
        'Whether the last write is stored is not known: its operator frees disk space (or file handles); then append again with the same id, which writes nothing twice.',
      library:
        'Whether the last write is stored is not known: free disk space (or file handles), close the ledger, open it again with `createLedger`, and append again with the same id.'
    }
  },
  STORE_TOO_NEW: {
    rpc: 2008,
    retryable: false,
    next: 'A newer version of ledgermesh wrote this folder: upgrade this one.'
  },
  STORE_DAMAGED: {
    rpc: 2009,
    retryable: false,
    next: {
      cli: 'Stop the node (`npx ledgermesh stop`), then `npx ledgermesh fsck` names what is wrong; `npx ledgermesh fsck --rebuild` repairs what can be derived or pulled again.',
      socket:
        'Its operator stops the node and runs `npx ledgermesh fsck`, which names what is wrong and can repair it.',
      library:
        'Close the ledger and run `npx ledgermesh fsck` on its folder, which names what is wrong and can repair it.'
    }
  },
  ALREADY_RUNNING: {
    rpc: 2010,
    retryable: false,
    next: {
      cli: 'Use the node that runs (`npx ledgermesh status`), or stop it first (`npx ledgermesh stop`).',
      socket: 'Another process has this folder open: stop it first.',
      library:
        'Another process has this folder open: close its ledger first, or call that node through its socket (LedgerClient).'
    }
  },
  CURSOR_INVALID: { rpc: 2011, retryable: false, next: 'Start the query again without a cursor.' },
  REFERENCE_CONTRADICTED: {
    rpc: 2013,
    retryable: false,
    next: 'The reference is not to what is held here: correct its hash or its id, or leave the hash out.'
  },
  RESERVED_ID: {
    rpc: 2014,
    retryable: false,
    next: 'Ids that begin with tx: are kept for transactions: choose another one.'
  },
  CONFIRMING: {
    rpc: 2015,
    retryable: true,
    next: {
      cli: 'Try again in some seconds: other nodes are being asked whether they hold more of this ledger. `npx ledgermesh status` says which nodes it waits for; if there are none left to ask, and nothing was signed after the stored entries, confirm that with `npx ledgermesh override`.',
      socket:
        'Try again in some seconds: other nodes are being asked whether they hold more of this ledger. node.status says which nodes it waits for; with ledger.override the operator confirms that nothing is missing.',
      library:
        'Try again in a few seconds: other nodes are being asked whether they hold more of this ledger. With `ledger.plugins.sync.override()`, or `offline: true` when it is opened, the operator confirms that nothing is missing.'
    }
  },
  TWIN: {
    rpc: 2016,
    retryable: false,
    next: {
      cli: 'Another node runs with the keys of this one: stop one of the two for good, then confirm that on the other one with `npx ledgermesh override`.',
      socket:
        'Another node runs with the keys of this one: its operator stops one of the two for good, then confirms that on the other one with ledger.override.',
      library:
        'Another node runs with the keys of this one: stop one of the two for good, then confirm that on the other one with `ledger.plugins.sync.override()`.'
    }
  },
  CLOSED: {
    rpc: 2012,
    retryable: true,
    next: {
      cli: 'The node is stopping: start it again with `npx ledgermesh start`.',
      socket: 'The node is stopping, or this connection is: connect again.',
      library: 'The ledger or the client was closed: open it again.'
    }
  },
  FEED_RESET: {
    rpc: 2018,
    retryable: false,
    next: {
      cli: 'Begin again with a snapshot: what is in it replaces the picture, and what is not in it is gone.',
      socket: 'Begin again with feed.snapshot: what is in it replaces your picture, and what is not in it is gone.',
      library:
        'Begin again with `ledger.feed.snapshot()`: what is in it replaces your picture, and what is not in it is gone.'
    }
  },
  NOT_YET: { rpc: 2020, retryable: true, next: 'Wait a moment (the message says for what), then try again.' }
} as const satisfies Record<string, ErrorRow>
