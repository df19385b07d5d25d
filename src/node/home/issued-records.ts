import { z } from 'zod'
import { LedgermeshError } from '../../core/errors.js'
import { isHash, type Hash } from '../../core/hash.js'
import { KeptFile, readKept } from './kept-file.js'

const issuedSchema = z.strictObject({
  v: z.literal(1),
  records: z.array(z.strictObject({ hash: z.string().refine(isHash), expires: z.number() }))
})

/**
 * Limit of records issued within the lifetime of one: one in ten minutes, and one for each change of address. Beyond it
 * none is issued: a record that was forgotten too early would look like a twin's.
 */
const MAX_RECORDS = 4096

/** R4: "The hashes of own records are kept, on disk before they leave, until they expire." */
export class IssuedRecords {
  readonly #records: Map<Hash, number>
  readonly #file: KeptFile<z.output<typeof issuedSchema>>

  private constructor(path: string, records: { hash: Hash; expires: number }[]) {
    this.#records = new Map(records.map(({ hash, expires }) => [hash, expires]))
    this.#file = new KeptFile(path, () => ({
      v: 1,
      records: [...this.#records].map(([hash, expires]) => ({ hash, expires }))
    }))
  }

  /** Throws BAD_FILE. */
  static async open(path: string): Promise<IssuedRecords> {
    return new IssuedRecords(path, (await readKept(path, issuedSchema))?.records ?? [])
  }

  has(hash: Hash): boolean {
    return this.#records.has(hash)
  }

  /**
   * `hash`: SHA-256 of the record's body; `expires` and `now` in ms since the epoch. Throws STORE_FAILED, OVERLOADED.
   */
  async add(hash: Hash, expires: number, now: number): Promise<void> {
    for (const [one, end] of this.#records) if (end <= now) this.#records.delete(one)
    if (this.#records.size >= MAX_RECORDS)
      throw new LedgermeshError('OVERLOADED', 'too many node records were made within the life of one')
    this.#records.set(hash, expires)
    await this.#file.save()
  }

  async idle(): Promise<void> {
    await this.#file.idle()
  }
}
