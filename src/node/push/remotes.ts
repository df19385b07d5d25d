/**
 * The configured remotes: their addresses, and whether this node pushes to them. The follows decide what is pulled from
 * them.
 */
import type { JsonObject } from '../../core/canonical.js'
import { isInteger } from '../../core/grammar.js'
import { isHash } from '../../core/hash.js'
import type { LedgerId } from '../../core/ledger-id.js'
import type { Log } from '../../ports.js'
import { MAX_NUMBER, NEXT_REMOTE_KEY } from '../../store/keys.js'
import type { Store } from '../../store/store.js'
import { damaged, JsonRows } from './json-rows.js'

export interface RemoteRow {
  /** The number of this remote, never reused, because rows about entries refer to it. */
  number: number
  /** The operator's own name for it. */
  name: string | null
  /** Multiaddrs that are dialled while none of its nodes is connected. */
  endpoint: string[]
  /** Hex: must be in the ledger's key history; it pins nothing beyond the id. */
  publicKey: string | null
  /** Is the own ledger offered to it? */
  push: boolean
  /** A token of 64 hex digits from its operator, sent with each offer. A secret. */
  token: string | null
}

export class Remotes {
  readonly #rows: JsonRows<RemoteRow>
  readonly #store: Store
  #next: number

  private constructor(rows: JsonRows<RemoteRow>, store: Store, next: number) {
    this.#rows = rows
    this.#store = store
    this.#next = next
  }

  static async load(store: Store, log: Log): Promise<Remotes> {
    const rows = await JsonRows.load(store, 'remote', readRow, log)
    const highest = Math.max(0, ...rows.list().map(([, { number }]) => number))
    const said = Number((await store.get(NEXT_REMOTE_KEY))?.toString() ?? 1)
    return new Remotes(rows, store, Math.max(highest + 1, Number.isSafeInteger(said) ? said : 1))
  }

  /** A number that no remote has had. Durable when it resolves. */
  async number(): Promise<number> {
    const number = this.#next++
    await this.#store.write([{ type: 'put', key: NEXT_REMOTE_KEY, value: Buffer.from(String(this.#next)) }], {
      sync: true
    })
    return number
  }

  /** null: there is no remote with this number. */
  byNumber(number: number): LedgerId | null {
    return this.list().find(([, row]) => row.number === number)?.[0] ?? null
  }

  get(ledger: LedgerId): RemoteRow | null {
    return this.#rows.get(ledger)
  }
  list(): [ledger: LedgerId, row: RemoteRow][] {
    return this.#rows.list()
  }
  isPushed(ledger: LedgerId): boolean {
    return this.get(ledger)?.push === true
  }
  async put(ledger: LedgerId, row: RemoteRow): Promise<void> {
    await this.#rows.put(ledger, row)
  }
  async delete(ledger: LedgerId): Promise<void> {
    await this.#rows.delete(ledger)
  }
}

function readRow({ number, name, endpoint, publicKey, push, token }: JsonObject): RemoteRow {
  const isText = (value: unknown): value is string | null => value === null || typeof value === 'string'
  if (
    !isInteger(number, MAX_NUMBER) ||
    !isText(name) ||
    !Array.isArray(endpoint) ||
    !endpoint.every((one) => typeof one === 'string') ||
    typeof push !== 'boolean'
  )
    return damaged('remote')
  if (!(publicKey === null || isHash(publicKey)) || !(token === null || isHash(token))) return damaged('remote')
  return { number, name, endpoint, publicKey, push, token }
}
