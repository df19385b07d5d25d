import fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import {
  extendChain,
  keyHash,
  keyInForce,
  startChain,
  verifyKeyEntries,
  verifyRange,
  type ChainState
} from '../../src/core/chain.js'
import { decodeEntry, type Entry } from '../../src/core/entry.js'
import { ledgerIdOf } from '../../src/core/ledger-id.js'
import { verifySignature } from '../../src/core/signature.js'
import { Author, codeOf, flipBit, key } from './author.js'

/** genesis, 1, a rotation at 2, 3, a rotation at 4, 5. */
let author: Author
let stranger: Author

beforeAll(async () => {
  author = await Author.create()
  for (const step of ['append', 'rotate', 'append', 'rotate', 'append'] as const) await author[step]()
  stranger = await Author.create(90)
  for (let entry = 0; entry < 5; entry++) await stranger.append()
})

function stateAfter(entries: Entry[], ledger = author.ledger): ChainState {
  return entries.slice(1).reduce(extendChain, startChain(ledger, entries[0]!))
}

describe('the chain rule', () => {
  test('follows the keys through rotations', () => {
    const state = stateAfter(author.entries)
    expect(state).toMatchObject({
      ledger: author.ledger,
      network: 'test',
      name: 'tester',
      access: 'public',
      size: 6,
      headHash: author.entries[5]!.hash,
      key: author.signer.publicKey,
      nextKeyHash: keyHash(author.next.publicKey)
    })
    expect(stateAfter(author.entries.slice(0, 2)).key).toBe(key(1).publicKey)
    expect(stateAfter(author.entries.slice(0, 3)).key).toBe(key(2).publicKey)
  })

  test('starts at the genesis that the ledger id names', async () => {
    expect(await codeOf(() => startChain(author.ledger, stranger.entries[0]!))).toBe('WRONG_LEDGER')
    expect(await codeOf(() => startChain(author.ledger, author.entries[1]!))).toBe('WRONG_LEDGER')
    expect(await codeOf(() => startChain(ledgerIdOf(author.entries[1]!.hash), author.entries[1]!))).toBe('WRONG_LEDGER')
  })

  test('takes exactly the entry that follows', async () => {
    const state = stateAfter(author.entries.slice(0, 3))
    const extend = (entry: Entry): Promise<string | undefined> => codeOf(() => extendChain(state, entry))
    expect(await extend(author.entries[3]!)).toBeUndefined()
    for (const seq of [1, 2, 4, 5]) expect(await extend(author.entries[seq]!)).toBe('BROKEN_LINK')
    expect(await extend(stranger.entries[3]!)).toBe('WRONG_LEDGER')
    expect(await extend(stranger.entries[0]!)).toBe('WRONG_LEDGER')
    const fork = author.fork()
    fork.entries.length = 3
    const signer = key(2)
    const make = (members: object): Promise<Entry> => fork.make({ key: signer.publicKey, ...members }, signer)
    expect(await extend(await make({}))).toBeUndefined()
    expect(await extend(await make({ prev_hash: author.entries[1]!.hash }))).toBe('BROKEN_LINK')
    expect(await extend(await make({ seq: 4 }))).toBe('BROKEN_LINK')
    expect(await extend(await make({ seq: Number.MAX_SAFE_INTEGER }))).toBe('BROKEN_LINK')
  })

  test('refuses retired keys, early keys and forged rotations', async () => {
    const state = stateAfter(author.entries.slice(0, 3))
    const fork = author.fork()
    fork.entries.length = 3
    const rotation = { type: 'ledger.rotate-key', meta: { next_key_hash: null } }
    const extend = async (members: object): Promise<string | undefined> => {
      const entry = await fork.make(members)
      return await codeOf(() => extendChain(state, entry))
    }
    expect(await extend({ key: key(1).publicKey })).toBe('KEY_NOT_IN_FORCE')
    expect(await extend({ key: author.entries[4]!.header.key })).toBe('KEY_NOT_IN_FORCE')
    expect(await extend({ key: key(66).publicKey })).toBe('KEY_NOT_IN_FORCE')
    for (const thief of [key(1), key(2), key(66)])
      expect(await extend({ ...rotation, key: thief.publicKey })).toBe('KEY_NOT_IN_FORCE')
    expect(await extend({ ...rotation, key: author.entries[4]!.header.key })).toBeUndefined()
  })

  test('never rotates after a commitment to null', async () => {
    const last = await author.make(
      { type: 'ledger.rotate-key', key: author.next.publicKey, meta: { next_key_hash: null } },
      author.next
    )
    const state = extendChain(stateAfter(author.entries), last)
    expect(state).toMatchObject({ key: author.next.publicKey, nextKeyHash: null })
    const after = await author.make(
      {
        seq: 7,
        prev_hash: last.hash,
        type: 'ledger.rotate-key',
        key: key(66).publicKey,
        meta: { next_key_hash: null }
      },
      key(66)
    )
    expect(await codeOf(() => extendChain(state, after))).toBe('KEY_NOT_IN_FORCE')
  })
})

describe('a range', () => {
  const range = (entries: Entry[], ledger = author.ledger): Promise<string | undefined> =>
    codeOf(() => verifyRange(ledger, entries, verifySignature))

  test('chains and ends in a valid signature', async () => {
    for (let from = 0; from < 6; from++)
      for (let to = from + 1; to <= 6; to++) expect(await range(author.entries.slice(from, to))).toBeUndefined()
    expect(await range([])).toBe('MALFORMED')
    expect(await range(author.entries, stranger.ledger)).toBe('WRONG_LEDGER')
    expect(await range([author.entries[0]!, stranger.entries[1]!])).toBe('WRONG_LEDGER')
    expect(await range([stranger.entries[0]!, author.entries[1]!])).toBe('WRONG_LEDGER')
  })

  test('fails when entries are out of order, doubled or left out', async () => {
    const { entries } = author
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(5), { minLength: 2, maxLength: 6 }), async (order) => {
        const inOrder = order.every((seq, place) => place === 0 || seq === order[place - 1]! + 1)
        expect(await range(order.map((seq) => entries[seq]!))).toBe(inOrder ? undefined : 'BROKEN_LINK')
      })
    )
  })

  test('fails when any bit of any header or signature is turned over', async () => {
    const raws = author.entries.slice(1, 5).map(({ raw }) => raw)
    await fc.assert(
      fc.asyncProperty(fc.nat(3), fc.boolean(), fc.nat(), async (place, inHeader, position) => {
        const raw = raws[place]!
        const bytes = inHeader ? raw.header : raw.signature
        const changed = flipBit(bytes, position % (bytes.length * 8))
        const code = await codeOf(async () => {
          const entries = raws.map((other) =>
            decodeEntry(other === raw ? { ...raw, [inHeader ? 'header' : 'signature']: changed } : other)
          )
          await verifyRange(author.ledger, entries, verifySignature)
        })
        expect(code).toBeDefined()
      }),
      { numRuns: 300 }
    )
  })
})

describe('key entries', () => {
  const verify = (entries: Entry[], ledger = author.ledger): Promise<string | undefined> =>
    codeOf(() => verifyKeyEntries(ledger, entries, verifySignature))

  test('say which key is in force at every seq', async () => {
    const history = await verifyKeyEntries(author.ledger, author.keyEntries(), verifySignature)
    expect(history).toMatchObject({ ledger: author.ledger, network: 'test', access: 'public' })
    expect(author.entries.map(({ header }) => keyInForce(history, header.seq))).toEqual(
      author.entries.map(({ header }) => header.key)
    )
    expect(keyInForce(history, Number.MAX_SAFE_INTEGER)).toBe(author.signer.publicKey)
  })

  test('are refused when one is missing, forged, out of order, of another ledger, or not a key entry', async () => {
    const [genesis, first, second] = author.keyEntries() as [Entry, Entry, Entry]
    expect(await verify([genesis, first])).toBeUndefined()
    expect(await verify([])).toBe('MALFORMED')
    expect(await verify([genesis, second])).toBe('KEY_NOT_IN_FORCE')
    expect(await verify([genesis, first, first])).toBe('MALFORMED')
    expect(await verify([genesis, second, first])).toBe('KEY_NOT_IN_FORCE')
    expect(await verify([genesis, author.entries[1]!])).toBe('MALFORMED')
    expect(await verify([first])).toBe('WRONG_LEDGER')
    expect(await verify([stranger.entries[0]!, first])).toBe('WRONG_LEDGER')
    const forged = await author.make(
      { seq: 2, type: 'ledger.rotate-key', key: key(66).publicKey, meta: { next_key_hash: null } },
      key(66)
    )
    expect(await verify([genesis, forged])).toBe('KEY_NOT_IN_FORCE')
    const unsigned = decodeEntry({ ...first.raw, signature: flipBit(first.raw.signature, 9) })
    expect(await verify([genesis, unsigned])).toBe('BAD_SIGNATURE')
    const other = await author.make(
      { ledger: stranger.ledger, seq: 2, type: 'ledger.rotate-key', key: first.header.key, meta: first.header.meta },
      key(2)
    )
    expect(await verify([genesis, other])).toBe('MALFORMED')
  })
})
