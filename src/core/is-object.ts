/** A file of its own: what a client of the socket needs must not load crypto. */
import type { JsonObject } from './canonical.js'

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
