/** Recognises the kind of a file by its first bytes, when it is not the expected UTF-8 text. */

const UTF8_MARK = [0xef, 0xbb, 0xbf]

const MAGIC: [bytes: number[], kind: string][] = [
  [[0xff, 0xfe, 0x00, 0x00], 'UTF-32 text (little-endian)'],
  [[0x00, 0x00, 0xfe, 0xff], 'UTF-32 text (big-endian)'],
  [[0xff, 0xfe], 'UTF-16 text (little-endian)'],
  [[0xfe, 0xff], 'UTF-16 text (big-endian)'],
  [[0x1f, 0x8b], 'a gzip archive'],
  [[0x28, 0xb5, 0x2f, 0xfd], 'a zstd archive'],
  [[0x50, 0x4b, 0x03, 0x04], 'a zip archive (an office document is one too)'],
  [[0x42, 0x5a, 0x68], 'a bzip2 archive'],
  [[0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00], 'an xz archive'],
  [[0x25, 0x50, 0x44, 0x46], 'a PDF document'],
  [[0x89, 0x50, 0x4e, 0x47], 'a PNG image'],
  [[0xff, 0xd8, 0xff], 'a JPEG image'],
  [[0x7f, 0x45, 0x4c, 0x46], 'a program'],
  [[0x53, 0x51, 0x4c, 0x69, 0x74, 0x65, 0x20, 0x66], 'an SQLite database'],
  [[0x50, 0x41, 0x52, 0x31], 'a Parquet file']
]
/** How many bytes are searched for zeros. */
const HEAD_BYTES = 512
/** Every second byte of UTF-16 text of the West is zero; in a text of UTF-8 there is no zero at all. */
const UTF16_SHARE = 0.3

/** null: it may be UTF-8 text. */
export function foreignKind(head: Uint8Array): string | null {
  const known = MAGIC.find(([magic]) => startsWith(head, magic))
  if (known !== undefined) return known[1]
  const start = head.subarray(0, HEAD_BYTES)
  const zeros = [0, 0]
  for (const [index, byte] of start.entries()) if (byte === 0) zeros[index % 2]!++
  const [even, odd] = zeros as [number, number]
  if (even + odd === 0) return null
  if (odd > start.length * UTF16_SHARE && even === 0) return 'UTF-16 text (little-endian, without a byte order mark)'
  if (even > start.length * UTF16_SHARE && odd === 0) return 'UTF-16 text (big-endian, without a byte order mark)'
  return 'a binary file'
}

/** Some editors put a byte order mark before UTF-8 text; it is not part of the text. */
export function withoutMark<Bytes extends Uint8Array>(bytes: Bytes): Bytes {
  return startsWith(bytes, UTF8_MARK) ? (bytes.subarray(UTF8_MARK.length) as Bytes) : bytes
}

function startsWith(head: Uint8Array, magic: number[]): boolean {
  return head.length >= magic.length && magic.every((byte, index) => head[index] === byte)
}
