/**
 * Two nodes that hold the same and have heard the same must believe the same: the committed judgements come out,
 * whatever the order.
 */
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { keyEpoch } from '../../src/core/chain.js'
import { decodeEntry } from '../../src/core/entry.js'
import { judgeEvidence } from '../../src/core/judge-evidence.js'
import { verifySignature } from '../../src/core/signature.js'
import { verifyEvidence } from '../../src/core/verify-evidence.js'
import { makeJudgements } from './judgements-make.js'

type Judgements = Awaited<ReturnType<typeof makeJudgements>>

const { network, cases, ...rest } = JSON.parse(readFileSync('test/vectors/judgements.json', 'utf8')) as Judgements

test('the committed judgements come out again, byte for byte', async () => {
  expect(JSON.parse(JSON.stringify(await makeJudgements()))).toEqual({ ...rest, network, cases })
})

test.each(cases)('$name', async ({ held, evidence, expected }) => {
  const keys = held.key_entries.map(({ header, signature }) =>
    keyEpoch(decodeEntry({ header: Buffer.from(header), signature: Buffer.from(signature, 'hex'), payload: null }))
  )
  const proven = await Promise.all(
    evidence.map(async (file) => await verifyEvidence(Buffer.from(file), { verify: verifySignature, network }))
  )
  for (const order of [proven, proven.toReversed()]) {
    const { frozen, verdicts } = judgeEvidence({ keys, size: held.size }, order)
    expect({
      frozen_at: frozen?.size ?? null,
      key_fork: frozen?.keyFork ?? false,
      verdicts: Object.fromEntries(verdicts)
    }).toEqual(expected)
  }
})
