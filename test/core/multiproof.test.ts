import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { sha256Text, type Hash } from '../../src/core/hash.js'
import { inclusionProof, merkleRoot, NODE_LEVELS, CompactTree, type Nodes } from '../../src/core/merkle.js'
import { multiproof, proveLeaves, verifyMultiproof, type ShownLeaf } from '../../src/core/multiproof.js'
import { dice } from '../helpers/dice.js'
import { codeOf, flipBit } from './author.js'

const leaf = (index: number): Hash => sha256Text(`leaf ${index}`)
const tree = (size: number): Hash[] => Array.from({ length: size }, (_, index) => leaf(index))
const shown = (indexes: number[]): ShownLeaf[] => indexes.map((index) => ({ index, hash: leaf(index) }))

function stored(leaves: Hash[]): Nodes {
  const kept = new Map<string, Hash>()
  const compact = new CompactTree()
  for (const hash of leaves) compact.append(hash, (level, index, node) => kept.set(`${level}/${index}`, node))
  return (level, index) => {
    if (level % NODE_LEVELS !== 0) throw new Error(`nobody keeps level ${level}`)
    const hash = level === 0 ? leaves[index] : kept.get(`${level}/${index}`)
    if (hash === undefined) throw new Error(`no node ${level}/${index}`)
    return hash
  }
}

test('every choice of leaves of every small tree is proved, and by the stored nodes alike', async () => {
  for (let size = 1; size <= 9; size++) {
    const leaves = tree(size)
    const nodes = stored(leaves)
    for (let mask = 1; mask < 2 ** size; mask++) {
      const chosen = [...leaves.keys()].filter((index) => ((mask >> index) & 1) === 1)
      const proof = multiproof(leaves, chosen)
      expect(await proveLeaves(nodes, chosen, size)).toEqual(proof)
      expect(verifyMultiproof({ leaves: shown(chosen), size, root: merkleRoot(leaves), proof })).toBe(true)
    }
  }
})

test('large trees, from the nodes that a store keeps', async () => {
  const leaves = tree(3000)
  const nodes = stored(leaves)
  const root = merkleRoot(leaves)
  await fc.assert(
    fc.asyncProperty(fc.uniqueArray(fc.nat(2999), { minLength: 1, maxLength: 40 }), async (some) => {
      const indexes = some.toSorted((a, b) => a - b)
      const proof = await proveLeaves(nodes, indexes, 3000)
      expect(proof).toEqual(multiproof(leaves, indexes))
      expect(verifyMultiproof({ leaves: shown(indexes), size: 3000, root, proof })).toBe(true)
    }),
    { numRuns: 30 }
  )
})

test('one leaf costs its path; neighbours cost two at the most', () => {
  const leaves = tree(1000)
  expect(multiproof(leaves, [613]).toSorted()).toEqual(inclusionProof(leaves, 613).toSorted())
  expect(
    multiproof(
      leaves,
      tree(256).map((_, at) => 100 + at)
    ).length
  ).toBeLessThanOrEqual(20)
  expect(
    multiproof(
      leaves,
      tree(1000).map((_, at) => at)
    )
  ).toEqual([])
})

describe('hostile', () => {
  test('no mutation of leaves, proof or root is taken (the size is what the checkpoint says)', () => {
    const seed = Number(process.env.SEED ?? 20261127)
    const random = dice(seed)
    const pick = (below: number): number => Math.floor(random() * below)
    let refused = 0
    for (let round = 0; round < 4000; round++) {
      const size = 1 + pick(200)
      const all = tree(size)
      const indexes = [...new Set(Array.from({ length: 1 + pick(6) }, () => pick(size)))].toSorted((a, b) => a - b)
      const claim = { leaves: shown(indexes), size, root: merkleRoot(all), proof: multiproof(all, indexes) }
      const { changed, what } = mutate(claim, pick)
      if (JSON.stringify(changed) === JSON.stringify(claim)) continue
      expect(verifyMultiproof(changed), `seed ${seed}, round ${round}: ${what}`).toBe(false)
      refused++
    }
    expect(refused).toBeGreaterThan(3000)
  })

  test('places that are none, twice the same, not ascending, and no leaf at all', async () => {
    const leaves = tree(10)
    for (const indexes of [[], [10], [-1], [3, 3], [4, 2], [0.5], [Number.NaN], [2 ** 53]]) {
      expect(await codeOf(() => multiproof(leaves, indexes))).toBe('BAD_PROOF')
      const claim = { leaves: shown(indexes), size: 10, root: merkleRoot(leaves), proof: [merkleRoot(leaves)] }
      expect(verifyMultiproof(claim)).toBe(false)
    }
    for (const size of [0, -1, 1.5, 2 ** 53, Number.NaN])
      expect(verifyMultiproof({ leaves: shown([0]), size, root: leaf(0), proof: [] })).toBe(false)
  })

  test('a tree of 2^53 − 1 leaves costs what the proof costs, not what the tree would', () => {
    const size = Number.MAX_SAFE_INTEGER
    const indexes = Array.from({ length: 768 }, (_, at) => at * 2 ** 42)
    const started = performance.now()
    for (const length of [0, 1, 16_384])
      expect(verifyMultiproof({ leaves: shown(indexes), size, root: leaf(1), proof: tree(length) })).toBe(false)
    expect(performance.now() - started).toBeLessThan(2000)
  })
})

interface Claim {
  leaves: ShownLeaf[]
  size: number
  root: Hash
  proof: Hash[]
}

function mutate(claim: Claim, pick: (below: number) => number): { changed: Claim; what: string } {
  const changed = structuredClone(claim)
  const { leaves, proof } = changed
  const flipped = (hash: Hash): Hash => Buffer.from(flipBit(Buffer.from(hash, 'hex'), pick(256))).toString('hex')
  const ways: [string, () => void][] = [
    ['a leaf is another', () => (leaves[pick(leaves.length)]!.hash = flipped(leaves[0]!.hash))],
    ['a leaf is elsewhere', () => (leaves[pick(leaves.length)]!.index = pick(claim.size + 2))],
    ['a leaf is left out', () => leaves.splice(pick(leaves.length), 1)],
    ['a leaf is put in', () => leaves.push({ index: pick(claim.size), hash: leaf(1_000_000) })],
    ['two leaves change places', () => swap(leaves, pick)],
    ['the proof is another', () => proof.length > 0 && (proof[pick(proof.length)] = flipped(proof[0]!))],
    ['the proof is short', () => proof.splice(pick(proof.length), 1)],
    ['the proof is long', () => proof.splice(pick(proof.length + 1), 0, leaf(pick(9)))],
    ['the proof is in another order', () => swap(proof, pick)],
    ['the root is another', () => (changed.root = flipped(claim.root))]
  ]
  const [what, change] = ways[pick(ways.length)]!
  change()
  return { changed, what }
}

function swap<T>(list: T[], pick: (below: number) => number): void {
  const [a, b] = [pick(list.length), pick(list.length)]
  if (list.length > 1) [list[a], list[b]] = [list[b]!, list[a]!]
}
