import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { sha256, sha256Text, type Hash } from '../../src/core/hash.js'
import {
  CompactTree,
  consistencyProof,
  EMPTY_ROOT,
  inclusionProof,
  merkleRoot,
  NODE_LEVELS,
  proveConsistency,
  proveInclusion,
  rootFrom,
  verifyConsistency,
  verifyInclusion,
  type Nodes
} from '../../src/core/merkle.js'
import { codeOf, flipBit } from './author.js'

const leaf = (index: number): Hash => sha256Text(`leaf ${index}`)
const tree = (size: number): Hash[] => Array.from({ length: size }, (_, index) => leaf(index))
const flip = (hash: Hash, bit: number): Hash => Buffer.from(flipBit(Buffer.from(hash, 'hex'), bit)).toString('hex')

/** RFC 6962 §2.1, word by word. */
function mth(leaves: Hash[]): Hash {
  if (leaves.length === 0) return sha256(new Uint8Array(0))
  if (leaves.length === 1) return leaves[0]!
  let k = 1
  while (k * 2 < leaves.length) k *= 2
  return sha256(Uint8Array.of(1), Buffer.from(mth(leaves.slice(0, k)), 'hex'), Buffer.from(mth(leaves.slice(k)), 'hex'))
}

/** What a store does: keeps the levels that the tree reports, and reads leaves again. */
function stored(leaves: Hash[]): { nodes: Nodes; asked: [number, number][] } {
  const kept = new Map<string, Hash>()
  const compact = new CompactTree()
  for (const hash of leaves) compact.append(hash, (level, index, node) => kept.set(`${level}/${index}`, node))
  const asked: [number, number][] = []
  return {
    asked,
    nodes: async (level, index) => {
      asked.push([level, index])
      const hash = level === 0 ? leaves[index] : kept.get(`${level}/${index}`)
      if (hash === undefined) throw new Error(`no node ${level}/${index}`)
      return hash
    }
  }
}

describe('the tree', () => {
  test('has the roots of RFC 6962, however it is built', async () => {
    expect(merkleRoot([])).toBe(EMPTY_ROOT)
    for (let size = 0; size < 70; size++) {
      const leaves = tree(size)
      expect(merkleRoot(leaves)).toBe(mth(leaves))
      expect(await rootFrom(stored(leaves).nodes, size)).toBe(mth(leaves))
    }
  })

  test('goes on from its frontier', () => {
    fc.assert(
      fc.property(fc.nat(600), fc.nat(40), (before, after) => {
        const first = new CompactTree()
        for (const hash of tree(before)) first.append(hash)
        const second = new CompactTree(first.size, first.frontier)
        for (let index = before; index < before + after; index++) second.append(leaf(index))
        expect(second.size).toBe(before + after)
        expect(second.root()).toBe(merkleRoot(tree(before + after)))
      }),
      { numRuns: 40 }
    )
  })

  test('refuses a frontier that is not one', async () => {
    for (const [size, frontier] of [
      [1, []],
      [2, tree(2)],
      [3, tree(1)],
      [-1, []],
      [1.5, tree(1)],
      [2 ** 53, tree(1)],
      [1, ['xy']]
    ] as [number, Hash[]][]) {
      expect(await codeOf(() => new CompactTree(size, frontier))).toBe('MALFORMED')
    }
  })

  test('reaches the largest size a number can say', () => {
    const big = new CompactTree(2 ** 52, [leaf(0)])
    big.append(leaf(1))
    expect(big.size).toBe(2 ** 52 + 1)
    expect(big.frontier).toEqual([leaf(0), leaf(1)])
  })

  test('reports exactly the complete nodes of the levels that a store keeps', () => {
    const leaves = tree(1000)
    const seen: [number, number][] = []
    const compact = new CompactTree()
    for (const hash of leaves) {
      compact.append(hash, (level, index, node) => {
        seen.push([level, index])
        expect(node).toBe(mth(leaves.slice(index * 256, (index + 1) * 256)))
      })
    }
    expect(seen).toEqual([
      [8, 0],
      [8, 1],
      [8, 2]
    ])
  })
})

describe('proofs', () => {
  const sizes = fc.integer({ min: 1, max: 700 })

  test('verify for every leaf and prefix of small trees, and only there', () => {
    for (let size = 1; size <= 17; size++) {
      const leaves = tree(size)
      const root = merkleRoot(leaves)
      for (let index = 0; index < size; index++) {
        const proof = inclusionProof(leaves, index)
        for (let other = 0; other < size; other++) {
          expect(verifyInclusion({ index: other, size, leaf: leaves[index]!, root, proof })).toBe(other === index)
        }
        const root1 = merkleRoot(leaves.slice(0, index + 1))
        expect(
          verifyConsistency({
            size1: index + 1,
            size2: size,
            root1,
            root2: root,
            proof: consistencyProof(leaves, index + 1)
          })
        ).toBe(true)
      }
    }
  })

  test('are the same when made from stored nodes, which are asked for at multiples of eight levels only', async () => {
    await fc.assert(
      fc.asyncProperty(sizes, fc.nat(), fc.nat(), async (size, a, b) => {
        const leaves = tree(size)
        const { nodes, asked } = stored(leaves)
        const index = a % size
        const size1 = 1 + (b % size)
        expect(await proveInclusion(nodes, index, size)).toEqual(inclusionProof(leaves, index))
        expect(await proveConsistency(nodes, size1, size)).toEqual(consistencyProof(leaves, size1))
        expect(asked.every(([level]) => level % NODE_LEVELS === 0)).toBe(true)
        expect(asked.length).toBeLessThanOrEqual(4 * 256)
      }),
      { numRuns: 60 }
    )
  })

  test('fail when any bit of any part is turned over, a hash is left out, doubled or added, or an index or a size is another', () => {
    fc.assert(
      fc.property(sizes, fc.nat(), fc.nat(), fc.nat(255), (size, a, b, bit) => {
        const leaves = tree(size)
        const index = a % size
        const root = merkleRoot(leaves)
        const good = { index, size, leaf: leaves[index]!, root, proof: inclusionProof(leaves, index) }
        expect(verifyInclusion(good)).toBe(true)
        expect(verifyInclusion({ ...good, root: flip(root, bit) })).toBe(false)
        expect(verifyInclusion({ ...good, leaf: flip(good.leaf, bit) })).toBe(false)
        expect(verifyInclusion({ ...good, proof: [...good.proof, leaf(0)] })).toBe(false)
        expect(verifyInclusion({ ...good, proof: [root, ...good.proof] })).toBe(false)
        expect(verifyInclusion({ ...good, index: index + 1 })).toBe(false)
        good.proof.forEach((hash, place) => {
          expect(verifyInclusion({ ...good, proof: good.proof.with(place, flip(hash, bit)) })).toBe(false)
          expect(verifyInclusion({ ...good, proof: good.proof.toSpliced(place, 1) })).toBe(false)
          expect(verifyInclusion({ ...good, proof: good.proof.toSpliced(place, 0, hash) })).toBe(false)
        })

        const size1 = 1 + (b % size)
        const claim = {
          size1,
          size2: size,
          root1: merkleRoot(leaves.slice(0, size1)),
          root2: root,
          proof: consistencyProof(leaves, size1)
        }
        expect(verifyConsistency(claim)).toBe(true)
        expect(verifyConsistency({ ...claim, root1: flip(claim.root1, bit) })).toBe(false)
        expect(verifyConsistency({ ...claim, root2: flip(claim.root2, bit) })).toBe(false)
        expect(verifyConsistency({ ...claim, proof: [...claim.proof, leaf(0)] })).toBe(false)
        claim.proof.forEach((hash, place) => {
          expect(verifyConsistency({ ...claim, proof: claim.proof.with(place, flip(hash, bit)) })).toBe(false)
          expect(verifyConsistency({ ...claim, proof: claim.proof.toSpliced(place, 1) })).toBe(false)
        })
      }),
      { numRuns: 60 }
    )
  })

  test('refuse what is no size or no hash without throwing', () => {
    const good = { index: 1, size: 3, leaf: leaf(1), root: merkleRoot(tree(3)), proof: inclusionProof(tree(3), 1) }
    expect(verifyInclusion({ ...good, index: 1n, size: 3n })).toBe(true)
    for (const index of [-1, 1.5, Number.NaN, 2 ** 53, -1n, 3, 3n])
      expect(verifyInclusion({ ...good, index })).toBe(false)
    for (const size of [-1, 0, 1, 1.5, Number.NaN, 2 ** 53, 0n, 2n ** 64n - 1n])
      expect(verifyInclusion({ ...good, size })).toBe(false)
    expect(verifyInclusion({ ...good, leaf: good.leaf.toUpperCase() })).toBe(false)
    expect(verifyInclusion({ ...good, proof: [...good.proof.slice(1), ''] })).toBe(false)
    expect(verifyConsistency({ size1: 0, size2: 0, root1: EMPTY_ROOT, root2: EMPTY_ROOT, proof: [] })).toBe(false)
    expect(verifyConsistency({ size1: 0, size2: 3, root1: EMPTY_ROOT, root2: good.root, proof: [] })).toBe(false)
    expect(verifyConsistency({ size1: 4, size2: 3, root1: good.root, root2: good.root, proof: [] })).toBe(false)
    expect(verifyConsistency({ size1: 3, size2: 3, root1: good.root, root2: good.root, proof: [good.root] })).toBe(
      false
    )
  })

  test('are refused with BAD_PROOF for leaves that are not there', async () => {
    const { nodes } = stored(tree(3))
    for (const index of [-1, 3, 0.5, 2 ** 53]) {
      expect(await codeOf(() => inclusionProof(tree(3), index))).toBe('BAD_PROOF')
      expect(await codeOf(() => proveInclusion(nodes, index, 3))).toBe('BAD_PROOF')
    }
    for (const size1 of [0, -1, 4, 1.5]) {
      expect(await codeOf(() => consistencyProof(tree(3), size1))).toBe('BAD_PROOF')
      expect(await codeOf(() => proveConsistency(nodes, size1, 3))).toBe('BAD_PROOF')
    }
    expect(await codeOf(() => rootFrom(nodes, -1))).toBe('BAD_PROOF')
  })
})
