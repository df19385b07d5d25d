/**
 * The rooms of the house, from the top floor down: a room imports from rooms below it only. A room is a folder;
 * `src/node` and `src/ledger` are their top files alone. The picture in docs/ARCHITECTURE.md is drawn from this list.
 */
export const ROOMS: readonly string[] = [
  'src',
  'src/cli',
  'src/publish',
  'src/sink',
  'src/http',
  'src/page',
  'src/rpc',
  'src/node',
  'src/node/plugins',
  'src/node/query',
  'src/node/push',
  'src/node/sync-state',
  'src/node/adopt',
  'src/node/conflicts',
  'src/node/replication',
  'src/node/schedule',
  'src/node/trust',
  'src/node/health',
  'src/node/forks',
  'src/node/discovery',
  'src/node/references',
  'src/node/topology',
  'src/node/signer',
  'src/node/sessions',
  'src/node/access',
  'src/node/peers',
  'src/node/home',
  'src/node/events',
  'src/node/api',
  'src/node/signatures',
  'src/node/metrics',
  'src/node/runtime',
  'src/config',
  'src/network',
  'src/ledger',
  'src/ledger/fsck',
  'src/ledger/signer',
  'src/ledger/append',
  'src/ledger/write',
  'src/ledger/claims',
  'src/ledger/lmx1',
  'src/ledger/feed',
  'src/ledger/read',
  'src/sync',
  'src/query',
  'src/trust',
  'src/conflict',
  'src/references',
  'src/store',
  'protocols/hello',
  'protocols/pull',
  'protocols/attest',
  'protocols/registry',
  'protocols/push',
  'protocols/query',
  'protocols/announce',
  'protocols',
  'src/core',
  'src/ports'
]

/** The room that a file is in: the longest name in the list that leads to it; null: none. */
export function roomOf(file: string): string | null {
  if (file === 'src/ports.ts') return 'src/ports'
  let room = file.slice(0, file.lastIndexOf('/'))
  while (!ROOMS.includes(room)) {
    if (!room.includes('/')) return null
    room = room.slice(0, room.lastIndexOf('/'))
  }
  // only the package's faces are on the top floor: a new folder of src is a room, to be put into the list
  return room === 'src' && !/^src\/[^/]+$/.test(file) ? null : room
}
