import { cp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { Author } from '../core/author.js'
import { stopAll } from '../network/fixture.js'
import { temporaryFolder } from '../helpers/temporary-folder.js'
import { startNode } from '../helpers/test-node.js'
import { each, TestPeer } from '../helpers/test-peer.js'

afterEach(stopAll)

const notes = (count: number) =>
  Array.from({ length: count }, (_, n) => ({ stream: 'main', type: 'note', payload: { n } }))

test('a follower that is stopped while it pulls goes on from where it was', async () => {
  const author = await Author.create()
  while (author.size < 2000) await author.append()
  let served = 0
  const peer: TestPeer = await TestPeer.start({
    authors: [author],
    pull: {
      range: async (_, { from, count }) => {
        if (from >= 1024 && served++ < 1000) return await new Promise(() => {})
        return each(peer.range(author.ledger, from, count))
      }
    }
  })
  const first = await startNode()
  await peer.connect(first.addr)
  await first.sync.follow(author.ledger)
  await first.becomes(author.ledger, { status: 'syncing', size: 1024 })
  await first.close()
  served = 1000
  peer.asked.length = 0
  const again = await startNode({ dataDir: first.dataDir, bootstrap: [peer.addr] })
  await again.synced(author.ledger, 2000)
  expect(peer.asked.filter(({ from }) => from !== undefined && from < 1024)).toEqual([])
  expect(again.errors()).toEqual([])
})

test('an author that comes back at another port is found through the bootstrap peer', async () => {
  const meeting = await startNode({ name: 'meeting' })
  const author = await startNode({ bootstrap: [meeting.addr] })
  await author.ledger.appendBatch(notes(10))
  const follower = await startNode({ bootstrap: [meeting.addr] })
  await follower.sync.follow(author.id)
  await follower.synced(author.id, 11)
  await author.close()
  const again = await startNode({ dataDir: author.dataDir, bootstrap: [meeting.addr] })
  expect(again.id).toBe(author.id)
  expect(again.addr).not.toBe(author.addr)
  await again.ledger.append(notes(1)[0]!)
  await follower.synced(author.id, 12)
  expect(follower.errors()).toEqual([])
})

test('a node starts without a network, and joins when its bootstrap peer comes', async () => {
  const author = await startNode()
  await author.ledger.appendBatch(notes(5))
  const { addr } = author
  await author.close()
  const follower = await startNode({ bootstrap: [addr] })
  await follower.sync.follow(author.id)
  await follower.ledger.append(notes(1)[0]!)
  expect(await follower.status(author.id)).toMatchObject({ status: 'syncing', size: 0, peers: 0 })
  await startNode({ dataDir: author.dataDir, listen: [addr.slice(0, addr.indexOf('/p2p/'))] })
  await follower.synced(author.id, 6)
  expect(follower.errors()).toEqual([])
})

describe('a restore', () => {
  test('of the keys and the mark alone: append is refused until the mirror gave back what was signed; then the chain goes on', async () => {
    const author = await startNode({ name: 'restored' })
    await author.ledger.appendBatch(notes(700))
    const mirror = await startNode()
    await mirror.connect(author.addr)
    await mirror.sync.follow(author.id)
    await mirror.synced(author.id, 701)
    await author.close()
    await rm(join(author.dataDir, 'db'), { recursive: true })
    const alone = await startNode({ dataDir: author.dataDir })
    expect(alone.id).toBe(author.id)
    expect(await alone.status(alone.id)).toMatchObject({
      status: 'stalled',
      own: true,
      size: 0,
      stall: { code: 'RESTORING' }
    })
    await expect(alone.ledger.append(notes(1)[0]!)).rejects.toMatchObject({ code: 'RESTORING' })
    await mirror.connect(alone.addr)
    await alone.becomes(alone.id, { status: 'synced', size: 701 })
    expect(alone.ledger.parts.ledgers.own.signer).toBe('ready')
    const { entry } = await alone.ledger.append(notes(1)[0]!)
    expect(entry.seq).toBe(701)
    await mirror.synced(author.id, 702)
    expect(await alone.ledger.get({ seq: 5 })).toMatchObject({ payload: { n: 4 }, payload_state: 'present' })
    await expect.poll(() => alone.mirror(alone.id).audited, { timeout: 15_000 }).toBe(702)
    expect([...alone.errors(), ...mirror.errors()]).toEqual([])
  })

  test('without its mark the node waits for the operator, and believes his word', async () => {
    const author = await startNode()
    await author.ledger.appendBatch(notes(5))
    await author.close()
    await rm(join(author.dataDir, 'signer.json'))
    const alone = await startNode({ dataDir: author.dataDir })
    expect(await alone.status(alone.id)).toMatchObject({ status: 'stalled', stall: { code: 'RESTORING' } })
    await expect(alone.ledger.append(notes(1)[0]!)).rejects.toMatchObject({ code: 'RESTORING' })
    expect(await alone.sync.override()).toMatchObject({ status: 'synced', size: 6 })
    expect((await alone.ledger.append(notes(1)[0]!)).entry.seq).toBe(6)
  })

  test('of a whole older folder: the mirror shows what is missing before anything is signed', async () => {
    const author = await startNode()
    await author.ledger.appendBatch(notes(20))
    await author.close()
    const backup = await temporaryFolder()
    await cp(author.dataDir, backup, { recursive: true })
    const later = await startNode({ dataDir: author.dataDir })
    await later.ledger.appendBatch(notes(30))
    const mirror = await startNode()
    await mirror.connect(later.addr)
    await mirror.sync.follow(author.id)
    await mirror.synced(author.id, 51)
    await later.close()
    const restored = await startNode({ dataDir: backup, bootstrap: [mirror.addr] })
    expect(restored.mirror(author.id).size).toBe(21)
    await restored.becomes(author.id, { status: 'synced', size: 51 })
    const { entry } = await restored.ledger.append(notes(1)[0]!)
    expect(entry.seq).toBe(51)
    await mirror.synced(author.id, 52)
    expect(mirror.mirror(author.id).frozenAt).toBe(null)
    expect([...restored.errors(), ...mirror.errors()]).toEqual([])
  })

  test('from a mirror of the headers: the payloads come from whoever has them, later and after a restart too', async () => {
    const author = await startNode()
    await author.ledger.appendBatch(notes(20))
    const [whole, headers] = [await startNode(), await startNode()]
    for (const mirror of [whole, headers]) {
      await mirror.connect(author.addr)
      await mirror.sync.follow(author.id, { headers: mirror === headers })
      await mirror.synced(author.id, 21)
    }
    await whole.close()
    await author.close()
    await rm(join(author.dataDir, 'db'), { recursive: true })
    const restored = await startNode({ dataDir: author.dataDir, bootstrap: [headers.addr] })
    await restored.becomes(restored.id, { size: 21 })
    await expect.poll(() => restored.ledger.parts.ledgers.own.signer, { timeout: 15_000 }).toBe('ready')
    expect(await restored.ledger.get({ seq: 5 })).toMatchObject({ payload: null, payload_state: 'missing' })
    await restored.close()
    const again = await startNode({ dataDir: author.dataDir })
    await again.becomes(again.id, { status: 'stalled', stall: { code: 'PAYLOADS_MISSING' } })
    const late = await startNode({ dataDir: whole.dataDir })
    await late.connect(again.addr)
    await expect
      .poll(async () => await again.ledger.get({ seq: 5 }), { timeout: 15_000 })
      .toMatchObject({ payload: { n: 4 }, payload_state: 'present' })
    await again.becomes(again.id, { status: 'synced', size: 21 })
    expect(await again.mirror(again.id).missingPayloads(1)).toEqual([])
    expect([...again.errors(), ...late.errors()]).toEqual([])
  })
})
