import { createHash } from 'node:crypto'
import { expect, onTestFinished, test } from 'vitest'
import { signingKeyFromSeed } from '../../src/core/keys.js'
import { fromHex } from '../../src/core/hash.js'
import { silentLog, systemClock } from '../../src/node/runtime/system.js'
import { Verifier } from '../../src/node/signatures/verifier.js'

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
