import type { Handlers } from '../handler.js'
import type { Methods } from '../methods/index.js'
import { accessHandlers } from './access.js'
import { adoptHandlers } from './adopt.js'
import { aliasHandlers } from './alias.js'
import { conflictHandlers } from './conflicts.js'
import { erasureHandlers } from './erasures.js'
import { evidenceHandlers } from './evidence.js'
import { feedHandlers } from './feed.js'
import { keysHandlers } from './keys.js'
import { ledgerHandlers } from './ledger.js'
import { networkHandlers } from './network.js'
import { nodeHandlers } from './node.js'
import { referenceHandlers } from './references.js'
import { queryHandlers } from './query.js'
import { remoteHandlers } from './remotes.js'
import { rpcHandlers } from './rpc.js'
import { syncHandlers } from './sync.js'
import { tokenHandlers } from './tokens.js'
import { trustHandlers } from './trust.js'

export const HANDLERS: Handlers<Methods> = {
  ...nodeHandlers,
  ...ledgerHandlers,
  ...feedHandlers,
  ...erasureHandlers,
  ...accessHandlers,
  ...syncHandlers,
  ...referenceHandlers,
  ...remoteHandlers,
  ...adoptHandlers,
  ...conflictHandlers,
  ...networkHandlers,
  ...queryHandlers,
  ...trustHandlers,
  ...aliasHandlers,
  ...keysHandlers,
  ...tokenHandlers,
  ...evidenceHandlers,
  ...rpcHandlers
}
