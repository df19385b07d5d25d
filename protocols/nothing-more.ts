import { WireError } from './codes.js'
import { invalid } from './fields.js'
import type { FrameStream } from './frame-stream.js'
import type { WaitOptions } from './wait.js'

// All protocols of one request say the same:
// SPEC pull §3: "Nothing follows END."
// SPEC attest §3: "Nothing follows END."
// SPEC registry §3: "Nothing follows END."
// SPEC query §3: "Nothing follows END."
// SPEC push §3: "Nothing follows END."
/** Waits until the server closes its side. */
export async function nothingMore(stream: FrameStream, wait: WaitOptions): Promise<void> {
  let frame
  try {
    frame = await stream.read(wait)
  } catch (error) {
    // The reply is complete; a server that does not close, or resets now, takes nothing from it.
    if (!(error instanceof WireError) || (error.code !== 'TIMEOUT' && error.code !== 'CLOSED')) throw error
    stream.abort(error)
    return
  }
  if (frame !== null) invalid('a frame after END')
}
