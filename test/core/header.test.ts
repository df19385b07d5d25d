import fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import { canonicalize, type Json } from '../../src/core/canonical.js'
import { decodeEntry } from '../../src/core/entry.js'
import { decodeHeader, encodeHeader, type Header } from '../../src/core/header.js'
import { MAX_HEADER_BYTES, MAX_PAYLOAD_BYTES, MAX_TIMESTAMP_MS } from '../../src/core/limits.js'
import { Author, codeOf, flipBit, looseHeader, signBytes } from './author.js'

let author: Author
let header: Header
let genesis: Header
const hash = 'ab'.repeat(32)
const HEX_UPPER = 'AB'.repeat(32)
/** Members that take any name, also one that looks like a hash. */
const NAMES = ['id', 'stream', 'type', 'issuer_oid', 'subject_oid']
const decode = (members: object): Promise<string | undefined> =>
  codeOf(() => decodeHeader(looseHeader({ ...header, ...members })))

beforeAll(async () => {
  author = await Author.create()
  genesis = author.entries[0]!.header
  header = author.header()
})

describe('a header', () => {
  test('is read as it was written', () => {
    for (const value of [header, genesis]) expect(decodeHeader(encodeHeader(value))).toEqual(value)
  })

  test('has every member, no other, each of its type', async () => {
    for (const valid of [header, genesis]) {
      for (const member of Object.keys(valid) as (keyof Header)[]) {
        const { [member]: _, ...rest } = valid
        expect(await codeOf(() => decodeHeader(looseHeader(rest)))).toBe('MALFORMED')
        for (const wrong of [true, '', {}, [], [1], -1, 1.5, HEX_UPPER, { a: 1 }, 2 ** 60]) {
          if (wrong === HEX_UPPER && NAMES.includes(member)) continue
          if (member === 'meta' && valid === header && typeof wrong === 'object' && !Array.isArray(wrong)) continue
          expect(await codeOf(() => decodeHeader(looseHeader({ ...valid, [member]: wrong })))).toBe('MALFORMED')
        }
      }
      for (const extra of ['x', '__proto__', 'toString', '0']) {
        const bytes = Buffer.from(canonicalize(JSON.parse(`${JSON.stringify(valid).slice(0, -1)},"${extra}":1}`)))
        expect(await codeOf(() => decodeHeader(bytes))).toBe('MALFORMED')
      }
    }
  })

  test('in another spelling is refused', async () => {
    const text = Buffer.from(encodeHeader(header)).toString()
    for (const other of [
      ` ${text}`,
      `${text}\n`,
      text.replace(':1,', ': 1,'),
      text.replace('{"id"', '{"v":1,"id"'),
      text.replace('"main"', '"m\\u0061in"'),
      text.replace('"seq":1', '"seq":1.0'),
      text.replace('"seq":1', '"seq":1e0')
    ]) {
      expect(other).not.toBe(text)
      expect(await codeOf(() => decodeHeader(Buffer.from(other)))).toBe('NOT_CANONICAL')
    }
    expect(await codeOf(() => decodeHeader(Buffer.from(text.replace('"main"', '"\\uD800"'))))).toBe('NOT_CANONICAL')
    for (const other of [
      `${text}{}`,
      `${text}\0`,
      text.slice(1),
      text.slice(0, -1),
      `\ufeff${text}`,
      '',
      '[]',
      'null',
      '1',
      '"x"'
    ]) {
      expect(await codeOf(() => decodeHeader(Buffer.from(other)))).toBe('MALFORMED')
    }
    for (let length = 0; length < text.length; length++)
      expect(await codeOf(() => decodeHeader(Buffer.from(text.slice(0, length))))).toBe('MALFORMED')
  })

  test('of a newer version asks for an upgrade, whatever else it says', async () => {
    expect(await decode({ v: 2 })).toBe('UPGRADE_NEEDED')
    expect(await decode({ v: Number.MAX_SAFE_INTEGER, more: [[[[[[[[[[1.5]]]]]]]]]] })).toBe('UPGRADE_NEEDED')
    expect(await codeOf(() => decodeHeader(Buffer.from('{ "v": 2 }')))).toBe('UPGRADE_NEEDED')
    for (const v of [0, -1, 1.5, '1', '2', null, 2 ** 53]) expect(await decode({ v })).toBe('MALFORMED')
  })

  test('keeps to its limits, and not one past them', async () => {
    const padded = (size: number): Uint8Array => {
      const empty = encodeHeader({ ...header, meta: { pad: '' } }).length
      return looseHeader({ ...header, meta: { pad: 'x'.repeat(size - empty) } })
    }
    expect(await codeOf(() => decodeHeader(padded(MAX_HEADER_BYTES)))).toBeUndefined()
    expect(await codeOf(() => decodeHeader(padded(MAX_HEADER_BYTES + 1)))).toBe('TOO_LARGE')
    expect(await codeOf(() => encodeHeader({ ...header, meta: { pad: 'x'.repeat(MAX_HEADER_BYTES) } }))).toBe(
      'TOO_LARGE'
    )

    const nested = (depth: number): Json => (depth === 0 ? 1 : [nested(depth - 1)])
    expect(await decode({ meta: { a: nested(6) } })).toBeUndefined()
    expect(await decode({ meta: { a: nested(7) } })).toBe('MALFORMED')
    expect(await codeOf(() => encodeHeader({ ...header, meta: { a: nested(7) } }))).toBe('MALFORMED')

    for (const member of NAMES) {
      for (const good of ['x', 'x'.repeat(128), 'é'.repeat(64), '\u{1f602}'.repeat(32), ' '])
        expect(await decode({ [member]: good })).toBeUndefined()
      for (const bad of [
        '',
        'x'.repeat(129),
        'é'.repeat(64) + 'x',
        'a\nb',
        '\0',
        '\u007f',
        '\u0085',
        '\ufdd0',
        '\uffff',
        '\u{10fffe}'
      ])
        expect(await decode({ [member]: bad })).toBe('MALFORMED')
    }
    expect(await decode({ timestamp: 0 })).toBeUndefined()
    expect(await decode({ timestamp: MAX_TIMESTAMP_MS })).toBeUndefined()
    expect(await decode({ timestamp: MAX_TIMESTAMP_MS + 1 })).toBe('MALFORMED')
    expect(await decode({ seq: Number.MAX_SAFE_INTEGER })).toBeUndefined()
    expect(await decode({ seq: 2 ** 53 })).toBe('MALFORMED')
    expect(await decode({ payload_hash: hash, payload_size: MAX_PAYLOAD_BYTES })).toBeUndefined()
    expect(await decode({ payload_hash: hash, payload_size: MAX_PAYLOAD_BYTES + 1 })).toBe('MALFORMED')
    expect(await decode({ payload_hash: hash, payload_size: 0 })).toBe('MALFORMED')
    expect(await decode({ payload_hash: null, payload_size: 1 })).toBe('MALFORMED')
    expect(await decode({ meta: { a: Number.MAX_SAFE_INTEGER } })).toBeUndefined()
    for (const number of [2 ** 53, -(2 ** 53), 0.5])
      expect(await decode({ meta: { a: { b: [number] } } })).toBe('MALFORMED')
  })

  test('only entry 0 is a genesis, and every entry 0 is one', async () => {
    expect(await decode({ seq: 0 })).toBe('MALFORMED')
    expect(await decode({ seq: 0, ledger: null, prev_hash: null })).toBe('MALFORMED')
    expect(await decode({ type: 'ledger.genesis', meta: genesis.meta })).toBe('MALFORMED')
    for (const members of [{ seq: 1 }, { ledger: author.ledger }, { prev_hash: hash }, { type: 'note' }]) {
      expect(await codeOf(() => decodeHeader(looseHeader({ ...genesis, ...members })))).toBe('MALFORMED')
    }
  })

  test('refers to other entries in one shape, at most 64 times', async () => {
    const reference = { ledgerId: author.ledger, entryId: 'x', entryHash: hash, referenceType: 'source' }
    const refer = (crossLedgerRefs: unknown): Promise<string | undefined> => decode({ meta: { crossLedgerRefs } })
    expect(await refer(Array.from({ length: 64 }, () => reference))).toBeUndefined()
    expect(await refer([{ ...reference, entryHash: null }])).toBeUndefined()
    expect(await refer(Array.from({ length: 65 }, () => reference))).toBe('MALFORMED')
    for (const wrong of [
      { ledgerId: 'b' },
      { entryId: '' },
      { entryHash: 'x' },
      { referenceType: 'cites' },
      { more: 1 }
    ])
      expect(await refer([{ ...reference, ...wrong }])).toBe('MALFORMED')
    for (const wrong of [null, {}, 'x', [null], [[]]]) expect(await refer(wrong)).toBe('MALFORMED')
    const sync = { source: author.ledger, originalId: 'x', originalHash: hash }
    expect(await decode({ meta: { sync } })).toBeUndefined()
    for (const wrong of [
      null,
      [],
      {},
      { ...sync, more: 1 },
      { ...sync, source: 'x' },
      { ...sync, originalId: '' },
      { ...sync, originalHash: '' }
    ])
      expect(await decode({ meta: { sync: wrong } })).toBe('MALFORMED')
  })

  test('random bytes and turned bits get a coded answer; a turned bit never gives the same entry', async () => {
    const known = [undefined, 'MALFORMED', 'NOT_CANONICAL', 'UPGRADE_NEEDED', 'BAD_KEY', 'TOO_LARGE']
    const raw = author.entries[0]!.raw
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), fc.nat(raw.header.length * 8 - 1), async (bytes, bit) => {
        expect(known).toContain(await codeOf(() => decodeHeader(bytes)))
        const changed = flipBit(raw.header, bit)
        expect(known).toContain(
          await codeOf(() => {
            expect(decodeEntry({ ...raw, header: changed }).hash).not.toBe(author.entries[0]!.hash)
          })
        )
      }),
      { numRuns: 500 }
    )
  })
})

describe('ledger types', () => {
  const typed = (type: string, meta: unknown, more = {}): Promise<string | undefined> => decode({ type, meta, ...more })

  test('have exactly their meta', async () => {
    const grant = { ledger: author.ledger, scope: 'full' }
    const access = { grant: [grant], revoke: [author.ledger], trust_milli: null }
    const cases: [string, Record<string, unknown>, Record<string, unknown[]>][] = [
      ['ledger.rotate-key', { next_key_hash: hash }, { next_key_hash: ['x', 1, hash.toUpperCase()] }],
      [
        'ledger.access',
        access,
        {
          grant: [
            null,
            [null],
            [{ ...grant, scope: 'all' }],
            [{ ...grant, more: 1 }],
            Array.from({ length: 257 }, () => grant)
          ],
          revoke: [['x'], {}],
          trust_milli: [0, 1001, '1']
        }
      ],
      ['ledger.erase', { entries: [hash] }, { entries: [[], null, ['x'], Array.from({ length: 257 }, () => hash)] }],
      [
        'ledger.authorize-node',
        { peer_id: '12D3KooW', expires: null },
        { peer_id: ['', '0OIl', 'x'.repeat(129)], expires: [-1, '1', MAX_TIMESTAMP_MS + 1] }
      ],
      ['ledger.revoke-node', { peer_id: '12D3KooW' }, { peer_id: ['', null] }]
    ]
    for (const [type, meta, wrong] of cases) {
      expect(await typed(type, meta)).toBeUndefined()
      expect(await typed(type, { ...meta, more: 1 })).toBe('MALFORMED')
      expect(await typed(type, {})).toBe('MALFORMED')
      expect(await typed(type, meta, { payload_hash: hash, payload_size: 5 })).toBe('MALFORMED')
      for (const [member, values] of Object.entries(wrong))
        for (const value of values) expect(await typed(type, { ...meta, [member]: value })).toBe('MALFORMED')
    }
    expect(
      await typed('ledger.access', { ...access, grant: Array.from({ length: 256 }, () => grant), trust_milli: 1000 })
    ).toBeUndefined()
    expect(await typed('ledger.erase', { entries: Array.from({ length: 256 }, () => hash) })).toBeUndefined()
  })

  test('that are unknown are valid and mean nothing', async () => {
    for (const type of [
      'ledger.unheard-of',
      'ledger.',
      'ledger.toString',
      'ledger.constructor',
      'trust.attestation',
      'transaction.x'
    ])
      expect(await typed(type, { any: 'thing' })).toBeUndefined()
  })

  test('genesis names a network and a usable key', async () => {
    const change = (members: object, meta = {}): Promise<string | undefined> =>
      codeOf(() => decodeHeader(looseHeader({ ...genesis, ...members, meta: { ...genesis.meta, ...meta } })))
    expect(await change({})).toBeUndefined()
    for (const meta of [
      { network: 'Main' },
      { network: '' },
      { network: 'x'.repeat(33) },
      { network: 'a/b' },
      { name: '' },
      { access: 'secret' },
      { next_key_hash: 'x' },
      { more: 1 }
    ])
      expect(await change({}, meta)).toBe('MALFORMED')
    expect(await change({}, { network: 'x'.repeat(32), access: 'private', next_key_hash: null })).toBeUndefined()
    // The eight points of small order, in canonical and in other encodings, and a point that is not on the curve.
    const bad = [
      '01' + '00'.repeat(31),
      '00'.repeat(32),
      '00'.repeat(31) + '80',
      'ec' + 'ff'.repeat(30) + '7f',
      '01' + '00'.repeat(30) + '80',
      '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
      'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
      'ed' + 'ff'.repeat(30) + '7f',
      'ee' + 'ff'.repeat(30) + '7f',
      'ff'.repeat(32),
      '02' + '00'.repeat(31)
    ]
    for (const key of bad) {
      expect(await change({ key })).toBe('BAD_KEY')
      expect(await typed('ledger.rotate-key', { next_key_hash: null }, { key })).toBe('BAD_KEY')
    }
  })
})

describe('an entry', () => {
  test('has a signature of 64 bytes', async () => {
    const { header: bytes, signature } = await signBytes(encodeHeader(header), author.signer)
    for (const length of [0, 63])
      expect(
        await codeOf(() => decodeEntry({ header: bytes, signature: signature.subarray(0, length), payload: null }))
      ).toBe('MALFORMED')
    expect(
      await codeOf(() =>
        decodeEntry({ header: bytes, signature: Buffer.concat([signature, Buffer.of(0)]), payload: null })
      )
    ).toBe('MALFORMED')
  })
})
