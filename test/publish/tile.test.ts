import { expect, test } from 'vitest'
import { sha256Text } from '../../src/core/hash.js'
import { CompactTree } from '../../src/core/merkle.js'
import { decodeBundle, encodeBundle } from '../../src/publish/bundle.js'
import { decodeTile, encodeTile, TileTree } from '../../src/publish/tile-tree.js'
import { BUNDLES, outgrown, tilePath, tilesOf } from '../../src/publish/tile.js'
import { Author } from '../core/author.js'

test('paths are those of tlog-tiles', () => {
  expect(tilePath({ level: 0, index: 0, width: 256 })).toBe('tile/0/000')
  expect(tilePath({ level: 1, index: 67, width: 5 })).toBe('tile/1/067.p/5')
  expect(tilePath({ level: BUNDLES, index: 1234067, width: 256 })).toBe('tile/entries/x001/x234/067')
  expect(tilePath({ level: 2, index: 1000, width: 255 })).toBe('tile/2/x001/000.p/255')
})

test('the files of a tree that grows: each once, none too many', () => {
  const all = (before: number, size: number): string[] => [...tilesOf(before, size)].map(tilePath)
  expect(all(0, 0)).toEqual([])
  expect(all(5, 5)).toEqual([])
  expect(all(0, 1)).toEqual(['tile/entries/000.p/1', 'tile/0/000.p/1'])
  expect(all(255, 256)).toEqual(['tile/entries/000', 'tile/0/000', 'tile/1/000.p/1'])
  expect(all(256, 257)).toEqual(['tile/entries/001.p/1', 'tile/0/001.p/1'])
  expect(all(65_535, 65_536)).toEqual(['tile/entries/255', 'tile/0/255', 'tile/1/000', 'tile/2/000.p/1'])
  expect([...outgrown(200, 255)]).toEqual([])
  expect([...outgrown(255, 65_536)].map(tilePath)).toEqual(['tile/entries/000.p/255', 'tile/0/000.p/255'])
  expect([...outgrown(256, 65_536)].map(tilePath)).toEqual(['tile/1/000.p/1'])
})

test('the tree of tiles has the root of RFC 6962 at every size, and goes on from its right edge', async () => {
  const hashes = (count: number): string[] => Array.from({ length: count }, (_, at) => sha256Text(String(at)))
  const frontierOf = (leaves: readonly string[]): string[] => {
    const tree = new CompactTree()
    for (const leaf of leaves) tree.append(leaf)
    return tree.frontier
  }
  // the second begins just below a full tile of level 1: what lies below its hashes is nobody's business
  for (const [start, edge] of [
    [0, []],
    [65_500, [hashes(220), hashes(255)]]
  ] as const) {
    const compact = new CompactTree(start, edge.toReversed().flatMap(frontierOf))
    const files = new Map<string, string[]>()
    let tree = await TileTree.at(start, async ({ level }) => await Promise.resolve([...edge[level]!]))
    expect(tree.root()).toBe(compact.root())
    for (let size = start + 1; size <= start + 700; size++) {
      const leaf = sha256Text(String(size))
      compact.append(leaf)
      for (const tile of tree.push(leaf)) files.set(tilePath(tile), tile.hashes)
      if (size % 7 !== 0 && size % 256 > 1) continue
      expect(tree.root()).toBe(compact.root())
      for (const tile of tree.partial()) files.set(tilePath(tile), tile.hashes)
      tree = await TileTree.at(
        size,
        async (tile) => await Promise.resolve(decodeTile(encodeTile(files.get(tilePath(tile))!)))
      )
    }
    expect(files.has('tile/2/000.p/1')).toBe(start > 0)
  }
  await expect(TileTree.at(3, async () => await Promise.resolve(['00']))).rejects.toMatchObject({ code: 'MALFORMED' })
})

test('a bundle that is cut, or has less than a signature, is refused', async () => {
  const author = await Author.create()
  await author.append()
  const bytes = encodeBundle(author.entries.map(({ raw }) => raw))
  expect(decodeBundle(bytes).map(({ hash }) => hash)).toEqual(author.hashes())
  for (const cut of [1, 2, 64, bytes.length - 1])
    expect(() => decodeBundle(bytes.subarray(0, cut))).toThrow(/bundle ends/)
  expect(() => decodeBundle(Buffer.from([0, 63, ...Buffer.alloc(63)]))).toThrow(/bundle ends/)
  expect(() => decodeBundle(Buffer.from([0, 64, ...Buffer.alloc(64)]))).toThrow(/header|empty|JSON/i)
})
