import { isObject } from '../core/grammar.js'
import type { MethodName } from './methods/index.js'

const METHODS: readonly MethodName[] = ['rpc.ping', 'node.status', 'node.health', 'sync.status', 'node.stop']

/** May it be asked for at a place that is kept for operators? Batches may not. */
export function isForOperators(message: unknown): boolean {
  return isObject(message) && METHODS.some((name) => name === message.method)
}
