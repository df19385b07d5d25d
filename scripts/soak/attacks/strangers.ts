import { multiaddr } from '@multiformats/multiaddr'
import type { Libp2p } from 'libp2p'
import { within } from '../../../test/network/fixture.js'
import { stranger, turn, type Target } from '../attack.js'

const DIALS_AT_ONCE = 32

export async function strangers({ addr, connections }: Target, over: () => boolean): Promise<string> {
  const target = multiaddr(addr)
  let [tried, stayed] = [0, 0]
  const open: Libp2p[] = []
  await Promise.all(
    Array.from({ length: DIALS_AT_ONCE }, async () => {
      while (!over() && tried < connections) {
        tried++
        const node = await stranger()
        await node.dial(target, { signal: within(10_000) }).catch(() => {
          /* refused: as it should be */
        })
        await turn(50)
        if (node.getConnections().length === 0) {
          await node.stop()
        } else {
          open.push(node)
          stayed++
        }
      }
    })
  )
  await Promise.all(
    open.map(async (node) => {
      await node.stop()
    })
  )
  return `${tried} peers dialled, ${stayed} got a place`
}
