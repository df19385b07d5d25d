/** 5000: errors of this node and its files. */
import type { ErrorRow } from './row.js'

export const NODE_ERRORS = {
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
    next: 'Run the same command again to continue: entries that were already imported are not imported twice.'
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
      socket: 'Connect as the user that the node runs as, or ask its operator for the rights that are named.',
      library: 'Run as the user that owns the folder, or name a folder of your own.'
    }
  },
  LEDGER_DIFFERS: {
    rpc: 5010,
    retryable: false,
    next: {
      cli: 'Leave --name and --access out (in config.json too), or give the values that the ledger has; for a ledger of another name or readership choose another home (--home).',
      socket: 'Its operator gives the name and the readership that the ledger has, or chooses another home.',
      library: 'Leave the option out, or give the value that the ledger has; for another ledger choose another dataDir.'
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
