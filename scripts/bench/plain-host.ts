/**
 * A libp2p host with two protocols that do nothing of ours: what a stream between two processes can carry, and how fast
 * it answers.
 */
import { join } from 'node:path'
import type { Protocol } from '../../protocols/protocol.js'
import { createHost, protocolHandler, type Host } from '../../src/network/host.js'
import { silentLog, systemClock, systemRandom } from '../../src/node/runtime/system.js'
import { openDatastore } from '../../src/store/datastore.js'

/** Bytes of a frame of the flood. */
export const FLOOD_FRAME_BYTES = 64 * 1024
const LIMITS = { maxInboundStreams: 8, maxOutboundStreams: 8, maxFrameBytes: FLOOD_FRAME_BYTES }

/** Sends every frame back. */
export const echo: Protocol<null> = {
  name: 'bench-echo',
  version: 1,
  limits: LIMITS,
  serve: async (stream, _peer, _source, signal) => {
    for await (const frame of stream.frames({ signal })) await stream.write(frame, { signal })
  }
}

/** Answers a number with as many full frames. */
export const flood: Protocol<null> = {
  name: 'bench-flood',
  version: 1,
  limits: LIMITS,
  serve: async (stream, _peer, _source, signal) => {
    const request = await stream.read({ signal })
    const frame = systemRandom.bytes(FLOOD_FRAME_BYTES)
    for (let left = Number(Buffer.from(request!).toString()); left > 0; left--) await stream.write(frame, { signal })
  }
}

/** Started, on a free port of loopback, without any quota. The returned function stops it. */
export async function startPlainHost(folder: string): Promise<{ host: Host; stop: () => Promise<void> }> {
  const datastore = await openDatastore(join(folder, 'plain-libp2p'), { clock: systemClock, log: silentLog })
  const host = await createHost({
    network: 'bench',
    listen: ['/ip4/127.0.0.1/tcp/0'],
    bootstrap: [],
    peerKey: systemRandom.bytes(32),
    datastore,
    agent: 'bench',
    log: silentLog,
    clock: systemClock,
    random: systemRandom,
    protocols: [protocolHandler(echo, null), protocolHandler(flood, null)],
    callbacks: { onConnect: () => {}, onDisconnect: () => {} },
    tuning: { quota: { unitsPerSecond: 1e9, burstUnits: 1e9 } }
  })
  await host.start()
  return {
    host,
    stop: async () => {
      await host.stop()
      await datastore.close()
    }
  }
}
