/**
 * Where the entries are that references point to. The places that were found last are kept, because most references of
 * a ledger are to the same few entries: a store that searches takes a hundred times as long.
 */
import { BoundedMap } from '../core/bounded.js'
import type { Hash } from '../core/hash.js'
import type { LedgerId } from '../core/ledger-id.js'
import { hashRange, ledgerOfHashKey, seqOf } from '../store/keys.js'
import type { Store } from '../store/store.js'
import type { Ledger } from './ledger.js'
import type { HeldEntries, ReferenceTarget } from './read/reference-target.js'
import { unlessDamaged } from './read/unless-damaged.js'

/** Places kept of each kind: some 250 bytes each. */
const MAX_PLACES = 4096

export interface Place {
  ledger: Ledger
  seq: number
}

interface Found extends Place {
  entryId: string
  entryHash: Hash
  /** The ledger's `cuts` before it was looked up: another entry may have that seq since. */
  cuts: number
}

export interface HeldPlacesInit {
  store: Store
  byId: (id: LedgerId) => Ledger | undefined
  byNumber: (ledgerNumber: number) => Ledger | undefined
}

/** Visible entries only. */
export class HeldPlaces implements HeldEntries {
  readonly #init: HeldPlacesInit
  readonly #hashes = new BoundedMap<Hash, Found>(MAX_PLACES)
  readonly #ids = new BoundedMap<string, Found>(MAX_PLACES)

  constructor(init: HeldPlacesInit) {
    this.#init = init
  }

  isHeld(id: LedgerId): boolean {
    return this.#init.byId(id) !== undefined
  }

  isPrivate(id: LedgerId): boolean {
    return this.#init.byId(id)?.chain?.access === 'private'
  }

  async byHash(hash: Hash): Promise<ReferenceTarget | null> {
    const found = await this.find(hash)
    return found === null ? null : { ledgerId: found.ledger.id, entryId: found.entryId, entryHash: hash }
  }

  async byId(id: LedgerId, entryId: string): Promise<Hash | null> {
    const name = `${id} ${entryId}`
    const kept = this.#ids.get(name)
    if (kept !== undefined && this.#isThere(kept)) {
      this.#ids.set(name, kept)
      return kept.entryHash
    }
    this.#ids.delete(name)
    const ledger = this.#init.byId(id)
    if (ledger === undefined) return null
    const { cuts } = ledger
    const seq = await ledger.reader.seqOfId(entryId, ledger.visible)
    const found = seq === null ? null : await this.#read({ ledger, seq }, cuts)
    if (found === null) return null
    this.#ids.set(name, found)
    this.#hashes.set(found.entryHash, found)
    return found.entryHash
  }

  /** The place of the entry with this hash, whose bytes had it when they were read; null: none is held. */
  async find(hash: Hash): Promise<Found | null> {
    const kept = this.#hashes.get(hash)
    if (kept !== undefined && this.#isThere(kept)) {
      this.#hashes.set(hash, kept)
      return kept
    }
    this.#hashes.delete(hash)
    for (const key of await this.#init.store.keys(hashRange(hash))) {
      const ledger = this.#init.byNumber(ledgerOfHashKey(key))
      if (ledger === undefined) continue
      const found = await this.#read({ ledger, seq: seqOf(key) }, ledger.cuts)
      if (found?.entryHash !== hash) continue
      this.#hashes.set(hash, found)
      return found
    }
    return null
  }

  async #read({ ledger, seq }: Place, cuts: number): Promise<Found | null> {
    if (seq >= ledger.visible) return null
    const entry = await unlessDamaged(() => ledger.storedEntry(seq))
    if (entry === null) return null
    const found = { ledger, seq, entryId: entry.header.id, entryHash: entry.hash, cuts }
    return this.#isThere(found) ? found : null
  }

  #isThere({ ledger, seq, cuts }: Found): boolean {
    return this.#init.byId(ledger.id) === ledger && ledger.cuts === cuts && seq < ledger.visible
  }
}
