import type { Handlers } from '../handler.js'
import type { Methods } from '../methods/index.js'
import { accessHandlers } from './access.js'
import { evidenceHandlers } from './evidence.js'
import { ledgerHandlers } from './ledger.js'
import { networkHandlers } from './network.js'
import { nodeHandlers } from './node.js'
import { rpcHandlers } from './rpc.js'
import { syncHandlers } from './sync.js'
import { trustHandlers } from './trust.js'

export const HANDLERS: Handlers<Methods> = { ...nodeHandlers, ...ledgerHandlers, ...accessHandlers, ...syncHandlers, ...networkHandlers, ...trustHandlers, ...evidenceHandlers, ...rpcHandlers }
