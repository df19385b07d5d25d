/** Who may read the own ledger, and whom this node refused what. */
import { LedgermeshError } from '../core/errors.js'
import { isLedgerId, type LedgerId } from '../core/ledger-id.js'
import type { AccessScope } from '../core/ledger-types.js'
import { MAX_LIST } from '../core/limits.js'
import type { Ledgers } from '../ledger/ledgers.js'
import type { Appended } from './api.js'
import { appended } from './appended.js'

export interface AccessChange {
  grant?: { ledger: LedgerId, scope: AccessScope }[]
  revoke?: LedgerId[]
  /** Absent: as it is. */
  trustMilli?: number | null
}

export interface Reader {
  ledger: LedgerId
  scope: AccessScope
  name: string | null
  /** Are its headers held here? Without them its nodes cannot prove whose they are: follow it. */
  held: boolean
}

export interface AccessReport {
  ledger: LedgerId
  access: 'public' | 'private'
  readers: Reader[]
  /** Kept out whatever trust says. */
  revoked: LedgerId[]
  /** 1–1000: whoever the owner trusts at least so much may read too; null: only the readers. */
  trustMilli: number | null
}

export function accessOf (ledgers: Ledgers, id: LedgerId = ledgers.own.id): AccessReport {
  const ledger = ledgers.get(id)
  if (ledger === undefined || ledger.chain === null) throw new LedgermeshError('NOT_FOUND', `nothing of ${id} is held here`)
  const { grants, revoked, trustMilli } = ledger.access
  const readers = [...grants].map(([reader, scope]) => {
    const chain = ledgers.get(reader)?.chain ?? null
    return { ledger: reader, scope, name: chain?.name ?? null, held: chain !== null }
  })
  return { ledger: id, access: ledger.chain.access, readers, revoked: [...revoked], trustMilli }
}

/** In force, here and with whoever hears of it, from the entry on. Throws INVALID_PARAMS for a public ledger, which everybody reads. */
export async function changeAccess ({ own }: Ledgers, { grant = [], revoke = [], trustMilli = own.access.trustMilli }: AccessChange): Promise<Appended> {
  if (own.chain?.access !== 'private') throw new LedgermeshError('INVALID_PARAMS', 'this ledger is public: everybody may read it, and that cannot be taken back')
  const named = [...grant.map(({ ledger }) => ledger), ...revoke]
  if (!named.every(isLedgerId) || grant.length > MAX_LIST || revoke.length > MAX_LIST) throw new LedgermeshError('INVALID_PARAMS', `name at most ${MAX_LIST} ledger ids`)
  if (new Set(named).size < named.length || named.includes(own.id)) throw new LedgermeshError('INVALID_PARAMS', 'name each ledger once, and not the own one')
  return appended(await own.setAccess({ grant, revoke, trust_milli: trustMilli }))
}
