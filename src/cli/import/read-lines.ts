/**
 * Lines of bytes, without their LF or CRLF; empty ones are counted and left out. A line that is too long has no bytes.
 */

export interface Line {
  /** From 1, as editors count. */
  number: number
  bytes: Buffer | null
}

const LF = 0x0a
const CR = 0x0d

/** Yields the lines that end in one chunk together. */
export async function* readLines(input: AsyncIterable<Buffer>, maxBytes: number): AsyncIterable<Line[]> {
  let number = 1
  let parts: Buffer[] = []
  let size = 0
  const finish = (): Line | null => {
    const tooLong = size > maxBytes
    const bytes = Buffer.concat(tooLong ? [] : parts)
    const line = { number, bytes: tooLong ? null : bytes.at(-1) === CR ? bytes.subarray(0, -1) : bytes }
    number++
    parts = []
    size = 0
    return line.bytes?.every(isSpace) === true ? null : line
  }
  for await (const chunk of input) {
    const lines: Line[] = []
    let start = 0
    for (;;) {
      const end = chunk.indexOf(LF, start)
      const part = chunk.subarray(start, end === -1 ? chunk.length : end)
      size += part.length
      if (size > maxBytes) parts = []
      else parts.push(part)
      if (end === -1) break
      const line = finish()
      if (line !== null) lines.push(line)
      start = end + 1
    }
    if (lines.length > 0) yield lines
  }
  if (size === 0) return
  const line = finish()
  if (line !== null) yield [line]
}

/**
 * How many lines `readLines` will give, when every one is short enough. Also finds damage in an archive before anything
 * is appended.
 */
export async function countLines(input: AsyncIterable<Buffer>): Promise<number> {
  let lines = 0
  let blank = true
  for await (const chunk of input) {
    for (const byte of chunk) {
      if (byte === LF) {
        if (!blank) lines++
        blank = true
      } else if (blank && !isSpace(byte)) blank = false
    }
  }
  return blank ? lines : lines + 1
}

function isSpace(byte: number): boolean {
  return byte === 0x20 || byte === 0x09 || byte === CR
}
