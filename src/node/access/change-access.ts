/** Changes and shows who may read the own ledger, and shows which peers were refused what. */
import { LedgermeshError } from '../../core/errors.js'
import { isLedgerId, type LedgerId } from '../../core/ledger-id.js'
import { MAX_LIST } from '../../core/limits.js'
import type { Ledgers } from '../../ledger/ledgers.js'
import type { Appended } from '../api/node.js'
import type { AccessChange, AccessReport } from '../api/access.js'

export function accessOf(ledgers: Ledgers, id: LedgerId = ledgers.own.id): AccessReport {
  const ledger = ledgers.get(id)
  if (ledger === undefined || ledger.chain === null)
    throw new LedgermeshError('NOT_FOUND', `nothing of ${id} is held here`)
  const { grants, revoked, trustMilli } = ledger.access
  const readers = [...grants].map(([reader, scope]) => {
    const chain = ledgers.get(reader)?.chain ?? null
    return { ledger: reader, scope, name: chain?.name ?? null, held: chain !== null }
  })
  return { ledger: id, access: ledger.chain.access, readers, revoked: [...revoked], trustMilli }
}

/**
 * Takes effect from this entry on, here and on every mirror that has received it. Throws INVALID_PARAMS for a public
 * ledger, which anyone may read.
 */
export async function changeAccess(
  { own }: Ledgers,
  { grant = [], revoke = [], trustMilli = own.access.trustMilli }: AccessChange
): Promise<Appended> {
  if (own.chain?.access !== 'private')
    throw new LedgermeshError('INVALID_PARAMS', 'this ledger is public: anyone may read it, and that cannot be changed')
  const named = [...grant.map(({ ledger }) => ledger), ...revoke]
  if (!named.every(isLedgerId) || grant.length > MAX_LIST || revoke.length > MAX_LIST)
    throw new LedgermeshError('INVALID_PARAMS', `name at most ${MAX_LIST} ledger ids`)
  if (new Set(named).size < named.length || named.includes(own.id))
    throw new LedgermeshError('INVALID_PARAMS', 'name each ledger once, and not the own one')
  return await own.setAccess({ grant, revoke, trust_milli: trustMilli })
}
