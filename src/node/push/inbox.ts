/**
 * Offers that wait for the operator (`push.accept: ask`). Bounded by peer and host: a flood of offers fills only the
 * places of its sender.
 */
import type { JsonObject } from '../../core/canonical.js'
import { isInteger } from '../../core/grammar.js'
import type { LedgerId } from '../../core/ledger-id.js'
import { placeFor } from '../../sync/push/inbox-worth.js'
import type { Clock, Log } from '../../ports.js'
import type { Store } from '../../store/store.js'
import { damaged, JsonRows } from './json-rows.js'

/** Blocked offers that are kept: they take no place, and the oldest is forgotten first. */
const MAX_BLOCKED = 256
/** Milliseconds until an undecided offer is forgotten. */
const MAX_AGE_MS = 14 * 24 * 60 * 60_000
/** Characters of a ledger id: the rest of the key is the peer. */
const ID_LENGTH = 53

export const OFFER_STATES = ['pending', 'dismissed', 'blocked'] as const
export type OfferState = (typeof OFFER_STATES)[number]

export interface InboxRow {
  /** The ledger's name as its genesis says. */
  name: string
  access: 'public' | 'private'
  /** Entries that the peer claims to hold. */
  size: number
  /** The ledger that the peer represents, as far as it has shown; null: none. */
  from: LedgerId | null
  host: string
  trusted: boolean
  state: OfferState
  /** Times of the first and the last offer, ms since the epoch. */
  first: number
  last: number
}

export interface InboxEntry extends InboxRow {
  ledger: LedgerId
  peer: string
}

export class Inbox {
  readonly #rows: JsonRows<InboxRow>
  readonly #clock: Clock

  private constructor(rows: JsonRows<InboxRow>, clock: Clock) {
    this.#rows = rows
    this.#clock = clock
  }

  static async load({ store, clock, log }: { store: Store; clock: Clock; log: Log }): Promise<Inbox> {
    const inbox = new Inbox(await JsonRows.load(store, 'offer', readRow, log), clock)
    await inbox.#forgetOld()
    return inbox
  }

  /** The oldest first. */
  list(): InboxEntry[] {
    return this.#rows
      .list()
      .map(([key, row]) => ({ ledger: key.slice(0, ID_LENGTH), peer: key.slice(ID_LENGTH), ...row }))
      .sort((a, b) => a.first - b.first || (a.ledger + a.peer < b.ledger + b.peer ? -1 : 1))
  }

  stateOf(ledger: LedgerId, peer: string): 'none' | 'dismissed' | 'blocked' {
    const state = this.#rows.get(ledger + peer)?.state
    return state === 'dismissed' || state === 'blocked' ? state : 'none'
  }

  /** False: there is no place for it. A dismissed or blocked offer stays so. */
  async note(ledger: LedgerId, peer: string, given: Omit<InboxRow, 'state' | 'first' | 'last'>): Promise<boolean> {
    const now = this.#clock.now()
    const known = this.#rows.get(ledger + peer)
    if (known !== null) {
      if (known.state === 'pending') await this.#rows.put(ledger + peer, { ...known, ...given, last: now })
      return true
    }
    await this.#forgetOld()
    const place = placeFor(
      this.list().filter(({ state }) => state !== 'blocked'),
      { ...given, peer, last: now }
    )
    if (place === null) return false
    if (place !== 'free') await this.#rows.delete(place.ledger + place.peer)
    await this.#rows.put(ledger + peer, { ...given, state: 'pending', first: now, last: now })
    return true
  }

  async set(ledger: LedgerId, peer: string, state: OfferState): Promise<void> {
    const row = this.#rows.get(ledger + peer)
    if (row === null) return
    await this.#rows.put(ledger + peer, { ...row, state })
    const blocked = this.list().filter((one) => one.state === 'blocked')
    for (const one of blocked.slice(0, Math.max(0, blocked.length - MAX_BLOCKED)))
      await this.#rows.delete(one.ledger + one.peer)
  }

  /** Removes all offers of the ledger, because it is followed now. */
  async clear(ledger: LedgerId): Promise<void> {
    for (const row of this.list()) if (row.ledger === ledger) await this.#rows.delete(ledger + row.peer)
  }

  async #forgetOld(): Promise<void> {
    for (const { ledger, peer, last, state } of this.list())
      if (state !== 'blocked' && last + MAX_AGE_MS <= this.#clock.now()) await this.#rows.delete(ledger + peer)
  }
}

function readRow({ name, access, size, from, host, trusted, state, first, last }: JsonObject): InboxRow {
  const isTime = (value: unknown): value is number => isInteger(value, Number.MAX_SAFE_INTEGER)
  if (
    typeof name !== 'string' ||
    (access !== 'public' && access !== 'private') ||
    typeof host !== 'string' ||
    typeof trusted !== 'boolean'
  )
    return damaged('offer')
  if (
    !isTime(size) ||
    !isTime(first) ||
    !isTime(last) ||
    !(from === null || typeof from === 'string') ||
    !OFFER_STATES.includes(state as OfferState)
  )
    return damaged('offer')
  return { name, access, size, from, host, trusted, state: state as OfferState, first, last }
}
