/** Nodes that cannot meet: what is named is what is the case. */
import { createServer, type AddressInfo } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { createLedger } from '../../src/node/create-ledger.js'
import { interoperabilityPlugin } from '../../src/node/plugins/interoperability-plugin.js'
import { syncPlugin } from '../../src/node/plugins/sync-plugin.js'
import { temporaryFolder } from '../helpers/temporary-folder.js'

async function start(more: { psk?: Uint8Array; network?: string; listen?: string[]; bootstrap?: string[] } = {}) {
  const ledger = await createLedger({
    dataDir: await temporaryFolder(),
    plugins: [interoperabilityPlugin(), syncPlugin()],
    ...more
  })
  onTestFinished(() => ledger.close())
  return ledger
}

test('another pre-shared key, another network, nobody, itself, no address', async () => {
  const [hidden, open, other] = await Promise.all([
    start({ psk: new Uint8Array(32).fill(7) }),
    start(),
    start({ network: 'other' })
  ])
  const addr = (node: typeof open): string => node.parts.peerNetwork!.host.addrs()[0]!
  const connect = open.plugins.interoperability.connect
  await expect(connect(addr(hidden))).rejects.toMatchObject({
    code: 'PSK_DIFFERS',
    message: expect.stringContaining('psk')
  })
  await expect(hidden.plugins.interoperability.connect(addr(open))).rejects.toMatchObject({ code: 'PSK_DIFFERS' })
  await expect(connect(addr(other))).rejects.toMatchObject({
    code: expect.stringMatching(/^(REFUSED|WRONG_NETWORK|UNREACHABLE)$/),
    message: expect.stringContaining('network')
  })
  await expect(connect(addr(hidden).replace(/tcp\/\d+/, 'tcp/1'))).rejects.toMatchObject({ code: 'UNREACHABLE' })
  await expect(
    connect(addr(other).replace(/p2p\/.*/, `p2p/${hidden.parts.peerNetwork!.host.peerId}`))
  ).rejects.toMatchObject({
    code: 'UNREACHABLE'
  })
  await expect(connect(addr(open))).rejects.toMatchObject({
    code: 'BAD_ADDRESS',
    message: expect.stringContaining('this node itself')
  })
  await expect(connect('127.0.0.1:7440')).rejects.toMatchObject({
    code: 'BAD_ADDRESS',
    message: expect.stringContaining('did you mean')
  })
}, 40_000)

test('an address to listen on: what the system says', async () => {
  const taken = createServer()
  await new Promise<void>((resolve) => {
    taken.listen(0, '127.0.0.1', resolve)
  })
  onTestFinished(() => {
    taken.close()
  })
  const port = (taken.address() as AddressInfo).port
  await expect(start({ listen: [`/ip4/127.0.0.1/tcp/${port}`] })).rejects.toMatchObject({
    code: 'LISTEN_FAILED',
    message: expect.stringMatching(new RegExp(`^cannot listen: /ip4/127.0.0.1/tcp/${port}: .*EADDRINUSE`))
  })
  await expect(start({ listen: ['/ip4/203.0.113.9/tcp/0'] })).rejects.toMatchObject({
    code: 'LISTEN_FAILED',
    message: expect.stringMatching(/^cannot listen: .*EADDRNOTAVAIL/)
  })
  await expect(start({ bootstrap: ['nonsense'] })).rejects.toMatchObject({
    code: 'BAD_ADDRESS',
    message: expect.stringContaining('nonsense')
  })
})
