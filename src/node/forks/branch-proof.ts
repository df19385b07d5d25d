/**
 * The inclusion proof of another history's checkpoint for a place where ours differs, from the entries that a peer
 * sends.
 */
import { entryHash } from '../../core/entry.js'
import type { Hash } from '../../core/hash.js'
import { merkleRoot, NODE_LEVELS, proveInclusion, type Nodes } from '../../core/merkle.js'
import type { HeldLedger } from '../../ledger/held-ledger.js'
import type { Clock } from '../../ports.js'
import type { PeerRequests } from '../sessions/peer-requests.js'
import { deadline } from '../runtime/deadline.js'

/** How many entries between the fork and the checkpoint are fetched at most to make the proof. */
const MAX_BRANCH_ENTRIES = 4096
const ENTRIES_A_REQUEST = 512
const FETCH_TIMEOUT_MS = 60_000

export interface BranchProof {
  leaf: Hash
  path: Hash[]
}

/**
 * The other history is ours below `seq`, and the peer's from there to `size`. null: too long, or the peer does not have
 * all of it. The verifier of the evidence checks whether the proof leads to the root of the checkpoint.
 */
export async function proveBranch(
  { peerNetwork, clock }: { peerNetwork: Pick<PeerRequests, 'fetchRange'>; clock: Clock },
  peer: string,
  ledger: HeldLedger,
  seq: number,
  size: number
): Promise<BranchProof | null> {
  if (size - seq > MAX_BRANCH_ENTRIES) return null
  const theirs = await leaves(peerNetwork, peer, ledger, seq, size, deadline(clock, FETCH_TIMEOUT_MS))
  if (theirs.length < size - seq) return null
  return { leaf: theirs[0]!, path: await proveInclusion(branchNodes(ledger.storedNodes(), seq, theirs), seq, size) }
}

async function leaves(
  peerNetwork: Pick<PeerRequests, 'fetchRange'>,
  peer: string,
  ledger: HeldLedger,
  seq: number,
  size: number,
  signal: AbortSignal
): Promise<Hash[]> {
  const hashes: Hash[] = []
  while (seq + hashes.length < size) {
    const from = seq + hashes.length
    const range = await peerNetwork.fetchRange(
      peer,
      { ledger: ledger.id, from, count: Math.min(ENTRIES_A_REQUEST, size - from), filters: 'headers' },
      signal
    )
    if (range.length === 0) break
    hashes.push(...range.map(entryHash))
  }
  return hashes
}

/** Nodes of a tree whose leaves are ours below `seq`, and these from there on. */
function branchNodes(ours: Nodes, seq: number, theirs: Hash[]): Nodes {
  const node: Nodes = async (level, index) => {
    if ((index + 1) * 2 ** level <= seq) return await ours(level, index)
    if (level === 0) return theirs[index - seq]!
    const width = 2 ** NODE_LEVELS
    const children: Hash[] = []
    for (let child = index * width; child < (index + 1) * width; child++)
      children.push(await node(level - NODE_LEVELS, child))
    return merkleRoot(children)
  }
  return node
}
