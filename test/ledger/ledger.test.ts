import { describe, expect, test } from 'vitest'
import { merkleRoot, inclusionProof, verifyConsistency } from '../../src/core/merkle.js'
import { Author, NETWORK, openNode, testKey } from './support.js'

describe('ingest', () => {
  test('entries, indexes, payloads and root are there, also after a reopen', async () => {
    const node = await openNode()
    const author = await Author.create()
    await author.addMany(700)
    const mirror = await node.ledgers.mirror(author.id)
    expect(mirror.chain).toBeNull()
    for (let from = 0; from < author.entries.length; from += 100)
      await mirror.ingest(author.entries.slice(from, from + 100))
    const again = await node.reopen()
    const held = again.ledgers.get(author.id)!
    expect(held).toMatchObject({
      size: 701,
      audited: 0,
      own: false,
      headHash: author.chain.headHash,
      chain: author.chain,
      frozenAt: null
    })
    expect(held.head()).toMatchObject({ seq: 700, hash: author.chain.headHash })
    const raws = await held.range(100, { count: 512, bytes: 1e9 })
    expect(raws.length).toBe(512)
    expect(
      raws.every(
        (raw, i) =>
          Buffer.compare(raw.header, author.entries[100 + i]!.raw.header) === 0 &&
          Buffer.compare(raw.payload!, author.entries[100 + i]!.raw.payload!) === 0
      )
    ).toBe(true)
    const hashes = author.entries.map(({ hash }) => hash)
    for (const size of [0, 1, 255, 256, 257, 512, 701])
      expect(await held.rootAt(size)).toBe(merkleRoot(hashes.slice(0, size)))
    expect(await held.inclusionProof(300, 701)).toEqual(inclusionProof(hashes, 300))
    expect(
      verifyConsistency({
        size1: 300,
        size2: 701,
        root1: await held.rootAt(300),
        root2: await held.rootAt(701),
        proof: await held.consistencyProof(300, 701)
      })
    ).toBe(true)
    expect(await held.verifyChain()).toMatchObject({
      valid: true,
      entries: 701,
      warnings: 0,
      counts: { present: 700, none: 1 }
    })
    await expect(held.rootAt(702)).rejects.toMatchObject({ code: 'NOT_FOUND' })
  })

  test('a range limit in bytes still gives one entry', async () => {
    const { ledgers } = await openNode()
    const author = await Author.create()
    await author.addMany(
      5,
      () => ({}),
      () => 'x'.repeat(10_000)
    )
    const mirror = await ledgers.mirror(author.id)
    await mirror.ingest(author.entries)
    expect((await mirror.range(1, { count: 10, bytes: 1 })).length).toBe(1)
    expect((await mirror.range(1, { count: 10, bytes: 25_000 })).length).toBe(2)
    const headers = await mirror.range(1, { count: 10, bytes: 25_000 }, () => false)
    expect(headers.length).toBe(5)
    expect(headers.every(({ payload }) => payload === null)).toBe(true)
    expect(await mirror.range(6, { count: 10, bytes: 1 })).toEqual([])
    expect(await mirror.range(-1, { count: 10, bytes: 1 })).toEqual([])
  })

  test('what does not continue the chain is refused, and nothing of it stored', async () => {
    const { ledgers } = await openNode()
    const author = await Author.create()
    const other = await Author.create('other')
    await author.addMany(3)
    const mirror = await ledgers.mirror(author.id)
    await expect(mirror.ingest([author.entries[1]!])).rejects.toMatchObject({ code: 'WRONG_LEDGER' })
    await expect(mirror.ingest(other.entries)).rejects.toMatchObject({ code: 'WRONG_LEDGER' })
    await expect(mirror.ingest([])).rejects.toMatchObject({ code: 'MALFORMED' })
    expect(mirror.size).toBe(0)
    await mirror.ingest(author.entries)
    const wrong = {
      gap: {
        entry: await author.sign({ ledger: author.id, seq: 5, prev_hash: author.chain.headHash }),
        code: 'BROKEN_LINK'
      },
      again: { entry: author.entries[3]!, code: 'BROKEN_LINK' },
      link: { entry: await author.next({ prev_hash: '0'.repeat(64) }), code: 'BROKEN_LINK' },
      ledger: { entry: await author.next({ ledger: other.id }), code: 'WRONG_LEDGER' },
      key: { entry: await author.next({}, null, testKey('thief')), code: 'KEY_NOT_IN_FORCE' },
      rotation: {
        entry: await author.next({ type: 'ledger.rotate-key', meta: { next_key_hash: null } }),
        code: 'KEY_NOT_IN_FORCE'
      }
    }
    for (const { entry, code } of Object.values(wrong))
      await expect(mirror.ingest([await author.next(), entry].slice(1))).rejects.toMatchObject({ code })
    const next = await author.next()
    await expect(mirror.ingest([next, next])).rejects.toMatchObject({ code: 'BROKEN_LINK' })
    expect(mirror.size).toBe(4)
    await mirror.ingest([next])
    expect((await mirror.verifyChain()).valid).toBe(true)
  })

  test('a ledger of another network is refused', async () => {
    const { ledgers } = await openNode()
    const author = await Author.create('author', `${NETWORK}-2`)
    const mirror = await ledgers.mirror(author.id)
    await expect(mirror.ingest(author.entries)).rejects.toMatchObject({ code: 'WRONG_NETWORK' })
    expect(mirror.size).toBe(0)
  })
})
