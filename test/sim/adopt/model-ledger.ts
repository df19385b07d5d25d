/** A ledger in memory, as far as adoption sees it: entries that are never changed, and payloads that can go. */
import type { Json, JsonObject } from '../../../src/core/canonical.js'
import { sha256Text, type Hash } from '../../../src/core/hash.js'
import type { Header } from '../../../src/core/header.js'
import { syncMarkOf } from '../../../src/core/reference.js'
import type { CopyInput } from '../../../src/sync/adopt/types.js'

export interface ModelEntry {
  header: Header
  hash: Hash
  payload: Json
}

export interface ModelInput {
  id: string
  type?: string
  payload?: Json
  meta?: JsonObject
}

/** As the name of an entry whose copy does not fit into a header. */
export const BIG = 'big'

export class ModelLedger {
  readonly id: string
  entries: ModelEntry[] = []
  /** Seqs of erased payloads. */
  readonly erased = new Set<number>()
  readonly #byId = new Map<string, number>()

  constructor(name: string) {
    this.id = name
    this.append({ id: 'genesis', type: 'ledger.genesis' })
  }

  byId(id: string): ModelEntry | null {
    const seq = this.#byId.get(id)
    return seq === undefined ? null : this.entries[seq]!
  }

  append({ id, type = 'note', payload = null, meta = {} }: ModelInput): ModelEntry {
    const seq = this.entries.length
    const header = {
      id,
      type,
      stream: 's',
      issuer_oid: null,
      subject_oid: null,
      timestamp: 0,
      meta,
      seq,
      ledger: this.id,
      payload_hash: payload === null ? null : sha256Text(JSON.stringify(payload)),
      payload_size: 0
    } as unknown as Header
    const entry = { header, hash: sha256Text(JSON.stringify([header, payload])), payload }
    this.entries.push(entry)
    this.#byId.set(id, seq)
    return entry
  }

  erase(hashes: readonly Hash[]): void {
    const seqs = this.entries.filter(({ hash }) => hashes.includes(hash)).map(({ header }) => header.seq)
    if (seqs.every((seq) => this.erased.has(seq))) return
    this.append({ id: `erase ${this.entries.length}`, type: 'ledger.erase', meta: { entries: [...hashes] } })
    for (const seq of seqs) this.erased.add(seq)
  }

  /** As an own ledger takes a copy: the id decides. */
  take(input: CopyInput): 'appended' | 'existing' | 'ID_TAKEN' | 'TOO_LARGE' {
    const there = this.byId(input.id)
    if (there !== null) {
      const isSame =
        JSON.stringify([there.header.meta, there.payload]) === JSON.stringify([input.meta, input.payload]) &&
        !this.erased.has(there.header.seq)
      return isSame ? 'existing' : 'ID_TAKEN'
    }
    if (syncMarkOf(input.meta)?.originalId.startsWith(BIG) === true) return 'TOO_LARGE'
    this.append(input)
    return 'appended'
  }

  /** Its author wrote other entries from `size` on, and these are the ones that count. */
  rewrite(size: number): void {
    for (const { header } of this.entries.slice(size)) this.#byId.delete(header.id)
    this.entries = this.entries.slice(0, size)
    const erased = this.entries.flatMap(({ header }) =>
      header.type === 'ledger.erase' ? (header.meta.entries as Hash[]) : []
    )
    this.erased.clear()
    for (const { header, hash } of this.entries) if (erased.includes(hash)) this.erased.add(header.seq)
  }
}
