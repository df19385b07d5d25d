/** 3000: errors of sync. */
import type { ErrorRow } from './row.js'

export const SYNC_ERRORS = {
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
      cli: 'The key of this ledger signed two different histories: `npx ledgermesh conflicts` shows them, and what can be done.',
      socket: 'The key of this ledger signed two different histories: see evidence.list and sync.conflicts.',
      library: 'The key of this ledger signed two different histories: see `ledger.plugins.sync.conflicts()`.'
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
      cli: 'There is nothing to decide: `npx ledgermesh conflicts` lists the open conflicts.',
      socket: 'There is nothing to decide: sync.conflicts lists the open conflicts.',
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
      cli: 'The ledger is private and the remote may not read it: run `npx ledgermesh access --grant <ledger>` first.',
      socket: 'The ledger is private and the remote may not read it: grant it access first (ledger.setAccess).',
      library: 'The ledger is private and the remote may not read it: grant it access first.'
    }
  },
  PRIVATE_INTO_PUBLIC: {
    rpc: 3010,
    retryable: false,
    next: 'Entries of a private ledger are not adopted into a public one, where anyone could read them: follow it without adopting it, or adopt it into a private ledger.'
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
      cli: 'There is nothing to decide: `npx ledgermesh conflicts` lists the open conflicts.',
      socket: 'There is nothing to decide: see sync.entryConflicts.',
      library: 'There is nothing to decide: see `ledger.plugins.sync.entryConflicts.list()`.'
    }
  },
  STALE: {
    rpc: 3021,
    retryable: true,
    next: {
      cli: 'The entries in conflict have changed since: look again (`npx ledgermesh conflicts show <conflict>`), then decide.',
      socket: 'The entries in conflict have changed since: look again (sync.view), then decide.',
      library:
        'The entries in conflict have changed since: look again (`ledger.plugins.sync.entryConflicts.view()`), then decide.'
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
  }
} as const satisfies Record<string, ErrorRow>
