import type { SigningKey } from '../core/keys.js'
import type { LedgerId } from '../core/ledger-id.js'
import { encodeNodeRecord, type NodeRecord, type SignedNodeRecord } from '../core/node-record.js'
import { signingInput } from '../core/signature.js'
import type { Clock } from '../ports.js'

/** A record lives so long (DESIGN §6: at most 24 h), and is made anew after half of it. */
const LIFE_MS = 12 * 60 * 60 * 1000

/** Addresses in a record. */
const MAX_ADDRS = 16

export interface OwnRecordInit {
  network: string
  ledger: LedgerId
  peerId: string
  /** The ledger's key, or the peer's own for a node that the ledger authorises. */
  signingKey: SigningKey
  capabilities: string[]
  metadata: NodeRecord['metadata']
  addrs: () => string[]
  clock: Clock
}

/** This node's description of itself. */
export class OwnRecord {
  readonly #init: OwnRecordInit
  #signed: SignedNodeRecord | null = null
  #issued = 0
  #addrs = ''

  constructor (init: OwnRecordInit) {
    this.#init = init
  }

  /** Valid for hours; made anew when it ages or an address changes. */
  async current (): Promise<SignedNodeRecord> {
    const age = this.#init.clock.now() - this.#issued
    return this.#signed === null || age >= LIFE_MS / 2 || this.#listed().join() !== this.#addrs ? await this.renewed() : this.#signed
  }

  /** Has something changed since the record was made? */
  get stale (): boolean {
    return this.#signed === null || this.#listed().join() !== this.#addrs
  }

  /** Made anew, with a higher seq. */
  async renewed (): Promise<SignedNodeRecord> {
    const { network, ledger, peerId, signingKey, capabilities, metadata, clock } = this.#init
    const now = clock.now()
    const addrs = this.#listed()
    const issued = Math.max(now, this.#issued + 1)
    const body = encodeNodeRecord({
      v: 1,
      network,
      ledger,
      peer_id: peerId,
      key: signingKey.publicKey,
      seq: issued,
      issued,
      expires: issued + LIFE_MS,
      addrs,
      capabilities,
      metadata
    })
    // Before the wait: a second call must not use the same seq for other bytes.
    this.#issued = issued
    const signed = { body, signature: await signingKey.sign(signingInput('nodeRecord', body)) }
    if (this.#issued === issued) {
      this.#signed = signed
      this.#addrs = addrs.join()
    }
    return signed
  }

  #listed (): string[] {
    return this.#init.addrs().slice(0, MAX_ADDRS)
  }
}
