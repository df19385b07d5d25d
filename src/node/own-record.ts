import type { SigningKey } from '../core/keys.js'
import type { LedgerId } from '../core/ledger-id.js'
import { encodeNodeRecord, type SignedNodeRecord } from '../core/node-record.js'
import { signingInput } from '../core/signature.js'
import type { Clock } from '../ports.js'

/** A record lives so long (DESIGN §6: at most 24 h), and is made anew after half of it. */
const LIFE_MS = 12 * 60 * 60 * 1000

export interface OwnRecordInit {
  network: string
  ledger: LedgerId
  peerId: string
  signingKey: SigningKey
  capabilities: string[]
  version: string
  addrs: () => string[]
  clock: Clock
}

/** This node's description of itself, signed by the key of its ledger. */
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
    const { network, ledger, peerId, signingKey, capabilities, version, clock } = this.#init
    const now = clock.now()
    const addrs = this.#init.addrs().slice(0, 16)
    if (this.#signed !== null && now - this.#issued < LIFE_MS / 2 && addrs.join() === this.#addrs) return this.#signed
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
      metadata: { version, streams: [], region: null }
    })
    this.#signed = { body, signature: await signingKey.sign(signingInput('nodeRecord', body)) }
    this.#issued = issued
    this.#addrs = addrs.join()
    return this.#signed
  }
}
