import { readFile } from 'node:fs/promises'
import type { z } from 'zod'
import { Mutex } from '../../core/mutex.js'
import { LedgermeshError } from '../../core/errors.js'
import { replaceFile } from '../../store/durable-file.js'

/** A small JSON file that is always written whole. Writes requested while one runs are combined. */
export class KeptFile<Content> {
  readonly #path: string
  readonly #content: () => Content
  readonly #writing = new Mutex()
  #next: Promise<void> | null = null

  constructor(path: string, content: () => Content) {
    this.#path = path
    this.#content = content
  }

  /** The value at the time of the call is durable when it resolves. Throws STORE_FAILED. */
  async save(): Promise<void> {
    await (this.#next ??= this.#writing.run(async () => {
      this.#next = null
      await this.#write()
    }))
  }

  /** Resolves when nothing is being written. */
  async idle(): Promise<void> {
    await this.#writing.idle()
  }

  async #write(): Promise<void> {
    try {
      await replaceFile(this.#path, `${JSON.stringify(this.#content())}\n`)
    } catch (error) {
      throw new LedgermeshError(
        'STORE_FAILED',
        `${this.#path} could not be written: ${(error as Error).message}`,
        undefined,
        { cause: error }
      )
    }
  }
}

/** null: there is no file. `advice`: what to do about one that cannot be read. Throws BAD_FILE. */
export async function readKept<T extends z.ZodType>(
  path: string,
  schema: T,
  advice = 'move it away, and the next start asks other nodes as if it were new'
): Promise<z.output<T> | null> {
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw new LedgermeshError('BAD_FILE', `cannot read ${path}: ${(error as Error).message}`, undefined, {
      cause: error
    })
  }
  try {
    return schema.parse(JSON.parse(text))
  } catch (error) {
    throw new LedgermeshError('BAD_FILE', `${path} is not what this node wrote: ${advice}`, undefined, { cause: error })
  }
}
