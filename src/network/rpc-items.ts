/** Protobuf wire types of what a field may be. */
const VARINT = 0
const FIXED64 = 1
const BYTES = 2
const FIXED32 = 5
/**
 * The fields of a gossip RPC whose own fields are counted as well: `control` (3), and in it the messages with ids or
 * peers (IHAVE, IWANT, PRUNE, IDONTWANT).
 */
const CONTROL = 3
const LISTS: readonly number[] = [1, 2, 4, 5]

class Malformed extends Error {}

/**
 * How many entries of every kind a gossip RPC holds: subscriptions, messages, control entries, ids and peers. Each
 * becomes an object when it is decoded, even one of two bytes. Counting stops above `max`. Infinity: not valid
 * protobuf.
 */
export function countItems(rpc: Uint8Array, max: number): number {
  try {
    return countFields(rpc, 0, rpc.byteLength, max, 0)
  } catch (error) {
    if (error instanceof Malformed) return Infinity
    throw error
  }
}

/** `depth` 0: the RPC; 1: its control; 2: an entry of that. */
function countFields(bytes: Uint8Array, from: number, to: number, max: number, depth: number): number {
  let [count, at] = [0, from]
  while (at < to && count <= max) {
    const tag = varint(bytes, at, to)
    at = tag.next
    count++
    switch (tag.value % 8) {
      case VARINT:
        at = varint(bytes, at, to).next
        break
      case FIXED64:
        at += 8
        break
      case FIXED32:
        at += 4
        break
      case BYTES: {
        const length = varint(bytes, at, to)
        const end = length.next + length.value
        if (end > to) throw new Malformed()
        const field = Math.floor(tag.value / 8)
        if ((depth === 0 && field === CONTROL) || (depth === 1 && LISTS.includes(field)))
          count += countFields(bytes, length.next, end, max - count, depth + 1)
        at = end
        break
      }
      default:
        throw new Malformed()
    }
  }
  if (at > to) throw new Malformed()
  return count
}

function varint(bytes: Uint8Array, from: number, to: number): { value: number; next: number } {
  let value = 0
  for (let at = from, factor = 1; at < to && at < from + 10; at++, factor *= 128) {
    value += (bytes[at]! & 127) * factor
    if (bytes[at]! < 128) return { value, next: at + 1 }
  }
  throw new Malformed()
}
