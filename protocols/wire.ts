/** The basis of every protocol: frames, codes, compression. */
export { ResultCode, WireError, isRefusal, isViolation, wireError } from './codes.js'
export type { Available, RefusalCode, WireErrorCode, WireErrorDetails } from './codes.js'
export { FrameStream } from './frame-stream.js'
export type { ReadOptions } from './frame-stream.js'
export type { WaitOptions } from './wait.js'
export { compress, inflate } from './zstd.js'
export type { WireEntry, WireHead, WireKeyEntry, SignedRecord } from './types.js'
