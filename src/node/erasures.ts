/**
 * Who has confirmed an erasure of the own ledger (DESIGN §2: "confirmations are the peers' claims"). A mirror confirms when it is asked: its head is
 * above the erasing entry, and it has none of the erased payloads to hand out. Nothing of this is stored; what is remembered is bounded.
 */
import type { WantedHead } from '../../protocols/hello/index.js'
import { decodeHeader } from '../core/header.js'
import type { Hash } from '../core/hash.js'
import type { EraseMeta } from '../core/ledger-types.js'
import type { LedgerEntry } from '../core/view.js'
import type { OwnLedger } from '../ledger/own-ledger.js'
import type { Clock, Log } from '../ports.js'
import type { Erasure, ErasureFilters, ErasureHolder, ErasuresResult } from './erasures-api.js'
import type { Mesh } from './mesh.js'

/** Mirrors that are remembered, also after they left; then the one that was heard of longest ago goes. */
const MAX_MIRRORS = 256
/** Confirmations that are remembered of one mirror. */
const MAX_CONFIRMED = 512
/** Payloads asked for at once (`MAX_ITEMS` of pull). */
const MAX_SEQS = 512
/** Milliseconds for asking one mirror about everything. */
const ASK_TIMEOUT_MS = 10_000
/** Erasures in one answer, unless the caller says otherwise. */
const DEFAULT_LIMIT = 20

interface Mirrored {
  /** Entries that it said to hold. */
  size: number
  /** Seq of the erasing entry → when it was confirmed, ms since the epoch. */
  confirmed: Map<number, number>
  /** Erasures of which it still handed out a payload when it was asked last. */
  holding: Set<number>
}

interface Wanted { seq: number, payloads: number[] }

export class Erasures {
  readonly #own: () => OwnLedger
  readonly #mesh: Mesh
  readonly #clock: Clock
  readonly #log: Log
  /** By peer id, the one heard of longest ago first. */
  readonly #mirrors = new Map<string, Mirrored>()

  constructor (init: { own: () => OwnLedger, mesh: Mesh, clock: Clock, log: Log }) {
    this.#own = init.own
    this.#mesh = init.mesh
    this.#clock = init.clock
    this.#log = init.log
  }

  /** To be called before the network starts. */
  start (): void {
    this.#mesh.use({ onReady: () => {}, onPeer: () => {}, onPeerGone: () => {}, onHeads: async () => {}, onEvidence: async () => {}, onAsked: (peer, wanted) => { this.#asked(peer, wanted) } })
  }

  /** The newest first. Asks every connected mirror now. Throws CURSOR_INVALID. */
  async list ({ limit = DEFAULT_LIMIT, cursor }: ErasureFilters = {}): Promise<ErasuresResult> {
    const own = this.#own()
    const { entries, nextCursor, hasMore } = await own.query({ type: 'ledger.erase', order: 'desc', limit, cursor })
    const wanted = await Promise.all(entries.map(async ({ seq, meta }): Promise<Wanted> => ({ seq, payloads: await this.#seqs((meta as unknown as EraseMeta).entries, seq) })))
    await Promise.all([...this.#mirrors].map(async ([peer, mirror]) => { await this.#ask(peer, mirror, wanted) }))
    return { ledger: own.id, erasures: entries.map((entry) => this.#describe(entry)), nextCursor, hasMore }
  }

  #asked (peer: string, wanted: WantedHead[]): void {
    const own = this.#own()
    // Whoever follows a ledger asks for its heads, again and again, and at first with nothing held.
    const said = wanted.find(({ ledger }) => ledger === own.id)
    if (said === undefined || !this.#mesh.rights.mayHear(peer, own)) return
    const mirror = this.#mirrors.get(peer) ?? { size: 0, confirmed: new Map(), holding: new Set() }
    this.#mirrors.delete(peer)
    this.#mirrors.set(peer, { ...mirror, size: said.size })
    if (this.#mirrors.size > MAX_MIRRORS) this.#mirrors.delete(this.#mirrors.keys().next().value!)
  }

  /** Seqs of the entries that an erasure names, ascending. */
  async #seqs (hashes: Hash[], before: number): Promise<number[]> {
    const named = await Promise.all(hashes.map(async (hash) => (await this.#own().get({ hash }))?.seq))
    return [...new Set(named.filter((seq) => seq !== undefined && seq < before) as number[])].toSorted((a, b) => a - b)
  }

  /** A mirror that does not answer has not confirmed: that is all that follows. */
  async #ask (peer: string, mirror: Mirrored, wanted: Wanted[]): Promise<void> {
    const open = wanted.filter(({ seq }) => !mirror.confirmed.has(seq))
    if (open.length === 0 || !this.#mesh.isConnected(peer) || !this.#mesh.rights.mayHear(peer, this.#own())) return
    const signal = AbortSignal.timeout(ASK_TIMEOUT_MS)
    try {
      mirror.size = await this.#sizeAt(peer, signal)
      const settled = open.filter(({ seq }) => seq < mirror.size)
      const held = await this.#heldBy(peer, [...new Set(settled.flatMap(({ payloads }) => payloads))].toSorted((a, b) => a - b), signal)
      for (const { seq, payloads } of settled) {
        if (payloads.some((payload) => held.has(payload))) mirror.holding.add(seq)
        else this.#confirm(mirror, seq)
      }
    } catch (error) {
      this.#log.debug({ peer, error: (error as Error).message }, 'a mirror was not asked what it has erased')
    }
  }

  #confirm (mirror: Mirrored, seq: number): void {
    mirror.holding.delete(seq)
    mirror.confirmed.set(seq, this.#clock.now())
    if (mirror.confirmed.size > MAX_CONFIRMED) mirror.confirmed.delete(mirror.confirmed.keys().next().value!)
  }

  async #sizeAt (peer: string, signal: AbortSignal): Promise<number> {
    const { id, visible } = this.#own()
    const { heads, same } = await this.#mesh.askHeads(peer, [{ ledger: id, size: visible }], signal)
    if (same.includes(id)) return visible
    const head = heads.find(({ ledger }) => ledger === id)
    return head === undefined ? 0 : decodeHeader(head.header).seq + 1
  }

  /** Which of these entries' payloads the peer still hands out. */
  async #heldBy (peer: string, seqs: number[], signal: AbortSignal): Promise<Set<number>> {
    const held = new Set<number>()
    for (let at = 0; at < seqs.length;) {
      const items = await this.#mesh.fetchPayloads(peer, this.#own().id, seqs.slice(at, at + MAX_SEQS), signal)
      for (const { seq, payload } of items) if (payload !== null) held.add(seq)
      at += items.length
    }
    return held
  }

  #describe ({ seq, hash, timestamp, meta }: LedgerEntry): Erasure {
    const confirmed: Erasure['confirmed'] = []
    const waiting: Erasure['waiting'] = []
    for (const [peer, mirror] of this.#mirrors) {
      const at = mirror.confirmed.get(seq)
      if (at !== undefined) confirmed.push({ ...this.#holder(peer), at })
      else waiting.push({ ...this.#holder(peer), reason: this.#reason(peer, mirror, seq) })
    }
    return { seq, hash, timestamp, entries: (meta as unknown as EraseMeta).entries, confirmed, waiting }
  }

  #reason (peer: string, { size, holding }: Mirrored, seq: number): Erasure['waiting'][number]['reason'] {
    if (!this.#mesh.isConnected(peer)) return 'OFFLINE'
    if (size <= seq) return 'BEHIND'
    return holding.has(seq) ? 'HOLDS_PAYLOAD' : 'NO_ANSWER'
  }

  #holder (peer: string): ErasureHolder {
    const known = this.#mesh.directory.get(peer)
    const node = known !== null && this.#mesh.directory.isCredible(known) ? known : null
    return { peer, ledger: node?.record.ledger ?? null, name: node?.name ?? null }
  }
}
