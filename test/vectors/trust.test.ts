import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { isLedgerId } from '../../src/core/ledger-id.js'
import { readTrust } from '../../src/trust/attestation.js'
import { bruteForce } from '../trust/brute-force.js'
import { header } from '../trust/ledgers.js'
import { answer, graphOfCase, makeTrustVectors, weightsOf, type TrustVectors } from './trust-make.js'

/** From the project's root. The file is data that must never change: the arithmetic is final. */
const vectors = JSON.parse(readFileSync('test/vectors/trust.json', 'utf8')) as TrustVectors

test('the committed trust vectors come out again', () => {
  expect(JSON.parse(JSON.stringify(makeTrustVectors()))).toEqual(vectors)
})

for (const one of vectors.cases) {
  test(`trust vector: ${one.name}`, () => {
    const statements = one.statements.map(({ ledger, seq, hash, type, meta }) =>
      readTrust(header(ledger, seq, type, meta), hash)!
    )
    expect(statements).not.toContain(null)
    const plain = { statements, states: one.ledgers.map(({ as_of: asOf, ...state }) => ({ ...state, asOf })) }
    const graph = graphOfCase(one)
    for (const { expect: expected, ...question } of one.levels) {
      expect(isLedgerId(question.from) && isLedgerId(question.to)).toBe(true)
      expect(answer(graph, question)).toEqual(expected)
      const { level_milli, kind, path } = expected
      expect(bruteForce(plain, question.from, question.to, question.now)).toEqual({ level_milli, kind, path })
    }
    for (const { expect: expected, ...question } of one.weights) expect(weightsOf(graph, question)).toEqual(expected)
  })
}
