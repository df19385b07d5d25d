/** `readSocket` and `adminSocket`: who may do what, and what a mistake in them says. No network, no process. */
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { startGroupSockets, type GroupSockets } from '../../src/cli/group-sockets.js'
import { LedgerClient } from '../../src/rpc/client.js'
import { temporaryFolder } from '../helpers/temporary-folder.js'
import { FakeNode } from '../rpc/fake-node.js'
import { silent } from '../rpc/raw-client.js'

const GROUP = String(process.getgid!())

async function start(folder: string, sockets: GroupSockets): Promise<{ stops: number }> {
  const seen = { stops: 0 }
  const servers = await startGroupSockets(sockets, join(folder, 'config.json'), {
    node: new FakeNode(),
    log: silent,
    onStop: () => {
      seen.stops++
    }
  })
  onTestFinished(async () => {
    await Promise.all(servers.map((server) => server.close()))
  })
  return seen
}

test('a group that is not there is named by its key, and the socket before it serves no more', async () => {
  const folder = await temporaryFolder()
  const path = join(folder, 'read', 'node.sock')
  await expect(
    start(folder, {
      readSocket: { path, group: GROUP, privatePayloads: false },
      adminSocket: { path: join(folder, 'admin', 'node.sock'), group: 'no-such-group-here' }
    })
  ).rejects.toMatchObject({
    code: 'BAD_CONFIG',
    message: expect.stringMatching(/config\.json: adminSocket\.group: .*no-such-group-here/)
  })
  await expect(LedgerClient.connect(path)).rejects.toMatchObject({ code: 'NODE_UNREACHABLE' })
})

test('at one all is refused that is not reading, at the other nothing', async () => {
  const folder = await temporaryFolder()
  const [read, admin] = ['read', 'admin'].map((name) => join(folder, name, 'node.sock')) as [string, string]
  const seen = await start(folder, {
    readSocket: { path: read, group: GROUP, privatePayloads: false },
    adminSocket: { path: admin, group: GROUP }
  })
  const reading = await LedgerClient.connect(read)
  for (const method of ['node.stop', 'node.reload', 'node.compact'] as const)
    await expect(reading.call(method, {})).rejects.toMatchObject({ code: 'READING_ONLY' })
  expect(seen.stops).toBe(0)
  expect(await reading.call('node.disk', {})).toMatchObject({ shared: 30_000 })
  await reading.close()
  const all = await LedgerClient.connect(admin)
  expect(await all.call('node.compact', {})).toEqual({ before: 90_000, after: 60_000 })
  await all.call('node.stop', {})
  expect(seen.stops).toBe(1)
  await all.close()
})
