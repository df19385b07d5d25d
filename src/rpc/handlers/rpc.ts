import type { Handlers } from '../handler.js'
import type { rpcMethods } from '../methods/rpc.js'
import { openRpcDocument } from '../open-rpc.js'

export const rpcHandlers: Handlers<typeof rpcMethods> = {
  'rpc.ping': async () => ({}),
  'rpc.discover': async (_params, { node }) => ({ ...openRpcDocument((await node.status()).version) })
}
