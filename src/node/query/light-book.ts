/**
 * Remembers, for ledgers that are not held, the largest checkpoint verified here, the peers that showed it, and the
 * newest key; on the disk, so that a restart forgets nothing. The next answer must continue it, two different ones of
 * one size are evidence against the author, and a key that was retired decides nothing any more.
 */
import type { VerifiedBasis } from '../../core/answer-page.js'
import { keyInForce } from '../../core/chain.js'
import { decodeSigned, type SignedHeader } from '../../core/entry.js'
import { isCoded } from '../../core/errors.js'
import { encodeEvidence, sameSizeEvidence } from '../../core/evidence.js'
import type { LedgerId } from '../../core/ledger-id.js'
import type { Clock, Log } from '../../ports.js'
import { chunks } from '../../store/chunks.js'
import { familyRange } from '../../store/keys.js'
import type { Op, Store } from '../../store/store.js'
import { deleteLight, MAX_PEERS, putLight, readLight, type Light } from './light-row.js'

export interface LightBookInit {
  store: Pick<Store, 'rows' | 'write'>
  clock: Pick<Clock, 'now'>
  log: Log
}

/** Limit of remembered ledgers: the one shown longest ago makes room. */
export const MAX_LEDGERS = 4096
/** Evidence that is kept: characters of one, and ledgers that have some, 16 MiB in all. */
export const MAX_EVIDENCE_CHARS = 64 * 1024
export const MAX_CONVICTED = 256
/** Rows read together. */
const CHUNK = 64

export class LightBook {
  readonly #init: LightBookInit
  /** The one shown longest ago first. */
  readonly #ledgers = new Map<LedgerId, Light>()
  #loading: Promise<void> | null = null

  constructor(init: LightBookInit) {
    this.#init = init
  }

  /** To be awaited before anything else is asked: the rows are read once. */
  async load(): Promise<void> {
    await (this.#loading ??= this.#load())
  }

  of(ledger: LedgerId): Light | null {
    return this.#ledgers.get(ledger) ?? null
  }

  /** Does the answer leave out the newest key that was seen? Then a retired key could have signed it (A9). */
  isRetired({ ledger, size, keys }: Pick<VerifiedBasis, 'ledger' | 'size' | 'keys'>): boolean {
    const newest = this.#ledgers.get(ledger)?.newestKey
    return (
      newest !== undefined &&
      size > newest.from &&
      !keys.some(({ from, key }) => from === newest.from && key === newest.key)
    )
  }

  /** `linked`: it was proved to continue the remembered one. Otherwise it is not remembered. */
  async note(
    { ledger, name, size, root, keys }: VerifiedBasis,
    note: string,
    by: { peer: string; isOwner: boolean },
    linked: boolean | null
  ): Promise<void> {
    const known = this.#ledgers.get(ledger)
    if (known !== undefined && (linked !== true || size < known.size)) return
    const isSame = known?.size === size
    const peers = isSame ? known.peers.filter((peer) => peer !== by.peer) : []
    const { from, key } = keys.at(-1)!
    const byOwner = by.isOwner || (isSame && known.byOwner)
    const isNews = !isSame || byOwner !== known.byOwner || peers.length === known.peers.length
    await this.#set(
      ledger,
      {
        name,
        note,
        size,
        root,
        peers: [...peers, by.peer].slice(-MAX_PEERS),
        byOwner,
        newestKey: { from, key },
        seen: this.#init.clock.now(),
        evidence: known?.evidence ?? null
      },
      isNews
    )
  }

  /** Keeps evidence against the author of a remembered ledger, unless there is some, or it is large. */
  async convict(ledger: LedgerId, file: Uint8Array): Promise<void> {
    const known = this.#ledgers.get(ledger)
    if (known === undefined || known.evidence !== null || file.length > MAX_EVIDENCE_CHARS) return
    const convicted = [...this.#ledgers].filter(([, { evidence }]) => evidence !== null)
    if (convicted.length >= MAX_CONVICTED) await this.#set(convicted[0]![0], { ...convicted[0]![1], evidence: null })
    await this.#set(ledger, { ...known, evidence: Buffer.from(file).toString() })
  }

  /** Evidence from two different checkpoints of one size. Null: they agree, or none is remembered. */
  contradiction(basis: VerifiedBasis, note: string, keyEntries: readonly SignedHeader[]): Uint8Array | null {
    const known = this.#ledgers.get(basis.ledger)
    if (known === undefined || known.size !== basis.size || known.root === basis.root) return null
    const accused = {
      network: basis.network,
      ledger: basis.ledger,
      keyEntries: keyEntries.map((entry) => ({ ...entry, seq: decodeSigned(entry).header.seq }))
    }
    return encodeEvidence(sameSizeEvidence(accused, keyInForce(basis, basis.size - 1), known.note, note))
  }

  async #load(): Promise<void> {
    const rows: { ledger: LedgerId; light: Light }[] = []
    for await (const chunk of chunks(this.#init.store, familyRange('light'), CHUNK))
      rows.push(...chunk.flatMap((row) => readLight(row) ?? []))
    for (const { ledger, light } of rows.sort((a, b) => a.light.seen - b.light.seen)) this.#ledgers.set(ledger, light)
  }

  async #set(ledger: LedgerId, light: Light, isNews = true): Promise<void> {
    const ops: Op[] = isNews ? [putLight(ledger, light)] : []
    this.#ledgers.delete(ledger)
    this.#ledgers.set(ledger, light)
    if (this.#ledgers.size > MAX_LEDGERS) {
      const [oldest] = this.#ledgers.keys()
      this.#ledgers.delete(oldest!)
      ops.push(deleteLight(oldest!))
    }
    try {
      if (ops.length > 0) await this.#init.store.write(ops, { sync: false })
    } catch (error) {
      if (!isCoded(error, 'STORE_FAILED') && !isCoded(error, 'CLOSED')) throw error
      this.#init.log.warn(
        { event: 'query.light-failed', ledger, error: error.message },
        'what was shown of a ledger is remembered until the next start only'
      )
    }
  }
}
