/**
 * Node records on disk: one row per peer, read once at the start. Losing the last few costs nothing, because they are
 * received again.
 */
import { decodeNodeRecord, encodeNodeRecord, type NodeRecord } from '../../core/node-record.js'
import type { Log } from '../../ports.js'
import { familyRange, textKey } from '../../store/keys.js'
import type { Store } from '../../store/store.js'

/** How a node was found. */
export const PROVENANCES = ['connection', 'gossip', 'dht', 'registry', 'dns', 'manual'] as const
export type Provenance = (typeof PROVENANCES)[number]

/** The stored data of one peer. */
export interface NodeRow {
  record: NodeRecord
  /** Shown by the peer itself on its own connection, or received from others. */
  shown: boolean
  shownKey: string | null
  name: string | null
  software: string | null
  /** When it was last connected, ms since the epoch; null: never. */
  lastSeen: number | null
  sources: Provenance[]
  /** The highest seq of a record of it from others; absent: none since it was shown. */
  heardSeq?: number
}

export class NodeStore {
  readonly #store: Store
  readonly #log: Log
  /** The pending write of each peer; null: its deletion. A peer that changes again meanwhile is written once. */
  readonly #pending = new Map<string, NodeRow | null>()
  #writing: Promise<void> | null = null
  #closed = false

  constructor(store: Store, log: Log) {
    this.#store = store
    this.#log = log
  }

  async load(): Promise<NodeRow[]> {
    const rows: NodeRow[] = []
    for (const [key, value] of await this.#store.all(familyRange('node'))) {
      try {
        const { record, ...row } = JSON.parse(value.toString()) as NodeRow
        rows.push({ ...row, record: decodeNodeRecord(encodeNodeRecord(record)) })
      } catch (error) {
        this.#log.warn(
          { event: 'records.unreadable', peer: key.toString('utf8', 1), error: (error as Error).message },
          'a stored node record cannot be read'
        )
      }
    }
    return rows
  }

  put(row: NodeRow): void {
    this.#write(row.record.peer_id, row)
  }

  delete(peer: string): void {
    this.#write(peer, null)
  }

  /** Waits for pending writes; later changes are ignored. */
  async close(): Promise<void> {
    this.#closed = true
    await this.#writing
  }

  #write(peer: string, row: NodeRow | null): void {
    if (this.#closed || this.#store.failed) return
    this.#pending.set(peer, row)
    this.#writing ??= this.#flush().finally(() => {
      this.#writing = null
    })
  }

  async #flush(): Promise<void> {
    while (this.#pending.size > 0 && !this.#store.failed) {
      const changes = [...this.#pending]
      this.#pending.clear()
      try {
        await this.#store.write(
          changes.map(([peer, row]) =>
            row === null
              ? { type: 'del', key: textKey('node', peer) }
              : { type: 'put', key: textKey('node', peer), value: Buffer.from(JSON.stringify(row)) }
          ),
          { sync: false }
        )
      } catch (error) {
        this.#log.warn(
          { event: 'records.write-failed', error: (error as Error).message },
          'node records could not be stored'
        )
      }
    }
  }
}
