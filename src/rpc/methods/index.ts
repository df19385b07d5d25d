/** THE table: every method of the socket, and nothing that is not one. Docs, CLI, client types and validation come from here. */
import type { Method } from '../method.js'
import { accessMethods } from './access.js'
import { evidenceMethods } from './evidence.js'
import { ledgerMethods } from './ledger.js'
import { networkMethods } from './network.js'
import { nodeMethods } from './node.js'
import { rpcMethods } from './rpc.js'
import { syncMethods } from './sync.js'
import { trustMethods } from './trust.js'

export const METHODS = { ...nodeMethods, ...ledgerMethods, ...accessMethods, ...syncMethods, ...networkMethods, ...trustMethods, ...evidenceMethods, ...rpcMethods } as const

export type Methods = typeof METHODS
export type MethodName = keyof Methods

/** Own names only: `__proto__` and `constructor` are no methods. */
export function findMethod (name: string): Method | undefined {
  return Object.hasOwn(METHODS, name) ? METHODS[name as MethodName] : undefined
}
