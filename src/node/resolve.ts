/** The operator's way out after a rotation (I4): which branch there is to accept, and accepting it. */
import { extendChain, verifyKeyEntries, verifyRange, type ChainState } from '../core/chain.js'
import { decodeEntry, type Entry } from '../core/entry.js'
import { LedgermeshError } from '../core/errors.js'
import type { Hash } from '../core/hash.js'
import type { Header } from '../core/header.js'
import { disputedFrom } from '../core/verify-evidence.js'
import type { LedgerState } from '../ledger/records.js'
import type { Mirror } from '../ledger/mirror.js'
import type { Log } from '../ports.js'
import { EVIDENCE_ID_DIGITS } from '../store/keys.js'
import { readEvidence } from './list-evidence.js'
import type { Mesh } from './mesh.js'
import { isRotation, rotationsOffered } from './rotation-branch.js'
import type { Verifier } from './verifier.js'

/** Peers that are asked for the rotation when the evidence does not carry it. */
const MAX_ASKED = 16
/** Entries up to and with the rotation that a peer is asked for. */
const MAX_BRANCH_ENTRIES = 512
const ASK_TIMEOUT_MS = 15_000

export interface ResolveInit {
  mesh: Mesh
  verifier: Verifier
  log: Log
  wants: (header: Header) => boolean
}

/** `voided`: entries that were let go of. */
export interface Accepted { branch: Entry[], voided: number }

/**
 * Cuts the ledger where the branch of the rotation leaves what is held, and goes on with the rotation.
 * Throws READ_ONLY for the own ledger, NOT_FROZEN, or NO_ROTATION when there is no such branch, or more than one.
 */
export async function acceptRotation (init: ResolveInit, ledger: Mirror): Promise<Accepted> {
  if (ledger.own) throw new LedgermeshError('READ_ONLY', 'the own ledger has no branches to choose from: only its key signs it')
  if (ledger.frozenAt === null) throw new LedgermeshError('NOT_FROZEN', `there is no evidence that freezes ${ledger.id}`)
  const branch = await findBranch(init, ledger)
  const from = branch[0]!.header.seq
  const voided = ledger.size - from
  await ledger.acceptBranch(branch, await frozenBy(init.verifier, ledger, branch), ({ header }) => init.wants(header) ? 'missing' : 'filtered')
  init.log.warn({ ledger: ledger.id, from, voided, rotation: branch.at(-1)!.hash, frozenAt: ledger.frozenAt }, 'the operator accepted the branch of a rotation')
  return { branch, voided }
}

async function findBranch (init: ResolveInit, ledger: Mirror): Promise<Entry[]> {
  const offered = await rotationsOffered(ledger, init.verifier.verify)
  const branches = offered.length > 0 ? offered.map((entry) => [entry]) : await askAround(init, ledger)
  const [branch] = branches
  if (branch === undefined) throw new LedgermeshError('NO_ROTATION', `neither the evidence against ${ledger.id} nor a connected peer shows a rotation by the key that its undisputed entries commit to`)
  if (branches.length > 1) throw new LedgermeshError('NO_ROTATION', `the committed key of ${ledger.id} signed two rotations: neither is better than the other`)
  return branch
}

/** The evidence may be older than the rotation: somebody who holds its branch has both. */
async function askAround ({ mesh, verifier, log }: ResolveInit, ledger: Mirror): Promise<Entry[][]> {
  const found = new Map<Hash, Entry[]>()
  for (const { peer } of mesh.peers().filter(({ peer: one }) => mesh.rights.mayHear(one, ledger)).slice(0, MAX_ASKED)) {
    try {
      const branch = await askPeer(mesh, verifier, peer, ledger)
      if (branch !== null) found.set(branch.at(-1)!.hash, branch)
    } catch (error) {
      log.debug({ peer, ledger: ledger.id, error: (error as Error).message }, 'a peer showed no rotation')
    }
  }
  return [...found.values()]
}

/** From the first entry that is not undisputed here up to the first rotation that is not. Throws whatever does not check. */
async function askPeer (mesh: Mesh, verifier: Verifier, peer: string, ledger: Mirror): Promise<Entry[] | null> {
  const signal = AbortSignal.timeout(ASK_TIMEOUT_MS)
  const verify = verifier.forPeer(peer)
  const shown = (await mesh.fetchKeyEntries(peer, ledger.id, signal)).map((raw) => decodeEntry({ ...raw, payload: null }))
  await verifyKeyEntries(ledger.id, shown, verify)
  const known = (await ledger.keyEntries()).length
  const rotation = shown[known]
  if (rotation === undefined) return null
  const { seq } = rotation.header
  const from = Math.min(seq, ledger.visible)
  if (seq - from >= MAX_BRANCH_ENTRIES) return null
  const before = from === seq ? [] : (await mesh.fetchRange(peer, { ledger: ledger.id, from, count: seq - from, filters: 'headers' }, signal)).map((raw) => decodeEntry(raw))
  const branch = [...before, rotation]
  await verifyRange(ledger.id, branch, verify)
  const chain = before.reduce<ChainState>(extendChain, (await ledger.chainAt(from))!)
  return await isRotation(rotation, chain, verify) ? branch : null
}

/** What all that is kept against the ledger means for it with that branch. The rotation retires the key before it; it does not make its own key honest. */
async function frozenBy (verifier: Verifier, ledger: Mirror, branch: Entry[]): Promise<LedgerState['frozen']> {
  const [from, last] = [branch[0]!.header.seq, branch.at(-1)!]
  const before = (await ledger.keyEntries(from)).map((raw) => decodeEntry({ ...raw, payload: null }))
  const held = { keys: [...before, last].map(({ header: { seq, key } }) => ({ from: seq, key })), size: last.header.seq + 1 }
  let frozen: LedgerState['frozen'] = null
  for (const { bytes } of await ledger.allEvidence()) {
    const proven = await readEvidence(bytes, verifier.verify)
    const size = proven === null ? null : disputedFrom(proven, held)
    if (size !== null && (frozen === null || size < frozen.size)) frozen = { size, evidence: proven!.id.slice(0, EVIDENCE_ID_DIGITS) }
  }
  return frozen
}
