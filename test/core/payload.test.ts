import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { canonicalize, type Json } from '../../src/core/canonical.js'
import { decodeEntry } from '../../src/core/entry.js'
import { MAX_PAYLOAD_BYTES } from '../../src/core/limits.js'
import { decodePayload, encodePayload } from '../../src/core/payload.js'
import { viewEntry } from '../../src/core/view.js'
import { encodeHeader } from '../../src/core/header.js'
import { payloadHash } from '../../src/core/payload.js'
import { Author, codeOf, flipBit, SALT, signBytes } from './author.js'

const nested = (depth: number): Json => (depth === 0 ? 1 : [nested(depth - 1)])
const wrapper = encodePayload('', SALT).length

describe('payload bytes', () => {
  test('are read as they were written', () => {
    fc.assert(
      fc.property(fc.jsonValue({ stringUnit: 'grapheme' }), (value) => {
        const bytes = encodePayload(value as Json, SALT)
        expect(decodePayload(bytes)).toEqual({ payload: JSON.parse(JSON.stringify(value)), salt: SALT })
        expect(encodePayload(decodePayload(bytes).payload, SALT)).toEqual(bytes)
      })
    )
  })

  test('hold 1 MiB and not one byte more', async () => {
    const full = 'x'.repeat(MAX_PAYLOAD_BYTES - wrapper)
    expect(decodePayload(encodePayload(full, SALT)).payload).toBe(full)
    expect(await codeOf(() => encodePayload(`${full}x`, SALT))).toBe('TOO_LARGE')
    expect(await codeOf(() => decodePayload(new Uint8Array(MAX_PAYLOAD_BYTES + 1)))).toBe('TOO_LARGE')
  })

  test('nest 64 deep and not one deeper', async () => {
    expect(decodePayload(encodePayload(nested(63), SALT)).payload).toEqual(nested(63))
    expect(await codeOf(() => encodePayload(nested(64), SALT))).toBe('MALFORMED')
    expect(await codeOf(() => decodePayload(Buffer.from(canonicalize({ payload: nested(64), salt: SALT }))))).toBe(
      'MALFORMED'
    )
  })

  test('have two members and a salt of 16 bytes', async () => {
    const read = (value: unknown): Promise<string | undefined> =>
      codeOf(() => decodePayload(Buffer.from(canonicalize(value))))
    expect(await read({ payload: null, salt: SALT })).toBeUndefined()
    for (const value of [null, [], 'x', {}, { payload: 1 }, { salt: SALT }, { payload: 1, salt: SALT, more: 1 }])
      expect(await read(value)).toBe('MALFORMED')
    for (const salt of ['', SALT.slice(1), `${SALT}0`, SALT.toUpperCase(), 1, null, `${SALT.slice(1)}\n`])
      expect(await read({ payload: 1, salt })).toBe('MALFORMED')
    expect(await codeOf(() => decodePayload(Buffer.from(`{"salt":"${SALT}","payload":1}`)))).toBe('NOT_CANONICAL')
    expect(await codeOf(() => decodePayload(Buffer.from(`{"payload":1,"payload":1,"salt":"${SALT}"}`)))).toBe(
      'NOT_CANONICAL'
    )
    expect(await codeOf(() => encodePayload('\ud800', SALT))).toBe('MALFORMED')
  })

  test('belong to one header: any turned bit, missing or extra byte is a mismatch', async () => {
    const author = await Author.create()
    const { raw } = await author.appendPayload({ a: 1 })
    const payload = raw.payload!
    for (let bit = 0; bit < payload.length * 8; bit++)
      expect(await codeOf(() => decodeEntry({ ...raw, payload: flipBit(payload, bit) }))).toBe('PAYLOAD_MISMATCH')
    for (const other of [
      payload.subarray(1),
      payload.subarray(0, -1),
      Buffer.concat([payload, Buffer.of(0)]),
      new Uint8Array(0)
    ])
      expect(await codeOf(() => decodeEntry({ ...raw, payload: other }))).toBe('PAYLOAD_MISMATCH')
    const bare = await author.append()
    for (const other of [payload, new Uint8Array(0)])
      expect(await codeOf(() => decodeEntry({ ...bare.raw, payload: other }))).toBe('PAYLOAD_MISMATCH')
  })
})

describe('a view', () => {
  test('says what became of the payload', async () => {
    const author = await Author.create()
    const entry = await author.appendPayload({ a: 1 })
    expect(viewEntry(entry, true, 'missing')).toMatchObject({
      seq: 1,
      ledger: author.ledger,
      payload: { a: 1 },
      payload_state: 'present',
      checked: true,
      hash: entry.hash
    })
    const absent = { ...entry, raw: { ...entry.raw, payload: null } }
    for (const state of ['erased', 'filtered', 'missing'] as const)
      expect(viewEntry(absent, false, state)).toMatchObject({ payload: null, payload_state: state, checked: false })
    expect(viewEntry(author.entries[0]!, true, 'missing')).toMatchObject({
      ledger: author.ledger,
      payload: null,
      payload_state: 'present'
    })
    const junk = Buffer.from('not a payload')
    const header = encodeHeader(author.header({ payload_hash: payloadHash(junk), payload_size: junk.length }))
    const malformed = decodeEntry({ ...(await signBytes(header, author.signer)), payload: junk })
    expect(viewEntry(malformed, true, 'missing')).toMatchObject({
      payload: null,
      payload_state: 'malformed',
      raw: { payload: 'not a payload' }
    })
  })

  test('gives the bytes that were signed', async () => {
    const author = await Author.create()
    const entry = await author.appendPayload({ text: 'é\u{1f602}' })
    const { raw } = viewEntry(entry, true, 'missing')
    const again = decodeEntry({
      header: Buffer.from(raw.header),
      signature: Buffer.from(raw.signature, 'hex'),
      payload: Buffer.from(raw.payload!)
    })
    expect(again.hash).toBe(entry.hash)
  })
})
