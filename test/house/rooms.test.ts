import { expect, test } from 'vitest'
import { circles, readImports } from '../../scripts/house/imports.js'
import { roomOf, ROOMS } from '../../scripts/house/rooms.js'

/** The node's own top: the composition and its two faces. */
const NODE_TOP = [
  'src/node/create-ledger-options.ts',
  'src/node/create-ledger.ts',
  'src/node/daemon-node.ts',
  'src/node/start-daemon.ts'
]

test('every file is in a room', () => {
  expect([...readImports().keys()].filter((file) => roomOf(file) === null)).toEqual([])
})

test('the graph has what the sources have', () => {
  const imports = readImports()
  expect(imports.size).toBeGreaterThan(300)
  expect(imports.get('src/node/create-ledger.ts')).toContain('src/node/plugins/plugin.ts')
})

test('imports between rooms point down the list, types included', () => {
  const wrong: string[] = []
  for (const [file, targets] of readImports()) {
    for (const target of targets)
      if (ROOMS.indexOf(roomOf(target)!) < ROOMS.indexOf(roomOf(file)!)) wrong.push(`${file} imports ${target}`)
  }
  expect(wrong).toEqual([])
})

test('no circle of files, types included', () => {
  expect(circles(readImports())).toEqual([])
})

test('src/node has no other files at its top than the composition', () => {
  expect([...readImports().keys()].filter((file) => /^src\/node\/[^/]+$/.test(file))).toEqual(NODE_TOP)
})

test('a circle is found, also a long one', () => {
  const graph = new Map([
    ['a', ['b']],
    ['b', ['c', 'd']],
    ['c', ['a']],
    ['d', []],
    ['e', ['d', 'e2']],
    ['e2', ['e']]
  ])
  expect(circles(graph)).toEqual([
    ['a', 'b', 'c'],
    ['e', 'e2']
  ])
})
