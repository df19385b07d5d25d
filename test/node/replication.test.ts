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

test('two nodes meet, one follows the other, and hears of every append', async () => {
  const author = await start('author')
  await author.appendBatch(
    Array.from({ length: 700 }, (_, i) => ({ stream: 'numbers', type: 'number', payload: { i } }))
  )
  const follower = await start('follower', [author.parts.peerNetwork!.host.addrs()[0]!])
  await expect
    .poll(async () => (await follower.plugins.interoperability.ledgers()).map(({ name }) => name), { timeout: 10_000 })
    .toContain('author')

  await follower.plugins.sync.follow(author.id)
  await expect
    .poll(async () => (await follower.plugins.sync.status(author.id))[0], { timeout: 10_000 })
    .toMatchObject({ status: 'synced', size: 701, audited: 701 })
  expect(await follower.parts.ledgers.get(author.id)!.rootAt(701)).toBe(await author.parts.ledgers.own.rootAt(701))

  const { entry } = await author.append({ stream: 'numbers', type: 'number', payload: { i: 700 } })
  await expect
    .poll(async () => (await follower.get({ hash: entry.hash }, author.id))?.payload, { timeout: 5_000 })
    .toEqual({ i: 700 })
})
