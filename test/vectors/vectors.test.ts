import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { decodeEntry } from '../../src/core/entry.js'
import { extendChain, startChain } from '../../src/core/chain.js'
import { verifyCheckpoint } from '../../src/core/checkpoint.js'
import { verifyInclusion } from '../../src/core/merkle.js'
import { verifySignature } from '../../src/core/signature.js'
import { verifyEvidence } from '../../src/core/verify-evidence.js'
import { makeVectors } from './make.js'

interface Vectors {
  network: string
  ledger: string
  entries: { header: string; signature: string; hash: string; payload: string | null }[]
  root: string
  inclusion_of_2: string[]
  checkpoint: string
  evidence: { id: string; file: string }[]
}

/** From the project's root. The file is data that must never change: the formats are final. */
const vectors = JSON.parse(readFileSync('test/vectors/vectors.json', 'utf8')) as Vectors

test('the committed vectors come out again, byte for byte', async () => {
  expect(JSON.parse(JSON.stringify(await makeVectors()))).toEqual(vectors)
})

test('the committed vectors verify', async () => {
  const entries = vectors.entries.map(({ header, signature, payload }) =>
    decodeEntry({
      header: Buffer.from(header),
      signature: Buffer.from(signature, 'hex'),
      payload: payload === null ? null : Buffer.from(payload)
    })
  )
  expect(entries.map(({ hash }) => hash)).toEqual(vectors.entries.map(({ hash }) => hash))
  const state = entries.slice(1).reduce(extendChain, startChain(vectors.ledger, entries[0]!))
  const checkpoint = await verifyCheckpoint(
    vectors.checkpoint,
    { network: vectors.network, ledger: vectors.ledger, key: state.key },
    verifySignature
  )
  expect(checkpoint).toMatchObject({ size: state.size, root: vectors.root })
  expect(
    verifyInclusion({ index: 2, size: 5, leaf: entries[2]!.hash, root: vectors.root, proof: vectors.inclusion_of_2 })
  ).toBe(true)
  for (const { id, file } of vectors.evidence) {
    expect((await verifyEvidence(Buffer.from(file), { verify: verifySignature })).id).toBe(id)
    expect((await verifyEvidence(Buffer.from(file))).id).toBe(id) // by our own verifier, when none is given
  }
})
