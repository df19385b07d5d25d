import type { Handlers } from '../handler.js'
import type { nodeMethods } from '../methods/node.js'

export const nodeHandlers: Handlers<typeof nodeMethods> = {
  'node.status': (_params, { node }) => node.status(),
  'node.health': (_params, { node }) => node.health(),
  'node.metrics': async (_params, { node }) => ({ text: await node.metrics() }),
  'node.peers': async (_params, { node }) => ({ peers: await node.network.peers() }),
  'node.reload': (options, { node }) => node.reload(options),
  'node.disk': (_params, { node }) => node.disk(),
  'node.compact': (_params, { node }) => node.compact(),
  'node.backup': ({ folder, withKeys = false }, { node }) => node.backup(folder, { withKeys }),
  'node.stop': async (_params, { stop }) => {
    stop()
    return { stopping: true }
  }
}
