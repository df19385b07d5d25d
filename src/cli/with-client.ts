import { LedgerClient } from '../rpc/client.js'
import type { Globals } from './globals.js'

/** Runs `use` with a connection to the node of this home. Throws NODE_UNREACHABLE. */
export async function withClient<Result> (globals: Globals, use: (client: LedgerClient) => Promise<Result>): Promise<Result> {
  const client = await LedgerClient.connect(globals.paths.socket)
  try {
    return await use(client)
  } finally {
    await client.close()
  }
}
