import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { fromHex, toHex } from '../../src/core/hash.js'
import { signingKeyFromSeed } from '../../src/core/keys.js'
import {
  DOMAINS,
  isLedgerKey,
  signingInput,
  verifyNative,
  verifySignature,
  verifyZip215
} from '../../src/core/signature.js'
import { codeOf, flipBit, key } from './author.js'

const message = Buffer.from('message')
const signer = key(3)
const publicKey = fromHex(signer.publicKey)
const signature = await signer.sign(message)

describe('a signature', () => {
  test('is deterministic, and both verifiers take it', async () => {
    expect(await signer.sign(message)).toEqual(signature)
    for (const verify of [verifyNative, verifyZip215, verifySignature])
      expect(verify(publicKey, message, signature)).toBe(true)
  })

  test('fails when any bit of signature, message or key is turned over', () => {
    fc.assert(
      fc.property(fc.nat(511), fc.nat(message.length * 8 - 1), fc.nat(255), (a, b, c) => {
        expect(verifySignature(publicKey, message, flipBit(signature, a))).toBe(false)
        expect(verifySignature(publicKey, flipBit(message, b), signature)).toBe(false)
        expect(verifySignature(flipBit(publicKey, c), message, signature)).toBe(false)
      }),
      { numRuns: 60 }
    )
  })

  test('of another length, or by a key of another length, is false and never throws', () => {
    for (const verify of [verifyNative, verifyZip215, verifySignature]) {
      for (const length of [0, 31, 33, 63, 65]) {
        expect(verify(publicKey, message, Buffer.alloc(length))).toBe(false)
        expect(verify(Buffer.alloc(length), message, signature)).toBe(false)
      }
    }
  })

  test('native yes implies ZIP 215 yes, small-order and non-canonical keys included', () => {
    const points = [
      '01' + '00'.repeat(31),
      '00'.repeat(32),
      '00'.repeat(31) + '80',
      'ec' + 'ff'.repeat(30) + '7f',
      'ed' + 'ff'.repeat(30) + '7f',
      'ff'.repeat(32),
      '02' + '00'.repeat(31)
    ].map(fromHex)
    for (const a of points) {
      for (const r of points) {
        const zero = Buffer.concat([r, Buffer.alloc(32)])
        expect(verifyNative(a, message, zero) && !verifyZip215(a, message, zero)).toBe(false)
        expect(verifySignature(a, message, zero)).toBe(verifyZip215(a, message, zero))
      }
    }
    // ZIP 215 takes a small-order key, which is why a ledger key must not be one.
    const identity = points[0]!
    expect(verifySignature(identity, message, Buffer.concat([identity, Buffer.alloc(32)]))).toBe(true)
    expect(isLedgerKey(identity)).toBe(false)
  })

  test('with s + L is refused', () => {
    const order = 2n ** 252n + 27742317777372353535851937790883648493n
    const s = BigInt(`0x${toHex(Uint8Array.from(signature.subarray(32)).reverse())}`) + order
    const bytes = fromHex(s.toString(16).padStart(64, '0')).reverse()
    expect(verifySignature(publicKey, message, Buffer.concat([signature.subarray(0, 32), bytes]))).toBe(false)
  })
})

describe('keys', () => {
  test('come from 32 bytes', async () => {
    expect(signer.publicKey).toMatch(/^[0-9a-f]{64}$/)
    for (const length of [0, 31, 33, 64])
      expect(await codeOf(() => signingKeyFromSeed(Buffer.alloc(length)))).toBe('BAD_KEY')
    for (const length of [0, 31, 33]) expect(isLedgerKey(Buffer.alloc(length, 1))).toBe(false)
    for (let seed = 0; seed < 20; seed++) expect(isLedgerKey(fromHex(key(seed).publicKey))).toBe(true)
  })

  test('sign in domains that cannot be mistaken for each other', () => {
    const lines = Object.values(DOMAINS)
    for (const line of lines) expect(line.startsWith('ledgermesh/')).toBe(true)
    // A checkpoint's origin goes on with a network's name and a slash, then 53 characters: never one of the other
    // lines.
    expect(toHex(signingInput('entry', message))).toBe(toHex(Buffer.from('ledgermesh/entry/1\nmessage')))
    for (const line of [DOMAINS.entry, DOMAINS.nodeRecord])
      expect(/^ledgermesh\/[a-z0-9-]{1,32}\/b[a-z2-7]{52}\n$/.test(line)).toBe(false)
  })
})
