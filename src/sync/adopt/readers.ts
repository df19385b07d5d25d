/** From a private ledger into a private one: are there readers of the copies that may not read the originals? */
import { scopeAllows, type AccessRules } from '../../core/access.js'
import type { LedgerId } from '../../core/ledger-id.js'

/**
 * May all readers of the own ledger read the source as well? Readers admitted by trust are known only to the own
 * ledger.
 */
export function areReadersWithin(own: AccessRules, source: AccessRules, sourceId: LedgerId): boolean {
  if (own.trustMilli !== null) return false
  return [...own.grants].every(([reader, scope]) => {
    if (reader === sourceId) return true
    const granted = source.grants.get(reader)
    return (
      granted !== undefined &&
      (['sync', 'query'] as const).every((access) => !scopeAllows(scope, access) || scopeAllows(granted, access))
    )
  })
}
