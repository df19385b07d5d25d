/**
 * One node's feed in PostgreSQL: a snapshot, then what comes. The position is written in the transaction that writes what
 * led to it, and only where it still is the one that this sink knows: whatever is killed, each event counts once.
 */
import { isOfType } from '../core/ledger-types.js'
import { isCoded, LedgermeshError } from '../core/errors.js'
import type { LedgerId } from '../core/ledger-id.js'
import type { LedgerEntry } from '../core/view.js'
import type { FeedEvent, FeedLedger, FeedPage, FeedSnapshot } from '../ledger/feed/feed-event.js'
import { entryColumns, insertEntries } from './entry-rows.js'
import { prepareSchema } from './schema.js'
import { transaction, type SqlClient } from './sql-client.js'

export interface FeedSource {
  snapshot: (cursor: string | undefined) => Promise<FeedSnapshot>
  read: (after: string) => Promise<FeedPage>
}

export interface SinkOptions {
  schema: string
  /** Who the node is: its peer id. */
  peer: string
  /** Private ledgers, too. */
  includePrivate: boolean
}

export class PostgresSink {
  readonly schema: string
  readonly node: number
  readonly #client: SqlClient
  readonly #lock: string
  readonly #includePrivate: boolean
  #position: string | null
  #ahead: { after: string; page: Promise<FeedPage> } | null = null
  /** Ledgers that are taken. */
  readonly #taken = new Set<LedgerId>()

  private constructor(client: SqlClient, schema: string, node: number, position: string | null, options: SinkOptions) {
    this.#client = client
    this.schema = schema
    this.node = node
    this.#position = position
    this.#lock = `ledgermesh ${options.schema}`
    this.#includePrivate = options.includePrivate
  }

  /** Throws BAD_CONFIG for a schema of a newer version; ALREADY_RUNNING when another sink feeds the rows of this node. */
  static async open(client: SqlClient, options: SinkOptions): Promise<PostgresSink> {
    const schema = await prepareSchema(client, options.schema)
    await client.query(`INSERT INTO ${schema}.nodes (peer) VALUES ($1) ON CONFLICT DO NOTHING`, [options.peer])
    const { rows } = await client.query(`SELECT id FROM ${schema}.nodes WHERE peer = $1`, [options.peer])
    const node = Number(rows[0]!.id)
    const locked = await client.query('SELECT pg_try_advisory_lock(hashtext($1), $2) AS mine', [
      `ledgermesh ${options.schema}`,
      node
    ])
    if (locked.rows[0]!.mine !== true)
      throw new LedgermeshError('ALREADY_RUNNING', `another sink feeds the schema ${options.schema} from this node`)
    // only now: whoever had the lock before may have gone on
    // with other rights than before, what there is has to be looked at anew
    const now = await client.query(
      `UPDATE ${schema}.nodes SET position = CASE WHEN private = $2 THEN position END, private = $2 WHERE id = $1 RETURNING position`,
      [node, options.includePrivate]
    )
    const sink = new PostgresSink(client, schema, node, now.rows[0]!.position as string | null, options)
    const held = await client.query(`SELECT ledger FROM ${schema}.holdings WHERE node = $1`, [node])
    for (const { ledger } of held.rows) sink.#taken.add(ledger as LedgerId)
    return sink
  }

  /** Takes what there is; false: nothing was new. */
  async step(source: FeedSource): Promise<boolean> {
    if (this.#position === null) {
      await this.#snapshot(source)
      return true
    }
    let page: FeedPage
    try {
      page = await this.#page(source, this.#position)
    } catch (error) {
      if (!isCoded(error, 'FEED_RESET')) throw error
      await this.#write(null, async () => undefined)
      return true
    }
    if (page.last === this.#position) return false
    await this.#write(page.last, async () => await this.#apply(page.events))
    return page.events.length > 0 || page.hasMore
  }

  /** While a page is written, the node makes the next one. */
  async #page(source: FeedSource, after: string): Promise<FeedPage> {
    const ahead = this.#ahead
    this.#ahead = null
    const page = await (ahead?.after === after ? ahead.page : source.read(after))
    if (page.hasMore) this.#ahead = { after: page.last, page: unheard(source.read(page.last)) }
    return page
  }

  async #snapshot(source: FeedSource): Promise<void> {
    const first = await source.snapshot(undefined)
    const ledgers = first.ledgers.filter(({ access }) => this.#includePrivate || access === 'public')
    await this.#write(null, async () => await this.#begin(ledgers))
    const reached = new Map<LedgerId, number>()
    for (let page = first; ;) {
      const next = page.next === null ? null : unheard(source.snapshot(page.next))
      const byLedger = Map.groupBy(
        page.entries.filter(({ ledger }) => this.#taken.has(ledger)),
        ({ ledger }) => ledger
      )
      await this.#write(null, async () => {
        for (const [ledger, entries] of byLedger) {
          const from = reached.get(ledger) ?? 0
          const to = entries.at(-1)!.seq + 1
          await this.#retractOthers(ledger, from, to, entries)
          await this.#put(entries)
          reached.set(ledger, to)
        }
      })
      if (next === null) break
      page = await next
    }
    await this.#write(first.position, async () => {
      for (const { ledger } of ledgers) {
        const size = reached.get(ledger) ?? 0
        await this.#retract(ledger, size)
        await this.#hold(ledger, { size })
      }
    })
  }

  /** What this node no longer holds goes; the rest says what the node says of it. */
  async #begin(ledgers: FeedLedger[]): Promise<void> {
    const { rows } = await this.#client.query(`SELECT ledger FROM ${this.schema}.holdings WHERE node = $1`, [this.node])
    const there = new Set(ledgers.map(({ ledger }) => ledger))
    for (const { ledger } of rows) if (!there.has(ledger as LedgerId)) await this.#remove(ledger as LedgerId)
    for (const { ledger, access, audited, frozen } of ledgers) {
      this.#taken.add(ledger)
      await this.#hold(ledger, {
        access,
        audited,
        frozen_from: frozen?.from ?? null,
        evidence: frozen?.evidence ?? null
      })
    }
  }

  async #apply(events: readonly FeedEvent[]): Promise<void> {
    let run = new Map<string, LedgerEntry>()
    const flush = async (): Promise<void> => {
      await this.#put([...run.values()])
      run = new Map()
    }
    for (const event of events) {
      const { ledger } = event
      if (event.kind === 'entry' && event.seq === 0) await this.#meet(event.entry)
      if (!this.#taken.has(ledger)) continue
      if (event.kind === 'entry' || event.kind === 'payload-filled') {
        run.set(`${ledger} ${event.entry.hash}`, event.entry)
        continue
      }
      await flush()
      switch (event.kind) {
        case 'payload-erased':
          await this.#erase(ledger, [event.hash])
          break
        case 'frozen':
          await this.#retract(ledger, event.from)
          await this.#hold(ledger, { frozen_from: event.from, evidence: event.evidence })
          break
        case 'voided':
        case 'cut':
          await this.#retract(ledger, event.from)
          break
        case 'thawed':
          await this.#hold(ledger, { frozen_from: null })
          break
        case 'audited':
          await this.#hold(ledger, { audited: event.size })
          break
        case 'removed':
          await this.#remove(ledger)
          break
        case 'right-ended':
          await this.#hold(ledger, { right_ended: event.seq })
          break
        case 'evidence':
          await this.#hold(ledger, { evidence: event.evidence })
          break
        case 'erase-withdrawn': // the tombstone stays: what was deleted here does not come back
          break
      }
    }
    await flush()
  }

  /** A ledger that is new: its genesis says whether it may be taken. */
  async #meet(genesis: LedgerEntry): Promise<void> {
    const { ledger } = genesis
    if (this.#taken.has(ledger) || !isOfType(genesis, 'ledger.genesis')) return
    const { access } = genesis.meta
    if (access === 'private' && !this.#includePrivate) return
    this.#taken.add(ledger)
    await this.#hold(ledger, { access })
  }

  async #put(entries: readonly LedgerEntry[]): Promise<void> {
    if (entries.length === 0) return
    await this.#client.query(insertEntries(this.schema), [...entryColumns(entries), this.node])
    for (const [ledger, of] of Map.groupBy(entries, (entry) => entry.ledger)) {
      const erased = of.filter((entry) => entry.payload_state === 'erased').map(({ hash }) => hash)
      if (erased.length > 0) await this.#erase(ledger, erased)
      await this.#client.query(
        `UPDATE ${this.schema}.holdings SET size = greatest(size, $3) WHERE node = $1 AND ledger = $2`,
        [this.node, ledger, Math.max(...of.map(({ seq }) => seq)) + 1]
      )
    }
  }

  async #erase(ledger: LedgerId, hashes: readonly string[]): Promise<void> {
    const values = [ledger, hashes.map((hash) => Buffer.from(hash, 'hex'))]
    await this.#client.query(
      `INSERT INTO ${this.schema}.tombstones (ledger, hash) SELECT $1, unnest($2::bytea[]) ON CONFLICT DO NOTHING`,
      values
    )
    await this.#client.query(
      `UPDATE ${this.schema}.entries SET payload = NULL, payload_json = NULL, payload_state = 'erased'
       WHERE ledger = $1 AND hash = ANY($2::bytea[])`,
      values
    )
  }

  /** This node no longer shows the entries from `from` on. */
  async #retract(ledger: LedgerId, from: number): Promise<void> {
    await this.#takeBack('ledger = $2 AND seq >= $3', [ledger, from])
    await this.#client.query(
      `UPDATE ${this.schema}.holdings SET size = least(size, $3) WHERE node = $1 AND ledger = $2`,
      [this.node, ledger, from]
    )
  }

  /** Of these places, what the node does not show. */
  async #retractOthers(ledger: LedgerId, from: number, to: number, shown: readonly LedgerEntry[]): Promise<void> {
    const hashes = shown.map(({ hash }) => Buffer.from(hash, 'hex'))
    await this.#takeBack('ledger = $2 AND seq >= $3 AND seq < $4 AND NOT hash = ANY($5::bytea[])', [
      ledger,
      from,
      to,
      hashes
    ])
  }

  async #takeBack(where: string, values: unknown[]): Promise<void> {
    const all = [this.node, ...values]
    const alone = 'nodes <@ ARRAY[$1::smallint]'
    await this.#client.query(`DELETE FROM ${this.schema}.entries WHERE ${where} AND ${alone}`, all)
    await this.#client.query(
      `UPDATE ${this.schema}.entries SET nodes = array_remove(nodes, $1::smallint) WHERE ${where} AND nodes @> ARRAY[$1::smallint]`,
      all
    )
  }

  async #remove(ledger: LedgerId): Promise<void> {
    await this.#retract(ledger, 0)
    await this.#client.query(`DELETE FROM ${this.schema}.holdings WHERE node = $1 AND ledger = $2`, [this.node, ledger])
    this.#taken.delete(ledger)
  }

  async #hold(ledger: LedgerId, columns: Record<string, unknown>): Promise<void> {
    const all = { access: 'public', size: 0, ...columns }
    const names = Object.keys(all)
    const set = Object.keys(columns).map((name) => `${name} = excluded.${name}`)
    await this.#client.query(
      `INSERT INTO ${this.schema}.holdings (node, ledger, ${names.join(', ')}) VALUES ($1, $2, ${names.map((_, at) => `$${at + 3}`).join(', ')})
       ON CONFLICT (node, ledger) DO UPDATE SET ${set.join(', ')}`,
      [this.node, ledger, ...Object.values(all)]
    )
  }

  /**
   * One sink writes at a time: a tombstone is there before the next one writes a payload. Throws STALE when the position
   * is not the one that this sink knows.
   */
  async #write(position: string | null, run: () => Promise<void>): Promise<void> {
    await transaction(this.#client, async () => {
      await this.#client.query('SELECT pg_advisory_xact_lock(hashtext($1))', [this.#lock])
      await run()
      const { rowCount } = await this.#client.query(
        `UPDATE ${this.schema}.nodes SET position = $2, updated = now() WHERE id = $1 AND position IS NOT DISTINCT FROM $3`,
        [this.node, position, this.#position]
      )
      if (rowCount !== 1) throw new LedgermeshError('STALE', 'another sink of this node wrote meanwhile')
    })
    this.#position = position
  }
}

/** Its failure is told where it is awaited, and is nobody's business if it never is. */
function unheard<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => undefined)
  return promise
}
