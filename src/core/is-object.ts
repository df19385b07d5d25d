/** A separate file, because the client of the socket must not load crypto. */
import type { JsonObject } from './canonical.js'

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
