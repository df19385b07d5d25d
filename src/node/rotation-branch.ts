/** Which branch of a frozen ledger an operator may accept (I4): the one that carries a rotate-key by the committed key. */
import { extendChain, type ChainState } from '../core/chain.js'
import { decodeEntry, verifyEntrySignature, type Entry } from '../core/entry.js'
import { isCoded } from '../core/errors.js'
import { decodeEvidence, signedHeader, type Evidence, type Statement } from '../core/evidence.js'
import type { Verify } from '../core/signature.js'
import type { Mirror } from '../ledger/mirror.js'
import { readEvidence } from './list-evidence.js'

/** The rotations in evidence that continue `chain`. An honest owner has made one at most. */
export async function rotationsIn (evidence: Uint8Array, chain: ChainState, verify: Verify): Promise<Entry[]> {
  const found = new Map<string, Entry>()
  for (const statement of statementsOf(decodeEvidence(evidence))) {
    const entry = tryDecode(statement)
    if (entry !== null && await isRotation(entry, chain, verify)) found.set(entry.hash, entry)
  }
  return [...found.values()]
}

/** By the committed key, right behind `chain`, and signed. */
export async function isRotation (entry: Entry, chain: ChainState, verify: Verify): Promise<boolean> {
  if (entry.header.type !== 'ledger.rotate-key') return false
  try {
    extendChain(chain, entry)
  } catch (error) {
    if (isCoded(error)) return false
    throw error
  }
  return await verifyEntrySignature(entry, verify)
}

/** Of a frozen ledger, from what is held of it: rotations that its evidence offers behind what is undisputed. */
export async function rotationsOffered (ledger: Mirror, verify: Verify): Promise<Entry[]> {
  const evidence = await ledger.evidence()
  if (ledger.frozenAt === null || evidence === null || ledger.frozenAt > ledger.size) return []
  if (await readEvidence(evidence, verify) === null) return []
  return await rotationsIn(evidence, (await ledger.chainAt(ledger.frozenAt))!, verify)
}

function statementsOf (evidence: Evidence): Statement[] {
  switch (evidence.kind) {
    case 'same-seq': return [...evidence.key_entries, evidence.a, evidence.b]
    case 'same-size': return evidence.key_entries
    case 'not-included': return [...evidence.key_entries, evidence.entry]
    case 'rule-broken': return [...evidence.key_entries, evidence.entry]
  }
}

function tryDecode (statement: Statement): Entry | null {
  try {
    return decodeEntry({ ...signedHeader(statement), payload: null })
  } catch (error) {
    if (isCoded(error)) return null
    throw error
  }
}
