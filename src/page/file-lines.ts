import { concat } from '#platform'
import { LedgermeshError } from '../core/errors.js'
import { MAX_PROOF_BYTES } from '../core/limits.js'

const LF = 0x0a

/** The lines of a file, without their newlines. Throws TOO_LARGE for a line of more than 24 MiB. */
export async function* fileLines(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void> {
  let parts: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of chunks) {
    let from = 0
    for (let end = chunk.indexOf(LF); end >= 0; end = chunk.indexOf(LF, from)) {
      yield concat(...parts, chunk.subarray(from, end))
      parts = []
      bytes = 0
      from = end + 1
    }
    if (from === chunk.length) continue
    parts.push(chunk.subarray(from))
    bytes += chunk.length - from
    if (bytes > MAX_PROOF_BYTES) throw new LedgermeshError('TOO_LARGE', `a line has more than ${MAX_PROOF_BYTES} bytes`)
  }
  if (bytes > 0) yield concat(...parts)
}
