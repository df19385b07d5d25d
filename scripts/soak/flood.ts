import type { Stream } from '@libp2p/interface'
import { sent, Stranger } from '../../test/helpers/stranger.js'
import { turn } from './attack.js'

/** What a flood came to; `bytes` that were handed to the network. */
export interface Flooded {
  ids: number
  dropped: number
  bytes: number
}

/** Milliseconds between two attempts to come back. */
const PAUSE_MS = 50

/**
 * Floods one protocol from several peers at a time: each sends `frames()` on a stream of its own as fast as it is
 * taken, opens another one when that is reset, and comes back with another id when it was dropped.
 */
export async function flood(
  addr: string,
  protocol: string,
  crowd: number,
  over: () => boolean,
  frames: () => Uint8Array
): Promise<Flooded> {
  const done: Flooded = { ids: 0, dropped: 0, bytes: 0 }
  await Promise.all(
    Array.from({ length: crowd }, async () => {
      while (!over()) {
        const stranger = await Stranger.dial(addr).catch(() => null) // no place: as it should be
        if (stranger === null) {
          await turn(PAUSE_MS)
          continue
        }
        done.ids++
        // A gossip link is one from both sides, or the watchdog closes it.
        await stranger.node.handle(protocol, () => {
          /* nothing is read */
        })
        while (!over() && stranger.connected) {
          const stream: Stream | null = await stranger.open(protocol).catch(() => null)
          for (let frame = frames(); stream !== null && !over() && (await sent(stream, frame)); frame = frames())
            done.bytes += frame.byteLength
          await turn()
        }
        if (!stranger.connected) done.dropped++
        await stranger.stop()
        await turn(PAUSE_MS)
      }
    })
  )
  return done
}

export function told({ ids, dropped, bytes }: Flooded): string {
  return `${Math.round(bytes / 1024)} KiB by ${ids} ids, ${dropped} dropped`
}

/** Frames that are made once and sent again and again, in turn: making them takes longer than reading them. */
export function pool(count: number, make: () => Uint8Array): () => Uint8Array {
  const made: Uint8Array[] = []
  let at = 0
  return () => (made[at++ % count] ??= make())
}
