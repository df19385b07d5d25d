/** Decides from the signer's mark whether the own ledger may be signed (I2), and keeps the mark. */
import type { Entry } from '../../core/entry.js'
import { LedgermeshError } from '../../core/errors.js'
import type { Hash } from '../../core/hash.js'
import type { LedgerId } from '../../core/ledger-id.js'
import type { Clock, Log } from '../../ports.js'
import { MarkFile, type SignerMark } from './signer-mark.js'

/**
 * `confirming`, `twin`: signing is held, for the reasons of sync/signer; `restoring`: entries that this key has signed
 * are not here; `failed`: a commit has an unknown outcome (I1); `frozen`: there is evidence against the own key (I4).
 */
export const OWN_STATES = ['ready', 'confirming', 'twin', 'restoring', 'failed', 'frozen'] as const
/** Whether the own ledger signs, and if not, why. */
export type OwnState = (typeof OWN_STATES)[number]

/** Why nothing is signed although nothing is known to be missing (FAULTS R3, R4). */
export interface Hold {
  code: 'CONFIRMING' | 'TWIN' | 'READ_ONLY'
  message: string
}

/**
 * The part that can hold signing. `look`: called before each signature; `lacking`: an own entry is not stored here, and
 * nothing is signed any more; `restored`: the missing entries are stored.
 */
export interface SignerObserver {
  look: () => void
  lacking: (entry: Entry) => void
  restored: () => void
}

/** What the guard needs to know about the stored own ledger. */
export interface OwnStored {
  id: LedgerId
  size: number
  hashAt: (seq: number) => Promise<Hash | null>
}

/** Where the mark is kept: a file, or the simulator's memory. */
export type MarkStore = Pick<MarkFile, 'path' | 'mark' | 'write'>

interface Target {
  seq: number
  hash: Hash
}

export class SignerGuard {
  readonly #file: MarkStore | null
  readonly #log: Log
  #mark: SignerMark | null
  readonly #failing = new AbortController()
  #state: 'ready' | 'restoring' | 'failed' = 'ready'
  #hold: Hold | null = null
  #onLook: () => void = () => {}
  readonly #waiting = new Set<() => void>()
  #closed = false
  /** Entries that the operator has overridden: they do not stop the signer again. */
  readonly #overridden = new Set<Hash>()
  /** What must be stored before the key may sign again; null while restoring: only the operator knows. */
  #target: Target | null = null

  /** `file` null: no mark is kept. */
  constructor(file: MarkStore | null, log: Log) {
    this.#file = file
    this.#mark = file?.mark ?? null
    this.#log = log
  }

  /** `path` null: no mark is kept (tests, tools that only read). Throws BAD_FILE. */
  static async open(path: string | null, log: Log): Promise<SignerGuard> {
    return new SignerGuard(path === null ? null : await MarkFile.open(path), log)
  }

  get state(): OwnState {
    return this.#state !== 'ready' || this.#hold === null
      ? this.#state
      : this.#hold.code === 'TWIN'
        ? 'twin'
        : 'confirming'
  }

  /** null: signing is not held. */
  hold(hold: Hold | null): void {
    this.#hold = hold
    this.#wake()
  }

  /** `look` is called before each signature, so that the holder can check the clocks first. */
  onLook(look: () => void): void {
    this.#onLook = look
  }

  /** To be called before `state` decides about a signature. */
  look(): void {
    this.#onLook()
  }

  /** Waits while only CONFIRMING is in the way, at most `ms`. */
  async opened(clock: Clock, ms: number): Promise<void> {
    this.look()
    if (this.#isHeldBack())
      return await new Promise((resolve) => {
        const done = (): void => {
          if (this.#isHeldBack()) return
          end()
        }
        const end = (): void => {
          this.#waiting.delete(done)
          cancel()
          resolve()
        }
        const cancel = clock.after(ms, end)
        this.#waiting.add(done)
      })
  }

  /** The node stops: all waits end. */
  close(): void {
    this.#closed = true
    this.#wake()
  }

  get mark(): SignerMark | null {
    return this.#mark
  }

  /** While restoring: the progress, if it is known. */
  get target(): { seq: number; hash: Hash } | null {
    return this.#target
  }

  /** At open. Throws WRONG_LEDGER when the mark is that of another ledger. */
  async check(stored: OwnStored): Promise<void> {
    if (this.#file === null) return
    const mark = this.#mark
    if (mark === null) {
      if (stored.size > 0) this.#restore("the signer's mark is missing", null)
      return
    }
    if (mark.ledger !== stored.id)
      throw new LedgermeshError(
        'WRONG_LEDGER',
        `the signer's mark ${this.#file.path} belongs to ledger ${mark.ledger}, the store to ${stored.id}`
      )
    if ((await stored.hashAt(mark.seq)) !== mark.hash) this.#restore("the signer's mark is not what is stored", mark)
  }

  /** Throws RESTORING or STORE_FAILED unless the key may sign. */
  assertReady(): void {
    this.look()
    if (this.#state === 'restoring')
      throw new LedgermeshError(
        'RESTORING',
        'this node has signed entries that are not in its store',
        this.#target === null ? undefined : { seq: this.#target.seq }
      )
    if (this.#state === 'failed')
      throw new LedgermeshError('STORE_FAILED', 'nothing was written: an earlier commit has an unknown outcome', {
        outcome: 'nothing written'
      })
    if (this.#hold !== null) throw new LedgermeshError(this.#hold.code, this.#hold.message)
  }

  /** Fires when the outcome of a commit is unknown: nothing is signed any more. */
  get failing(): AbortSignal {
    return this.#failing.signal
  }

  fail(): void {
    this.#state = 'failed'
    this.#failing.abort()
    this.#wake()
  }

  /**
   * A valid own entry exists that is not stored: nothing is signed until it is. Kept only in memory: the mark never
   * goes above the own head before the linked range up to it is stored (R5). False: the operator has overridden it.
   */
  lacks({ seq, hash }: Target): boolean {
    if (this.#overridden.has(hash)) return false
    if (this.#state !== 'restoring' || (this.#target !== null && this.#target.seq < seq))
      this.#restore('a peer has an own entry that is not stored', { seq, hash })
    return true
  }

  /**
   * A valid own entry exists in the place of a stored one: nothing is signed any more, not even after a restart (the
   * mark names it).
   */
  async contradicted(ledger: LedgerId, { seq, hash }: Target): Promise<boolean> {
    if (!this.lacks({ seq, hash })) return false
    await this.#write({ ledger, seq, hash, checkpoint: this.#mark?.checkpoint ?? null })
    return true
  }

  /** After entries were pulled back: ready again when everything that was signed is stored. */
  async restored(stored: OwnStored): Promise<boolean> {
    if (this.#state !== 'restoring' || this.#target === null) return false
    if ((await stored.hashAt(this.#target.seq)) !== this.#target.hash) return false
    await this.#ready(stored)
    return true
  }

  /** The operator declares that everything ever signed is stored. */
  async override(stored: OwnStored): Promise<void> {
    if (this.#state !== 'restoring') return
    if (this.#target !== null) this.#overridden.add(this.#target.hash)
    this.#log.warn(
      { event: 'signer.restore-overridden', ledger: stored.id, size: stored.size },
      'the operator ended RESTORING'
    )
    await this.#ready(stored)
  }

  /** Before a signature of this entry leaves the process. */
  async signed(ledger: LedgerId, seq: number, hash: Hash): Promise<void> {
    await this.#write({ ledger, seq, hash, checkpoint: this.#mark?.checkpoint ?? null })
  }

  /** Before the checkpoint's signature leaves the process. */
  async checkpointed(checkpoint: { size: number; root: Hash }): Promise<void> {
    if (this.#mark !== null) await this.#write({ ...this.#mark, checkpoint })
  }

  async #ready(stored: OwnStored): Promise<void> {
    const seq = stored.size - 1
    const hash = seq < 0 ? null : await stored.hashAt(seq)
    if (hash === null) throw new LedgermeshError('RESTORING', 'not one entry of the own ledger is stored')
    const checkpoint = this.#mark?.checkpoint ?? null
    await this.#write({
      ledger: stored.id,
      seq,
      hash,
      checkpoint: checkpoint !== null && checkpoint.size <= stored.size ? checkpoint : null
    })
    this.#target = null
    this.#state = 'ready'
    this.#wake()
    this.#log.info(
      { event: 'signer.restored', ledger: stored.id, size: stored.size },
      'the own ledger may be signed again'
    )
  }

  #restore(why: string, target: Target | null): void {
    this.#log.warn(
      { event: 'signer.restoring', why, target },
      'the own ledger is older than what its key has signed; restoring'
    )
    if (this.#state !== 'failed') this.#state = 'restoring'
    this.#target = target === null ? null : { seq: target.seq, hash: target.hash }
    this.#wake()
  }

  #isHeldBack(): boolean {
    return this.#state === 'ready' && this.#hold?.code === 'CONFIRMING' && !this.#closed
  }

  #wake(): void {
    for (const done of [...this.#waiting]) done()
  }

  async #write(mark: SignerMark): Promise<void> {
    await this.#file?.write(mark)
    this.#mark = mark
  }
}
