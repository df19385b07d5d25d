import { afterEach, expect, test } from 'vitest'
import { Author } from '../core/author.js'
import { stopAll } from '../network/fixture.js'
import { startNode } from '../helpers/test-node.js'
import { TestPeer } from '../helpers/test-peer.js'

afterEach(stopAll)

const states = { present: 0, erased: 0, filtered: 0, missing: 0, malformed: 0 }

async function author() {
  const node = await startNode({ name: 'author' })
  await node.ledger.appendBatch(
    Array.from({ length: 300 }, (_, n) => ({
      stream: n % 3 === 0 ? 'wanted' : 'other',
      type: n % 2 === 0 ? 'even' : 'odd',
      payload: { n }
    }))
  )
  return node
}

test('a filtered follow has every header, the payloads that match, and is synced', async () => {
  const source = await author()
  const follower = await startNode()
  await follower.connect(source.addr)
  await follower.sync.follow(source.id, { filters: { streams: ['wanted'], types: ['even'] } })
  await follower.synced(source.id, 301)
  expect(await follower.mirror(source.id).rootAt(301)).toBe(await source.mirror(source.id).rootAt(301))
  expect((await follower.ledger.verifyChain({}, source.id)).payloads).toEqual({
    ...states,
    present: 50,
    filtered: 250,
    none: 1
  })
  expect(await follower.ledger.get({ seq: 1 }, source.id)).toMatchObject({
    payload_state: 'present',
    payload: { n: 0 }
  })
  expect(await follower.ledger.get({ seq: 2 }, source.id)).toMatchObject({ payload_state: 'filtered', payload: null })

  const { entry } = await source.ledger.append({ stream: 'other', type: 'even', payload: { late: true } })
  await follower.synced(source.id, 302)
  expect(await follower.ledger.get({ hash: entry.hash }, source.id)).toMatchObject({ payload_state: 'filtered' })

  // Wider: what was left out is asked for. Narrower: what is held stays.
  await follower.sync.follow(source.id)
  await expect
    .poll(async () => (await follower.ledger.verifyChain({}, source.id)).payloads, { timeout: 10_000 })
    .toEqual({ ...states, present: 301, none: 1 })
  await follower.synced(source.id, 302)
  await follower.sync.follow(source.id, { filters: { streams: ['none'] } })
  await follower.synced(source.id, 302)
  expect(follower.errors()).toEqual([])
})

test('what its author erases is deleted by mirrors, and erased for who comes late', async () => {
  const source = await author()
  const mirror = await startNode()
  await mirror.connect(source.addr)
  await mirror.sync.follow(source.id)
  await mirror.synced(source.id, 301)
  const erased = [(await source.ledger.get({ seq: 5 }))!, (await source.ledger.get({ seq: 250 }))!]
  await source.ledger.parts.ledgers.own.erase(erased.map(({ hash }) => hash))
  await mirror.synced(source.id, 302)
  const late = await startNode()
  await late.connect(mirror.addr)
  await late.sync.follow(source.id)
  await late.synced(source.id, 302)
  for (const node of [source, mirror, late]) {
    expect((await node.ledger.verifyChain({}, source.id)).payloads).toEqual({
      ...states,
      present: 298,
      erased: 2,
      none: 2 + 0
    })
    expect(await node.ledger.get({ hash: erased[0]!.hash }, source.id)).toMatchObject({
      payload: null,
      payload_state: 'erased'
    })
  }
  await mirror.ledger.parts.ledgers.compacted()
  expect([...mirror.errors(), ...late.errors()]).toEqual([])
})

test('an erased payload is not taken back from a peer that kept it', async () => {
  const kept = await Author.create()
  for (let i = 0; i < 5; i++) await kept.appendPayload({ i })
  await kept.append({ type: 'ledger.erase', meta: { entries: [kept.entries[2]!.hash] } })
  const peer = await TestPeer.start({ authors: [kept] })
  const node = await startNode()
  await peer.connect(node.addr)
  await node.sync.follow(kept.ledger)
  await node.synced(kept.ledger, 7)
  expect(await node.ledger.get({ seq: 2 }, kept.ledger)).toMatchObject({ payload: null, payload_state: 'erased' })
})

test('payloads that the first peer does not have come from another; synced is not said before', async () => {
  const full = await Author.create()
  for (let i = 0; i < 100; i++) await full.appendPayload({ i })
  const bare = full.entries.map((entry) => ({ ...entry, raw: { ...entry.raw, payload: null } }))
  const thin = await TestPeer.start()
  thin.entries.set(full.ledger, bare)
  const node = await startNode()
  await thin.connect(node.addr)
  await node.sync.follow(full.ledger)
  await node.becomes(full.ledger, { status: 'stalled', size: 101, stall: { code: 'PAYLOADS_MISSING' } })
  const rich = await TestPeer.start({ authors: [full] })
  await rich.connect(node.addr)
  await node.synced(full.ledger, 101)
  expect((await node.ledger.verifyChain({}, full.ledger)).payloads).toEqual({ ...states, present: 100, none: 1 })
  expect(node.errors()).toEqual([])
})

test('a peer that fills in other payloads is dropped; nothing of them is kept', async () => {
  const full = await Author.create()
  for (let i = 0; i < 10; i++) await full.appendPayload({ i })
  const liar = await TestPeer.start({
    pull: {
      payloads: async (_, { seqs }) =>
        await Promise.resolve(
          (async function* () {
            for (const seq of seqs) yield await Promise.resolve({ seq, payload: full.entries[1]!.raw.payload })
          })()
        )
    }
  })
  liar.entries.set(
    full.ledger,
    full.entries.map((entry) => ({ ...entry, raw: { ...entry.raw, payload: null } }))
  )
  const node = await startNode()
  await liar.connect(node.addr)
  await node.sync.follow(full.ledger)
  await expect.poll(() => liar.gone, { timeout: 10_000 }).toContain(node.peerId)
  const honest = await TestPeer.start({ authors: [full] })
  await honest.connect(node.addr)
  await node.synced(full.ledger, 11)
  expect(await node.ledger.get({ seq: 5 }, full.ledger)).toMatchObject({ payload: { i: 4 } })
})
