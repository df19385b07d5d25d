/** The operator's own names for ledgers: kept in the store, one row each, and nowhere else. */
import { Mutex } from '../../core/mutex.js'
import { LedgermeshError } from '../../core/errors.js'
import type { LedgerId } from '../../core/ledger-id.js'
import { textKey } from '../../store/keys.js'
import type { Store } from '../../store/store.js'
import { looksLikeLedgerId } from './ledger-handle.js'

export const MAX_ALIASES = 1000

/** Lower-case ASCII alone, so that no two aliases look alike. */
const ALIAS = /^[a-z0-9][a-z0-9._-]{0,63}$/
/** Texts that would be read as another kind of id: a hash or its prefix, a seq, a peer id. */
const LIKE_ANOTHER_ID = /^(?:[0-9a-f]{8,}|\d+|12d3koow.*)$/

const KEY_PREFIX = 'alias:'

/** Throws INVALID_PARAMS. */
export function checkAlias(alias: string): void {
  const refuse = (why: string): never => {
    throw new LedgermeshError('INVALID_PARAMS', `${JSON.stringify(alias.slice(0, 64))} cannot be an alias: ${why}`)
  }
  if (!ALIAS.test(alias))
    refuse('an alias is 1–64 characters a–z, 0–9, ".", "_" and "-", and starts with a letter or a digit')
  if (looksLikeLedgerId(alias)) refuse('it looks like a ledger id or the beginning of one')
  if (LIKE_ANOTHER_ID.test(alias)) refuse('it looks like a hash, a number or a peer id, or the beginning of one')
}

export class Aliases {
  readonly #store: Store
  readonly #writing = new Mutex()

  constructor(store: Store) {
    this.#store = store
  }

  /** By alias, in order. */
  async all(): Promise<Map<string, LedgerId>> {
    const rows = await this.#store.all({ gte: textKey('meta', KEY_PREFIX), lt: textKey('meta', `${KEY_PREFIX}\u007f`) })
    return new Map(rows.map(([key, value]) => [key.toString('utf8', 1 + KEY_PREFIX.length), value.toString()]))
  }

  /** Sets the alias, and returns its earlier ledger. Throws INVALID_PARAMS or STORE_FAILED. */
  async set(alias: string, ledger: LedgerId): Promise<LedgerId | null> {
    checkAlias(alias)
    return await this.#alone(async () => {
      const before = await this.all()
      if (!before.has(alias) && before.size >= MAX_ALIASES)
        throw new LedgermeshError('INVALID_PARAMS', `there are ${MAX_ALIASES} aliases already: remove one first`)
      await this.#store.write([{ type: 'put', key: aliasKey(alias), value: Buffer.from(ledger) }], { sync: true })
      return before.get(alias) ?? null
    })
  }

  /** Removes the alias, and returns its ledger. Throws NO_SUCH_NAME or STORE_FAILED. */
  async remove(alias: string): Promise<LedgerId> {
    return await this.#alone(async () => {
      const ledger = (await this.all()).get(alias)
      if (ledger === undefined)
        throw new LedgermeshError('NO_SUCH_NAME', `there is no alias ${JSON.stringify(alias.slice(0, 64))}`)
      await this.#store.write([{ type: 'del', key: aliasKey(alias) }], { sync: true })
      return ledger
    })
  }

  async #alone<T>(change: () => Promise<T>): Promise<T> {
    return await this.#writing.run(change)
  }
}

function aliasKey(alias: string): Buffer {
  return textKey('meta', `${KEY_PREFIX}${alias}`)
}
