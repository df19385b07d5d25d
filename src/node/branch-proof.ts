/** What a checkpoint of another history says about a place where ours differs, from the entries that a peer hands over. */
import { entryHash } from '../core/entry.js'
import type { Hash } from '../core/hash.js'
import { merkleRoot, NODE_LEVELS, proveInclusion, type Nodes } from '../core/merkle.js'
import type { Mirror } from '../ledger/mirror.js'
import { treeNodes } from '../ledger/tree-nodes.js'
import type { Mesh } from './mesh.js'

/** Entries between the fork and the checkpoint that are fetched to prove what it covers. */
const MAX_BRANCH_ENTRIES = 4096
const ENTRIES_A_REQUEST = 512
const FETCH_TIMEOUT_MS = 60_000

export interface BranchProof { leaf: Hash, path: Hash[] }

/**
 * The other history is ours below `seq`, and the peer's from there to `size`. null: too long, or the peer has not got all of it.
 * Whether it leads to the root of the checkpoint is for whoever verifies the evidence to say.
 */
export async function proveBranch (mesh: Pick<Mesh, 'fetchRange'>, peer: string, ledger: Mirror, seq: number, size: number): Promise<BranchProof | null> {
  if (size - seq > MAX_BRANCH_ENTRIES) return null
  const theirs = await leaves(mesh, peer, ledger, seq, size)
  if (theirs.length < size - seq) return null
  return { leaf: theirs[0]!, path: await proveInclusion(branchNodes(treeNodes(ledger.tree, ledger.reader, ledger.visible), seq, theirs), seq, size) }
}

async function leaves (mesh: Pick<Mesh, 'fetchRange'>, peer: string, ledger: Mirror, seq: number, size: number): Promise<Hash[]> {
  const signal = AbortSignal.timeout(FETCH_TIMEOUT_MS)
  const hashes: Hash[] = []
  while (seq + hashes.length < size) {
    const from = seq + hashes.length
    const range = await mesh.fetchRange(peer, { ledger: ledger.id, from, count: Math.min(ENTRIES_A_REQUEST, size - from), filters: 'headers' }, signal)
    if (range.length === 0) break
    hashes.push(...range.map(entryHash))
  }
  return hashes
}

/** Nodes of a tree whose leaves are ours below `seq`, and these from there on. */
function branchNodes (ours: Nodes, seq: number, theirs: Hash[]): Nodes {
  const node: Nodes = async (level, index) => {
    if ((index + 1) * 2 ** level <= seq) return await ours(level, index)
    if (level === 0) return theirs[index - seq]!
    const width = 2 ** NODE_LEVELS
    const children: Hash[] = []
    for (let child = index * width; child < (index + 1) * width; child++) children.push(await node(level - NODE_LEVELS, child))
    return merkleRoot(children)
  }
  return node
}
