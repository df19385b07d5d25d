import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { expect, onTestFinished, test } from 'vitest'
import { signingKeyFromSeed } from '../../src/core/keys.js'
import { canonicalize } from '../../src/core/canonical.js'
import { fromHex, toHex } from '../../src/core/hash.js'
import { silentLog, systemClock } from '../../src/node/runtime/system.js'
import { keyOfStored } from '../../src/node/signatures/key-of-stored.js'
import { Verifier } from '../../src/node/signatures/verifier.js'
import { Author } from '../core/author.js'

test('what was valid once is valid for the same bytes only', async () => {
  const verifier = new Verifier(systemClock, silentLog)
  onTestFinished(async () => {
    await verifier.close()
  })
  const signer = signingKeyFromSeed(createHash('sha256').update('signer').digest())
  const key = fromHex(signer.publicKey)
  const other = fromHex(signingKeyFromSeed(createHash('sha256').update('other').digest()).publicKey)
  const message = Buffer.from('a header')
  const signature = await signer.sign(message)
  const altered = (bytes: Uint8Array, at: number): Uint8Array =>
    Uint8Array.from(bytes, (byte, i) => (i === at ? byte ^ 1 : byte))
  for (const verify of [verifier.verify, verifier.forPeer('one'), verifier.forPeer('other')]) {
    for (let i = 0; i < 2; i++) expect(await verify(key, message, signature)).toBe(true)
    expect(await verify(other, message, signature)).toBe(false)
    expect(await verify(key, altered(message, 0), signature)).toBe(false)
    for (const at of [0, 31, 32, 63]) expect(await verify(key, message, altered(signature, at))).toBe(false)
    // the same bytes in a row, cut elsewhere
    expect(await verify(key, Buffer.concat([signature.subarray(63), message]), signature.subarray(0, 63))).toBe(false)
    expect(await verify(key, message.subarray(1), Buffer.concat([signature, message.subarray(0, 1)]))).toBe(false)
  }
  // more than are remembered
  for (let i = 0; i < 300; i++)
    expect(verifier.verify(key, Buffer.from(`${i}`), await signer.sign(Buffer.from(`${i}`)))).toBe(true)
  expect(verifier.verify(key, message, signature)).toBe(true)
})

test('signatures that do not check, from hundreds of peers: a budget for all, few that wait, and the audit goes on', async () => {
  let now = 1_000_000
  const verifier = new Verifier({ ...systemClock, now: () => now }, silentLog)
  onTestFinished(async () => {
    await verifier.close()
  })
  const signer = signingKeyFromSeed(createHash('sha256').update('signer').digest())
  const key = fromHex(signer.publicKey)
  const message = Buffer.from('a header')
  const forged = Uint8Array.from(await signer.sign(message), (byte, i) => (i === 40 ? byte ^ 1 : byte))
  const asked = (peers: number, each: number): Promise<boolean>[] =>
    Array.from({ length: peers * each }, (_, i) => {
      try {
        return Promise.resolve(verifier.forPeer(`peer ${i % peers}`)(key, message, forged))
      } catch (error) {
        if ((error as { code?: string }).code !== 'OVERLOADED') throw error
        return null
      }
    }).filter((one) => one !== null)
  const first = asked(240, 5)
  expect(first.length).toBeGreaterThan(90)
  expect(first.length).toBeLessThanOrEqual(101)
  // Time goes on and the worker does not: no more than 128 wait.
  now += 60_000
  const second = asked(240, 5)
  expect(first.length + second.length).toBeLessThanOrEqual(128)
  expect(new Set(await Promise.all([...first, ...second]))).toEqual(new Set([false]))
  now += 60_000
  expect(asked(240, 5).length).toBeGreaterThan(90)
  // One whose native check says yes, and what this node asked to check itself, wait for nobody's budget.
  expect(await verifier.forPeer('peer 1')(key, message, await signer.sign(message))).toBe(true)
  expect(await verifier.verify(key, message, forged)).toBe(false)
})

test('an audit is divided among threads, and each answer is at its entry', async () => {
  const author = await Author.create(1)
  for (let i = 0; i < 220; i++) await author.append({ id: `"key":"${'0'.repeat(64)}" ${i}` })
  const signed = author.entries.map(({ raw: { header, signature } }) => ({ header, signature }))
  const bad = [0, 63, 64, 150, 220]
  for (const seq of bad) signed[seq]!.signature = Uint8Array.from(signed[seq]!.signature, (byte) => byte ^ 1)
  for (const cores of [1, 64]) {
    const verifier = new Verifier(systemClock, silentLog, cores)
    const valid = await verifier.audit(signed)
    expect(valid.length).toBe(221)
    expect(valid.flatMap((one, seq) => (one ? [] : [seq]))).toEqual(bad)
    expect(await verifier.audit([])).toEqual([])
    await verifier.close()
    await expect(verifier.audit(signed)).rejects.toMatchObject({ code: 'CLOSED' })
  }
})

test('the key of a stored header is read from its text, whatever else it says', () => {
  const text = fc.oneof(
    fc.string({ maxLength: 20 }),
    fc.constantFrom('"key":"', '\\', '\\"key":"', ',"key":"x', '"', '{"key":"')
  )
  fc.assert(
    fc.property(
      text,
      fc.option(text),
      fc.dictionary(text, text, { maxKeys: 4 }),
      fc.nat(255),
      (id, oid, meta, byte) => {
        const key = toHex(Buffer.alloc(32, byte))
        const header = Buffer.from(canonicalize({ id, issuer_oid: oid, key, ledger: null, meta, v: 1 }))
        expect(keyOfStored(header)).toBe(key)
      }
    )
  )
})
