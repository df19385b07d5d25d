import { describe, expect, test } from 'vitest'
import { MAX_PAYLOAD_BYTES } from '../../src/core/limits.js'
import type { AppendInput } from '../../src/ledger/append/append-input.js'
import { Author, openNode, START_MS } from './support.js'

const ORDER: AppendInput = {
  stream: 'orders',
  type: 'order',
  issuer_oid: 'a',
  subject_oid: 'b',
  payload: { price: 1.5 },
  id: 'order-1'
}

describe('append', () => {
  test('the entry is stored, found and verified, also after a reopen', async () => {
    const node = await openNode()
    const appended = await node.ledgers.own.append(ORDER)
    expect(appended).toMatchObject({
      entry: {
        seq: 1,
        id: 'order-1',
        payload: { price: 1.5 },
        payload_state: 'present',
        checked: true,
        timestamp: START_MS
      },
      existing: false
    })
    const again = await node.reopen()
    expect(again.ledgers.own.size).toBe(2)
    expect(again.ledgers.own.signer).toBe('ready')
    const { entry: view } = appended
    expect(await again.ledgers.own.get({ id: 'order-1' })).toEqual(view)
    expect(await again.ledgers.own.get({ hash: view.hash })).toEqual(view)
    expect(await again.ledgers.own.verifyEntry({ seq: 1 })).toBe(true)
    expect(await again.ledgers.own.verifyChain()).toMatchObject({
      valid: true,
      entries: 2,
      counts: { signatures: 2, present: 1, none: 1 }
    })
  })

  test('concurrent appends share commits and keep their order', async () => {
    const { ledgers } = await openNode()
    const commits: number[] = []
    ledgers.on('stored', (_ledger, { entries }) => commits.push(entries.length))
    const appended = await Promise.all(
      Array.from({ length: 300 }, async (_, i) => await ledgers.own.append({ ...ORDER, id: `order-${i}` }))
    )
    expect(appended.map(({ entry: { seq } }) => seq)).toEqual(Array.from({ length: 300 }, (_, i) => i + 1))
    expect(commits.length).toBeLessThan(10)
    expect(commits.reduce((a, b) => a + b)).toBe(300)
    expect((await ledgers.own.verifyChain()).valid).toBe(true)
  })

  test('one refused entry does not fail the others of its group', async () => {
    const { ledgers } = await openNode()
    const results = await Promise.allSettled([
      ledgers.own.append(ORDER),
      ledgers.own.append({ ...ORDER, type: 'other' }), // the same id
      ledgers.own.append({ ...ORDER, id: 'order-2', payload: 'x'.repeat(MAX_PAYLOAD_BYTES) }),
      ledgers.own.append({ ...ORDER, id: 'order-3' })
    ])
    expect(
      results.map((result) =>
        result.status === 'fulfilled' ? result.value.entry.seq : (result.reason as { code: string }).code
      )
    ).toEqual([1, 'ID_TAKEN', 'TOO_LARGE', 2])
  })

  test('a batch is all or nothing', async () => {
    const { ledgers } = await openNode()
    await expect(
      ledgers.own.appendBatch([
        { ...ORDER, id: 'a' },
        { ...ORDER, id: 'b' },
        { ...ORDER, id: 'a', type: 'other' }
      ])
    ).rejects.toMatchObject({ code: 'ID_TAKEN' })
    expect(ledgers.own.size).toBe(1)
    expect(await ledgers.own.get({ id: 'a' })).toBeNull()
    expect(
      (
        await ledgers.own.appendBatch([
          { ...ORDER, id: 'a' },
          { ...ORDER, id: 'b' }
        ])
      ).map(({ entry: { seq } }) => seq)
    ).toEqual([1, 2])
    expect(await ledgers.own.appendBatch([])).toEqual([])
  })

  test.each<[string, Partial<AppendInput>]>([
    ['type', { type: 'other' }],
    ['stream', { stream: 'other' }],
    ['issuer', { issuer_oid: 'x' }],
    ['no issuer', { issuer_oid: null }],
    ['subject', { subject_oid: 'x' }],
    ['payload', { payload: { price: 2 } }],
    ['no payload', { payload: null }],
    ['meta', { meta: { approved: 'yes' } }],
    ['timestamp', { timestamp: 5 }]
  ])('an id used again with another %s is taken', async (_, change) => {
    const { ledgers } = await openNode()
    await ledgers.own.append(ORDER)
    await expect(ledgers.own.append({ ...ORDER, ...change })).rejects.toMatchObject({ code: 'ID_TAKEN' })
  })

  test('reserved types, meta.sync and bad names are refused', async () => {
    const { ledgers } = await openNode()
    for (const type of ['ledger.erase', 'trust.attestation', 'transaction.x'])
      await expect(ledgers.own.append({ ...ORDER, type })).rejects.toMatchObject({ code: 'RESERVED_TYPE' })
    await expect(ledgers.own.append({ ...ORDER, meta: { sync: {} } })).rejects.toMatchObject({ code: 'RESERVED_TYPE' })
    for (const bad of ['', 'x'.repeat(129), 'a\nb', 'a\u0000b']) {
      for (const field of ['id', 'stream', 'type', 'issuer_oid', 'subject_oid'])
        await expect(ledgers.own.append({ ...ORDER, [field]: bad })).rejects.toMatchObject({ code: 'INVALID_PARAMS' })
    }
    await expect(ledgers.own.append({ ...ORDER, timestamp: -1 })).rejects.toMatchObject({ code: 'INVALID_PARAMS' })
    await expect(ledgers.own.append({ ...ORDER, meta: { big: 'x'.repeat(33_000) } })).rejects.toMatchObject({
      code: 'TOO_LARGE'
    })
    expect(ledgers.own.size).toBe(1)
  })

  test('references are resolved: own, held, in the same batch, and not at all', async () => {
    const { ledgers } = await openNode()
    const author = await Author.create()
    const { own } = ledgers
    const held = await author.add({ id: 'held' })
    await (await ledgers.mirror(author.id)).ingest(author.entries)
    const [first, second] = await own.appendBatch([
      ORDER,
      {
        ...ORDER,
        id: 'order-2',
        references: [
          { ledgerId: own.id, entryId: 'order-1', referenceType: 'related' },
          { ledgerId: author.id, entryId: 'held', referenceType: 'source' }
        ]
      }
    ])
    expect(second!.entry.meta.crossLedgerRefs).toEqual([
      { ledgerId: own.id, entryId: 'order-1', entryHash: first!.entry.hash, referenceType: 'related' },
      { ledgerId: author.id, entryId: 'held', entryHash: held.hash, referenceType: 'source' }
    ])
    const missing = { ledgerId: author.id, entryId: 'nope' }
    const unresolved = { ...ORDER, id: 'order-3', meta: { crossLedgerRefs: [{ ...missing, referenceType: 'source' }] } }
    await expect(own.append(unresolved)).rejects.toMatchObject({
      code: 'REFERENCE_UNRESOLVED',
      details: { missing: [missing] }
    })
    expect((await own.append(unresolved, { allowUnresolved: true })).entry.meta).toEqual({
      crossLedgerRefs: [{ ...missing, entryHash: null, referenceType: 'source' }]
    })
    await expect(own.append({ ...unresolved, id: 'order-4', references: [] })).rejects.toMatchObject({
      code: 'INVALID_PARAMS'
    })
  })
})
