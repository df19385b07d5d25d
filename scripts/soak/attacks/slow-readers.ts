import { pull } from '../../../protocols/pull/index.js'
import { encodeRequest } from '../../../protocols/pull/request.js'
import { TestPeer } from '../../../test/helpers/test-peer.js'
import { within } from '../../../test/network/fixture.js'
import { turn, type Target } from '../attack.js'

export async function slowReaders({ addr, peerId, ledger }: Target, over: () => boolean): Promise<string> {
  const request = encodeRequest({ kind: 'range', ledger, range: { ledger, from: 0, count: 500, want: 'full' } })
  const crowd = await Promise.all(Array.from({ length: 12 }, async () => await TestPeer.start()))
  let opened = 0
  await Promise.all(
    crowd.map(async (peer) => {
      while (!over()) {
        try {
          if (!peer.sessions.has(peerId)) await peer.connect(addr)
          for (let i = 0; i < 8; i++) {
            const stream = await peer.host.open(peerId, pull, within(5_000))
            await stream.write(request, { timeoutMs: 5_000 })
            opened++
          }
        } catch {
          /* reset: as it should be */
        }
        await turn(1_000)
      }
    })
  )
  return `${opened} replies asked for and not read`
}
