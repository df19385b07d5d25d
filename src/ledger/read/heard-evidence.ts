/** Which evidence against a ledger has been received here, so that peers can send what is missing. */
import { evidenceId } from '../../core/evidence.js'
import type { Hash } from '../../core/hash.js'
import { MAX_KEPT_EVIDENCE } from '../../core/judge-evidence.js'

export interface HeardEvidenceInit {
  /** All kept evidence. */
  all: () => Promise<Uint8Array[]>
  read: (id: Hash) => Promise<Uint8Array | null>
  /** The prefix of the id of the evidence that is shown first; null: there is none. */
  shown: () => string | null
}

export class HeardEvidence {
  readonly #init: HeardEvidenceInit
  /** Null: not read since the evidence changed. */
  #kept: Promise<Hash[]> | null = null
  #passedOver: Hash[] = []

  constructor(init: HeardEvidenceInit) {
    this.#init = init
  }

  /** The kept evidence has changed. Evidence that was not kept before may be worth keeping now. */
  changed(): void {
    this.#kept = null
    this.#passedOver = []
  }

  /**
   * Notes evidence that was received and not kept: it need not be sent again before the next decision. The last few are
   * remembered.
   */
  passOver(id: Hash): void {
    this.#passedOver = [...this.#passedOver.filter((one) => one !== id), id].slice(-MAX_KEPT_EVIDENCE)
  }

  /** At most twice MAX_KEPT_EVIDENCE. */
  async ids(): Promise<Hash[]> {
    return [...(await this.#ids()), ...this.#passedOver]
  }

  /**
   * Kept evidence that a peer with these ids does not have; null: there is none. It costs one read, however much is
   * kept.
   */
  async beside(heard: readonly Hash[]): Promise<Uint8Array | null> {
    const lacking = (await this.#ids()).filter((id) => !heard.includes(id))
    const shown = this.#init.shown()
    const id = lacking.find((one) => shown !== null && one.startsWith(shown)) ?? lacking[0]
    return id === undefined ? null : await this.#init.read(id)
  }

  /** A read that overlaps a change answers only earlier requests. */
  async #ids(): Promise<Hash[]> {
    if (this.#kept !== null) return await this.#kept
    const reading = (this.#kept = this.#init.all().then((all) => all.map(evidenceId)))
    try {
      return await reading
    } catch (error) {
      if (this.#kept === reading) this.#kept = null
      throw error
    }
  }
}
