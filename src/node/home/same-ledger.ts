import { LedgermeshError } from '../../core/errors.js'
import { decodeHeader } from '../../core/header.js'
import type { GenesisMeta } from '../../core/ledger-types.js'
import type { LedgerReader } from '../../ledger/ledger-reader.js'

/** The properties of a new ledger; absent: any. */
export interface Wanted {
  name?: string | undefined
  access?: 'public' | 'private' | undefined
  nextKeyHash?: string | null | undefined
}

const READ_BY = { public: 'anybody may read it', private: 'only its readers may read it' } as const

/**
 * Refuses to open an existing ledger with another name, readership or next key than its own, because the first entry is
 * permanent. For a ledger that is still being pulled back these are not known yet. Throws LEDGER_DIFFERS.
 */
export async function refuseOtherLedger(own: LedgerReader, { name, access, nextKeyHash }: Wanted): Promise<void> {
  const { chain } = own
  if (chain === null) return
  if (access !== undefined && access !== chain.access) {
    throw differs(`this ledger is ${chain.access} (${READ_BY[chain.access]}), not ${access}`, {
      option: 'access',
      held: chain.access,
      given: access
    })
  }
  if (name !== undefined && name !== chain.name)
    throw differs(`this ledger is named ${JSON.stringify(chain.name)}, not ${JSON.stringify(name)}`, {
      option: 'name',
      held: chain.name,
      given: name
    })
  if (nextKeyHash === undefined || nextKeyHash === chain.nextKeyHash) return
  // the caller may not know of its rotations: any key that was committed to is accepted
  const committed = (await own.keyEntries()).map(
    ({ header }) => (decodeHeader(header).meta as Pick<GenesisMeta, 'next_key_hash'>).next_key_hash
  )
  if (!committed.includes(nextKeyHash))
    throw differs('this ledger never committed to that next key', {
      option: 'nextKeyHash',
      held: chain.nextKeyHash,
      given: nextKeyHash
    })
}

function differs(what: string, details: { option: keyof Wanted; held: unknown; given: unknown }): LedgermeshError {
  return new LedgermeshError('LEDGER_DIFFERS', `${what}: that stands in its first entry for ever`, details)
}
