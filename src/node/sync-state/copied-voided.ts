/** Voided entries of an adopted ledger that have copies in the own one: the copies stay, and count no more. */
import { decodeSigned, type Entry } from '../../core/entry.js'
import { fromHex } from '../../core/hash.js'
import type { LedgerId } from '../../core/ledger-id.js'
import { syncMarkOf } from '../../core/reference.js'
import type { Ledgers } from '../../ledger/ledgers.js'
import { unlessDamaged } from '../../ledger/read/unless-damaged.js'

/** How many voided entries of a ledger are looked at: its branches' first ones. */
const MAX_LOOKED_AT = 4_096

/** By evidence, then by seq. */
export async function copiedVoided(ledgers: Pick<Ledgers, 'own' | 'get'>, id: LedgerId): Promise<Entry[]> {
  const voided = (await unlessDamaged(async () => await ledgers.get(id)?.voidedEntries(0, MAX_LOOKED_AT))) ?? []
  if (voided.length === 0) return []
  const copies = await ledgers.own.findIds(voided.map(({ hash }) => hash))
  return voided.flatMap(({ hash, header, signature }, i) =>
    copies[i] != null && syncMarkOf(copies[i].header.meta)?.originalHash === hash
      ? [decodeSigned({ header: Buffer.from(header), signature: fromHex(signature) })]
      : []
  )
}
