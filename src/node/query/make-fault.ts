/** Makes the file by which an author convicts himself, from a page that was believed and an entry that it lacks. */
import { isCoded } from '../../core/errors.js'
import { decodeSigned } from '../../core/entry.js'
import { accuse } from '../../core/lmx1/accuse.js'
import { encodeIndexFault, makeIndexFault } from '../../core/lmx1/index-fault.js'
import { verifyIndexFault, type VerifiedIndexFault } from '../../core/lmx1/verify-index-fault.js'
import { weighFault } from '../../core/lmx1/weigh-fault.js'
import type { Verify } from '../../core/signature.js'
import type { Contradiction } from './fault-finder.js'
import type { VerifiedReply } from './verify-reply.js'

/**
 * `both`: the index entry and the missing entry, shown under one checkpoint of the branch that is believed. Null: it
 * shows no fault, or none that counts here.
 */
export async function makeFault(
  { page, missing }: Contradiction,
  both: VerifiedReply,
  verify: Verify
): Promise<{ verified: VerifiedIndexFault; bytes: Uint8Array } | null> {
  const { basis, entries, keyEntries, checkpoint, text } = both
  const accusing = entries.find(({ hash }) => hash === missing.hash)
  const index = entries.find(({ hash }) => hash === page.index.hash)
  if (basis === null || checkpoint === null || accusing === undefined || index === undefined) return null
  const leaves = new Map(
    [...keyEntries.map(decodeSigned), ...entries].map(({ header, hash }) => [header.seq, { index: header.seq, hash }])
  )
  const tree = { leaves: [...leaves.values()].sort((a, b) => a.index - b.index), proof: text.tree }
  try {
    const charge = accuse(page.question, page.proof, page.headers, missing.header)
    const { network, ledger } = basis
    const file = makeIndexFault({ network, ledger, keyEntries, checkpoint }, [tree], index.raw, [accusing.raw], charge)
    const bytes = encodeIndexFault(file)
    const verified = await verifyIndexFault(bytes, { verify })
    const branch = { keys: basis.keys, shared: basis.size, frozen: null }
    return weighFault(verified, branch) === 'counts' ? { verified, bytes } : null
  } catch (error) {
    if (isCoded(error, 'BAD_PROOF') || isCoded(error, 'TOO_LARGE')) return null
    throw error
  }
}
