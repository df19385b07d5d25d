import { LedgerClient } from '../rpc/client.js'
import { ANSWER_MS } from '../rpc/limits.js'
import type { Globals } from './globals.js'

/**
 * Runs `use` with a connection to the node of this home, once that answers at all. Throws NODE_UNREACHABLE, NO_ANSWER,
 * NOT_PERMITTED.
 */
export async function withClient<Result>(
  globals: Globals,
  use: (client: LedgerClient) => Promise<Result>
): Promise<Result> {
  const client = await LedgerClient.connect(globals.socket)
  try {
    await client.ping(ANSWER_MS)
    return await use(client)
  } finally {
    await client.close()
  }
}
