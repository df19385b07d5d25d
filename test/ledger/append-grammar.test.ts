import { describe, expect, test } from 'vitest'
import type { AppendInput } from '../../src/ledger/append/append-input.js'
import { Author, openNode } from './support.js'

const ORDER: AppendInput = { stream: 'orders', type: 'order', payload: { price: 1.5 }, id: 'order-1' }

describe('R8: an id that was used before', () => {
  test('the same again is the stored entry: what was not given of timestamp and hashes is not compared, members are in any order', async () => {
    const {
      ledgers: { own }
    } = await openNode()
    const target = await own.append({ ...ORDER, id: 'target' })
    const reference = { ledgerId: own.id, entryId: 'target', referenceType: 'related' as const }
    const full = { ...ORDER, payload: { b: 1, a: [1] }, meta: { x: 1, y: { p: 1, q: 2 } }, references: [reference] }
    const [first, second] = await Promise.all([own.append(full), own.append({ ...full, payload: { a: [1], b: 1 } })])
    const others = [
      await own.append({ ...full, meta: { y: { q: 2, p: 1 }, x: 1 } }),
      await own.append({ ...full, references: [{ ...reference, entryHash: target.entry.hash }] }),
      await own.append({ ...full, timestamp: first.entry.timestamp }),
      await own.append({ ...full, references: undefined, meta: { ...full.meta, crossLedgerRefs: [{ ...reference }] } })
    ]
    expect(first.existing).toBe(false)
    for (const again of [second, ...others])
      expect([again.existing, again.entry.hash]).toEqual([true, first.entry.hash])
    expect(own.size).toBe(3)
  })

  test('other meta, references in another order or of another kind, another hash, another timestamp: taken, and it says what is not the same', async () => {
    const {
      ledgers: { own }
    } = await openNode()
    const [a] = await own.appendBatch([
      { ...ORDER, id: 'a' },
      { ...ORDER, id: 'b' }
    ])
    const [one, two] = ['a', 'b'].map((entryId) => ({ ledgerId: own.id, entryId, referenceType: 'related' as const }))
    await own.append({ ...ORDER, meta: { v: 1 }, references: [one!, two!] })
    const same = { ...ORDER, meta: { v: 1 }, references: [one!, two!] }
    for (const [differs, change] of [
      ['meta', { meta: {} }],
      ['meta', { meta: { v: 1, more: 1 } }],
      ['references', { references: [] }],
      ['references', { references: [two!, one!] }],
      ['references', { references: [one!] }],
      ['references', { references: [one!, { ...two!, referenceType: 'source' as const }] }],
      ['references', { references: [one!, { ...two!, entryHash: a!.entry.hash }] }],
      ['timestamp', { timestamp: 5 }]
    ] as const)
      await expect(own.append({ ...same, ...change } as AppendInput)).rejects.toMatchObject({
        code: 'ID_TAKEN',
        details: { differs: [differs] }
      })
  })

  test('the own id is checked before references', async () => {
    const {
      ledgers: { own }
    } = await openNode()
    await own.append(ORDER)
    const references = [{ ledgerId: own.id, entryId: 'nowhere', referenceType: 'source' as const }]
    await expect(own.append({ ...ORDER, references })).rejects.toMatchObject({ code: 'ID_TAKEN' })
  })

  test('hooks that change an entry do not make a retry another entry; a copy is theirs to change', async () => {
    const {
      ledgers: { own, hooks }
    } = await openNode()
    let count = 0
    hooks.add(
      'stamp',
      {
        beforeAppend: (entry) => {
          entry.meta = { ...entry.meta, checked: true }
        }
      },
      own
    )
    const given = { ...ORDER, meta: { a: 1 } }
    const first = await own.append(given)
    expect([first.entry.meta, given.meta]).toEqual([{ a: 1, checked: true }, { a: 1 }])
    expect(await own.append(given)).toMatchObject({ existing: true, entry: { hash: first.entry.hash } })
    hooks.add(
      'count',
      {
        beforeAppend: (entry) => {
          entry.meta = { ...entry.meta, count: count++ }
        }
      },
      own
    )
    await own.append({ ...ORDER, id: 'plain' })
    await expect(own.append({ ...ORDER, id: 'plain', meta: { other: 1 } })).rejects.toMatchObject({ code: 'ID_TAKEN' })
    hooks.add(
      'bad',
      {
        beforeAppend: (entry) => {
          entry.type = 'ledger.erase'
        }
      },
      own
    )
    await expect(own.append({ ...ORDER, id: 'bad' })).rejects.toMatchObject({ code: 'RESERVED_TYPE' })
  })
})

describe('row 4: a reference is compared with what is held before it is signed', () => {
  test('by hash first; then by id; absent from a ledger that is held so far: unresolved', async () => {
    const { ledgers } = await openNode()
    const { own } = ledgers
    const author = await Author.create()
    const held = await author.add({ id: 'held' })
    const twin = await author.add({ id: 'held' }) // ids are unique in no ledger but the own one
    await (await ledgers.mirror(author.id)).ingest(author.entries)
    const to = (entryHash: string | undefined, change: object = {}) => ({
      ...ORDER,
      id: undefined,
      references: [{ ledgerId: author.id, entryId: 'held', referenceType: 'source' as const, entryHash, ...change }]
    })
    const refused = async (input: object, expected: object) => {
      await expect(own.append(input as AppendInput, { allowUnresolved: true })).rejects.toMatchObject({
        code: 'REFERENCE_CONTRADICTED',
        details: expected
      })
    }
    for (const { hash } of [held, twin])
      expect((await own.append(to(hash))).entry.meta.crossLedgerRefs).toMatchObject([{ entryHash: hash }])
    const wrong = 'ab'.repeat(32)
    await refused(to(wrong), {
      held: { ledgerId: author.id, entryId: 'held' },
      given: { ledgerId: author.id, entryId: 'held', entryHash: wrong }
    })
    await refused(to(held.hash, { entryId: 'other' }), {
      held: { ledgerId: author.id, entryId: 'held', entryHash: held.hash },
      given: { entryId: 'other' }
    })
    await refused(to(held.hash, { ledgerId: own.id }), { held: { ledgerId: author.id } })
    const late = to(wrong, { entryId: 'later' })
    await expect(own.append(late)).rejects.toMatchObject({
      code: 'REFERENCE_UNRESOLVED',
      details: { missing: [{ ledgerId: author.id, entryId: 'later' }] }
    })
    expect((await own.append(late, { allowUnresolved: true })).entry.meta.crossLedgerRefs).toMatchObject([
      { entryHash: wrong }
    ])
    const elsewhere = `b${'a'.repeat(52)}`
    expect((await own.append(to(wrong, { ledgerId: elsewhere }))).entry.meta.crossLedgerRefs).toMatchObject([
      { ledgerId: elsewhere, entryHash: wrong }
    ])
    await refused({ ...to(wrong), references: undefined, meta: { crossLedgerRefs: to(wrong).references } }, {})
  })
})

describe('what no entry can have is refused before it is queued', () => {
  test.for<[string, object, string]>([
    ['a noncharacter in the payload', { payload: { a: ['\uffff'] } }, 'MALFORMED'],
    ['a noncharacter in a key', { payload: { '\ufdd0': 1 } }, 'MALFORMED'],
    ['a noncharacter in meta', { meta: { a: '\u{1fffe}' } }, 'MALFORMED'],
    ['a lone surrogate', { payload: '\ud800' }, 'MALFORMED'],
    ['a date', { payload: { at: new Date() } }, 'MALFORMED'],
    ['undefined in meta', { meta: { a: undefined } }, 'MALFORMED'],
    ['a fraction in meta', { meta: { a: 0.5 } }, 'MALFORMED'],
    ['an unsafe integer in meta', { meta: { a: 2 ** 53 } }, 'MALFORMED'],
    ['a member that is none', { paylaod: 1 }, 'INVALID_PARAMS'],
    ['an id of transactions', { id: 'tx:1:end' }, 'RESERVED_ID'],
    [
      'a member of a reference that is none',
      { references: [{ ledgerId: `b${'a'.repeat(52)}`, entryId: 'x', referenceType: 'source', hash: '0'.repeat(64) }] },
      'INVALID_PARAMS'
    ]
  ])('%s', async ([, change, code]) => {
    const {
      ledgers: { own }
    } = await openNode()
    await expect(own.append({ ...ORDER, ...change } as AppendInput)).rejects.toMatchObject({ code })
    expect(own.size).toBe(1)
  })

  test('what the caller changes after the call is not signed', async () => {
    const {
      ledgers: { own }
    } = await openNode()
    const payload = { list: [1] }
    const appending = own.append({ ...ORDER, payload })
    payload.list.push(2)
    expect((await appending).entry.payload).toEqual({ list: [1] })
  })
})
