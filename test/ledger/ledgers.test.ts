import { describe, expect, test } from 'vitest'
import { merkleRoot } from '../../src/core/merkle.js'
import { familyRange, FAMILY, ledgerRange, type Family } from '../../src/store/keys.js'
import { Author, NETWORK, openNode, testKey } from './support.js'
import { acceptBranch, freezeAt } from '../helpers/freeze-at.js'

describe('held ledgers', () => {
  test('are listed, found by hash, resolved, and forgotten whole', async () => {
    const node = await openNode()
    const { ledgers, store } = node
    const author = await Author.create()
    await author.addMany(300, (seq) => ({ issuer_oid: 'i', subject_oid: `s${seq}` }))
    const mirror = await ledgers.mirror(author.id)
    expect(await ledgers.mirror(author.id)).toBe(mirror)
    await mirror.ingest(author.entries)
    await mirror.putCheckpoint('note')
    expect(ledgers.list().map(({ id }) => id)).toEqual([ledgers.own.id, author.id].toSorted())
    expect(await ledgers.findByHash(author.entries[7]!.hash)).toEqual({ ledger: mirror, seq: 7 })
    expect(await ledgers.findByHash('0'.repeat(64))).toBeNull()
    expect(await ledgers.held.byId(author.id, 'entry-7')).toBe(author.entries[7]!.hash)
    expect(await ledgers.held.byId(author.id, 'entry-700')).toBeNull()
    expect(await ledgers.held.byId('b'.repeat(53), 'entry-7')).toBeNull()
    await ledgers.remove(author.id)
    expect(ledgers.get(author.id)).toBeUndefined()
    expect(await ledgers.findByHash(author.entries[7]!.hash)).toBeNull()
    await expect(mirror.ingest([await author.next()])).rejects.toMatchObject({ code: 'NOT_FOUND' })
    const left: Family[] = []
    for (const family of Object.keys(FAMILY) as Family[]) {
      if (family === 'meta' || family === 'ledger' || family === 'hash') continue
      if ((await store.keys(ledgerRange(family, mirror.ledgerNumber))).length > 0) left.push(family)
    }
    expect(left).toEqual([])
    expect((await store.keys(familyRange('hash'))).length).toBe(1)
    await expect(ledgers.remove(author.id)).rejects.toMatchObject({ code: 'NOT_FOUND' })
    await expect(ledgers.remove(ledgers.own.id)).rejects.toMatchObject({ code: 'READ_ONLY' })
    await expect(ledgers.mirror('nonsense')).rejects.toMatchObject({ code: 'MALFORMED' })
    const again = await node.reopen()
    expect(again.ledgers.list().length).toBe(1)
    expect((await again.ledgers.mirror(author.id)).ledgerNumber).toBeGreaterThan(mirror.ledgerNumber)
  })

  test('the same id twice: the first one counts', async () => {
    const { ledgers } = await openNode()
    const author = await Author.create()
    await author.add({ id: 'twice' })
    await author.add({ id: 'twice' })
    const mirror = await ledgers.mirror(author.id)
    await mirror.ingest(author.entries)
    expect((await mirror.get({ id: 'twice' }))?.seq).toBe(1)
  })

  test('the audit cursor decides what counts as checked', async () => {
    const node = await openNode()
    const author = await Author.create()
    await author.addMany(3)
    const mirror = await node.ledgers.mirror(author.id)
    await mirror.ingest(author.entries)
    await mirror.setAudited(2)
    await expect(mirror.setAudited(5)).rejects.toMatchObject({ code: 'INTERNAL' })
    await mirror.ingest([await author.add()])
    const again = (await node.reopen()).ledgers.get(author.id)!
    expect(again.audited).toBe(2)
    expect((await again.query()).entries.map(({ checked }) => checked)).toEqual([true, true, false, false, false])
  })

  test('rotated keys are key entries', async () => {
    const { ledgers } = await openNode()
    const author = await Author.create()
    await author.add()
    const rotation = await author.rotate()
    await author.add()
    const mirror = await ledgers.mirror(author.id)
    await mirror.ingest(author.entries)
    expect((await mirror.keyEntries()).map(({ header }) => Buffer.from(header))).toEqual(
      [author.entries[0]!, rotation].map(({ raw }) => Buffer.from(raw.header))
    )
    expect((await mirror.keyEntries(2)).length).toBe(1)
    expect(await mirror.verifyChain({ from: 3 })).toMatchObject({ valid: true, entries: 1 })
  })

  test('follow settings are kept beside the ledger, and go with it', async () => {
    const node = await openNode()
    const author = await Author.create()
    const mirror = await node.ledgers.mirror(author.id)
    expect(await mirror.followSettings()).toBeNull()
    await mirror.setFollowSettings({ mode: 'mirror' })
    const again = await node.reopen()
    expect(await again.ledgers.get(author.id)!.followSettings()).toEqual({ mode: 'mirror' })
    await again.ledgers.get(author.id)!.setFollowSettings(null)
    expect(await again.ledgers.get(author.id)!.followSettings()).toBeNull()
  })

  test('access changes are entries of the own ledger', async () => {
    const {
      ledgers: { own }
    } = await openNode()
    const change = { grant: [{ ledger: own.id, scope: 'full' as const }], revoke: [], trust_milli: 700 }
    expect(await own.setAccess(change)).toMatchObject({ entry: { type: 'ledger.access', meta: change, payload: null } })
    await expect(own.setAccess({ ...change, trust_milli: 1001 })).rejects.toMatchObject({ code: 'MALFORMED' })
    expect(await own.verifyChain()).toMatchObject({ valid: true, entries: 2 })
  })

  test('nothing is signed over evidence against the own ledger', async () => {
    const {
      ledgers: { own }
    } = await openNode()
    await own.append({ stream: 's', type: 't' })
    await freezeAt(own, 1, Buffer.from('evidence'))
    await expect(own.append({ stream: 's', type: 't' })).rejects.toMatchObject({ code: 'FROZEN' })
  })

  test('a store of another network is refused', async () => {
    const node = await openNode()
    await node.close()
    await expect(node.reopen({ network: `${NETWORK}-2` })).rejects.toMatchObject({ code: 'WRONG_NETWORK' })
  })

  test('closed ledgers refuse appends', async () => {
    const { ledgers, close } = await openNode()
    const running = Promise.allSettled(
      [1, 2, 3].map(async (i) => await ledgers.own.append({ stream: 's', type: 't', payload: i }))
    )
    await close()
    const results = (await running).map((result) =>
      result.status === 'fulfilled' ? 'stored' : (result.reason as { code: string }).code
    )
    const stored = results.filter((result) => result === 'stored').length
    expect(ledgers.own.size).toBe(1 + stored)
    expect(results.filter((result) => result === 'CLOSED').length).toBe(3 - stored)
    await expect(ledgers.own.append({ stream: 's', type: 't' })).rejects.toMatchObject({ code: 'CLOSED' })
  })
})

describe('evidence', () => {
  test('freezes below it: the prefix is served, what is above is not; the lowest counts', async () => {
    const node = await openNode()
    const author = await Author.create()
    await author.addMany(9)
    const mirror = await node.ledgers.mirror(author.id)
    await expect(freezeAt(mirror, 1, Buffer.from('x'))).rejects.toMatchObject({ code: 'NOT_FOUND' })
    await mirror.ingest(author.entries)
    expect(await mirror.evidence()).toBeNull()
    expect(await freezeAt(mirror, 6, Buffer.from('evidence'))).toBe(true)
    expect(await freezeAt(mirror, 7, Buffer.from('later'))).toBe(false)
    await expect(mirror.ingest([await author.next()])).rejects.toMatchObject({ code: 'FROZEN' })
    const again = await node.reopen()
    const held = again.ledgers.get(author.id)!
    expect(held).toMatchObject({ size: 10, visible: 6, frozenAt: 6 })
    expect(held.head()?.seq).toBe(5)
    expect(await held.entry(6)).toBeNull()
    expect(await held.get({ id: 'entry-6' })).toBeNull()
    expect(await held.get({ hash: author.entries[6]!.hash })).toBeNull()
    expect(await again.ledgers.findByHash(author.entries[6]!.hash)).toBeNull()
    expect(await again.ledgers.held.byId(author.id, 'entry-6')).toBeNull()
    expect((await held.query()).entries.length).toBe(6)
    expect((await held.query({ stream: 'orders', order: 'desc' })).entries[0]?.seq).toBe(5)
    expect((await held.range(4, { count: 10, bytes: 1e6 })).length).toBe(2)
    expect((await held.payloads([5, 6])).map(({ payload }) => payload === null)).toEqual([false, true])
    await expect(held.rootAt(7)).rejects.toMatchObject({ code: 'NOT_FOUND' })
    expect(Buffer.from((await held.evidence())!).toString()).toBe('evidence')
    expect(await freezeAt(held, 3, Buffer.from('lower'))).toBe(true)
    expect(held.visible).toBe(3)
    await held.rewind(2)
    expect(held).toMatchObject({ size: 2, frozenAt: 3 })
  })

  test('a branch that is accepted takes the place of what is disputed, which is kept; what cannot follow changes nothing', async () => {
    const node = await openNode()
    const author = await Author.create()
    await author.addMany(9)
    const other = await Author.create()
    await other.addMany(5)
    const branch = [await other.next({ type: 'note' })]
    const mirror = await node.ledgers.mirror(author.id)
    await mirror.ingest(author.entries)
    await expect(acceptBranch(mirror, branch)).rejects.toMatchObject({ code: 'FROZEN' })
    await freezeAt(mirror, 6, Buffer.from('evidence'))
    for (const [wrong, code] of [
      [[await other.next({ seq: 11 })], 'FROZEN'],
      [[author.entries[5]!, author.entries[4]!], 'BROKEN_LINK'],
      [
        [await other.next({ seq: 6, key: testKey('x').publicKey, prev_hash: author.entries[5]!.hash })],
        'KEY_NOT_IN_FORCE'
      ]
    ] as const) {
      await expect(acceptBranch(mirror, [...wrong])).rejects.toMatchObject({ code })
    }
    expect(mirror).toMatchObject({ size: 10, visible: 6, frozenAt: 6 })
    expect(await mirror.voided()).toEqual([])
    await acceptBranch(mirror, branch)
    const again = await node.reopen()
    const held = again.ledgers.get(author.id)!
    expect(held).toMatchObject({ size: 7, visible: 7, frozenAt: null, headHash: branch[0]!.hash })
    expect(await held.voided()).toMatchObject([{ from: 6, entries: 4 }])
    expect((await held.voidedEntries(1, 2)).map(({ seq, hash }) => ({ seq, hash }))).toEqual(
      [7, 8].map((seq) => ({ seq, hash: author.entries[seq]!.hash }))
    )
    expect(await held.allEvidence()).toHaveLength(1)
    expect(await held.get({ hash: author.entries[6]!.hash })).toBeNull()
    expect(await held.get({ id: 'entry-8' })).toBeNull()
    expect(await again.ledgers.findByHash(author.entries[6]!.hash)).toBeNull()
    expect(await held.verifyChain()).toMatchObject({ valid: true, entries: 7 })
    expect(await held.rootAt(7)).toBe(merkleRoot([...author.entries.slice(0, 6), ...branch].map(({ hash }) => hash)))
    await again.ledgers.remove(author.id)
    expect(await again.store.keys(familyRange('voided'))).toEqual([])
  })
})
