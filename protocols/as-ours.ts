import { WireError } from './codes.js'

/** Encodes what the source gave. What does not fit the wire is a bug of ours, which must not look like the peer's. */
export function asOurs<T>(encode: () => T): T {
  try {
    return encode()
  } catch (error) {
    throw error instanceof WireError ? new Error('the source gave what the wire cannot carry', { cause: error }) : error
  }
}
