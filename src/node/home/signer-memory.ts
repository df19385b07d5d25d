import { z } from 'zod'
import { isHash } from '../../core/hash.js'
import { isLedgerId } from '../../core/ledger-id.js'
import { isPeerIdText } from '../../core/ledger-types.js'
import { MAX_SEEN, MAX_WITNESSES } from '../../sync/signer/limits.js'
import type { SignerMemory } from '../../sync/signer/types.js'
import { readKept } from './kept-file.js'

const time = z.number().int()

/** The contents of witnesses.json. */
export const memorySchema = z.strictObject({
  v: z.literal(1),
  witnesses: z
    .array(
      z.strictObject({
        peer: z.string().refine(isPeerIdText),
        ledger: z.string().refine(isLedgerId).nullable(),
        seq: z.number().int().min(0),
        hash: z.string().refine(isHash),
        at: time
      })
    )
    .max(MAX_WITNESSES),
  twin: z.strictObject({ since: time, issued: time, peer: z.string().max(128) }).nullable(),
  seen: z.array(z.strictObject({ hash: z.string().refine(isHash), expires: time })).max(MAX_SEEN)
})

/** Throws BAD_FILE. */
export async function readMemory(path: string): Promise<SignerMemory> {
  const { witnesses, twin, seen } = (await readKept(path, memorySchema)) ?? { witnesses: [], twin: null, seen: [] }
  return { witnesses, twin, seen }
}
