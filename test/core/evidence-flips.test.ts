import { expect, test } from 'vitest'
import {
  encodeEvidence,
  notIncludedEvidence,
  ruleBrokenEvidence,
  sameSeqEvidence,
  sameSizeEvidence,
  type Evidence
} from '../../src/core/evidence.js'
import { isCoded } from '../../src/core/errors.js'
import { sha256 } from '../../src/core/hash.js'
import { inclusionProof } from '../../src/core/merkle.js'
import { verifyNative, type Verify } from '../../src/core/signature.js'
import { verifyEvidence } from '../../src/core/verify-evidence.js'
import { Author, bitsOf, flipBit } from './author.js'

/**
 * What is signed by whom does not change while bits are turned: each signature is checked once. Refusals go to no
 * slower check (evidence.test.ts does that, for some).
 */
const known = new Map<string, boolean>()
const verify: Verify = (key, message, signature) => {
  const id = sha256(key, signature, message)
  const before = known.get(id)
  if (before !== undefined) return before
  const valid = verifyNative(key, message, signature)
  if (valid) known.set(id, true)
  return valid
}

async function four(): Promise<Evidence[]> {
  const author = await Author.create(3)
  await author.append()
  const fork = author.fork()
  const [a, b] = [await author.append(), await fork.append({ id: 'x' })]
  const live = author.signer.publicKey
  const skipping = await author.make({ seq: 5 })
  return [
    sameSeqEvidence(author.accused(), 2, a.raw, b.raw),
    sameSizeEvidence(author.accused(), live, await author.checkpoint(), await fork.checkpoint()),
    notIncludedEvidence(
      author.accused(),
      live,
      b.raw,
      await author.checkpoint(),
      a.hash,
      inclusionProof(author.hashes(), 2)
    ),
    ruleBrokenEvidence(author.accused(), 5, skipping.raw, a.raw)
  ]
}

test('whichever bit of a file is turned over: it proves nothing (all four kinds, every byte)', async () => {
  for (const evidence of await four()) {
    const bytes = encodeEvidence(evidence)
    expect(await verifyEvidence(bytes, { verify })).toMatchObject({ kind: evidence.kind })
    const passed: number[] = []
    for (const bit of bitsOf(bytes)) {
      try {
        await verifyEvidence(flipBit(bytes, bit), { verify })
        passed.push(bit)
      } catch (error) {
        if (!isCoded(error)) throw error
      }
    }
    expect({ kind: evidence.kind, passed }).toEqual({ kind: evidence.kind, passed: [] })
  }
}, 60_000)
