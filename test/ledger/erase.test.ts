import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { Author, openNode } from './support.js'

const SECRET = 'a-person-who-wants-to-be-forgotten'

async function onDisk(dir: string, text: string): Promise<boolean> {
  for (const name of await readdir(join(dir, 'db')))
    if ((await readFile(join(dir, 'db', name))).includes(text)) return true
  return false
}

describe('own', () => {
  test('the payload is gone from answers and from the disk, the chain holds', async () => {
    const node = await openNode()
    const { own } = node.ledgers
    const order = { stream: 's', type: 't', id: 'order-1', payload: { name: SECRET } }
    const {
      entry: { hash }
    } = await own.append(order)
    await own.append({ ...order, id: 'order-2', payload: 1 })
    await own.append({ ...order, id: 'order-3', payload: 2 })
    const [erasure] = await own.erase([hash, hash])
    expect(erasure).toMatchObject({ entry: { type: 'ledger.erase', meta: { entries: [hash] } } })
    expect(await own.get({ hash })).toMatchObject({ payload: null, payload_state: 'erased', raw: { payload: null } })
    expect(await own.verifyChain()).toMatchObject({ valid: true, counts: { present: 2, erased: 1 } })
    await expect(own.append(order)).rejects.toMatchObject({ code: 'ID_TAKEN' })
    expect(await own.erase([hash])).toEqual([])
    await expect(own.erase(['0'.repeat(64)])).rejects.toMatchObject({ code: 'NOT_FOUND' })
    await node.ledgers.compacted()
    await own.erase([(await own.get({ id: 'order-2' }))!.hash])
    await node.ledgers.compacted()
    expect(await own.verifyChain()).toMatchObject({ valid: true, counts: { present: 1, erased: 2 } })
    await node.close()
    expect(await onDisk(node.dir, SECRET)).toBe(false)
  })
})

describe('mirror', () => {
  test('an erasure is obeyed at ingest, whether the payload came before, with it, or comes after', async () => {
    const node = await openNode()
    const author = await Author.create()
    const before = await author.add({}, { name: `${SECRET}-before` })
    const missing = await author.add({}, { name: `${SECRET}-missing` })
    const together = await author.add({}, { name: `${SECRET}-together` })
    const kept = await author.add({}, { name: 'kept' })
    const bytes = missing.raw.payload!
    missing.raw.payload = null
    const mirror = await node.ledgers.mirror(author.id)
    await mirror.ingest(author.entries.slice(0, 3))
    expect(await mirror.missingPayloads(10)).toEqual([2])
    await author.erase([before.hash, missing.hash, together.hash, '0'.repeat(64)])
    await mirror.ingest(author.entries.slice(3))
    for (const { hash } of [before, missing, together])
      expect(await mirror.get({ hash })).toMatchObject({ payload: null, payload_state: 'erased' })
    expect(await mirror.get({ hash: kept.hash })).toMatchObject({ payload: { name: 'kept' }, payload_state: 'present' })
    expect(await mirror.missingPayloads(10)).toEqual([])
    expect(await mirror.putPayload(2, bytes)).toBe(false)
    expect(await mirror.get({ seq: 2 })).toMatchObject({ payload_state: 'erased' })
    expect(await mirror.verifyChain()).toMatchObject({ valid: true, counts: { erased: 3, present: 1 } })
    await node.ledgers.compacted()
    await node.close()
    expect(await onDisk(node.dir, SECRET)).toBe(false)
  })

  test("an erasure cannot name what comes after it, or another ledger's entries", async () => {
    const { ledgers } = await openNode()
    const author = await Author.create()
    const other = await Author.create('other')
    const [target] = [await other.add({}, 'other')]
    await (await ledgers.mirror(other.id)).ingest(other.entries)
    await author.erase([target.hash])
    await (await ledgers.mirror(author.id)).ingest(author.entries)
    expect(await ledgers.get(other.id)!.get({ hash: target.hash })).toMatchObject({ payload_state: 'present' })
  })

  test('absent payloads are missing or filtered, as the follow says', async () => {
    const { ledgers } = await openNode()
    const author = await Author.create()
    await author.addMany(4, (seq) => ({ stream: seq % 2 ? 'wanted' : 'other' }))
    const payloads = author.entries.map(({ raw }) => raw.payload)
    for (const { raw } of author.entries) raw.payload = null
    const mirror = await ledgers.mirror(author.id)
    await mirror.ingest(author.entries, {
      payloadStates: ({ header }) => (header.stream === 'wanted' ? 'missing' : 'filtered')
    })
    expect((await mirror.query({ type: 'order' })).entries.map(({ payload_state: state }) => state)).toEqual([
      'missing',
      'filtered',
      'missing',
      'filtered'
    ])
    expect(await mirror.missingPayloads(10)).toEqual([1, 3])
    await expect(mirror.putPayload(1, payloads[3]!)).rejects.toMatchObject({ code: 'PAYLOAD_MISMATCH' })
    await expect(mirror.putPayload(5, payloads[3]!)).rejects.toMatchObject({ code: 'NOT_FOUND' })
    expect(await mirror.putPayload(1, payloads[1]!)).toBe(true)
    expect(await mirror.missingPayloads(10)).toEqual([3])
    expect(await mirror.get({ seq: 1 })).toMatchObject({ payload: { seq: 1 }, payload_state: 'present' })
    // the follow wants something else now
    await mirror.wantPayloads(({ stream }) => stream === 'other')
    expect(await mirror.missingPayloads(10)).toEqual([2, 4])
    expect((await mirror.query({ type: 'order' })).entries.map(({ payload_state: state }) => state)).toEqual([
      'present',
      'missing',
      'filtered',
      'missing'
    ])
  })

  test('a payload that is not payload bytes is malformed, and valid', async () => {
    const { ledgers } = await openNode()
    const author = await Author.create()
    const { payloadHash } = await import('../../src/core/payload.js')
    const bytes = Buffer.from('not json')
    const entry = await author.add({ payload_hash: payloadHash(bytes), payload_size: bytes.length })
    entry.raw.payload = bytes
    const mirror = await ledgers.mirror(author.id)
    await mirror.ingest(author.entries)
    expect(await mirror.get({ seq: 1 })).toMatchObject({ payload: null, payload_state: 'malformed' })
    expect(await mirror.verifyChain()).toMatchObject({ valid: true, counts: { malformed: 1 } })
  })
})
