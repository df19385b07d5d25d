import { TestPeer } from '../../../test/helpers/test-peer.js'
import { within } from '../../../test/network/fixture.js'
import { turn, type Target } from '../attack.js'

export async function helloFlood({ addr, peerId, ledger }: Target, over: () => boolean): Promise<string> {
  const crowd = await Promise.all(Array.from({ length: 8 }, async () => await TestPeer.start()))
  let [answered, refused] = [0, 0]
  await Promise.all(
    crowd.map(async (peer) => {
      await peer.connect(addr)
      await Promise.all(
        Array.from({ length: 8 }, async () => {
          while (!over()) {
            try {
              await peer.sessions.get(peerId)!.askEntries(ledger, 1, 64, { signal: within(60_000) })
              answered++
            } catch {
              refused++
              await turn(10)
            }
          }
        })
      )
    })
  )
  return `${answered} questions answered, ${refused} refused`
}
