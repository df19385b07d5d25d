import { promisify } from 'node:util'
import { constants, zstdCompress, zstdDecompress } from 'node:zlib'
import { WireError } from './codes.js'
import { ZstdFrame } from './zstd-frame.js'

/**
 * log2 of the largest window in bytes: 2 MiB, more than any group. A frame that declares more is refused before memory
 * is set aside for it.
 */
const MAX_WINDOW_LOG = 21
const LEVEL = 1
/** Bytes that zlib's own output chunks have at least. */
const MIN_CHUNK_BYTES = 64
/** Content below this many bytes has a margin of its own in `ZSTD_compressBound`. */
const BOUND_BYTES = 128 << 10

// Both run on libuv's worker threads.
const compressAsync = promisify(zstdCompress)
const inflateAsync = promisify(zstdDecompress)

/** One zstd frame. */
export async function compress(data: Uint8Array): Promise<Uint8Array> {
  return compressAsync(data, {
    chunkSize: chunkFor(worstCase(data.byteLength)),
    pledgedSrcSize: data.byteLength,
    params: {
      [constants.ZSTD_c_compressionLevel]: LEVEL,
      [constants.ZSTD_c_windowLog]: MAX_WINDOW_LOG - 1,
      [constants.ZSTD_c_contentSizeFlag]: 1
    }
  })
}

/**
 * The content of exactly one zstd frame of exactly `size` bytes; the caller has checked `size` against its limit. Never
 * holds more than that.
 * Throws INVALID_FRAME for anything else, zip bombs included.
 */
export async function inflate(data: Uint8Array, size: number): Promise<Uint8Array> {
  if (windowOf(data, size) > 2 ** MAX_WINDOW_LOG)
    throw new WireError('INVALID_FRAME', `a zstd window above 2^${MAX_WINDOW_LOG} bytes`)
  const frame = new ZstdFrame()
  if (frame.take(data) !== data.byteLength || !frame.isWhole)
    throw new WireError('INVALID_FRAME', 'not exactly one zstd frame')
  let content
  try {
    // zlib takes no maxOutputLength of 0.
    content = await inflateAsync(data, {
      chunkSize: chunkFor(size),
      maxOutputLength: Math.max(size, 1),
      params: { [constants.ZSTD_d_windowLogMax]: MAX_WINDOW_LOG }
    })
  } catch (error) {
    throw new WireError('INVALID_FRAME', `not a zstd frame of ${size} bytes`, { cause: error })
  }
  if (content.byteLength !== size)
    throw new WireError('INVALID_FRAME', `inflates to ${content.byteLength} bytes, not to the declared ${size}`)
  return content
}

/**
 * RFC 8878 §3.1.1.1: the bytes of the window that a frame declares; it may be the whole content. zlib checks it only
 * where it needs the window.
 */
function windowOf(data: Uint8Array, size: number): number {
  const [, , , , descriptor = 0, window = 0] = data
  const isSingleSegment = (descriptor & 0x20) !== 0
  return isSingleSegment ? size : 2 ** (10 + (window >> 3)) * (1 + (window & 7) / 8)
}

/**
 * The most bytes that a frame of so many can take (`ZSTD_compressBound`). When the output ends just where a chunk does,
 * zlib asks for more, and gets an empty second frame behind the first.
 */
function worstCase(bytes: number): number {
  return bytes + (bytes >> 8) + (Math.max(0, BOUND_BYTES - bytes) >> 11)
}

/**
 * Room for the whole output: each chunk is a round trip to another thread, and zlib's 16 KiB make sixteen of a group. A
 * chunk that is full makes one more, to see whether that was all.
 */
function chunkFor(bytes: number): number {
  return Math.max(bytes + 1, MIN_CHUNK_BYTES)
}
