/** Issued tokens: a peer that presents one may offer the ledgers that it admits. Only their hashes are kept. */
import type { JsonObject } from '../../core/canonical.js'
import { isInteger } from '../../core/grammar.js'
import { sha256, toHex, type Hash } from '../../core/hash.js'
import { isLedgerId, type LedgerId } from '../../core/ledger-id.js'
import type { Clock, Log, Random } from '../../ports.js'
import type { Store } from '../../store/store.js'
import { damaged, JsonRows } from './json-rows.js'

/** Bytes of a token (SPEC push: `TOKEN_BYTES`). */
const TOKEN_BYTES = 32

export interface TokenRow {
  mode: 'mirror' | 'headers'
  /** Only these; empty: any. */
  ledgers: LedgerId[]
  /** Size limit in bytes of each ledger. */
  bytes: number
  /** How many ledgers it admits. */
  uses: number
  /** The ledgers that were admitted. */
  used: LedgerId[]
  /** ms since the epoch; null: never. */
  expires: number | null
}

export interface TokensInit {
  store: Store
  clock: Clock
  random: Random
  log: Log
}

export class Tokens {
  readonly #rows: JsonRows<TokenRow>
  readonly #init: TokensInit

  private constructor(rows: JsonRows<TokenRow>, init: TokensInit) {
    this.#rows = rows
    this.#init = init
  }

  static async load(init: TokensInit): Promise<Tokens> {
    return new Tokens(await JsonRows.load(init.store, 'token', readRow, init.log), init)
  }

  /** A new one, as 64 hex digits: this is the only time that it can be read. Tokens that have expired are forgotten. */
  async issue(allows: Omit<TokenRow, 'used'>): Promise<string> {
    for (const [hash, { expires }] of this.#rows.list())
      if (expires !== null && expires <= this.#init.clock.now()) await this.#rows.delete(hash)
    const token = this.#init.random.bytes(TOKEN_BYTES)
    await this.#rows.put(sha256(token), { ...allows, used: [] })
    return toHex(token)
  }

  /**
   * What the token allows for this ledger; null: nothing. Looked up by its hash, so that the time taken reveals nothing
   * about the token.
   */
  allows(token: Uint8Array, ledger: LedgerId): { hash: Hash; row: TokenRow } | null {
    const hash = sha256(token)
    const row = this.#rows.get(hash)
    if (row === null || (row.expires !== null && row.expires <= this.#init.clock.now())) return null
    if (row.ledgers.length > 0 && !row.ledgers.includes(ledger)) return null
    return row.used.includes(ledger) || row.used.length < row.uses ? { hash, row } : null
  }

  /** Notes that the token admitted the ledger. Durable when it resolves. */
  async use(hash: Hash, ledger: LedgerId): Promise<void> {
    const row = this.#rows.get(hash)
    if (row !== null && !row.used.includes(ledger)) await this.#rows.put(hash, { ...row, used: [...row.used, ledger] })
  }
}

function readRow({ mode, ledgers, bytes, uses, used, expires }: JsonObject): TokenRow {
  const areIds = (list: unknown): list is LedgerId[] =>
    Array.isArray(list) && list.every((id) => typeof id === 'string' && isLedgerId(id))
  if ((mode !== 'mirror' && mode !== 'headers') || !areIds(ledgers) || !areIds(used)) return damaged('token')
  if (
    !isInteger(bytes, Number.MAX_SAFE_INTEGER) ||
    !isInteger(uses, Number.MAX_SAFE_INTEGER) ||
    !(expires === null || isInteger(expires, Number.MAX_SAFE_INTEGER))
  )
    return damaged('token')
  return { mode, ledgers, bytes, uses, used, expires }
}
