/** The second reader builds the index of the example again, and says of changed proofs what ours says. */
import { readFileSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { EntryFilter } from '../../src/core/entry-filter.js'
import { isCoded } from '../../src/core/errors.js'
import { decodeHeader, encodeHeader } from '../../src/core/header.js'
import type { IndexProof } from '../../src/core/lmx1/index-proof.js'
import { verifyIndexProof } from '../../src/core/lmx1/verify-index.js'
import { answer, build, makeBounds, makeHeaders, makeQuestion, scan, tamper } from '../core/lmx1/world.js'
import { rootOf } from '../../src/core/lmx1/index-builder.js'
import { dice } from '../helpers/dice.js'
import { temporaryFolder } from '../helpers/temporary-folder.js'
import { runChecker, whyNoChecker } from './python.js'

const EXAMPLE = 'test/vectors/files/lmx1.json'
const SEED = Number(process.env.CHECKER_SEED ?? 1)
const MUTANTS = Number(process.env.CHECKER_MUTANTS ?? 100)
const SIZE = 24
const missing = whyNoChecker()

interface Shown {
  filter: EntryFilter
  from: number
  to: number
  proof: IndexProof
  seqs: number[]
}

test('the example says what our reader finds', () => {
  const { size, root, headers, proofs } = JSON.parse(readFileSync(EXAMPLE, 'utf8')) as {
    size: number
    root: string
    headers: string[]
    proofs: Shown[]
  }
  const decoded = headers.map((text) => decodeHeader(Buffer.from(text)))
  expect(rootOf(build(decoded))).toBe(root)
  const shown = new Map(decoded.map((header) => [header.seq, header]))
  for (const { proof, seqs, ...question } of proofs)
    expect(verifyIndexProof({ size, root }, question, proof, shown)).toEqual(seqs)
  expect(proofs.length).toBeGreaterThan(5)
})

test.skipIf(missing !== null)('the second reader takes the example', async () => {
  expect(await runChecker([EXAMPLE])).toEqual([{ verdict: 'valid', reason: 'an index of 16 entries' }])
})

test.skipIf(missing !== null)(
  `both say the same of honest and changed proofs (seed ${SEED})`,
  async () => {
    const roll = dice(SEED)
    const headers = makeHeaders(SIZE, roll).map((header) =>
      header.seq > 0
        ? header
        : { ...header, ledger: null, prev_hash: null, type: 'ledger.genesis', key: GENESIS_KEY, meta: GENESIS_META }
    )
    const index = build(headers)
    const root = { size: SIZE, root: rootOf(index) }
    const all = new Map(headers.map((header) => [header.seq, header]))
    const folder = await temporaryFolder()
    const files: string[] = []
    const ours: string[] = []
    for (let at = 0; at < MUTANTS; at++) {
      const honest = await answer(index, headers, makeQuestion(SIZE, roll), makeBounds(roll))
      const { proof, question } = at % 10 === 0 ? honest : tamper(honest, headers, roll)
      const file = {
        ...root,
        headers: headers.map((header) => Buffer.from(encodeHeader(header)).toString()),
        proofs: [{ ...question, proof, seqs: scan(headers, question) }]
      }
      files.push(join(folder, String(at)))
      await writeFile(files[at]!, JSON.stringify(file))
      try {
        verifyIndexProof(root, question, proof, all)
        ours.push('valid')
      } catch (error) {
        if (!isCoded(error, 'BAD_PROOF')) throw error
        ours.push('invalid')
      }
    }
    expect((await runChecker(files)).map(({ verdict }) => verdict)).toEqual(ours)
    expect(ours.filter((verdict) => verdict === 'valid').length).toBeGreaterThan(MUTANTS / 10)
  },
  60_000
)

/** Any key of a genesis. */
const GENESIS_KEY = '8a88e3dd7409f195fd52db2d3cba5d72ca6709bf1d94121bf3748801b40f6f5c'
const GENESIS_META = { network: 'test', name: 'tester', access: 'public', next_key_hash: null }
