import { expect, test } from 'vitest'
import { temporaryFolder } from '../helpers/temporary-folder.js'
import { fastClock, startNode } from '../helpers/test-node.js'

test('a node that is alone dials those it has met, without bootstrap peer and without following anybody', async () => {
  const dataDir = await temporaryFolder()
  const [first, other] = [await startNode({ dataDir }), await startNode()]
  await first.connect(other.addr)
  await first.close()
  await expect.poll(() => other.peerNetwork.connections.peers()).toEqual([])
  const again = await startNode({ dataDir, clock: fastClock(10) })
  await expect
    .poll(() => again.peerNetwork.connections.peers().map(({ peer }) => peer), { timeout: 10_000 })
    .toEqual([other.peerId])
  expect([...again.errors(), ...other.errors()]).toEqual([])
})

test('it keeps looking, and rests when somebody is there', async () => {
  const dataDir = await temporaryFolder()
  const otherDir = await temporaryFolder()
  const listen = ['/ip4/127.0.0.1/tcp/0']
  const [first, other] = [
    await startNode({ dataDir, clock: fastClock(20) }),
    await startNode({ dataDir: otherDir, listen })
  ]
  // Its clock is fast, and so is its patience with who introduces itself.
  await expect
    .poll(
      async () =>
        await first.connect(other.addr).then(
          () => 'met',
          (error: Error) => error.message
        ),
      { timeout: 15_000 }
    )
    .toBe('met')
  const { peerId } = other
  const back = [other.addr.replace(/\/p2p\/.*/, '')]
  await other.close()
  const vain = (): number =>
    first.log.lines.filter(({ message }) => message === 'a known peer cannot be reached').length
  await expect.poll(vain, { timeout: 10_000 }).toBeGreaterThan(2)
  await startNode({ dataDir: otherDir, listen: back })
  await expect
    .poll(() => first.peerNetwork.connections.peers().map(({ peer }) => peer), { timeout: 15_000 })
    .toEqual([peerId])
})
