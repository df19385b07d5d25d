/** libsodium, and what is done without it: its yes is ZIP 215's yes, its signatures are those of node:crypto. */
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { Point } from '@noble/ed25519'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { fromHex, toHex } from '../../src/core/hash.js'
import { openSslKey, signingKeyFromSeed } from '../../src/core/keys.js'
import { verifyByOpenSsl } from '../../src/core/platform/node.js'
import { loadSodium, sodium, type Sodium } from '../../src/core/platform/sodium.js'
import { verifyNative, verifySignature, verifyZip215 } from '../../src/core/signature.js'

const HOOK = resolve('test/helpers/without-sodium.cjs')
const installed = existsSync('node_modules/sodium-native') && !(process.env.NODE_OPTIONS ?? '').includes(HOOK)
const library = sodium().sodium
const ORDER = 2n ** 252n + 27742317777372353535851937790883648493n

/** All encodings of the eight points of small order, the canonical ones first. */
const SMALL_ORDER = [
  `01${'00'.repeat(31)}`,
  `ec${'ff'.repeat(30)}7f`,
  '00'.repeat(32),
  `${'00'.repeat(31)}80`,
  '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
  '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85',
  'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
  'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa',
  `01${'00'.repeat(30)}80`,
  `ec${'ff'.repeat(31)}`,
  `ee${'ff'.repeat(30)}7f`,
  `ee${'ff'.repeat(31)}`,
  `ed${'ff'.repeat(30)}7f`,
  `ed${'ff'.repeat(31)}`
].map(fromHex)

function numberOf(bytes: Uint8Array): bigint {
  return BigInt(`0x${toHex(Uint8Array.from(bytes).reverse())}`)
}

function bytesOf(value: bigint): Uint8Array {
  return fromHex(value.toString(16).padStart(64, '0')).reverse()
}

function sha512(...parts: (Uint8Array | string)[]): Uint8Array {
  const hash = createHash('sha512')
  for (const part of parts) hash.update(part)
  return hash.digest()
}

test('where it is installed, it is used', () => {
  expect('fault' in sodium()).toBe(!installed)
})

describe('its yes is the yes of ZIP 215', () => {
  /** [sodium, ZIP 215] */
  function judge(key: Uint8Array, message: Uint8Array, signature: Uint8Array): string {
    const native = verifyNative(key, message, signature)
    const decided = verifyZip215(key, message, signature)
    expect(native && !decided).toBe(false)
    expect(verifyByOpenSsl(key, message, signature) && !decided).toBe(false)
    expect(verifySignature(key, message, signature)).toBe(decided)
    return `${native} ${decided}`
  }

  test('for the 14 × 14 encodings of small order, with s = 0: it takes none of them, ZIP 215 takes all', () => {
    const message = Buffer.from('Zcash')
    const judged = SMALL_ORDER.flatMap((key) =>
      SMALL_ORDER.map((nonce) => judge(key, message, Buffer.concat([nonce, Buffer.alloc(32)])))
    )
    const native = library === null ? '(true|false)' : 'false' // OpenSSL takes some of them
    expect(judged.filter((one) => !new RegExp(`^${native} true$`).test(one))).toEqual([])
  })

  test('for keys and nonces with each part of small order, and never for s + L', () => {
    const torsion = SMALL_ORDER.slice(0, 8).map((point) => Point.fromBytes(point, true))
    const seen = new Map<string, number>()
    for (let i = 0; i < 64; i++) {
      const secret = numberOf(sha512(`key ${i}`)) % ORDER
      const nonce = numberOf(sha512(`nonce ${i}`)) % ORDER
      const key = Buffer.from(
        Point.BASE.multiply(secret)
          .add(torsion[i % 8]!)
          .toBytes()
      )
      const commitment = Point.BASE.multiply(nonce)
        .add(torsion[i >> 3]!)
        .toBytes()
      const message = sha512(`message ${i}`)
      const s = (nonce + (numberOf(sha512(commitment, key, message)) % ORDER) * secret) % ORDER
      const verdict = judge(key, message, Buffer.concat([commitment, bytesOf(s)]))
      seen.set(verdict, (seen.get(verdict) ?? 0) + 1)
      expect(judge(key, message, Buffer.concat([commitment, bytesOf(s + ORDER)]))).toBe('false false')
    }
    expect([...seen.keys()].toSorted()).toEqual(['false true', 'true true'])
  })
})

test('it signs as node:crypto does, whatever the seed and the message, also in the middle of a larger buffer', () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ minLength: 32, maxLength: 32 }),
      fc.uint8Array({ maxLength: 2000 }),
      fc.nat(9),
      (seed, message, offset) => {
        const [one, other] = [openSslKey(seed), signingKeyFromSeed(seed)]
        expect(other.publicKey).toBe(one.publicKey)
        const within = Buffer.concat([Buffer.alloc(offset, 1), message, Buffer.alloc(3, 2)]).subarray(
          offset,
          offset + message.length
        )
        const signature = other.sign(within) as Uint8Array
        expect(toHex(signature)).toBe(toHex(one.sign(message) as Uint8Array))
        const key = fromHex(one.publicKey)
        expect(verifyNative(key, within, signature) && verifyByOpenSsl(key, within, signature)).toBe(true)
      }
    ),
    { numRuns: 100 }
  )
})

describe('it is left out when', () => {
  test('it cannot be loaded', () => {
    const load = (): unknown => {
      throw new Error('no prebuilt file')
    }
    expect(loadSodium(load)).toEqual({ sodium: null, fault: 'no prebuilt file' })
    for (const module of [undefined, null, {}, 1]) expect(loadSodium(() => module).sodium).toBe(null)
  })

  test.runIf(library !== null).each<[string, Partial<Sodium>]>([
    ['its signatures are others', { crypto_sign_detached: (signature) => void signature.fill(7) }],
    ['it writes no signature', { crypto_sign_detached: () => {} }],
    ['it makes another key', { crypto_sign_seed_keypair: (publicKey) => void publicKey.fill(7) }],
    ['it says yes to everything', { crypto_sign_verify_detached: () => true }],
    ['it says no to everything', { crypto_sign_verify_detached: () => false }],
    ['it says 1 for yes', { crypto_sign_verify_detached: () => 1 as unknown as boolean }],
    [
      'it throws',
      {
        crypto_sign_verify_detached: () => {
          throw new Error('broken')
        }
      }
    ]
  ])('%s', (_, broken) => {
    expect(loadSodium(() => ({ ...library, ...broken }))).toMatchObject({
      sodium: null,
      fault: expect.stringMatching(/known answer|broken/) as string
    })
  })
})
