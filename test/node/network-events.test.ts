import { afterEach, expect, test } from 'vitest'
import { createLedger, type MeshLedger } from '../../src/node/create-ledger.js'
import { interoperabilityPlugin } from '../../src/node/interoperability-plugin.js'
import { NetworkEvents, type NetworkEvent } from '../../src/node/network-events.js'
import { syncPlugin } from '../../src/node/sync-plugin.js'
import { silentLog } from '../../src/node/system.js'
import { temporaryFolder } from '../helpers/temporary-folder.js'

const open: MeshLedger[] = []
afterEach(async () => {
  await Promise.all(open.splice(0).map((ledger) => ledger.close()))
})

async function start (name: string) {
  const ledger = await createLedger({ dataDir: await temporaryFolder(), name, plugins: [interoperabilityPlugin(), syncPlugin()] })
  open.push(ledger)
  return ledger
}

test('who comes, what it shows, how its ledger syncs, and that it goes', async () => {
  const [author, follower] = [await start('author'), await start('follower')]
  const events: NetworkEvent[] = []
  follower.plugins.interoperability.subscribe(null, (event) => { events.push(event) })
  const { peerId, addrs } = { peerId: author.parts.mesh!.host.peerId, addrs: author.parts.mesh!.host.addrs() }
  await follower.plugins.interoperability.connect(addrs[0]!)
  expect(events.filter(({ kind }) => kind !== 'sync')).toMatchObject([
    { kind: 'record', peer: peerId, ledger: author.id, name: 'author', addrs, capabilities: expect.arrayContaining(['sync']) },
    { kind: 'connected', peer: peerId, ledger: author.id, name: 'author', software: expect.stringContaining('ledgermesh') }
  ])
  expect(follower.plugins.interoperability.clockOffsets()).toHaveLength(1)
  expect(Math.abs(follower.plugins.interoperability.clockOffsets()[0]!)).toBeLessThan(10_000)

  await follower.plugins.sync.follow(author.id)
  await expect.poll(() => events.at(-1)).toMatchObject({ kind: 'sync', ledger: author.id, status: 'synced', code: null, size: 1 })
  await follower.plugins.sync.pause(author.id)
  await expect.poll(() => events.at(-1)).toMatchObject({ kind: 'sync', ledger: author.id, status: 'stalled', code: 'PAUSED' })

  await author.close()
  await expect.poll(() => events.filter(({ kind }) => kind === 'disconnected')).toMatchObject([{ peer: peerId, ledger: author.id }])
  expect(follower.plugins.interoperability.clockOffsets()).toEqual([])
}, 30_000)

test('a subscriber that throws disturbs nobody; kinds are filtered; the end is the end', () => {
  const events = new NetworkEvents({ now: () => 7, after: () => () => {} }, silentLog)
  const seen: NetworkEvent[] = []
  events.subscribe(null, () => { throw new Error('no') })
  const end = events.subscribe(['evidence'], (event) => { seen.push(event) })
  events.publish({ kind: 'evidence', ledger: 'b', frozenAt: 3 })
  events.publish({ kind: 'trust', ledger: 'b', subject: null })
  end()
  events.publish({ kind: 'evidence', ledger: 'b', frozenAt: 2 })
  expect(seen).toEqual([{ kind: 'evidence', ledger: 'b', frozenAt: 3, at: 7 }])
})
