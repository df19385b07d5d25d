import { pull } from '../../../protocols/pull/index.js'
import { protocolId } from '../../../protocols/protocol.js'
import { encodeRequest } from '../../../protocols/pull/request.js'
import { NETWORK } from '../../../test/core/author.js'
import { prefixed } from '../../../test/helpers/gossip-frames.js'
import { Stranger } from '../../../test/helpers/stranger.js'
import { turn, type Attack } from '../attack.js'

/** Bytes behind a request, streams of an id, ids of one of the crowd. */
const JUNK_BYTES = 2 * 1024 * 1024
const [STREAMS, IDS] = [8, 3]

/**
 * Asks for what is not there, and pours what nobody reads behind the question: on all streams that there are, by many
 * ids that then wait.
 */
export const unreadBytes: Attack = async ({ addr, crowd }, over) => {
  const ledger = `b${'a'.repeat(52)}`
  const request = prefixed(encodeRequest({ kind: 'head', ledger }))
  const junk = new Uint8Array(64 * 1024)
  let [streams, bytes] = [0, 0]
  await Promise.all(
    Array.from({ length: crowd * IDS }, async () => {
      while (!over()) {
        const one = await Stranger.dial(addr).catch(() => null) // no place: as it should be
        await Promise.all(
          Array.from({ length: one === null ? 0 : STREAMS }, async () => {
            const stream = await one!.open(protocolId(NETWORK, pull)).catch(() => null)
            if (stream === null) return
            streams++
            stream.pause()
            stream.send(request)
            for (let sent = 0; sent < JUNK_BYTES && !over() && stream.writeStatus === 'writable'; await turn()) {
              if (stream.writeBufferLength > 0) continue
              stream.send(junk)
              sent += junk.length
              bytes += junk.length
            }
          })
        ).catch(() => {
          /* reset: as it should be */
        })
        await one?.stop()
        await turn(50)
      }
    })
  )
  return `${Math.round(bytes / 1024)} KiB behind ${streams} requests`
}
