import { describe, expect, test } from 'vitest'
import {
  checkpointOrigin,
  formatCheckpoint,
  parseCheckpoint,
  readCheckpoint,
  signCheckpoint,
  verifyCheckpoint,
  vkeyOf,
  withoutCosignatures
} from '../../src/core/checkpoint.js'
import { parseVkey, signNote } from '../../src/core/note.js'
import { verifySignature } from '../../src/core/signature.js'
import { Author, codeOf, flipBit, key, NETWORK } from './author.js'

const author = await Author.create()
for (let entry = 0; entry < 4; entry++) await author.append()
const of = { network: NETWORK, ledger: author.ledger, key: author.signer.publicKey }
const origin = checkpointOrigin(NETWORK, author.ledger)
const root = 'ab'.repeat(32)
const check = (note: string, changed = {}): Promise<unknown> =>
  verifyCheckpoint(note, { ...of, ...changed }, verifySignature)

describe('a checkpoint', () => {
  test('is read as it was signed', async () => {
    const note = await author.checkpoint()
    expect(await check(note)).toEqual(readCheckpoint(note, of))
    expect(readCheckpoint(note, of)).toMatchObject({ origin, size: 5 })
    expect(parseVkey(vkeyOf(origin, of.key)).name).toBe(origin)
    expect(origin).toBe(`ledgermesh/test/${author.ledger}`)
  })

  test('fails when any bit is turned over', async () => {
    const note = await author.checkpoint()
    const bytes = Buffer.from(note)
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      const text = Buffer.from(flipBit(bytes, bit)).toString('latin1') // a text, whatever the bytes
      const changed = Buffer.from(text, 'latin1').toString()
      expect(await codeOf(() => check(changed))).toMatch(/^(MALFORMED|BAD_SIGNATURE|WRONG_LEDGER)$/)
    }
  })

  test('of another ledger, network or key is refused', async () => {
    const note = await author.checkpoint()
    const other = await Author.create(50)
    expect(await codeOf(() => check(note, { ledger: other.ledger }))).toBe('WRONG_LEDGER')
    expect(await codeOf(() => check(note, { network: 'main' }))).toBe('WRONG_LEDGER')
    expect(await codeOf(() => check(note, { key: key(9).publicKey }))).toBe('BAD_SIGNATURE')
    expect(await codeOf(() => check(note, { network: 'Main' }))).toBe('MALFORMED')
  })

  test('of ours has a size from 1 to 2^53 - 1, three lines and no extension', async () => {
    const sign = (text: string): Promise<string> => signNote(text, origin, author.signer)
    const base64 = Buffer.from(root, 'hex').toString('base64')
    expect(await check(await sign(`${origin}\n${Number.MAX_SAFE_INTEGER}\n${base64}\n`))).toMatchObject({
      size: Number.MAX_SAFE_INTEGER
    })
    for (const size of [
      '0',
      '9007199254740992',
      '18446744073709551615',
      '18446744073709551616',
      '01',
      '-1',
      '1e3',
      ''
    ]) {
      const note = await sign(`${origin}\n${size}\n${base64}\n`)
      expect(await codeOf(() => check(note))).toBe('MALFORMED')
    }
    const extended = await sign(`${origin}\n5\n${base64}\nmore\n`)
    expect(await codeOf(() => check(extended))).toBe('MALFORMED')
    const long = await sign(`${origin}\n5\n${base64}\n${'x'.repeat(4096)}\n`)
    expect(await codeOf(() => check(long))).toBe('TOO_LARGE')
  })

  test('keeps large sizes of other logs exactly', () => {
    const text = `Log\n18446744073709551615\n${Buffer.from(root, 'hex').toString('base64')}\na\nb\n`
    expect(parseCheckpoint(text)).toEqual({ origin: 'Log', size: 2n ** 64n - 1n, root, extensions: ['a', 'b'] })
  })

  test('is not written for what is no checkpoint', async () => {
    for (const size of [-1, 1.5, 2 ** 53, Number.NaN])
      expect(await codeOf(() => formatCheckpoint({ origin, size, root }))).toBe('MALFORMED')
    for (const bad of ['', 'a\nb'])
      expect(await codeOf(() => formatCheckpoint({ origin: bad, size: 1, root }))).toBe('MALFORMED')
    expect(await codeOf(() => formatCheckpoint({ origin, size: 1, root: 'ab' }))).toBe('MALFORMED')
    expect(await codeOf(() => signCheckpoint({ origin: 'a b', size: 1, root }, author.signer))).toBe('MALFORMED')
  })

  test('may carry cosignatures, which can be left out', async () => {
    const note = await author.checkpoint()
    const [text] = note.split('\n\n') as [string]
    const witness = (await signNote(`${text}\n`, 'witness', key(9))).split('\n\n')[1]!
    const cosigned = note + witness
    expect(await check(cosigned)).toMatchObject({ size: 5 })
    expect(withoutCosignatures(cosigned, origin, of.key)).toBe(note)
    expect(await codeOf(() => withoutCosignatures(cosigned, origin, key(9).publicKey))).toBe('BAD_SIGNATURE')
  })
})
