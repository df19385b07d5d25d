/** What libp2p can do at most between two processes here. */
import type { Host } from '../../src/network/host.js'
import { quantile, rounds, timed, type Measure } from './measure.js'
import { echo, flood, FLOOD_FRAME_BYTES } from './plain-host.js'

const ECHOES = 500
const ECHO_BYTES = 64
const STREAM_TIMEOUT_MS = 30_000
const ECHO_TIMEOUT_MS = 120_000

/** MB/s of one stream in full frames. */
export async function streamRate(host: Host, addr: string, bytes: number): Promise<Measure> {
  const frames = Math.ceil(bytes / FLOOD_FRAME_BYTES)
  const signal = AbortSignal.timeout(STREAM_TIMEOUT_MS)
  const peer = await host.dial(addr, signal)
  return await rounds(3, async () => {
    const stream = await host.open(peer, flood, signal)
    const ms = await timed(async () => {
      await stream.write(Buffer.from(String(frames)), { signal })
      let count = 0
      for await (const _ of stream.frames({ signal })) count++
      if (count !== frames) throw new Error(`${count} of ${frames} frames arrived`)
    })
    await stream.closeWrite({ signal })
    return (frames * FLOOD_FRAME_BYTES) / ms / 1000
  })
}

export interface Echo {
  /** Milliseconds of one round trip of 64 bytes. */
  once: () => Promise<number>
  close: () => Promise<void>
}

/** On an open stream of its own. */
export async function openEcho(host: Host, addr: string): Promise<Echo> {
  const signal = AbortSignal.timeout(ECHO_TIMEOUT_MS)
  const stream = await host.open(await host.dial(addr, signal), echo, signal)
  const message = new Uint8Array(ECHO_BYTES)
  return {
    once: () =>
      timed(async () => {
        await stream.write(message, { signal })
        await stream.read({ signal })
      }),
    close: () => stream.closeWrite({ signal })
  }
}

/** Milliseconds of the median round trip, one after the other, in three rounds. */
export async function echoTime(host: Host, addr: string): Promise<Measure> {
  const { once, close } = await openEcho(host, addr)
  const measure = await rounds(3, async () => {
    const times: number[] = []
    for (let i = 0; i < ECHOES; i++) times.push(await once())
    return quantile(
      times.toSorted((a, b) => a - b),
      0.5
    )
  })
  await close()
  return measure
}
