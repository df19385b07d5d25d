import { WireError } from './codes.js'

interface Codec<T, Limits> {
  encode: (message: T) => Uint8Array
  decode: (bytes: Uint8Array, options?: { limits?: Limits }) => T
}

/**
 * Decodes the one canonical encoding of a message: known fields only, each once, in the order of their numbers,
 * shortest varints, repeated scalars not packed. Anything else does not encode back to the same bytes and is refused,
 * so no two byte strings mean the same, and no field goes unseen. `limits` cap repeated fields while they are read.
 * Throws INVALID_FRAME or TOO_LARGE.
 */
export function decodeCanonical<T, Limits>(codec: Codec<T, Limits>, bytes: Uint8Array, limits?: Limits): T {
  let message
  try {
    message = codec.decode(bytes, limits === undefined ? {} : { limits })
  } catch (error) {
    if (error instanceof Error && error.name === 'MaxLengthError') throw new WireError('TOO_LARGE', error.message)
    throw new WireError('INVALID_FRAME', 'not a message of this protocol', { cause: error })
  }
  if (!isSame(encode(codec, message), bytes)) throw new WireError('INVALID_FRAME', 'not the canonical encoding')
  return message
}

function encode<T, Limits>(codec: Codec<T, Limits>, message: T): Uint8Array {
  try {
    return codec.encode(message)
  } catch (error) {
    // Numbers beyond 2^53 − 1 decode, but do not encode.
    throw new WireError('INVALID_FRAME', 'not a message of this protocol', { cause: error })
  }
}

function isSame(a: Uint8Array, b: Uint8Array): boolean {
  return a.byteLength === b.byteLength && Buffer.compare(a, b) === 0
}
