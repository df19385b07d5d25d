/** A file that comes in pieces: its first line tells what it is, before it is known how the rest is to be read. */
import { concat } from '#platform'
import { LedgermeshError } from './errors.js'

const LF = 0x0a

export interface Peekable<T> {
  /** Without its newline; empty when it has more than `most` bytes. To be called once, before `rest`. */
  firstLine: () => Promise<Uint8Array>
  /** All of it, from the beginning. */
  rest: () => AsyncIterable<T>
}

export function peekable<T extends Uint8Array>(input: AsyncIterable<T>, most: number): Peekable<T> {
  const iterator = input[Symbol.asyncIterator]()
  const seen: T[] = []
  return {
    firstLine: async () => {
      let bytes = 0
      for (;;) {
        const { done, value } = await iterator.next()
        if (done === true) return concat(...seen)
        seen.push(value)
        bytes += value.length
        const end = value.indexOf(LF)
        if (end >= 0) return concat(...seen).subarray(0, bytes - value.length + end)
        if (bytes > most) return new Uint8Array()
      }
    },
    rest: async function* () {
      yield* seen
      for (let next = await iterator.next(); next.done !== true; next = await iterator.next()) yield next.value
    }
  }
}

/** Throws TOO_LARGE. */
export async function readWhole(input: AsyncIterable<Uint8Array>, most: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of input) {
    bytes += chunk.length
    if (bytes > most) throw new LedgermeshError('TOO_LARGE', `the file has more than ${most} bytes`)
    chunks.push(chunk)
  }
  return concat(...chunks)
}

/** Without the newline that an editor or a shell leaves at the end. */
export function withoutLastNewline(bytes: Uint8Array): Uint8Array {
  return bytes.at(-1) === LF ? bytes.subarray(0, -1) : bytes
}
