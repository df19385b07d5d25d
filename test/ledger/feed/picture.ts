/** What a consumer of the feed keeps: the model of every sink. It begins with a snapshot, then applies events. */
import type { FeedEvent, FeedSnapshot } from '../../../src/ledger/feed/feed-event.js'
import type { LedgerEntry } from '../../../src/core/view.js'

interface Copy {
  hash: string
  state: string
  payload: string | null
}

interface LedgerPicture {
  frozen: { from: number; evidence: string } | null
  audited: number
  entries: Map<number, Copy>
}

export class Picture {
  #ledgers = new Map<string, LedgerPicture>()

  /** A page of a snapshot; the first one replaces everything. */
  take({ ledgers, entries }: FeedSnapshot, isFirst: boolean): void {
    if (isFirst)
      this.#ledgers = new Map(
        ledgers.map(({ ledger, frozen, audited }) => [ledger, { frozen, audited, entries: new Map() }])
      )
    for (const entry of entries) this.#of(entry.ledger).entries.set(entry.seq, copyOf(entry))
  }

  apply(event: FeedEvent): void {
    const ledger = this.#of(event.ledger)
    switch (event.kind) {
      case 'entry':
        ledger.entries.set(event.seq, copyOf(event.entry))
        if (event.entry.checked) ledger.audited = Math.max(ledger.audited, event.seq + 1)
        break
      case 'payload-filled':
        ledger.entries.set(event.seq, copyOf(event.entry))
        break
      case 'payload-erased':
      case 'erase-withdrawn':
        ledger.entries.set(event.seq, { hash: event.hash, state: event.payload_state, payload: null })
        break
      case 'frozen':
        ledger.frozen = { from: event.from, evidence: event.evidence }
        retract(ledger, event.from)
        break
      case 'voided':
      case 'cut':
        retract(ledger, event.from)
        break
      case 'thawed':
        ledger.frozen = null
        break
      case 'audited':
        ledger.audited = event.size
        break
      case 'removed':
        this.#ledgers.delete(event.ledger)
        break
      case 'right-ended':
      case 'evidence':
        break
    }
  }

  copy(): Picture {
    const copied = new Picture()
    copied.#ledgers = structuredClone(this.#ledgers)
    return copied
  }

  /** To be compared. Of payloads that erased entries do not have, nothing is expected. */
  facts(): object {
    return Object.fromEntries(
      [...this.#ledgers]
        .filter(([, { entries }]) => entries.size > 0)
        .toSorted(([a], [b]) => (a < b ? -1 : 1))
        .map(([id, { frozen, audited, entries }]) => [
          id,
          { frozen, audited, entries: [...entries].toSorted(([a], [b]) => a - b) }
        ])
    )
  }

  #of(id: string): LedgerPicture {
    let ledger = this.#ledgers.get(id)
    if (ledger === undefined) this.#ledgers.set(id, (ledger = { frozen: null, audited: 0, entries: new Map() }))
    return ledger
  }
}

function copyOf({ hash, payload_state: state, raw }: LedgerEntry): Copy {
  return { hash, state, payload: raw.payload }
}

function retract(ledger: LedgerPicture, from: number): void {
  for (const seq of [...ledger.entries.keys()]) if (seq >= from) ledger.entries.delete(seq)
  ledger.audited = Math.min(ledger.audited, from)
}
