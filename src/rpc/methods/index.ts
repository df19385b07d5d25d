/**
 * THE table: every method of the socket, and nothing that is not one. Docs, CLI, client types and validation come from
 * here.
 */
import type { Method } from '../method.js'
import { accessMethods } from './access.js'
import { adoptMethods } from './adopt.js'
import { aliasMethods } from './alias.js'
import { conflictMethods } from './conflicts.js'
import { erasureMethods } from './erasures.js'
import { evidenceMethods } from './evidence.js'
import { feedMethods } from './feed.js'
import { keysMethods } from './keys.js'
import { ledgerMethods } from './ledger.js'
import { networkMethods } from './network.js'
import { nodeMethods } from './node.js'
import { referenceMethods } from './references.js'
import { queryMethods } from './query.js'
import { remoteMethods } from './remotes.js'
import { rpcMethods } from './rpc.js'
import { syncMethods } from './sync.js'
import { tokenMethods } from './tokens.js'
import { trustMethods } from './trust.js'

export const METHODS = {
  ...nodeMethods,
  ...ledgerMethods,
  ...feedMethods,
  ...erasureMethods,
  ...accessMethods,
  ...syncMethods,
  ...referenceMethods,
  ...remoteMethods,
  ...adoptMethods,
  ...conflictMethods,
  ...networkMethods,
  ...queryMethods,
  ...trustMethods,
  ...keysMethods,
  ...tokenMethods,
  ...evidenceMethods,
  ...aliasMethods,
  ...rpcMethods
} as const

/** The table of all methods, by name. */
export type Methods = typeof METHODS
/** `ledger.append`, `sync.follow` and so on: REFERENCE.md lists them. */
export type MethodName = keyof Methods

/** Own names only: `__proto__` and `constructor` are no methods. */
export function findMethod(name: string): Method | undefined {
  return Object.hasOwn(METHODS, name) ? METHODS[name as MethodName] : undefined
}
