/**
 * Where an error is read: on the command line, by a program that talks to the socket, or by one that embeds the ledger.
 */
export type Surface = 'cli' | 'socket' | 'library'

export interface ErrorRow {
  /** The RPC number. Those below -32000 are JSON-RPC's own; ours are grouped by family in thousands. */
  rpc: number
  /** Can the same call help later, when nothing was changed but time has passed? */
  retryable: boolean
  /**
   * What to do next. Of three kinds where what can be done differs; it is true for every place that throws the code.
   */
  next: string | Record<Surface, string>
}

/** Every error that Ledgermesh reports, in one table. */
export const ERRORS = {
  // JSON-RPC 2.0, section 5.1
  PARSE_ERROR: {
    rpc: -32700,
    retryable: false,
    next: {
      cli: 'Send one JSON object or array at a time; `npx ledgermesh rpc --help` shows how.',
      socket: 'Send one JSON object or array at a time.',
      library: 'Send one JSON object or array at a time.'
    }
  },
  INVALID_REQUEST: {
    rpc: -32600,
    retryable: false,
    next: {
      cli: 'Send {"jsonrpc":"2.0","id":…,"method":…,"params":…}; `npx ledgermesh rpc --help` shows how.',
      socket: 'Send {"jsonrpc":"2.0","id":…,"method":…,"params":…}.',
      library: 'Send {"jsonrpc":"2.0","id":…,"method":…,"params":…}.'
    }
  },
  METHOD_NOT_FOUND: {
    rpc: -32601,
    retryable: false,
    next: {
      cli: '`npx ledgermesh rpc rpc.discover` lists the methods; a node of another version may have others.',
      socket: 'Ask rpc.discover for the methods.',
      library: 'REFERENCE.md lists the methods of the socket.'
    }
  },
  INVALID_PARAMS: {
    rpc: -32602,
    retryable: false,
    next: {
      cli: 'See `npx ledgermesh <command> --help`.',
      socket: 'Ask rpc.discover for the parameters of this method.',
      library: 'Correct the named argument or option; its type says what it takes.'
    }
  },
  INTERNAL: {
    rpc: -32603,
    retryable: false,
    next: {
      cli: 'This is a fault of ledgermesh, not yours: report it with what you did and what the node has logged.',
      socket: "This is a fault of the node, not of the request: its operator finds it in the node's log.",
      library: 'This is a fault of ledgermesh: report it with its stack.'
    }
  },

  // 1000: an entry, whoever made it
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
      socket: 'Ledgers and nodes of different networks never meet: name one of the network that node.status says.',
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
  },

  // 2000: the own ledger and what is stored
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
        "Do it on the node that has this ledger's key; a ledger that others hold is opened with a plugin that uses the network, or with `offline: true`."
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
        'Try again in some seconds: other nodes are being asked whether they hold more of this ledger. With `ledger.plugins.sync.override()`, or `offline: true` when it is opened, the operator confirms that nothing is missing.'
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
  NOT_YET: { rpc: 2020, retryable: true, next: 'Wait a moment (the message says for what), then try again.' },

  // 2100: handles, the short names of ids
  AMBIGUOUS: { rpc: 2101, retryable: false, next: 'Give more of the id, or one of the candidates in full.' },
  NO_SUCH_NAME: {
    rpc: 2102,
    retryable: false,
    next: 'Give the full id; or follow the ledger, or give it an alias, to use a name for it.'
  },
  SHORT_FORM: {
    rpc: 2103,
    retryable: false,
    next: 'Give the full id, an alias, or the name of a followed ledger: signing, granting and trusting accept no short form that others could have arranged.'
  },

  // 3000: sync
  NOT_FOLLOWED: {
    rpc: 3001,
    retryable: false,
    next: {
      cli: 'Follow it first: `npx ledgermesh follow <ledger>`.',
      socket: 'Follow it first (sync.follow).',
      library: 'Follow it first: `ledger.plugins.sync.follow(id)`.'
    }
  },
  FROZEN: {
    rpc: 3002,
    retryable: false,
    next: {
      cli: 'Somebody signed two histories of this ledger: `npx ledgermesh conflicts` says which, and what can be done.',
      socket: 'Somebody signed two histories of this ledger: see evidence.list and sync.conflicts.',
      library: 'Somebody signed two histories of this ledger: see `ledger.plugins.sync.conflicts()`.'
    }
  },
  NO_ROTATION: {
    rpc: 3004,
    retryable: true,
    next: 'Connect to a node that holds the branch of the rotation, if the owner made one; otherwise the ledger stays frozen.'
  },
  TOO_MANY_KEYS: {
    rpc: 3006,
    retryable: false,
    next: 'Make a new ledger and name it in this one: no proof or evidence carries more than 256 key entries.'
  },
  NOT_FROZEN: {
    rpc: 3005,
    retryable: false,
    next: {
      cli: 'There is nothing to decide: `npx ledgermesh conflicts` lists what there is.',
      socket: 'There is nothing to decide: see sync.conflicts.',
      library: 'There is nothing to decide: see `ledger.plugins.sync.conflicts()`.'
    }
  },
  QUOTA: {
    rpc: 3007,
    retryable: false,
    next: {
      cli: 'It came by push and has reached its size limit: follow it (`npx ledgermesh follow <ledger>`) to lift the limit, or drop it (`npx ledgermesh unfollow <ledger>`).',
      socket:
        'It came by push and has reached its size limit: follow it (sync.follow) to lift the limit, or drop it (sync.unfollow).',
      library: 'It came by push and has reached its size limit: follow it to lift the limit, or drop it.'
    }
  },
  NO_SUCH_REMOTE: {
    rpc: 3008,
    retryable: false,
    next: {
      cli: '`npx ledgermesh remotes` lists those that are known; `npx ledgermesh remotes add <ledger>` makes one.',
      socket: 'Ask sync.remotes for those that are known, or make one with sync.addRemote.',
      library: '`ledger.plugins.sync.remotes()` lists those that are known; `addRemote` makes one.'
    }
  },
  NOT_A_READER: {
    rpc: 3009,
    retryable: false,
    next: {
      cli: 'The ledger is private and the remote is no reader of it: `npx ledgermesh access --grant <ledger>` first.',
      socket: 'The ledger is private and the remote is no reader of it: grant it access first (ledger.setAccess).',
      library: 'The ledger is private and the remote is no reader of it: grant it access first.'
    }
  },
  PRIVATE_INTO_PUBLIC: {
    rpc: 3010,
    retryable: false,
    next: 'Entries of a private ledger are not adopted into a public one, where everybody could read them: follow it without adopting it, or adopt it into a private ledger.'
  },
  READERS_WIDER: {
    rpc: 3011,
    retryable: false,
    next: {
      cli: 'Some readers of the own ledger may not read that one: `npx ledgermesh access` shows them; say `npx ledgermesh adopt start <ledger> --accept-readers` when they may read the copies.',
      socket: 'Some readers of the own ledger may not read that one: say acceptReaders when they may read the copies.',
      library:
        'Some readers of the own ledger may not read that one: say `acceptReaders` when they may read the copies.'
    }
  },
  COPIES_REMAIN: {
    rpc: 3012,
    retryable: false,
    next: {
      cli: 'Say what becomes of the copies: `--copies erase` erases their payloads everywhere; with `--copies keep` they stay, and erasures of the originals no longer reach them.',
      socket:
        'Say what becomes of the copies: copies: "erase" erases their payloads everywhere; with "keep" they stay, and erasures of the originals no longer reach them.',
      library:
        "Say what becomes of the copies: `copies: 'erase'` erases their payloads everywhere; with `'keep'` they stay, and erasures of the originals no longer reach them."
    }
  },
  NO_CONFLICT: {
    rpc: 3020,
    retryable: false,
    next: {
      cli: 'There is nothing to decide: `npx ledgermesh conflicts` lists what there is.',
      socket: 'There is nothing to decide: see sync.entryConflicts.',
      library: 'There is nothing to decide: see `ledger.plugins.sync.entryConflicts.list()`.'
    }
  },
  STALE: {
    rpc: 3021,
    retryable: true,
    next: {
      cli: 'Others have written meanwhile: look again (`npx ledgermesh conflicts show <conflict>`), then decide.',
      socket: 'Others have written meanwhile: look again (sync.view), then decide.',
      library: 'Others have written meanwhile: look again (`ledger.plugins.sync.entryConflicts.view()`), then decide.'
    }
  },
  MERGE_FAILED: {
    rpc: 3022,
    retryable: false,
    next: 'Choose one of the entries, or give the merged payload yourself.'
  },
  UNTRUSTED: {
    rpc: 3003,
    retryable: false,
    next: {
      cli: '`npx ledgermesh trust explain <ledger>` says why; attest it, or follow its headers alone (`npx ledgermesh follow <ledger> --headers`).',
      socket:
        'See trust.explain; attest it (trust.attest), or follow its headers alone (sync.follow with headers: true).',
      library: 'Attest it, or follow its headers alone: `ledger.plugins.sync.follow(id, {headers: true})`.'
    }
  },

  // 4000: the network
  UNREACHABLE: {
    rpc: 4001,
    retryable: true,
    next: 'Check the address, that the other node is running, and that nothing between the two blocks its port.'
  },
  BAD_ADDRESS: { rpc: 4002, retryable: false, next: 'Give an address like /ip4/203.0.113.7/tcp/7440/p2p/12D3Koo….' },
  OFFLINE: {
    rpc: 4003,
    retryable: true,
    next: {
      cli: 'Let the node listen somewhere ("listen" in config.json, or `npx ledgermesh start --listen <multiaddr>`), or wait until it has started.',
      socket: 'Wait until the node has started; node.status says where it listens.',
      library: 'Give the plugin to `createLedger`, which starts it; after `ledger.close()` nothing runs any more.'
    }
  },
  REFUSED: {
    rpc: 4004,
    retryable: false,
    next: 'Ask the operator of the other node to admit this one.'
  },
  TIMEOUT: { rpc: 4005, retryable: true, next: 'Try again; the other side was too slow.' },
  LISTEN_FAILED: {
    rpc: 4006,
    retryable: false,
    next: {
      cli: 'The message has the system\'s own reason: choose an address of this machine whose port is free (--listen, or "listen" in config.json; port 0 takes a free one).',
      socket:
        'Its operator chooses an address of that machine whose port is free ("listen" in config.json; port 0 takes a free one).',
      library:
        "The message has the system's own reason: choose an address of this machine whose port is free (`listen`; port 0 takes a free one)."
    }
  },
  PSK_DIFFERS: {
    rpc: 4007,
    retryable: false,
    next: {
      cli: 'Put the same key file under "psk" in the config.json of both nodes, or of neither, and restart them.',
      socket: 'Its operator puts the same key file under "psk" in the config.json of both nodes, or of neither.',
      library: 'Give `createLedger` of both nodes the same psk, or none to either.'
    }
  },
  INCOMPLETE: {
    rpc: 4008,
    retryable: true,
    next: {
      cli: 'The message says which ledgers fell short, and how. Try again later, give more time (--deadline), follow them, or ask without --need.',
      socket: 'The data says which ledgers fell short, and how. Try again later, give more time, or need less.',
      library: 'The details say which ledgers fell short, and how. Try again later, give more time, or need less.'
    }
  },

  // 5000: this node and its files
  BAD_CONFIG: {
    rpc: 5001,
    retryable: false,
    next: {
      cli: 'Correct what the message names (a flag, or a key of that file); `npx ledgermesh start --help` lists the settings.',
      socket: 'Its operator corrects the named setting.',
      library: 'Correct the named option.'
    }
  },
  BAD_FILE: {
    rpc: 5002,
    retryable: false,
    next: 'Correct the file or folder that the message names, or name another one.'
  },
  NODE_UNREACHABLE: {
    rpc: 5003,
    retryable: true,
    next: {
      cli: 'Start it with `npx ledgermesh start`, or name the home of one that runs (--home or $LEDGERMESH_HOME).',
      socket: 'Connect again when the node runs (`npx ledgermesh start`).',
      library: 'Connect again when the node runs (`npx ledgermesh start`).'
    }
  },
  OVERLOADED: { rpc: 5004, retryable: true, next: 'Wait a moment, then try again.' },
  NO_LEDGER: {
    rpc: 5005,
    retryable: false,
    next: {
      cli: 'Make a ledger with `npx ledgermesh init`, or name the folder of one (--home or $LEDGERMESH_HOME).',
      socket: 'Its operator makes a ledger with `npx ledgermesh init`.',
      library: 'Make a ledger with `createLedger`, or name the folder of one.'
    }
  },
  INTERRUPTED: {
    rpc: 5008,
    retryable: true,
    next: 'Run the same again to continue: what was taken is not taken twice.'
  },
  NO_ANSWER: {
    rpc: 5006,
    retryable: true,
    next: {
      cli: 'A process holds this socket but does not answer as a node does: it may be stopped, hung or overloaded. Look at its log; end it by its process id and start it again if it stays so.',
      socket:
        'A process holds this socket but does not answer as a node does: its operator looks at its log, and starts it again.',
      library: 'A process holds this socket but does not answer as a node does: look at its log, and start it again.'
    }
  },
  NOT_PERMITTED: {
    rpc: 5007,
    retryable: false,
    next: {
      cli: 'Run the command as the user that the node runs as, or name a home of your own (--home or $LEDGERMESH_HOME).',
      socket: 'Connect as the user that the node runs as.',
      library: 'Run as the user that owns the folder, or name a folder of your own.'
    }
  },
  LEDGER_DIFFERS: {
    rpc: 5010,
    retryable: false,
    next: {
      cli: 'Leave --name and --access out (in config.json too), or give what is true; for a ledger of another name or readership choose another home (--home).',
      socket: 'Its operator gives the name and the readership that the ledger has, or chooses another home.',
      library: 'Leave the option out, or give what is true; for another ledger choose another dataDir.'
    }
  },
  READING_ONLY: {
    rpc: 5009,
    retryable: false,
    next: {
      cli: 'Run it as the user that the node runs as: this socket is for reading.',
      socket: "Use the node's own socket, or ask its operator: this one is for reading.",
      library: "Connect to the node's own socket (rpc/node.sock in its home): this one is for reading."
    }
  }
} as const satisfies Record<string, ErrorRow>
