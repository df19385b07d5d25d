import { describe, expect, test } from 'vitest'
import { decodeEntry } from '../../src/core/entry.js'
import {
  FAMILY,
  familyRange,
  hashKey,
  ledgerKey,
  ledgerRange,
  nameKey,
  seqKey,
  tileKey,
  type Family
} from '../../src/store/keys.js'
import { Author, openNode, type Node } from './support.js'
import type { Ledger } from '../../src/ledger/ledger.js'

async function mirrored(count = 600): Promise<{ node: Node; author: Author; mirror: Ledger }> {
  const node = await openNode()
  const author = await Author.create()
  await author.addMany(count, (seq) => ({ subject_oid: `subject-${seq}`, stream: seq % 2 ? 'odd' : 'even' }))
  const mirror = await node.ledgers.mirror(author.id)
  for (let from = 0; from < author.entries.length; from += 200)
    await mirror.ingest(author.entries.slice(from, from + 200))
  return { node, author, mirror }
}

async function flip({ store }: Node, key: Uint8Array, at: number): Promise<void> {
  const value = (await store.get(key))!
  value[at < 0 ? value.length + at : at]! ^= 1
  await store.write([{ type: 'put', key, value }], { sync: true })
}

describe('damaged bytes', () => {
  test.each([
    ['check', 0],
    ['signature', 20],
    ['header', 100],
    ['end', -3]
  ])('a flipped bit in the %s of an entry is found; the rest stays readable', async (_, at) => {
    const { node, author, mirror } = await mirrored()
    await flip(node, seqKey('entry', mirror.ledgerNumber, 300), at)
    await expect(mirror.entry(300)).rejects.toMatchObject({ code: 'STORE_DAMAGED', details: { seq: 300 } })
    await expect(mirror.get({ id: 'entry-300' })).rejects.toMatchObject({ code: 'STORE_DAMAGED' })
    await expect(mirror.range(299, { count: 10, bytes: 1e6 })).rejects.toMatchObject({ code: 'STORE_DAMAGED' })
    expect(await mirror.get({ hash: author.entries[300]!.hash })).toBeNull()
    expect((await mirror.entry(301))?.hash).toBe(author.entries[301]!.hash)
    expect((await mirror.range(301, { count: 10, bytes: 1e6 })).length).toBe(10)
    expect((await mirror.query({ subject_oid: 'subject-299' })).entries.length).toBe(1)
    expect(await mirror.verifyChain()).toMatchObject({
      valid: false,
      firstInvalid: { seq: 300, code: 'STORE_DAMAGED' }
    })
    // a tile further, nothing leans on the damaged entry
    expect(await mirror.verifyChain({ from: 512 })).toMatchObject({ valid: true, from: 512, entries: 89 })
  })

  test('a damaged payload is missing, not shown, and can be had again', async () => {
    const { node, author, mirror } = await mirrored()
    await flip(node, seqKey('payload', mirror.ledgerNumber, 300), 20)
    expect(await mirror.get({ seq: 300 })).toMatchObject({ payload: null, payload_state: 'missing' })
    expect((await mirror.range(300, { count: 1, bytes: 1e6 }))[0]!.payload).toBeNull()
    expect(await mirror.verifyChain()).toMatchObject({
      valid: false,
      firstInvalid: { seq: 300, code: 'PAYLOAD_MISMATCH' }
    })
    expect(
      node.log.lines.some(({ level, message }) => level === 'error' && message.includes('payload is damaged'))
    ).toBe(true)
    expect(await mirror.putPayload(300, author.entries[300]!.raw.payload!)).toBe(true)
    expect(await mirror.get({ seq: 300 })).toMatchObject({ payload: { seq: 300 }, payload_state: 'present' })
  })

  test('verifyChain misses nothing that is derived', async () => {
    const { node, author, mirror } = await mirrored()
    const { ledgerNumber } = mirror
    const keys = [
      hashKey(author.entries[300]!.hash, ledgerNumber, 300),
      nameKey('id', ledgerNumber, 'entry-300', 300),
      nameKey('subject', ledgerNumber, 'subject-300', 300),
      nameKey('stream', ledgerNumber, 'even', 200),
      seqKey('keyEntry', ledgerNumber, 0),
      tileKey(ledgerNumber, 8, 1),
      seqKey('entry', ledgerNumber, 300)
    ]
    for (const key of keys) {
      const value = await node.store.get(key)
      expect(value).toBeDefined()
      await node.store.write([{ type: 'del', key }], { sync: false })
      expect(await mirror.verifyChain()).toMatchObject({ valid: false, firstInvalid: { code: 'STORE_DAMAGED' } })
      await node.store.write([{ type: 'put', key, value: value! }], { sync: false })
    }
    await flip(node, tileKey(ledgerNumber, 8, 1), 4)
    expect(await mirror.verifyChain()).toMatchObject({
      valid: false,
      firstInvalid: { seq: 511, code: 'STORE_DAMAGED' }
    })
  })

  test('everything derived can be made anew (I8)', async () => {
    const { node, author, mirror } = await mirrored()
    await mirror.ingest([await author.erase([author.entries[5]!.hash])])
    const everything = async (): Promise<string[]> => {
      const rows = await Promise.all(
        (Object.keys(FAMILY) as Family[])
          .filter((family) => family !== 'stream')
          .map(async (family) => await node.store.all(ledgerRange(family, mirror.ledgerNumber)))
      )
      return rows.flat().map(([key, value]) => `${key.toString('hex')} ${value.toString('hex')}`)
    }
    const before = await everything()
    for (const family of ['keyEntry', 'tile', 'erased', 'id', 'stream', 'type', 'issuer', 'subject'] as const)
      await node.store.clear(ledgerRange(family, mirror.ledgerNumber))
    await node.store.clear(familyRange('hash'))
    await mirror.rebuild()
    expect(await mirror.verifyChain()).toMatchObject({ valid: true, entries: 602, counts: { erased: 1 } })
    // blocks of streams may be cut elsewhere; subjects are single here, and type blocks hold the same seqs
    expect((await everything()).filter((row) => !row.startsWith('23'))).toEqual(
      before.filter((row) => !row.startsWith('23'))
    )
    expect((await mirror.query({ stream: 'odd', limit: 1000 })).entries.length).toBe(300)
    await mirror.ingest([await author.add()])
    expect((await mirror.verifyChain()).valid).toBe(true)
  })

  test('a damaged entry is not built upon; it can be pulled again', async () => {
    const { node, author, mirror } = await mirrored()
    await flip(node, seqKey('entry', mirror.ledgerNumber, 300), 100)
    await expect(mirror.rebuild()).rejects.toMatchObject({ code: 'STORE_DAMAGED' })
    expect((await mirror.get({ id: 'entry-7' }))?.seq).toBe(7)
    await mirror.rewind(300)
    expect(mirror).toMatchObject({ size: 300, headHash: author.entries[299]!.hash })
    await mirror.ingest(author.entries.slice(300))
    expect(await mirror.verifyChain()).toMatchObject({ valid: true, entries: 601 })
  })

  test('an own ledger that was rewound is restored before it is signed', async () => {
    const {
      ledgers: { own }
    } = await openNode()
    await own.appendBatch([1, 2, 3].map((i) => ({ stream: 's', type: 't', payload: i })))
    const entries = (await own.range(0, { count: 10, bytes: 1e6 })).map(decodeEntry)
    await own.rewind(2)
    expect(own).toMatchObject({ size: 2, signer: 'restoring', restoreTarget: { seq: 3 } })
    await own.ingest(entries.slice(2))
    expect(own.signer).toBe('ready')
  })

  test('a damaged head does not stop the node', async () => {
    const { node, mirror } = await mirrored(3)
    await flip(node, seqKey('entry', mirror.ledgerNumber, 3), 90)
    const again = await node.reopen()
    const held = again.ledgers.get(mirror.id)!
    expect([held.size, held.head()]).toEqual([4, null])
    expect((await held.entry(2))?.header.seq).toBe(2)
  })
})

describe('an unclean stop', () => {
  /** As after a crash: the clean-stop flag is not there. */
  async function crash(node: Node): Promise<Node> {
    await node.close()
    const { Level } = await import('level')
    const db = new Level<Buffer, Buffer>(`${node.dir}/db`, { keyEncoding: 'buffer', valueEncoding: 'buffer' })
    await db.batch([{ type: 'del', key: Buffer.concat([Buffer.of(0), Buffer.from('clean')]) }])
    await db.close()
    return await node.reopen()
  }

  test('a mirror goes back to the first gap, and can go on from there (I8)', async () => {
    const { node, author, mirror } = await mirrored()
    await node.store.write(
      [
        { type: 'del', key: seqKey('entry', mirror.ledgerNumber, 450) },
        { type: 'del', key: seqKey('entry', mirror.ledgerNumber, 500) }
      ],
      { sync: true }
    )
    const again = await crash(node)
    const held = again.ledgers.get(author.id)!
    expect(held).toMatchObject({ size: 450, headHash: author.entries[449]!.hash })
    expect(held.head()?.seq).toBe(449)
    expect(await held.verifyChain()).toMatchObject({ valid: true, entries: 450 })
    expect((await held.query({ stream: 'even', order: 'desc', limit: 1 })).entries[0]?.seq).toBe(448)
    expect(await held.get({ id: 'entry-500' })).toBeNull()
    await held.ingest(author.entries.slice(450))
    expect(await held.verifyChain()).toMatchObject({ valid: true, entries: 601 })
    expect((await held.query({ stream: 'odd', limit: 1000 })).entries.length).toBe(300)
    expect((await held.query({ subject_oid: 'subject-500' })).entries.length).toBe(1)
  })

  test('a gap below what was durable is found: LevelDB may lose the end of an older log and keep a newer one', async () => {
    const { node, author, mirror } = await mirrored()
    const state = JSON.parse((await node.store.get(ledgerKey('state', mirror.ledgerNumber)))!.toString()) as {
      durable: number
    }
    await node.store.write(
      [
        {
          type: 'put',
          key: ledgerKey('state', mirror.ledgerNumber),
          value: Buffer.from(JSON.stringify({ ...state, durable: mirror.size }))
        },
        { type: 'del', key: seqKey('entry', mirror.ledgerNumber, 300) },
        { type: 'del', key: seqKey('entry', mirror.ledgerNumber, 301) }
      ],
      { sync: true }
    )
    const held = (await crash(node)).ledgers.get(author.id)!
    expect(held).toMatchObject({ size: 300, headHash: author.entries[299]!.hash })
    await held.ingest(author.entries.slice(300))
    expect(await held.verifyChain()).toMatchObject({ valid: true, entries: 601 })
  })

  test('a state that is ahead of its entries is a gap too', async () => {
    const { node, author, mirror } = await mirrored(10)
    const state = JSON.parse((await node.store.get(ledgerKey('state', mirror.ledgerNumber)))!.toString()) as {
      chain: { size: number; headHash: string }
    }
    state.chain = { ...state.chain, size: 20, headHash: '0'.repeat(64) }
    await node.store.write(
      [{ type: 'put', key: ledgerKey('state', mirror.ledgerNumber), value: Buffer.from(JSON.stringify(state)) }],
      { sync: true }
    )
    const again = await crash(node)
    expect(again.ledgers.get(author.id)).toMatchObject({ size: 11, headHash: author.chain.headHash })
  })

  test('a gap at the start leaves an empty mirror', async () => {
    const { node, author, mirror } = await mirrored(10)
    await node.store.write([{ type: 'del', key: seqKey('entry', mirror.ledgerNumber, 0) }], { sync: true })
    const held = (await crash(node)).ledgers.get(author.id)!
    expect(held).toMatchObject({ size: 0, chain: null, headHash: null })
    await held.ingest(author.entries)
    expect((await held.verifyChain()).valid).toBe(true)
  })

  test('an own ledger with a gap is restored, not signed', async () => {
    const node = await openNode()
    await node.ledgers.own.appendBatch([1, 2, 3].map((i) => ({ stream: 's', type: 't', payload: i })))
    await node.store.write([{ type: 'del', key: seqKey('entry', node.ledgers.own.ledgerNumber, 3) }], { sync: true })
    const { own } = (await crash(node)).ledgers
    expect(own).toMatchObject({ size: 3, signer: 'restoring', restoreTarget: { seq: 3 } })
    await expect(own.append({ stream: 's', type: 't' })).rejects.toMatchObject({ code: 'RESTORING' })
  })

  test('a state that is not JSON is a coded error', async () => {
    const { node, mirror } = await mirrored(1)
    await node.store.write([{ type: 'put', key: ledgerKey('state', mirror.ledgerNumber), value: Buffer.from('{') }], {
      sync: true
    })
    await node.close()
    await expect(node.reopen()).rejects.toMatchObject({ code: 'STORE_DAMAGED' })
  })
})
