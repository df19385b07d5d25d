/**
 * `references.atAppend: require`: the target of a reference must exist before it is signed. The ledger itself compares
 * held targets; targets in ledgers that are not held are fetched.
 */
import { LedgermeshError } from '../../core/errors.js'
import type { LedgerId } from '../../core/ledger-id.js'
import type { LedgerEntry } from '../../core/view.js'
import type { AppendInput } from '../../ledger/append/append-input.js'
import type { Ledgers } from '../../ledger/ledgers.js'
import { judgeShown, wantedBy } from './fetched-references.js'

/** Entries of one ledger per request. */
const MAX_ASKED = 64

export type FetchRequired = (ledger: LedgerId, wanted: { hashes: string[]; ids: string[] }) => Promise<LedgerEntry[]>
type Given = NonNullable<AppendInput['references']>[number]

/** The same entries, with the found hashes in their references. Throws REFERENCE_UNRESOLVED, REFERENCE_CONTRADICTED. */
export async function requireReferences(
  inputs: readonly AppendInput[],
  { ledgers, fetch }: { ledgers: Ledgers; fetch: FetchRequired | null }
): Promise<AppendInput[]> {
  const open: Given[] = []
  for (const { id, references } of inputs) {
    if (!Array.isArray(references)) continue // refused where all of it is read
    // A repeated entry was checked when it was first appended.
    if (id !== undefined && (await ledgers.own.get({ id })) !== null) continue
    open.push(...references.filter(({ ledgerId }) => (ledgers.get(ledgerId)?.visible ?? 0) === 0))
  }
  if (open.length === 0) return [...inputs]
  const found = await ask(open, fetch)
  const missing: { ledgerId: LedgerId; entryId: string }[] = []
  const hashes = new Map<Given, string>()
  for (const reference of open) {
    const { ledgerId, entryId, entryHash = null } = reference
    const { status, entry } = judgeShown({ ...reference, entryHash }, found.get(ledgerId) ?? [])
    if (status === 'contradicted')
      throw new LedgermeshError('REFERENCE_CONTRADICTED', `what has that hash in ${ledgerId} is not ${entryId}`, {
        given: { ledgerId, entryId, entryHash }
      })
    if (entry === null) missing.push({ ledgerId, entryId })
    else hashes.set(reference, entry.hash)
  }
  if (missing.length > 0)
    throw new LedgermeshError(
      'REFERENCE_UNRESOLVED',
      `${missing.length} references are to entries that no node showed`,
      {
        missing
      }
    )
  return inputs.map((input) =>
    input.references === undefined
      ? input
      : {
          ...input,
          references: input.references.map((reference) => {
            const hash = hashes.get(reference)
            return hash === undefined ? reference : { ...reference, entryHash: hash }
          })
        }
  )
}

async function ask(open: readonly Given[], fetch: FetchRequired | null): Promise<Map<LedgerId, LedgerEntry[]>> {
  const found = new Map<LedgerId, LedgerEntry[]>()
  if (fetch === null) return found
  await Promise.all(
    [...Map.groupBy(open, ({ ledgerId }) => ledgerId)].map(async ([ledger, references]) => {
      const entries: LedgerEntry[] = []
      for (let i = 0; i < references.length; i += MAX_ASKED)
        entries.push(...(await fetch(ledger, wantedBy(references.slice(i, i + MAX_ASKED)))))
      found.set(ledger, entries)
    })
  )
  return found
}
