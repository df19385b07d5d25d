import type { Payer } from './account.js'

const MIB = 1024 * 1024
/**
 * Bytes that are kept for one host (for one peer, where the host is not counted), and in all. A chunk can keep a whole
 * buffer of the socket alive: the memory used was measured at four times as much.
 */
const MAX_OF_ONE = 8 * MIB
const MAX_IN_ALL = 24 * MIB
/** Overhead in memory of a received chunk, in bytes. */
export const PIECE_BYTES = 256

interface Holder {
  bytes: number
  readonly letGo: () => void
}
interface Share {
  bytes: number
  readonly holders: Set<Holder>
}

/** Called with the number of bytes that a stream holds now. False: too many, and the stream must be closed. */
export interface Holding {
  set: (bytes: number) => boolean
  end: () => void
}

/**
 * Counts bytes received from remotes that are unread or incomplete: the sum over all streams, by host or peer, and in
 * all. A host above its own limit is refused; when the total is too high, the one that holds the most loses its
 * streams.
 */
export class Held {
  readonly #shares = new Map<string, Share>()
  #bytes = 0

  get bytes(): number {
    return this.#bytes
  }

  /** `letGo`: ends the stream, because the memory is needed for others. */
  watch({ peer, host }: Payer, letGo: () => void): Holding {
    const key = host ?? peer
    const holder: Holder = { bytes: 0, letGo }
    let ended = false
    return {
      set: (bytes) => ended || bytes === holder.bytes || this.#set(key, holder, bytes),
      end: () => {
        ended = true
        this.#set(key, holder, 0)
      }
    }
  }

  #set(key: string, holder: Holder, bytes: number): boolean {
    const share = this.#shares.get(key) ?? { bytes: 0, holders: new Set() }
    this.#bytes += bytes - holder.bytes
    share.bytes += bytes - holder.bytes
    holder.bytes = bytes
    if (bytes > 0) share.holders.add(holder)
    else share.holders.delete(holder)
    if (share.holders.size > 0) this.#shares.set(key, share)
    else this.#shares.delete(key)
    if (share.bytes > MAX_OF_ONE) return false
    while (this.#bytes > MAX_IN_ALL) {
      const [heaviest, most] = this.#heaviest()
      if (heaviest === key) return false
      const largest = [...most.holders].reduce((one, other) => (other.bytes > one.bytes ? other : one))
      this.#set(heaviest, largest, 0)
      largest.letGo()
    }
    return true
  }

  #heaviest(): [string, Share] {
    return [...this.#shares].reduce((one, other) => (other[1].bytes > one[1].bytes ? other : one))
  }
}
