/** Text in UTF-8 from a file or stdin, plain, gzip or zstd (seen by its first bytes, whatever it is called). */
import { createReadStream, statSync } from 'node:fs'
import { pipeline, type Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { isCoded, LedgermeshError } from '../../core/errors.js'
import { foreignKind, withoutMark } from '../../core/file-kind.js'
import { systemReason } from '../../core/system-error.js'
import { inflateZstd } from './inflate-zstd.js'

const GZIP = Buffer.from([0x1f, 0x8b])
const ZSTD = Buffer.from([0x28, 0xb5, 0x2f, 0xfd])

/**
 * `-` is stdin. A byte order mark is skipped. Throws BAD_FILE when it cannot be read, is a damaged archive, or no such
 * text: then it says what it is.
 */
export async function* openInput(file: string): AsyncIterable<Buffer> {
  let first = true
  for await (const chunk of inflated(file)) {
    const kind = first ? foreignKind(chunk) : null
    if (kind !== null)
      throw new LedgermeshError(
        'BAD_FILE',
        `${nameOf(file)} is ${kind}: what is read here is JSON in UTF-8, plain, gzip or zstd`
      )
    yield first ? withoutMark(chunk) : chunk
    first = false
  }
}

function nameOf(file: string): string {
  return file === '-' ? 'standard input' : file
}

async function* inflated(file: string): AsyncIterable<Buffer> {
  const source: Readable = file === '-' ? process.stdin : createReadStream(file)
  try {
    const head = await firstBytes(source)
    if (startsWith(head, GZIP)) {
      const inflate = createGunzip()
      inflate.write(head)
      // Errors of both come out of the last stream's iterator.
      pipeline(source, inflate, () => undefined)
      yield* inflate as AsyncIterable<Buffer>
    } else yield* startsWith(head, ZSTD) ? inflateZstd(joined(head, source)) : joined(head, source)
  } catch (error) {
    if (isCoded(error)) throw error
    throw new LedgermeshError(
      'BAD_FILE',
      `${nameOf(file)}: ${systemReason(error) ?? (error as Error).message}`,
      undefined,
      { cause: error }
    )
  }
}

/** Can it be read twice (to count its lines)? */
export function isRegularFile(file: string): boolean {
  return file !== '-' && statSync(file, { throwIfNoEntry: false })?.isFile() === true
}

async function* joined(head: Buffer, source: Readable): AsyncIterable<Buffer> {
  yield head
  yield* source as AsyncIterable<Buffer>
}

function startsWith(head: Buffer, magic: Buffer): boolean {
  return head.subarray(0, magic.length).equals(magic)
}

/** At least four bytes, unless there are not so many. */
async function firstBytes(source: Readable): Promise<Buffer> {
  let head = Buffer.alloc(0)
  while (head.length < ZSTD.length) {
    const chunk = await nextChunk(source)
    if (chunk === null) break
    head = Buffer.concat([head, chunk])
  }
  return head
}

function nextChunk(source: Readable): Promise<Buffer | null> {
  return new Promise((resolve, reject) => {
    const settle = (): void => {
      const chunk = source.read() as Buffer | null
      if (chunk === null && !source.readableEnded && !source.destroyed) return
      for (const event of ['readable', 'end', 'close']) source.off(event, settle)
      source.off('error', reject)
      resolve(chunk)
    }
    for (const event of ['readable', 'end', 'close']) source.on(event, settle)
    source.once('error', reject)
  })
}
