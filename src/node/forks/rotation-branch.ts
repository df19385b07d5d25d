/**
 * Which branch of a frozen ledger an operator may accept (I4): the one with a rotate-key entry by the committed key.
 */
import { extendChain, type ChainState } from '../../core/chain.js'
import { decodeSigned, type Entry } from '../../core/entry.js'
import { isCoded } from '../../core/errors.js'
import { decodeEvidence, signedHeader, type Evidence, type Statement } from '../../core/evidence.js'
import type { VerifiedEvidence } from '../../core/verify-evidence.js'
import type { HeldLedger } from '../../ledger/held-ledger.js'

/**
 * The rotations in verified evidence that continue `chain`: by the committed key, right after it. An honest owner has
 * made at most one.
 */
function rotationsIn(evidence: Uint8Array, chain: ChainState): Entry[] {
  return statementsOf(decodeEvidence(evidence))
    .map(tryDecode)
    .filter((entry) => entry !== null && isRotation(entry, chain)) as Entry[]
}

function isRotation(entry: Entry, chain: ChainState): boolean {
  if (entry.header.type !== 'ledger.rotate-key') return false
  try {
    extendChain(chain, entry)
    return true
  } catch (error) {
    if (isCoded(error)) return false
    throw error
  }
}

/** For a frozen, held ledger: the rotations in its evidence right after the undisputed entries. */
export async function rotationsOffered(ledger: HeldLedger, kept: readonly VerifiedEvidence[]): Promise<Entry[]> {
  const { frozenAt } = ledger
  if (frozenAt === null || frozenAt > ledger.size) return []
  const chain = (await ledger.chainAt(frozenAt))!
  const found = new Map<string, Entry>()
  for (const { bytes } of kept) for (const entry of rotationsIn(bytes, chain)) found.set(entry.hash, entry)
  return [...found.values()]
}

function statementsOf(evidence: Evidence): Statement[] {
  switch (evidence.kind) {
    case 'same-seq':
      return [...evidence.key_entries, evidence.a, evidence.b]
    case 'same-size':
      return evidence.key_entries
    case 'not-included':
      return [...evidence.key_entries, evidence.entry]
    case 'rule-broken':
      return [...evidence.key_entries, evidence.entry]
  }
}

function tryDecode(statement: Statement): Entry | null {
  try {
    return decodeSigned(signedHeader(statement))
  } catch (error) {
    if (isCoded(error)) return null
    throw error
  }
}
