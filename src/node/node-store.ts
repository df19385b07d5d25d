/** Node records on disk: one row per peer, read once at the start. Losing the last few costs nothing, they are heard again. */
import { decodeNodeRecord, encodeNodeRecord, type NodeRecord } from '../core/node-record.js'
import type { Log } from '../ports.js'
import { familyRange, textKey } from '../store/keys.js'
import type { Store } from '../store/store.js'

/** How a node came to be known. */
export const PROVENANCES = ['connection', 'gossip', 'dht', 'registry', 'dns', 'manual'] as const
export type Provenance = typeof PROVENANCES[number]

/** What is remembered of one peer. */
export interface NodeRow {
  record: NodeRecord
  /** Shown by the peer itself on its own connection, or only heard of. */
  shown: boolean
  shownKey: string | null
  name: string | null
  software: string | null
  /** When it was last connected, ms since the epoch; null: never. */
  lastSeen: number | null
  sources: Provenance[]
  /** The highest seq of a record that others told of it; absent: none since it was shown. */
  heardSeq?: number
}

export class NodeStore {
  readonly #store: Store
  readonly #log: Log
  #writing: Promise<void> = Promise.resolve()
  #closed = false

  constructor (store: Store, log: Log) {
    this.#store = store
    this.#log = log
  }

  async load (): Promise<NodeRow[]> {
    const rows: NodeRow[] = []
    for (const [key, value] of await this.#store.all(familyRange('node'))) {
      try {
        const { record, ...row } = JSON.parse(value.toString()) as NodeRow
        rows.push({ ...row, record: decodeNodeRecord(encodeNodeRecord(record)) })
      } catch (error) {
        this.#log.warn({ peer: key.toString('utf8', 1), error: (error as Error).message }, 'a stored node record cannot be read')
      }
    }
    return rows
  }

  put (row: NodeRow): void {
    this.#write({ type: 'put', key: textKey('node', row.record.peer_id), value: Buffer.from(JSON.stringify(row)) })
  }

  delete (peer: string): void {
    this.#write({ type: 'del', key: textKey('node', peer) })
  }

  /** Waits for what was put; later changes are forgotten. */
  async close (): Promise<void> {
    this.#closed = true
    await this.#writing
  }

  #write (op: Parameters<Store['write']>[0][number]): void {
    if (this.#closed || this.#store.failed) return
    this.#writing = this.#writing.then(() => this.#store.write([op], { sync: false })).catch((error: Error) => {
      this.#log.warn({ error: error.message }, 'a node record was not stored')
    })
  }
}
