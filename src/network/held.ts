import type { Payer } from './account.js'

const MIB = 1024 * 1024
/**
 * Bytes that are kept for one host (for one peer, where the host is not counted), and in all. A piece can hold a whole
 * buffer of the socket: what is taken of memory was seen to be four times as much.
 */
const MAX_OF_ONE = 8 * MIB
const MAX_IN_ALL = 24 * MIB
/** Bytes that a piece of what arrived takes beside its own: what holds it in memory. */
export const PIECE_BYTES = 256

interface Holder {
  bytes: number
  readonly letGo: () => void
}
interface Share {
  bytes: number
  readonly holders: Set<Holder>
}

/** What is told how many bytes a stream holds now. False: it is too much, and the stream has to go. */
export interface Holding {
  set: (bytes: number) => boolean
  end: () => void
}

/**
 * What arrived from remotes and nobody has read yet, or is not complete: the sum over all streams, by host or peer, and
 * in all. Whoever goes over the bound of one is refused; when it is too much in all, whoever holds the most lets go of
 * it.
 */
export class Held {
  readonly #shares = new Map<string, Share>()
  #bytes = 0

  get bytes(): number {
    return this.#bytes
  }

  /** `letGo`: ends the stream, because others need the room. */
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
