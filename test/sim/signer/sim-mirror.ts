/**
 * A follower of the ledger: holds what it was given, answers what it has, passes on records, and shows two nodes with
 * one identity to each other.
 */
import { RecordPace } from '../../../src/node/discovery/record-pace.js'
import type { SimProcess, SimRecord } from './sim-process.js'
import type { SimEntry, Stage } from './stage.js'

const GRACE_MS = 3_000
/** A node looks so often whether it has a new record to tell. */
const TELL_MS = 2_000

export class SimMirror {
  readonly id: string
  chain: SimEntry[] = []
  /** Two entries for one seq were shown to it. */
  frozen = false
  readonly others: SimMirror[] = []
  readonly links = new Map<SimProcess, { since: number; records: SimRecord[]; told: Set<string> }>()
  readonly #stage: Stage
  #newest = 0
  readonly #pace = new RecordPace()

  constructor(stage: Stage, id: string) {
    this.#stage = stage
    this.id = id
  }

  joined(process: SimProcess): void {
    this.links.set(process, { since: this.#stage.now, records: [], told: new Set() })
    this.#stage.after(GRACE_MS, () => {
      this.#introduce()
    })
  }

  left(process: SimProcess): void {
    this.links.delete(process)
  }

  get head(): SimEntry | null {
    return this.chain.at(-1) ?? null
  }

  /** Takes what continues what it has; the range before it comes from whoever shows the head. */
  offered(chain: readonly SimEntry[], from: SimProcess | null): void {
    for (const entry of chain) {
      const held = this.chain[entry.seq]
      if (held !== undefined) {
        if (held.hash !== entry.hash) this.frozen = true
        continue
      }
      if (this.frozen || (entry.seq > 0 && this.chain[entry.seq - 1]?.hash !== entry.prev)) return
      this.chain.push(entry)
      this.#stage.leaves(entry)
      for (const process of this.links.keys())
        if (process !== from) this.#send(process, () => process.heard(this, entry))
    }
    for (const other of this.others) {
      if (other.chain.length < this.chain.length)
        this.#stage.after(this.#stage.latency(), () => {
          other.offered(this.chain, null)
        })
    }
  }

  /** On the process's own connection. */
  shown(process: SimProcess, record: SimRecord): void {
    const link = this.links.get(process)
    if (link === undefined) return
    link.records.push(record)
    if (link.told.size > 0) this.#introduce()
    if (record.key !== process.home.peerKey)
      this.#stage.after(this.#stage.below(TELL_MS), () => {
        this.gossiped(record)
      })
  }

  /** As node/discovery/record-gossip: the newest of a peer, at its pace. */
  gossiped(record: SimRecord): void {
    const { now } = this.#stage
    if (this.#newest >= record.issued || !this.#pace.mayPass(now)) return
    this.#newest = record.issued
    this.#pace.passed(now)
    for (const process of this.links.keys())
      this.#send(process, () => {
        process.sawRecord(this, record)
      })
    for (const other of this.others)
      this.#stage.after(this.#stage.latency(), () => {
        other.gossiped(record)
      })
  }

  #introduce(): void {
    const sides = [...this.links].filter(([, { since }]) => this.#stage.now - since >= GRACE_MS)
    for (const [process, { told }] of sides) {
      for (const [other, { records }] of this.links) {
        if (other === process || other.home.peerKey !== process.home.peerKey) continue
        for (const record of records) {
          if (told.has(record.hash)) continue
          told.add(record.hash)
          this.#send(process, () => {
            process.sawRecord(this, record)
          })
        }
      }
    }
  }

  #send(process: SimProcess, deliver: () => void | Promise<void>): void {
    this.#stage.after(this.#stage.latency(), () => (this.links.has(process) ? deliver() : undefined))
  }
}
