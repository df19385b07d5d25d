import { sha256, type Hash } from '../../core/hash.js'
import type { SigningKey } from '../../core/keys.js'
import type { LedgerId } from '../../core/ledger-id.js'
import { encodeNodeRecord, type NodeRecord, type SignedNodeRecord } from '../../core/node-record.js'
import { signingInput } from '../../core/signature.js'
import type { Clock } from '../../ports.js'

/** A record lives so long (DESIGN §6: at most 24 h), and is made anew after half of it. */
const LIFE_MS = 12 * 60 * 60 * 1000

/** A record by the peer's key is used again for so long. */
const PROOF_AGE_MS = 60 * 60_000

/** Addresses in a record. */
const MAX_ADDRS = 16

export interface OwnRecordInit {
  network: string
  ledger: LedgerId
  peerId: string
  /** The ledger's key in force, or the peer's own for a node that the ledger authorises. */
  signingKey: () => SigningKey
  peerKey: SigningKey
  capabilities: string[]
  metadata: NodeRecord['metadata']
  addrs: () => string[]
  clock: Clock
  /**
   * R4: called with the SHA-256 of a record, and its expiry, before the record leaves; on the disk when it resolves.
   * Throws STORE_FAILED.
   */
  remember: (hash: Hash, expires: number) => Promise<void>
  /** There is a newer record than before. */
  onRenewed: () => void
}

/** This node's description of itself. */
export class OwnRecord {
  readonly #init: OwnRecordInit
  #signed: SignedNodeRecord | null = null
  #issued = 0
  #addrs = ''
  #key = ''
  #proof: { issued: number; signed: SignedNodeRecord } | null = null

  constructor(init: OwnRecordInit) {
    this.#init = init
  }

  /**
   * Valid for hours; made anew when it ages, an address changes or the key rotates. What the disk does not take note of
   * is not shown: then the one before, as long as it holds.
   */
  async current(): Promise<SignedNodeRecord> {
    const age = this.#init.clock.now() - this.#issued
    if (!this.stale && age < LIFE_MS / 2) return this.#signed!
    try {
      return await this.renewed()
    } catch (error) {
      if (this.#signed === null || age >= LIFE_MS || this.#key !== this.#init.signingKey().publicKey) throw error
      return this.#signed
    }
  }

  /** When the newest record was issued, ms since the epoch. */
  get issued(): number {
    return this.#issued
  }

  /** ms until it is to be made anew because of its age; 0 or less: now. */
  get ageingMs(): number {
    return this.#issued + LIFE_MS / 2 - this.#init.clock.now()
  }

  /** Has something changed since the record was made? */
  get stale(): boolean {
    return (
      this.#signed === null || this.#listed().join() !== this.#addrs || this.#key !== this.#init.signingKey().publicKey
    )
  }

  /** Made anew, with a higher seq. Throws STORE_FAILED. */
  async renewed(): Promise<SignedNodeRecord> {
    const issued = Math.max(this.#init.clock.now(), this.#issued + 1)
    const addrs = this.#listed()
    const signingKey = this.#init.signingKey()
    // Before the wait: a second call must not use the same seq for other bytes.
    const before = this.#issued
    this.#issued = issued
    try {
      const signed = await this.#sign({ issued, seq: issued, addrs }, signingKey)
      if (this.#issued === issued) {
        this.#signed = signed
        this.#addrs = addrs.join()
        this.#key = signingKey.publicKey
        this.#init.onRenewed()
      }
      return signed
    } catch (error) {
      if (this.#issued === issued) this.#issued = before
      throw error
    }
  }

  /**
   * By the peer's own key, and older than any other: it tells a node with the same peer key that it is not alone, and
   * changes nothing for others. Throws STORE_FAILED.
   */
  async byPeerKey(): Promise<SignedNodeRecord> {
    const issued = this.#init.clock.now()
    // Strangers can ask for it: each one costs a write, and a place among those that are remembered.
    if (this.#proof === null || issued - this.#proof.issued >= PROOF_AGE_MS)
      this.#proof = { issued, signed: await this.#sign({ issued, seq: 0, addrs: this.#listed() }, this.#init.peerKey) }
    return this.#proof.signed
  }

  async #sign(
    { issued, seq, addrs }: Pick<NodeRecord, 'issued' | 'seq' | 'addrs'>,
    { publicKey, sign }: SigningKey
  ): Promise<SignedNodeRecord> {
    const { network, ledger, peerId, capabilities, metadata, remember } = this.#init
    const expires = issued + LIFE_MS
    const body = encodeNodeRecord({
      v: 1,
      network,
      ledger,
      peer_id: peerId,
      key: publicKey,
      seq,
      issued,
      expires,
      addrs,
      capabilities,
      metadata
    })
    await remember(sha256(body), expires)
    return { body, signature: await sign(signingInput('nodeRecord', body)) }
  }

  #listed(): string[] {
    return this.#init.addrs().slice(0, MAX_ADDRS)
  }
}
