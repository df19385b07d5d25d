import { sha256, type Hash } from '../../core/hash.js'
import type { SigningKey } from '../../core/keys.js'
import type { LedgerId } from '../../core/ledger-id.js'
import { Mutex } from '../../core/mutex.js'
import { encodeNodeRecord, type NodeRecord, type SignedNodeRecord } from '../../core/node-record.js'
import { signingInput } from '../../core/signature.js'
import type { Clock } from '../../ports.js'

/** Lifetime of a record (DESIGN §6: at most 24 h); it is renewed after half of it. */
const LIFE_MS = 12 * 60 * 60 * 1000

/** How long a record by the peer's key is reused. */
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
   * R4: called with the SHA-256 of a record, and its expiry, before the record is sent; durable when it resolves.
   * Throws STORE_FAILED.
   */
  remember: (hash: Hash, expires: number) => Promise<void>
  /** The record was renewed. */
  onRenewed: () => void
}

/** This node's description of itself. */
export class OwnRecord {
  readonly #init: OwnRecordInit
  /** One is made at a time: whoever asks meanwhile gets that one, if nothing has changed since. */
  readonly #making = new Mutex()
  #signed: SignedNodeRecord | null = null
  #issued = 0
  #addrs = ''
  #key = ''
  #proof: { issued: number; signed: SignedNodeRecord } | null = null

  constructor(init: OwnRecordInit) {
    this.#init = init
  }

  /**
   * Valid for hours; renewed when it ages, an address changes or the key rotates. A record that could not be noted on
   * the disk is not shown: then the earlier one is used while it is valid.
   */
  async current(): Promise<SignedNodeRecord> {
    if (this.#isFresh()) return this.#signed!
    return await this.#making.run(async () => {
      if (this.#isFresh()) return this.#signed!
      try {
        return await this.#make()
      } catch (error) {
        if (this.#signed === null || this.#age() >= LIFE_MS || this.#key !== this.#init.signingKey().publicKey)
          throw error
        return this.#signed
      }
    })
  }

  /** When the newest record was issued, ms since the epoch. */
  get issued(): number {
    return this.#issued
  }

  /** ms until it has to be renewed because of its age; 0 or less: now. */
  get ageingMs(): number {
    return this.#issued + LIFE_MS / 2 - this.#init.clock.now()
  }

  /** Has something changed since the record was made? */
  get stale(): boolean {
    return (
      this.#signed === null || this.#listed().join() !== this.#addrs || this.#key !== this.#init.signingKey().publicKey
    )
  }

  /** A new record with a higher seq. Throws STORE_FAILED. */
  async renewed(): Promise<SignedNodeRecord> {
    return await this.#making.run(async () => await this.#make())
  }

  /**
   * A record by the peer's own key, and older than any other: it shows a node with the same peer key that there is a
   * second one, and changes nothing for others. Throws STORE_FAILED.
   */
  async byPeerKey(): Promise<SignedNodeRecord> {
    return await this.#making.run(async () => {
      const issued = this.#init.clock.now()
      // Unknown peers can request it: each one costs a write, and a place among the remembered records.
      if (this.#proof === null || issued - this.#proof.issued >= PROOF_AGE_MS)
        this.#proof = {
          issued,
          signed: await this.#sign({ issued, seq: 0, addrs: this.#listed() }, this.#init.peerKey)
        }
      return this.#proof.signed
    })
  }

  async #make(): Promise<SignedNodeRecord> {
    const issued = Math.max(this.#init.clock.now(), this.#issued + 1)
    const addrs = this.#listed()
    const signingKey = this.#init.signingKey()
    this.#signed = await this.#sign({ issued, seq: issued, addrs }, signingKey)
    this.#issued = issued
    this.#addrs = addrs.join()
    this.#key = signingKey.publicKey
    this.#init.onRenewed()
    return this.#signed
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

  #age(): number {
    return this.#init.clock.now() - this.#issued
  }

  #isFresh(): boolean {
    return !this.stale && this.#age() < LIFE_MS / 2
  }

  #listed(): string[] {
    return this.#init.addrs().slice(0, MAX_ADDRS)
  }
}
