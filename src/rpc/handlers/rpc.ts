import type { Handlers } from '../handler.js'
import type { rpcMethods } from '../methods/rpc.js'
import { openRpcDocument, type OpenRpcDocument } from '../open-rpc.js'

export const rpcHandlers: Handlers<typeof rpcMethods> = {
  'rpc.ping': async () => ({}),
  'rpc.discover': async (_params, { node }) => ({ ...documentOf((await node.status()).version) })
}

/** Made once: a few calls at a time that each made it would hold up everything else for seconds. */
let document: OpenRpcDocument | null = null

function documentOf(version: string): OpenRpcDocument {
  if (document?.info.version !== version) document = openRpcDocument(version)
  return document
}
