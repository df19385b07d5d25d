import type { Handlers } from '../handler.js'
import type { keysMethods } from '../methods/keys.js'

export const keysHandlers: Handlers<typeof keysMethods> = {
  'keys.rotate': ({ nextKeyFile }, { node }) => node.keys.rotate(nextKeyFile)
}
