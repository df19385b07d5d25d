/** Which evidence against a ledger has been heard here, for those who have more of it. */
import { evidenceId } from '../../core/evidence.js'
import type { Hash } from '../../core/hash.js'
import { MAX_KEPT_EVIDENCE } from '../../core/judge-evidence.js'

export interface HeardEvidenceInit {
  /** All that is kept. */
  all: () => Promise<Uint8Array[]>
  read: (id: Hash) => Promise<Uint8Array | null>
  /** The beginning of the id of the one that is shown first; null: there is none. */
  shown: () => string | null
}

export class HeardEvidence {
  readonly #init: HeardEvidenceInit
  /** Null: not read since it changed. */
  #kept: Promise<Hash[]> | null = null
  #passedOver: Hash[] = []

  constructor(init: HeardEvidenceInit) {
    this.#init = init
  }

  /** What is kept is another now. What was passed over may be worth more with it. */
  changed(): void {
    this.#kept = null
    this.#passedOver = []
  }

  /**
   * It was heard, and is not kept: it need not come again before something else is decided. The last few are
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
   * One that is kept, and that nobody has who heard these; null: there is none. Asking costs one read, however much is
   * kept.
   */
  async beside(heard: readonly Hash[]): Promise<Uint8Array | null> {
    const lacking = (await this.#ids()).filter((id) => !heard.includes(id))
    const shown = this.#init.shown()
    const id = lacking.find((one) => shown !== null && one.startsWith(shown)) ?? lacking[0]
    return id === undefined ? null : await this.#init.read(id)
  }

  /** What is read while it changes is for those who asked before. */
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
