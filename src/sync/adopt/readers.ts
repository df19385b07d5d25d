/** Private into private: who may read the copies, and could not read the originals? */
import { scopeAllows, type AccessRules } from '../../core/access.js'
import type { LedgerId } from '../../core/ledger-id.js'

/**
 * May everybody who may read the own ledger read the source as well? Whom the own one admits by trust, it alone knows.
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
