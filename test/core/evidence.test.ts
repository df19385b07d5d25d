import fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import { canonicalize, type JsonObject } from '../../src/core/canonical.js'
import { verifyKeyEntries } from '../../src/core/chain.js'
import { entryHash, type Entry } from '../../src/core/entry.js'
import {
  decodeEvidence,
  encodeEvidence,
  notIncludedEvidence,
  ruleBrokenEvidence,
  sameSeqEvidence,
  sameSizeEvidence,
  type Evidence
} from '../../src/core/evidence.js'
import { MAX_EVIDENCE_BYTES } from '../../src/core/limits.js'
import { inclusionProof } from '../../src/core/merkle.js'
import { verifySignature } from '../../src/core/signature.js'
import { disputedFrom, type HeldChain } from '../../src/core/judge-evidence.js'
import { verifyEvidence, type VerifiedEvidence } from '../../src/core/verify-evidence.js'
import { Author, codeOf, flipBit, key, looseHeader, NETWORK, signBytes } from './author.js'

const verify = (input: Uint8Array | Evidence): Promise<VerifiedEvidence> =>
  verifyEvidence(input, { verify: verifySignature, network: NETWORK })
const refused = (input: Uint8Array | Evidence): Promise<string | undefined> => codeOf(() => verify(input))
const heldBy = async (author: Author): Promise<HeldChain> => ({
  ...(await verifyKeyEntries(author.ledger, author.keyEntries(), verifySignature)),
  size: author.size
})

/**
 * genesis, 1, 2, a rotation at 3, 4, 5; and a branch that leaves it after `shared` entries and grows to the same size.
 */
async function forked(shared: number): Promise<{ left: Author; right: Author }> {
  const left = await Author.create()
  let right = left.fork()
  for (let seq = 1; seq < 6; seq++) {
    if (seq === shared) right = left.fork()
    await (seq === 3 ? left.rotate() : left.append())
    if (seq >= shared) await right.append({ id: `other-${seq}` })
  }
  return { left, right }
}

let left: Author
let right: Author
let good: Record<string, Evidence>

beforeAll(async () => {
  ;({ left, right } = await forked(4))
  const [a, b] = [left.entries[4]!, right.entries[4]!]
  const [l, r] = [await left.checkpoint(), await right.checkpoint()]
  const live = left.signer.publicKey
  const malformed = await signBytes(looseHeader({ ...left.header(), stream: '' }), left.signer)
  const skipping = await left.make({ seq: 9 })
  good = {
    'same-seq': sameSeqEvidence(left.accused(), 4, a.raw, b.raw),
    'same-size': sameSizeEvidence(left.accused(), live, l, r),
    'not-included': notIncludedEvidence(left.accused(), live, b.raw, l, a.hash, inclusionProof(left.hashes(), 4)),
    'rule-broken': ruleBrokenEvidence(left.accused(), 6, malformed, null),
    'rule-broken, predecessor': ruleBrokenEvidence(left.accused(), 9, skipping.raw, left.entries[5]!.raw)
  }
})

describe('evidence that proves something', () => {
  test.for([
    ['same-seq', 4],
    ['same-size', 5],
    ['not-included', 4],
    ['rule-broken', 6],
    ['rule-broken, predecessor', 6]
  ] as const)('%s', async ([name, seq]) => {
    const result = await verify(good[name]!)
    expect(result).toMatchObject({ ledger: left.ledger, network: NETWORK, kind: name.split(',')[0], seq })
    expect(await verify(encodeEvidence(good[name]!))).toEqual(result)
    expect(decodeEvidence(result.bytes)).toEqual(good[name])
    expect(disputedFrom(result, await heldBy(left))).toBe(seq)
  })

  test('has one id, whichever side was seen first', async () => {
    const [a, b] = [left.entries[4]!.raw, right.entries[4]!.raw]
    expect((await verify(sameSeqEvidence(left.accused(), 4, b, a))).id).toBe((await verify(good['same-seq']!)).id)
    const swapped = {
      ...good['same-seq'],
      a: (good['same-seq'] as { b: unknown }).b,
      b: (good['same-seq'] as { a: unknown }).a
    } as Evidence
    expect(await refused(swapped)).toBe('BAD_EVIDENCE')
    const live = left.signer.publicKey
    expect(
      (await verify(sameSizeEvidence(left.accused(), live, await right.checkpoint(), await left.checkpoint()))).id
    ).toBe((await verify(good['same-size']!)).id)
  })

  test('fails when any bit is turned over', async () => {
    for (const evidence of Object.values(good)) {
      const bytes = encodeEvidence(evidence)
      await fc.assert(
        fc.asyncProperty(fc.nat(bytes.length * 8 - 1), async (bit) => {
          expect(await refused(flipBit(bytes, bit))).toMatch(/^(BAD_EVIDENCE|WRONG_NETWORK|UPGRADE_NEEDED)$/)
        }),
        { numRuns: 300 }
      )
    }
  })

  test('fails truncated, with trailing bytes, or with a member missing, added or of another type', async () => {
    for (const evidence of Object.values(good)) {
      const bytes = encodeEvidence(evidence)
      for (const length of [0, 1, bytes.length >> 1, bytes.length - 1])
        expect(await refused(bytes.subarray(0, length))).toBe('BAD_EVIDENCE')
      for (const extra of [' ', '\n', '}', '\0'])
        expect(await refused(Buffer.concat([bytes, Buffer.from(extra)]))).toBe('BAD_EVIDENCE')
      const object = evidence as unknown as JsonObject
      for (const member of Object.keys(object)) {
        const { [member]: _, ...rest } = object
        expect(await refused(Buffer.from(canonicalize(rest)))).toBe('BAD_EVIDENCE')
        for (const wrong of [3.5, 'x', true, [], {}, [null]])
          expect(await refused(Buffer.from(canonicalize({ ...object, [member]: wrong })))).toMatch(
            /^(BAD_EVIDENCE|WRONG_NETWORK)$/
          )
      }
      expect(await refused(Buffer.from(canonicalize({ ...object, more: 1 })))).toBe('BAD_EVIDENCE')
      expect(await refused(Buffer.from(JSON.stringify(object, null, 1)))).toBe('BAD_EVIDENCE')
      expect(await refused(Buffer.from(canonicalize({ ...object, v: 2 })))).toBe('UPGRADE_NEEDED')
    }
  })

  test('is at most 1 MiB', async () => {
    expect(await refused(new Uint8Array(MAX_EVIDENCE_BYTES + 1))).toBe('TOO_LARGE')
    expect(await refused(new Uint8Array(MAX_EVIDENCE_BYTES))).toBe('BAD_EVIDENCE')
  })

  test('of another network is refused', async () => {
    expect(await codeOf(() => verifyEvidence(good['same-seq']!, { verify: verifySignature, network: 'main' }))).toBe(
      'WRONG_NETWORK'
    )
    const renamed = { ...good['same-seq']!, network: 'main' }
    expect(await codeOf(() => verifyEvidence(renamed, { verify: verifySignature }))).toBe('BAD_EVIDENCE')
  })
})

describe('evidence that proves nothing', () => {
  const same = (author: Author, seq: number, a: Entry, b: Entry): Promise<string | undefined> =>
    refused(sameSeqEvidence(author.accused(), seq, a.raw, b.raw))

  test('the same entry twice, two seqs, or entries of two ledgers', async () => {
    expect(await same(left, 4, left.entries[4]!, left.entries[4]!)).toBe('BAD_EVIDENCE')
    expect(await same(left, 5, left.entries[4]!, left.entries[5]!)).toBe('BAD_EVIDENCE')
    const stranger = await Author.create(90)
    await stranger.append()
    expect(await same(left, 1, left.entries[1]!, stranger.entries[1]!)).toBe('BAD_EVIDENCE')
    expect(await same(left, 0, left.entries[0]!, stranger.entries[0]!)).toBe('BAD_EVIDENCE')
  })

  test('an entry by a stranger, by a retired key, or not signed', async () => {
    const forged = await left.make({ seq: 4, prev_hash: left.entries[3]!.hash, key: key(66).publicKey }, key(66))
    expect(await same(left, 4, left.entries[4]!, forged)).toBe('BAD_EVIDENCE')
    const old = await left.make({ seq: 4, prev_hash: left.entries[3]!.hash, key: key(1).publicKey }, key(1))
    expect(await same(left, 4, left.entries[4]!, old)).toBe('BAD_EVIDENCE')
    const unsigned = await left.make({ seq: 4, prev_hash: left.entries[3]!.hash, id: 'x' }, key(66))
    expect(await same(left, 4, left.entries[4]!, unsigned)).toBe('BAD_EVIDENCE')
  })

  test('key entries that are forged, left out, out of order, of another ledger or not needed', async () => {
    const evidence = good['same-seq']!
    const [genesis, rotation] = evidence.key_entries as [
      { header: string; signature: string },
      { header: string; signature: string }
    ]
    const stranger = (await Author.create(90)).accused().keyEntries[0]!
    const forged = await left.make(
      { seq: 3, type: 'ledger.rotate-key', key: key(66).publicKey, meta: { next_key_hash: null } },
      key(66)
    )
    const texts = [stranger, forged.raw].map(({ header, signature }) => ({
      header: Buffer.from(header).toString(),
      signature: Buffer.from(signature).toString('hex')
    }))
    for (const keyEntries of [
      [],
      [genesis],
      [rotation],
      [rotation, genesis],
      [genesis, genesis],
      [genesis, rotation, rotation],
      [texts[0]!, rotation],
      [genesis, texts[1]!]
    ]) {
      const bytes = Buffer.from(canonicalize({ ...evidence, key_entries: keyEntries }))
      expect(await refused(bytes)).toBe('BAD_EVIDENCE')
    }
    const surplus = {
      ...sameSeqEvidence(left.accused(), 4, left.entries[1]!.raw, (await forked(1)).right.entries[1]!.raw)
    }
    expect(await refused(surplus)).toBe('BAD_EVIDENCE')
  })

  test('checkpoints of two sizes or one root, or with a cosignature, or by a retired key', async () => {
    const live = left.signer.publicKey
    const [one, other] = [await left.checkpoint(), await right.checkpoint(5)]
    expect(await refused(sameSizeEvidence(left.accused(), live, one, other))).toBe('BAD_EVIDENCE')
    expect(await refused(sameSizeEvidence(left.accused(), live, one, one))).toBe('BAD_EVIDENCE')
    const full = good['same-size'] as Evidence & { a: string }
    expect(await refused({ ...full, a: full.a + full.a.split('\n\n')[1]! } as Evidence)).toBe('BAD_EVIDENCE')
    const retired = key(1)
    const [a, b] = [await left.checkpoint(6, retired), await right.checkpoint(6, retired)]
    expect(await refused(sameSizeEvidence(left.accused(), retired.publicKey, a, b))).toBe('BAD_EVIDENCE')
  })

  test('a proof of the entry itself, of another place, or to another root', async () => {
    const live = left.signer.publicKey
    const make = async (entry: Entry, note: string, leaf: string, index: number): Promise<string | undefined> =>
      await refused(
        notIncludedEvidence(left.accused(), live, entry.raw, note, leaf, inclusionProof(left.hashes(), index))
      )
    const note = await left.checkpoint()
    expect(await make(left.entries[4]!, note, left.entries[4]!.hash, 4)).toBe('BAD_EVIDENCE')
    expect(await make(right.entries[4]!, note, left.entries[5]!.hash, 5)).toBe('BAD_EVIDENCE')
    expect(await make(right.entries[4]!, await right.checkpoint(), left.entries[4]!.hash, 4)).toBe('BAD_EVIDENCE')
    expect(await make(right.entries[5]!, await left.checkpoint(5), left.entries[4]!.hash, 4)).toBe('BAD_EVIDENCE')
  })

  test('an entry that breaks no rule, with or without its predecessor, or with another one', async () => {
    const [before, entry] = [left.entries[4]!, left.entries[5]!]
    expect(await refused(ruleBrokenEvidence(left.accused(), 5, entry.raw, null))).toBe('BAD_EVIDENCE')
    expect(await refused(ruleBrokenEvidence(left.accused(), 5, entry.raw, before.raw))).toBe('BAD_EVIDENCE')
    expect(await refused(ruleBrokenEvidence(left.accused(), 5, entry.raw, right.entries[4]!.raw))).toBe('BAD_EVIDENCE')
    for (const seq of [1, 2, 3, 4, 5]) {
      expect(
        await refused(ruleBrokenEvidence(left.accused(), seq, left.entries[seq]!.raw, left.entries[seq - 1]!.raw))
      ).toBe('BAD_EVIDENCE')
      expect(await refused(ruleBrokenEvidence(left.accused(), seq, left.entries[seq]!.raw, null))).toBe('BAD_EVIDENCE')
    }
  })

  test('no honest entry becomes evidence when key entries are left out', async () => {
    const honest = await Author.create()
    for (const step of ['append', 'rotate', 'append', 'rotate', 'append', 'append'] as const) await honest[step]()
    for (const { header, raw } of honest.entries.slice(1)) {
      const before = honest.entries[header.seq - 1]!.raw
      for (const count of [1, 2, 3]) {
        const accused = { ...honest.accused(), keyEntries: honest.accused().keyEntries.slice(0, count) }
        expect(await refused(ruleBrokenEvidence(accused, header.seq, raw, null))).toBe('BAD_EVIDENCE')
        expect(await refused(ruleBrokenEvidence(accused, header.seq, raw, before))).toBe('BAD_EVIDENCE')
      }
    }
  })

  test('what a newer version wrote', async () => {
    const newer = await signBytes(looseHeader({ ...left.header(), v: 2, deep: [[[[[[[[[[1.5]]]]]]]]]] }), left.signer)
    expect(await refused(ruleBrokenEvidence(left.accused(), 6, newer, null))).toBe('UPGRADE_NEEDED')
    const over = await left.make({ seq: 6 })
    expect(await refused(sameSeqEvidence(left.accused(), 6, newer, over.raw))).toBe('UPGRADE_NEEDED')
  })

  test('a broken entry that cannot be told to be of this ledger and by its key', async () => {
    const broken = { ...left.header(), stream: '' }
    const signed = async (members: Record<string, unknown>, signer = left.signer): Promise<string | undefined> =>
      await refused(
        ruleBrokenEvidence(left.accused(), 6, await signBytes(looseHeader({ ...broken, ...members }), signer), null)
      )
    expect(await signed({})).toBeUndefined()
    expect(await signed({ ledger: null })).toBe('BAD_EVIDENCE')
    expect(await signed({ ledger: (await Author.create(90)).ledger })).toBe('BAD_EVIDENCE')
    for (const seq of [0, -1, 1.5, '6', 2 ** 53]) expect(await signed({ seq })).toBe('BAD_EVIDENCE')
    for (const signer of [key(66), key(1)]) expect(await signed({ key: signer.publicKey }, signer)).toBe('BAD_EVIDENCE')
    expect(await signed({}, key(66))).toBe('BAD_EVIDENCE')
  })
})

describe('rules that a signed entry can break', () => {
  test('by itself', async () => {
    const header = left.header()
    const rotate = { type: 'ledger.rotate-key', meta: { next_key_hash: null } }
    const cases = [
      { extra: 1 },
      { id: '' },
      { timestamp: -1 },
      { prev_hash: null },
      { meta: [] },
      { payload_size: 1 },
      { v: 0 },
      { type: 'ledger.genesis' },
      { type: 'ledger.erase', meta: { entries: [] } },
      rotate,
      { meta: { a: 1.5 } },
      { meta: { a: [[[[[[[[]]]]]]]] } },
      { meta: { a: 'x'.repeat(33_000) } }
    ]
    for (const broken of cases) {
      const raw = await signBytes(looseHeader({ ...header, ...broken }), left.signer)
      expect((await verify(ruleBrokenEvidence(left.accused(), 6, raw, null))).seq).toBe(6)
    }
    const spaced = await signBytes(Buffer.from(` ${JSON.stringify(header)}`), left.signer)
    expect((await verify(ruleBrokenEvidence(left.accused(), 6, spaced, null))).kind).toBe('rule-broken')
    const brokenRotation = await signBytes(
      looseHeader({ ...header, ...rotate, stream: '', key: left.next.publicKey }),
      left.next
    )
    const evidence = await verify(ruleBrokenEvidence(left.accused(), 6, brokenRotation, null))
    expect(evidence.seq).toBe(6)
    expect(disputedFrom(evidence, await heldBy(left))).toBe(6)
  })

  test('against the predecessor that it commits to', async () => {
    const follow = async (
      predecessor: Entry | { hash: string; raw: Entry['raw'] },
      seq: number
    ): Promise<VerifiedEvidence> => {
      const entry = await left.make({ seq, prev_hash: predecessor.hash })
      return await verify(ruleBrokenEvidence(left.accused(), seq, entry.raw, predecessor.raw))
    }
    expect((await follow(left.entries[5]!, 8)).seq).toBe(6)
    expect((await follow(left.entries[5]!, 5)).seq).toBe(5)
    const unsigned = await left.make({}, key(66))
    expect((await follow(unsigned, 7)).seq).toBe(6)
    const stranger = await left.make({ key: key(66).publicKey }, key(66))
    expect((await follow(stranger, 7)).seq).toBe(6)
    const other = await left.make({ ledger: (await Author.create(90)).ledger })
    expect((await follow(other, 7)).seq).toBe(6)
    const raw = { ...(await signBytes(looseHeader({ not: 'an entry' }), left.signer)), payload: null }
    expect((await follow({ hash: entryHash(raw), raw }, 7)).seq).toBe(6)
    const newer = { ...(await signBytes(looseHeader({ v: 2 }), left.signer)), payload: null }
    const entry = await left.make({ seq: 7, prev_hash: entryHash(newer) })
    expect(await refused(ruleBrokenEvidence(left.accused(), 7, entry.raw, newer))).toBe('UPGRADE_NEEDED')
  })
})

describe('what evidence means for a chain that is held', () => {
  test('a rotation by the committed key that would void entries freezes below it', async () => {
    const owner = await Author.create()
    await owner.append()
    const thief = owner.fork()
    const rotation = await owner.rotate()
    for (let i = 0; i < 3; i++) await thief.append({ id: `thief-${i}` })
    const evidence = await verify(sameSeqEvidence(owner.accused(), 2, rotation.raw, thief.entries[2]!.raw))
    expect(evidence.seq).toBe(2)
    expect(disputedFrom(evidence, await heldBy(thief))).toBe(2)
    // Who holds the rotation already has retired the thief's key.
    expect(disputedFrom(evidence, await heldBy(owner))).toBeNull()
  })

  test('forks that only need a retired key freeze nothing, at whatever seq and with whatever key entries', async () => {
    const owner = await Author.create()
    await owner.append()
    const thief = owner.fork()
    await owner.rotate()
    await owner.append()
    const other = thief.fork()
    for (let i = 0; i < 5; i++) {
      await thief.append({ id: `a-${i}` })
      await other.append({ id: `b-${i}` })
    }
    const held = await heldBy(owner)
    for (const seq of [2, 3, 5]) {
      expect(
        disputedFrom(
          await verify(sameSeqEvidence(thief.accused(), seq, thief.entries[seq]!.raw, other.entries[seq]!.raw)),
          held
        )
      ).toBeNull()
    }
    const signer = thief.signer.publicKey
    expect(
      disputedFrom(
        await verify(sameSizeEvidence(thief.accused(), signer, await thief.checkpoint(), await other.checkpoint())),
        held
      )
    ).toBeNull()
    const broken = await signBytes(looseHeader({ ...thief.header(), stream: '' }), thief.signer)
    expect(disputedFrom(await verify(ruleBrokenEvidence(thief.accused(), thief.size, broken, null)), held)).toBeNull()
  })

  test('a fork above a rotation that is not held yet freezes at its own seq; on a branch, at the rotation', async () => {
    const owner = await Author.create()
    await owner.append()
    const behind = owner.fork()
    await owner.rotate()
    const twin = owner.fork()
    await owner.append()
    await twin.append({ id: 'twin' })
    const evidence = await verify(sameSeqEvidence(owner.accused(), 3, owner.entries[3]!.raw, twin.entries[3]!.raw))
    expect(evidence.seq).toBe(3)
    expect(disputedFrom(evidence, await heldBy(behind))).toBe(3)
    await behind.append({ id: 'by the key that the rotation retires' })
    expect(disputedFrom(evidence, await heldBy(behind))).toBe(2)
    expect(disputedFrom(evidence, await heldBy(owner))).toBe(3)
  })
})
