import { afterEach, expect, test } from 'vitest'
import { createLedger, type MeshLedger } from '../../src/node/create-ledger.js'
import { interoperabilityPlugin } from '../../src/node/plugins/interoperability-plugin.js'
import { syncPlugin } from '../../src/node/plugins/sync-plugin.js'
import { temporaryFolder } from '../helpers/temporary-folder.js'

const open: MeshLedger[] = []
afterEach(async () => {
  await Promise.all(open.splice(0).map((ledger) => ledger.close()))
})

async function start(name: string, bootstrap: string[] = []) {
  const ledger = await createLedger({
    dataDir: await temporaryFolder(),
    name,
    bootstrap,
    plugins: [interoperabilityPlugin(), syncPlugin()]
  })
  open.push(ledger)
  return ledger
}

test('a headers-only follow holds every header, no payload, and is synced; a full follow later fetches the payloads', async () => {
  const author = await start('author')
  await author.appendBatch(
    Array.from({ length: 100 }, (_, i) => ({ stream: 'numbers', type: 'number', payload: { i } }))
  )
  const follower = await start('follower')
  await follower.plugins.interoperability.connect(author.parts.peerNetwork!.host.addrs()[0]!)
  await expect(
    follower.plugins.sync.follow(author.id, { headers: true, filters: { streams: ['numbers'] } })
  ).rejects.toMatchObject({ code: 'INVALID_PARAMS' })

  await follower.plugins.sync.follow(author.id, { headers: true })
  await expect
    .poll(async () => (await follower.plugins.sync.status(author.id))[0], { timeout: 10_000 })
    .toMatchObject({ status: 'synced', size: 101, audited: 101, headers: true, filters: null })
  // A small gap is fetched without payloads too.
  await author.append({ stream: 'numbers', type: 'number', payload: { i: 100 } })
  await expect
    .poll(async () => (await follower.plugins.sync.status(author.id))[0], { timeout: 10_000 })
    .toMatchObject({ status: 'synced', size: 102 })
  const { entries } = await follower.query({ stream: 'numbers', limit: 1000 }, author.id)
  expect(entries).toHaveLength(101)
  expect(new Set(entries.map(({ payload_state }) => payload_state))).toEqual(new Set(['filtered']))
  expect(await follower.parts.ledgers.get(author.id)!.rootAt(102)).toBe(await author.parts.ledgers.own.rootAt(102))

  // As `follow --wait` does: it returned after 7 ms with "nobody hands over some of the payloads", though nobody had
  // been asked.
  expect((await follower.plugins.sync.follow(author.id)).status).toBe('syncing')
  expect(await follower.plugins.sync.pull(author.id)).toMatchObject({ status: 'synced', stall: null })
  await expect
    .poll(
      async () =>
        (await follower.query({ stream: 'numbers', limit: 1000 }, author.id)).entries.every(
          ({ payload_state }) => payload_state === 'present'
        ),
      { timeout: 10_000 }
    )
    .toBe(true)
  expect((await follower.plugins.sync.status(author.id))[0]).toMatchObject({ headers: false })
}, 30_000)

test('after `unfollow --forget` a connected author is still known, by what its node says of itself: unproven', async () => {
  const author = await start('author')
  const follower = await start('follower')
  await follower.plugins.interoperability.connect(author.parts.peerNetwork!.host.addrs()[0]!)
  await follower.plugins.sync.follow(author.id)
  expect(await follower.plugins.sync.pull(author.id)).toMatchObject({ status: 'synced' })
  const known = async () =>
    (await follower.plugins.interoperability.ledgers()).find(({ ledger }) => ledger === author.id)
  expect(await known()).toMatchObject({ followed: true, size: 1, nodes: [{ connected: true, proof: 'proven' }] })
  await follower.plugins.sync.unfollow(author.id, { forget: true })
  expect(await known()).toMatchObject({
    name: 'author',
    followed: false,
    size: null,
    nodes: [{ connected: true, proof: 'shown' }]
  })
  expect(await follower.plugins.interoperability.getLedger(author.id)).toMatchObject({ ledger: author.id })
  expect(follower.parts.peerNetwork!.directory.provenLedger(author.parts.peerNetwork!.host.peerId)).toBeNull()
}, 30_000)
