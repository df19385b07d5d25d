import { pull } from '../../../protocols/pull/index.js'
import { TestPeer } from '../../../test/helpers/test-peer.js'
import { within } from '../../../test/network/fixture.js'
import { turn, type Target } from '../attack.js'

export async function stalledWriters({ addr, peerId }: Target, over: () => boolean): Promise<string> {
  const crowd = await Promise.all(Array.from({ length: 12 }, async () => await TestPeer.start()))
  let opened = 0
  await Promise.all(
    crowd.map(async (peer) => {
      while (!over()) {
        try {
          if (!peer.sessions.has(peerId)) await peer.connect(addr)
          for (let i = 0; i < 8; i++) {
            await peer.host.open(peerId, pull, within(5_000))
            opened++
          }
        } catch {
          /* reset: as it should be */
        }
        await turn(500)
      }
    })
  )
  return `${opened} streams without a request`
}
