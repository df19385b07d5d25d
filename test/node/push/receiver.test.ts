/** Entries that a program brings: what must not be stored, then what is, and how a copy is kept by pulling and pushing. */
import { expect, test, vi } from 'vitest'
import type { BroughtEntries, BroughtResult } from '../../../src/node/api/push.js'
import { nodeOf } from '../../../src/node/daemon-node.js'
import type { Entry } from '../../../src/core/entry.js'
import { entriesSince } from '../../../src/rpc/handlers/entries-since.js'
import { Actor } from '../../../src/rpc/actor.js'
import { bearer } from '../../../src/rpc/principal.js'
import { Author } from '../../core/author.js'
import { startNode } from '../../helpers/test-node.js'

type View = BroughtEntries['entries'][number]

const BY = { from: 'http:robot', hidden: false }

async function author(count = 3, seed = 1): Promise<Author> {
  const made = await Author.create(seed)
  for (let at = 1; at < count; at++) await made.appendPayload({ at })
  return made
}

function viewOf({ header, raw }: Entry): View {
  return {
    id: header.id,
    raw: {
      header: Buffer.from(raw.header).toString(),
      payload: raw.payload === null ? null : Buffer.from(raw.payload).toString(),
      signature: Buffer.from(raw.signature).toString('hex')
    }
  }
}

function brought({ ledger, entries, signer }: Author, given: readonly View[] = entries.map(viewOf)): BroughtEntries {
  return { entries: given, sourceLedgerId: ledger, sourcePublicKey: signer.publicKey }
}

const reasons = ({ rejected }: BroughtResult): string[] => rejected.map(({ reason }) => reason)

test('of a followed ledger: what is made up, unlinked, of another or of another key is not stored; what holds is', async () => {
  const theirs = await author(8)
  const all = theirs.entries.map(viewOf)
  const node = await startNode()
  await node.sync.follow(theirs.ledger)
  const take = async (given: View[], more: Partial<BroughtEntries> = {}): Promise<BroughtResult> =>
    await node.sync.receive({ ...brought(theirs, given), ...more }, BY)
  expect(
    reasons(await take(all.slice(1)).catch(() => ({ rejected: [{ reason: 'no key' }] }) as BroughtResult))
  ).toEqual(['no key'])
  expect(await take(all.slice(0, 5))).toMatchObject({ accepted: all.slice(0, 5).map(({ id }) => id), size: 5 })

  const [fifth, sixth, seventh] = all.slice(5) as [View, View, View]
  const flip = (text: string): string => (text.startsWith('00') ? '01' : '00') + text.slice(2)
  const forged = { ...seventh, raw: { ...seventh.raw, signature: flip(seventh.raw.signature) } }
  const spoilt = { ...sixth, raw: { ...sixth.raw, payload: sixth.raw.payload!.replace('"at":6', '"at":7') } }
  expect(reasons(await take([sixth, seventh]))).toEqual(['BROKEN_LINK', 'BROKEN_LINK'])
  expect(reasons(await take([fifth, seventh]))).toEqual(['BROKEN_LINK', 'BROKEN_LINK'])
  expect(reasons(await take([seventh, sixth, fifth]))).toEqual(Array(3).fill('BROKEN_LINK'))
  expect(reasons(await take([fifth, sixth, forged]))).toEqual(Array(3).fill('BAD_SIGNATURE'))
  expect(reasons(await take([fifth, spoilt, seventh]))).toEqual([expect.stringMatching(/^[A-Z_]+$/), 'BROKEN_LINK'])
  await take([fifth])
  expect(node.mirror(theirs.ledger).size).toBe(6)
  const other = viewOf((await author(3, 50)).entries[1]!)
  expect(reasons(await take([other]))).toEqual(['WRONG_LEDGER'])
  expect(
    reasons(await take([{ raw: {} } as View, { raw: { header: '{', payload: null, signature: '0'.repeat(128) } }]))
  ).toEqual(['MALFORMED', 'BROKEN_LINK'])
  await expect(take([sixth], { sourcePublicKey: '0'.repeat(64) })).rejects.toMatchObject({ code: 'INVALID_PARAMS' })
  await expect(take([sixth], { sourceLedgerId: 'acme' })).rejects.toMatchObject({ code: 'INVALID_PARAMS' })
  await expect(take(Array<View>(1_001).fill(sixth))).rejects.toMatchObject({ code: 'INVALID_PARAMS' })
  await node.sync.pause(theirs.ledger)
  expect(reasons(await take([sixth]))).toEqual(['PAUSED'])
  await node.sync.resume(theirs.ledger)
  // what the view says beside the signed bytes is not read
  const lying = { ...sixth, id: 'other', payload: 'other', seq: 99 }
  expect(await take([all[4]!, fifth, lying, seventh])).toEqual({
    accepted: all.slice(4).map(({ id }) => id),
    rejected: [],
    conflicts: [],
    size: 8,
    offered: false
  })
  expect(await node.ledger.get({ seq: 6 }, theirs.ledger)).toMatchObject({
    payload: { at: 6 },
    hash: theirs.entries[6]!.hash
  })
  expect(await take([sixth])).toMatchObject({ accepted: [sixth.id], size: 8 })
})

test('headers alone are followed: payloads are not kept, whoever brings them', async () => {
  const theirs = await author()
  const node = await startNode()
  await node.sync.follow(theirs.ledger, { headers: true })
  expect(await node.sync.receive(brought(theirs), BY)).toMatchObject({ size: 3, rejected: [] })
  expect(await node.ledger.get({ seq: 1 }, theirs.ledger)).toMatchObject({ payload: null, payload_state: 'filtered' })
})

test('a ledger that is not followed is an offer, which waits for the operator; the own one takes nothing', async () => {
  const theirs = await author()
  const node = await startNode()
  const views = theirs.entries.map(viewOf)
  const take = async (given: View[], more: Partial<BroughtEntries> = {}): Promise<BroughtResult> =>
    await node.sync.receive({ ...brought(theirs, given), ...more }, BY)
  expect(await take(views.slice(1))).toMatchObject({ accepted: [], size: null, offered: false })
  expect(await take([])).toMatchObject({ accepted: [], rejected: [], offered: false })
  expect(reasons(await take(views, { sourcePublicKey: '0'.repeat(64) }))).toEqual(Array(3).fill('KEY_NOT_IN_FORCE'))
  expect(await node.sync.offers()).toEqual([])
  expect(await take(views)).toMatchObject({ accepted: [], size: null, offered: true })
  expect(await node.sync.offers()).toMatchObject([
    {
      ledger: theirs.ledger,
      peer: 'http:robot',
      name: 'tester',
      access: 'public',
      size: 3,
      from: null,
      state: 'pending'
    }
  ])
  await node.sync.blockOffers(theirs.ledger)
  expect(await take(views)).toMatchObject({ offered: false })
  expect(node.ledger.parts.ledgers.get(theirs.ledger)).toBeUndefined()
  const own = (await node.ledger.query({})).entries
  const { key } = JSON.parse(own[0]!.raw.header) as { key: string }
  const mine = { entries: own, sourceLedgerId: node.id, sourcePublicKey: key }
  expect(await node.sync.receive(mine, BY)).toMatchObject({ accepted: [], size: null })
  expect(await node.sync.offers()).toMatchObject([{ ledger: theirs.ledger }])
})

test('an entry signed by the author where another one is held is a conflict, and evidence; one that is not is nothing', async () => {
  const theirs = await author(4)
  const node = await startNode()
  await node.sync.follow(theirs.ledger)
  await node.sync.receive(brought(theirs), BY)
  const other = await author(2)
  const fork = viewOf(await other.make({ id: 'forked' }))
  const made = { ...fork, raw: { ...fork.raw, signature: 'ab'.repeat(64) } }
  expect(await node.sync.receive(brought(theirs, [made]), BY)).toMatchObject({
    conflicts: [],
    rejected: [{ reason: 'BAD_SIGNATURE' }]
  })
  expect(node.mirror(theirs.ledger).frozen).toBeNull()
  expect(await node.sync.receive(brought(theirs, [fork]), BY)).toMatchObject({
    accepted: [],
    rejected: [],
    conflicts: [{ id: 'forked', conflict: 'FORK' }]
  })
  await vi.waitFor(() => {
    expect(node.mirror(theirs.ledger).frozen).not.toBeNull()
  })
  await theirs.append()
  expect(reasons(await node.sync.receive(brought(theirs, [viewOf(theirs.entries[4]!)]), BY))).toEqual(['FROZEN'])
})

test('to whom a private ledger is hidden, it is a ledger that is not here', async () => {
  const theirs = await author(1)
  const node = await startNode({ access: 'private', name: 'hush' })
  const rights = { name: 'robot', scopes: ['push' as const], ledgers: null, streams: null }
  const { sync } = new Actor(nodeOf(node.ledger, 0), bearer(rights)).node
  const own = (await node.ledger.query({})).entries
  const { key } = JSON.parse(own[0]!.raw.header) as { key: string }
  const hidden = await sync.receive({ entries: own, sourceLedgerId: node.id, sourcePublicKey: key }, BY)
  const unknown = await sync.receive(brought(theirs), BY)
  expect({ ...hidden, rejected: reasons(hidden) }).toEqual({ ...unknown, rejected: reasons(unknown) })
  expect(await node.sync.offers()).toMatchObject([{ ledger: theirs.ledger }])
})

test('a copy kept by time, then by seq, misses nothing, whatever the timestamps say', async () => {
  const node = await startNode()
  const times = [5_000, 9_000, 1_000, 7_000]
  for (const [at, timestamp] of times.entries())
    await node.ledger.append({ stream: 's', type: 't', id: `e${at}`, timestamp })
  const context = { node: nodeOf(node.ledger, 0), from: 'socket', subscriptions: undefined, stop: () => undefined }
  const pull = async (since?: number | string): ReturnType<typeof entriesSince> =>
    await entriesSince({ ...(since !== undefined && { since }), limit: 2, stream: 's' }, context)
  const first = await pull(6_000)
  expect(first).toMatchObject({ hasMore: true, next: 'seq:4', checkpoint: { size: 5 } })
  const ids = first.entries.map(({ id }) => id)
  const second = await pull(first.next!)
  expect([...ids, ...second.entries.map(({ id }) => id)]).toEqual(['e1', 'e2', 'e3'])
  expect(second.hasMore).toBe(false)
  expect(await pull(second.next!)).toMatchObject({ entries: [], hasMore: false, next: second.next })
  await node.ledger.append({ stream: 's', type: 't', id: 'late', timestamp: 2_000 })
  expect((await pull(second.next!)).entries.map(({ id }) => id)).toEqual(['late'])
  expect(await pull(Date.now() + 86_400_000)).toMatchObject({ entries: [], next: null })
})
