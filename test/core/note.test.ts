import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { formatNote, formatVkey, makeVkey, parseNote, parseVkey, signNote, verifyNote } from '../../src/core/note.js'
import { fromBase64 } from '#platform'
import { fromHex } from '../../src/core/hash.js'
import { verifySignature } from '../../src/core/signature.js'
import { codeOf, flipBit, key } from './author.js'

const signer = key(7)
const vkey = makeVkey('example.com/log', fromHex(signer.publicKey))
const note = await signNote('one\ntwo\n', vkey.name, signer)

describe('a note', () => {
  test('is read, checked and written as it was', async () => {
    expect((await verifyNote(note, [vkey], verifySignature)).text).toBe('one\ntwo\n')
    expect(formatNote(parseNote(note))).toBe(note)
    expect(parseVkey(formatVkey(vkey))).toEqual({ ...vkey, publicKey: Buffer.from(vkey.publicKey) })
  })

  test('fails when any bit is turned over', async () => {
    const bytes = Buffer.from(note)
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      expect(await codeOf(() => verifyNote(flipBit(bytes, bit), [vkey], verifySignature))).toMatch(
        /^(MALFORMED|BAD_SIGNATURE)$/
      )
    }
  })

  test('fails at every length but its own', async () => {
    for (let length = 0; length < note.length; length++) {
      expect(await codeOf(() => verifyNote(note.slice(0, length), [vkey], verifySignature))).toMatch(
        /^(MALFORMED|BAD_SIGNATURE)$/
      )
    }
    for (const extra of ['\n', ' ', 'x', '\n\n', '\0'])
      expect(await codeOf(() => parseNote(note + extra))).toBe('MALFORMED')
  })

  test('passes over keys that are not known, and refuses a wrong signature by one that is', async () => {
    const [text, line] = note.split('\n\n') as [string, string]
    const other = (await signNote('one\ntwo\n', 'other', key(8))).split('\n\n')[1]!
    expect((await verifyNote(`${text}\n\n${other}${line}`, [vkey], verifySignature)).verified).toEqual([vkey])
    expect((await verifyNote(`${text}\n\n${line}${line}`, [vkey], verifySignature)).verified).toEqual([vkey])
    expect(await codeOf(() => verifyNote(`${text}\n\n${other}`, [vkey], verifySignature))).toBe('BAD_SIGNATURE')
    expect(await codeOf(() => verifyNote(`${text}!\n\n${other}${line}`, [vkey], verifySignature))).toBe('BAD_SIGNATURE')
    expect(await codeOf(() => verifyNote(note, [], verifySignature))).toBe('BAD_SIGNATURE')
  })

  test('holds a hundred signatures and not one more', async () => {
    const [text, line] = note.split('\n\n') as [string, string]
    expect(parseNote(`${text}\n\n${line.repeat(100)}`).signatures).toHaveLength(100)
    expect(await codeOf(() => parseNote(`${text}\n\n${line.repeat(101)}`))).toBe('MALFORMED')
    expect(await codeOf(() => parseNote('x'.repeat(1024 * 1024 + 1)))).toBe('TOO_LARGE')
  })

  test('has no control characters, bad UTF-8 or lone surrogates', async () => {
    for (const text of ['', 'x', 'a\tb\n', 'a\r\n', '\0\n', '\ud800\n'])
      expect(await codeOf(() => signNote(text, 'n', signer))).toBe('MALFORMED')
    for (const name of ['', 'a b', 'a+b', 'a\u00a0b', 'a\u0085b', 'a\nb', 'a\u2028b'])
      expect(await codeOf(() => signNote('x\n', name, signer))).toBe('MALFORMED')
    expect(await codeOf(() => parseNote(Buffer.concat([Buffer.of(0xff), Buffer.from(note)])))).toBe('MALFORMED')
  })

  test('never throws anything but our errors on random input', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(
          fc.uint8Array({ maxLength: 200 }),
          fc.string({ unit: 'binary' }).map((text) => `${text}\n\n— ${text} ${text}\n`)
        ),
        async (input) => {
          expect(await codeOf(() => verifyNote(input, [vkey], verifySignature))).toMatch(/^(MALFORMED|BAD_SIGNATURE)$/)
          expect(await codeOf(() => parseVkey(String(input)))).toBe('MALFORMED')
        }
      )
    )
  })

  test('reads base64 in one spelling only', () => {
    expect(fromBase64('AQI=')).toEqual(Buffer.of(1, 2))
    for (const text of ['AQI', 'AQJ=', 'AQI==', 'A QI=', 'AQI=\n', '-_-_', '=']) expect(fromBase64(text)).toBeNull()
  })
})
