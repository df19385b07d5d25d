/**
 * Tracks which mirrors have confirmed an erasure of the own ledger (DESIGN §2: "confirmations are the peers' claims").
 * A mirror has confirmed when, on request, its head is above the erasing entry and it serves none of the erased
 * payloads. Confirmations are kept in memory only, with limits.
 */
import { BoundedMap } from '../../core/bounded.js'
import type { WantedHead } from '../../../protocols/hello/index.js'
import { decodeHeader } from '../../core/header.js'
import type { Hash } from '../../core/hash.js'
import { isOfType } from '../../core/ledger-types.js'
import type { LedgerEntry } from '../../core/view.js'
import type { OwnLedger } from '../../ledger/own-ledger.js'
import type { Clock, Log } from '../../ports.js'
import type { Erasure, ErasureFilters, ErasureHolder, ErasuresResult } from '../api/erasures.js'
import type { PeerNetwork } from '../sessions/peer-network.js'
import { deadline } from '../runtime/deadline.js'

/** Limit of remembered mirrors, disconnected ones included; the one not heard of for longest is removed first. */
const MAX_MIRRORS = 256
/** Limit of remembered confirmations of one mirror. */
const MAX_CONFIRMED = 512
/** Payloads asked for at once (`MAX_ITEMS` of pull). */
const MAX_SEQS = 512
/** Milliseconds for asking one mirror about everything. */
const ASK_TIMEOUT_MS = 10_000
/** Erasures in one answer, unless the caller says otherwise. */
const DEFAULT_LIMIT = 20

interface Mirrored {
  /** Entries that it claimed to hold. */
  size: number
  /** Seq of the erasing entry → when it was confirmed, ms since the epoch. */
  confirmed: BoundedMap<number, number>
  /** Erasures of which it still served a payload at the last request. */
  holding: Set<number>
}

interface Wanted {
  seq: number
  payloads: number[]
}

export class Erasures {
  readonly #own: () => OwnLedger
  readonly #peerNetwork: Pick<PeerNetwork, 'connections' | 'directory' | 'requests' | 'rights' | 'use'>
  readonly #clock: Clock
  readonly #log: Log
  /** By peer id, the one not heard of for longest first. */
  readonly #mirrors = new BoundedMap<string, Mirrored>(MAX_MIRRORS)

  constructor(init: {
    own: () => OwnLedger
    peerNetwork: Pick<PeerNetwork, 'connections' | 'directory' | 'requests' | 'rights' | 'use'>
    clock: Clock
    log: Log
  }) {
    this.#own = init.own
    this.#peerNetwork = init.peerNetwork
    this.#clock = init.clock
    this.#log = init.log
  }

  /** To be called before the network starts. */
  start(): void {
    this.#peerNetwork.use({
      onAsked: (peer, wanted) => {
        this.#asked(peer, wanted)
      }
    })
  }

  /** Newest first. Asks every connected mirror now. Throws CURSOR_INVALID. */
  async list({ limit = DEFAULT_LIMIT, cursor }: ErasureFilters = {}): Promise<ErasuresResult> {
    const own = this.#own()
    const { entries, nextCursor, hasMore } = await own.query({ type: 'ledger.erase', order: 'desc', limit, cursor })
    const wanted = await Promise.all(
      entries.map(async (entry): Promise<Wanted> => ({
        seq: entry.seq,
        payloads: await this.#seqs(erasedIn(entry), entry.seq)
      }))
    )
    await Promise.all(
      [...this.#mirrors].map(async ([peer, mirror]) => {
        await this.#ask(peer, mirror, wanted)
      })
    )
    return { ledger: own.id, erasures: entries.map((entry) => this.#describe(entry)), nextCursor, hasMore }
  }

  #asked(peer: string, wanted: WantedHead[]): void {
    const own = this.#own()
    // A follower of the ledger asks for its heads repeatedly, at first holding no entries.
    const said = wanted.find(({ ledger }) => ledger === own.id)
    if (said === undefined || !this.#peerNetwork.rights.mayHear(peer, own)) return
    const mirror = this.#mirrors.get(peer) ?? { size: 0, confirmed: new BoundedMap(MAX_CONFIRMED), holding: new Set() }
    this.#mirrors.set(peer, { ...mirror, size: said.size })
  }

  /** Seqs of the entries that an erasure names, ascending. */
  async #seqs(hashes: Hash[], before: number): Promise<number[]> {
    const named = await Promise.all(hashes.map(async (hash) => (await this.#own().get({ hash }))?.seq))
    return [...new Set(named.filter((seq) => seq !== undefined && seq < before) as number[])].toSorted((a, b) => a - b)
  }

  /** A mirror that does not answer has not confirmed; nothing else follows. */
  async #ask(peer: string, mirror: Mirrored, wanted: Wanted[]): Promise<void> {
    const open = wanted.filter(({ seq }) => !mirror.confirmed.has(seq))
    if (
      open.length === 0 ||
      !this.#peerNetwork.connections.isConnected(peer) ||
      !this.#peerNetwork.rights.mayHear(peer, this.#own())
    )
      return
    const signal = deadline(this.#clock, ASK_TIMEOUT_MS)
    try {
      mirror.size = await this.#sizeAt(peer, signal)
      const settled = open.filter(({ seq }) => seq < mirror.size)
      const held = await this.#heldBy(
        peer,
        [...new Set(settled.flatMap(({ payloads }) => payloads))].toSorted((a, b) => a - b),
        signal
      )
      for (const { seq, payloads } of settled) {
        if (payloads.some((payload) => held.has(payload))) mirror.holding.add(seq)
        else this.#confirm(mirror, seq)
      }
    } catch (error) {
      this.#log.debug(
        { event: 'erasure.ask-failed', peer, error: (error as Error).message },
        'a peer could not be asked for its erasure receipts'
      )
    }
  }

  #confirm(mirror: Mirrored, seq: number): void {
    mirror.holding.delete(seq)
    mirror.confirmed.set(seq, this.#clock.now())
  }

  async #sizeAt(peer: string, signal: AbortSignal): Promise<number> {
    const { id, visible } = this.#own()
    const { heads, same } = await this.#peerNetwork.requests.askHeads(peer, [{ ledger: id, size: visible }], signal)
    if (same.includes(id)) return visible
    const head = heads.find(({ ledger }) => ledger === id)
    return head === undefined ? 0 : decodeHeader(head.header).seq + 1
  }

  /** Which of these entries' payloads the peer still serves. */
  async #heldBy(peer: string, seqs: number[], signal: AbortSignal): Promise<Set<number>> {
    const held = new Set<number>()
    for (let at = 0; at < seqs.length;) {
      const items = await this.#peerNetwork.requests.fetchPayloads(
        peer,
        this.#own().id,
        seqs.slice(at, at + MAX_SEQS),
        signal
      )
      for (const { seq, payload } of items) if (payload !== null) held.add(seq)
      at += items.length
    }
    return held
  }

  #describe(entry: LedgerEntry): Erasure {
    const { seq, hash, timestamp } = entry
    const confirmed: Erasure['confirmed'] = []
    const waiting: Erasure['waiting'] = []
    for (const [peer, mirror] of this.#mirrors) {
      const at = mirror.confirmed.get(seq)
      if (at !== undefined) confirmed.push({ ...this.#holder(peer), at })
      else waiting.push({ ...this.#holder(peer), reason: this.#reason(peer, mirror, seq) })
    }
    return { seq, hash, timestamp, entries: erasedIn(entry), confirmed, waiting }
  }

  #reason(peer: string, { size, holding }: Mirrored, seq: number): Erasure['waiting'][number]['reason'] {
    if (!this.#peerNetwork.connections.isConnected(peer)) return 'OFFLINE'
    if (size <= seq) return 'BEHIND'
    return holding.has(seq) ? 'HOLDS_PAYLOAD' : 'NO_ANSWER'
  }

  #holder(peer: string): ErasureHolder {
    const known = this.#peerNetwork.directory.get(peer)
    const node = known !== null && this.#peerNetwork.directory.isCredible(known) ? known : null
    return { peer, ledger: node?.record.ledger ?? null, name: node?.name ?? null }
  }
}

/** Hashes of the entries whose payloads it erases. */
function erasedIn(entry: LedgerEntry): Hash[] {
  return isOfType(entry, 'ledger.erase') ? entry.meta.entries : []
}
