import { createHash } from 'node:crypto'
import { expect, onTestFinished, test } from 'vitest'
import { signingKeyFromSeed } from '../../src/core/keys.js'
import { fromHex } from '../../src/core/hash.js'
import { silentLog, systemClock } from '../../src/node/system.js'
import { Verifier } from '../../src/node/verifier.js'

test('what was valid once is valid for the same bytes only', async () => {
  const verifier = new Verifier(systemClock, silentLog)
  onTestFinished(async () => { await verifier.close() })
  const signer = signingKeyFromSeed(createHash('sha256').update('signer').digest())
  const key = fromHex(signer.publicKey)
  const other = fromHex(signingKeyFromSeed(createHash('sha256').update('other').digest()).publicKey)
  const message = Buffer.from('a header')
  const signature = await signer.sign(message)
  const altered = (bytes: Uint8Array, at: number): Uint8Array => Uint8Array.from(bytes, (byte, i) => i === at ? byte ^ 1 : byte)
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
  for (let i = 0; i < 300; i++) expect(verifier.verify(key, Buffer.from(`${i}`), await signer.sign(Buffer.from(`${i}`)))).toBe(true)
  expect(verifier.verify(key, message, signature)).toBe(true)
})
