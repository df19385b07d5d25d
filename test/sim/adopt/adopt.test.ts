import { expect, test } from 'vitest'
import { syncMarkOf } from '../../../src/core/reference.js'
import { play, type AdoptPlay } from './play.js'

const first = Number(process.env.SIM_SEED ?? 1)
const seeds = (count: number): number[] => Array.from({ length: count }, (_, n) => first + n)

async function all(count: number, given: AdoptPlay): Promise<{ kills: number; problems: string[] }> {
  let kills = 0
  const problems: string[] = []
  for (const seed of seeds(count)) {
    const played = await play(seed, given)
    kills += played.kills
    problems.push(...played.problems.slice(0, 3).map((problem) => `seed ${seed}: ${problem}`))
  }
  return { kills, problems: problems.slice(0, 10) }
}

test('a ring of 5 adopters, 200 seeds: one copy of each original at each neighbour, whatever is killed', async () => {
  const { kills, problems } = await all(200, { nodes: 5, shape: 'ring', length: 400, deadly: 0.02 })
  expect(problems).toEqual([])
  expect(kills).toBeGreaterThan(200)
})

test('chains, filters, hostile authors, lost folders and branches that give way, 200 seeds', async () => {
  const { kills, problems } = await all(200, {
    nodes: 4,
    shape: 'chain',
    length: 400,
    deadly: 0.02,
    hostile: true,
    losses: true,
    filtered: true
  })
  expect(problems).toEqual([])
  expect(kills).toBeGreaterThan(200)
})

test('a full mesh of 6, 30 seeds, and a ring of 50', async () => {
  expect((await all(30, { nodes: 6, shape: 'mesh', length: 600, deadly: 0.01, hostile: true })).problems).toEqual([])
  expect((await all(1, { nodes: 50, shape: 'ring', length: 3_000 })).problems).toEqual([])
})

test('a ring settles: nothing is a copy of a copy, and another turn writes nothing', async () => {
  const { nodes } = await play(first, { nodes: 8, shape: 'ring', length: 600 })
  const sizes = nodes.map(({ ledger }) => ledger.entries.length)
  for (const node of nodes) {
    for (const [id, mirror] of node.mirrors) node.pull(id, mirror.of.entries.length)
    while (await node.step());
  }
  expect(nodes.map(({ ledger }) => ledger.entries.length)).toEqual(sizes)
  for (const { ledger, mirrors } of nodes) {
    const sources = new Set(ledger.entries.flatMap(({ header }) => syncMarkOf(header.meta)?.source ?? []))
    expect([...sources].every((source) => mirrors.has(source))).toBe(true)
  }
})
