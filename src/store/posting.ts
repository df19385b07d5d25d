/**
 * Posting blocks: one key per batch and value instead of one per entry and value. The key holds the first seq, the
 * block the distances to the ones after it as unsigned varints; a single entry's block is empty. Blocks of a value
 * never overlap.
 */

export const EMPTY = Buffer.alloc(0)

/** `seqs` ascending; the first one is the key's. */
export function encodePosting(seqs: number[]): Buffer {
  if (seqs.length === 1) return EMPTY
  const bytes: number[] = []
  for (let i = 1; i < seqs.length; i++) {
    let distance = seqs[i]! - seqs[i - 1]!
    while (distance > 0x7f) {
      bytes.push((distance % 128) | 0x80)
      distance = Math.floor(distance / 128)
    }
    bytes.push(distance)
  }
  return Buffer.from(bytes)
}

/** Damaged blocks give wrong seqs, never an endless loop: readers compare with the entries. */
export function decodePosting(first: number, block: Uint8Array): number[] {
  const seqs = [first]
  let seq = first
  let factor = 1
  let distance = 0
  for (const byte of block) {
    distance += (byte & 0x7f) * factor
    factor *= 128
    if (byte & 0x80) continue
    seq += distance
    seqs.push(seq)
    factor = 1
    distance = 0
  }
  return seqs
}
