/** Errors of JSON-RPC 2.0 itself (section 5.1). */
import type { ErrorRow } from './row.js'

export const JSON_RPC_ERRORS = {
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
  }
} as const satisfies Record<string, ErrorRow>
