import { expect, describe, test } from 'vitest'
import { readCorpus } from './corpus.js'
import { SHORT_RUNS } from './limits.js'
import { fuzz, runCase, samplesOf } from './run-target.js'
import { TARGETS } from './targets/index.js'

/** A new one each time; `FUZZ_SEED=… npx vitest run dist/test/fuzz` replays a run. */
const SEED = Number(process.env.FUZZ_SEED ?? Date.now() % 2 ** 31)
console.log(`fuzz: seed ${SEED}`)

test('every target has a name of its own, and seeds that are kept', () => {
  expect(new Set(TARGETS.map(({ name }) => name)).size).toBe(TARGETS.length)
  expect(TARGETS.filter(({ name }) => !readCorpus(name).some(({ seed }) => seed)).map(({ name }) => name)).toEqual([])
})

describe.each(TARGETS.map((target) => ({ name: target.name, target })))('$name', ({ name, target }) => {
  test('takes its seeds, those of earlier versions too', async () => {
    const refused: string[] = []
    for (const [at, bytes] of (await target.seeds()).entries())
      if (!(await runCase(target, bytes))) refused.push(`seed ${at}`)
    for (const { file, seed, bytes } of readCorpus(name))
      if (seed && !(await runCase(target, bytes))) refused.push(file)
    expect(refused).toEqual([])
  })

  test('what broke it once breaks it no more, nor does what follows from the seed', async () => {
    for (const { bytes } of readCorpus(name)) await runCase(target, bytes)
    const finding = await fuzz(target, await samplesOf(target), { seed: SEED, runs: target.shortRuns ?? SHORT_RUNS })
    expect(finding === null ? null : { ...finding, bytes: Buffer.from(finding.bytes).toString('latin1') }).toBeNull()
  })
})
