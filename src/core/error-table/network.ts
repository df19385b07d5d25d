/** 4000: errors of the network. */
import type { ErrorRow } from './row.js'

export const NETWORK_ERRORS = {
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
  }
} as const satisfies Record<string, ErrorRow>
