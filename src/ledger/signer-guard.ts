/** Decides from the signer's mark whether the own ledger may be signed (I2), and keeps the mark. */
import { LedgermeshError } from '../core/errors.js'
import type { Hash } from '../core/hash.js'
import type { LedgerId } from '../core/ledger-id.js'
import type { Log } from '../ports.js'
import { MarkFile, type SignerMark } from './signer-mark.js'

/** `restoring`: entries that this key has signed are not here; `failed`: a commit has an unknown outcome (I1). */
export type OwnState = 'ready' | 'restoring' | 'failed'

/** What the guard asks about the stored own ledger. */
export interface OwnStored {
  id: LedgerId
  size: number
  hashAt: (seq: number) => Promise<Hash | null>
}

interface Target { seq: number, hash: Hash }

export class SignerGuard {
  readonly #file: MarkFile | null
  readonly #log: Log
  #mark: SignerMark | null
  #state: OwnState = 'ready'
  /** What must be stored before the key may sign again; null while restoring: only the operator knows. */
  #target: Target | null = null

  private constructor (file: MarkFile | null, log: Log) {
    this.#file = file
    this.#mark = file?.mark ?? null
    this.#log = log
  }

  /** `path` null: no mark is kept (tests, tools that only read). Throws BAD_FILE. */
  static async open (path: string | null, log: Log): Promise<SignerGuard> {
    return new SignerGuard(path === null ? null : await MarkFile.open(path), log)
  }

  get state (): OwnState {
    return this.#state
  }

  get mark (): SignerMark | null {
    return this.#mark
  }

  /** While restoring: how far, if that is known. */
  get target (): { seq: number, hash: Hash } | null {
    return this.#target
  }

  /** At open. Throws WRONG_LEDGER when the mark is that of another ledger. */
  async check (stored: OwnStored): Promise<void> {
    if (this.#file === null) return
    const mark = this.#mark
    if (mark === null) {
      if (stored.size > 0) this.#restore('the signer\'s mark is missing', null)
      return
    }
    if (mark.ledger !== stored.id) throw new LedgermeshError('WRONG_LEDGER', `the signer's mark ${this.#file.path} belongs to ledger ${mark.ledger}, the store to ${stored.id}`)
    if (await stored.hashAt(mark.seq) !== mark.hash) this.#restore('the signer\'s mark is not what is stored', mark)
  }

  /** Throws RESTORING or STORE_FAILED unless the key may sign. */
  assertReady (): void {
    if (this.#state === 'restoring') throw new LedgermeshError('RESTORING', 'this node has signed entries that are not in its store', this.#target === null ? undefined : { seq: this.#target.seq })
    if (this.#state === 'failed') throw new LedgermeshError('STORE_FAILED', 'an earlier commit has an unknown outcome')
  }

  fail (): void {
    this.#state = 'failed'
  }

  /** A valid own entry exists that is not stored: nothing is signed until it is, after a restart neither (the mark names it). */
  async lacks (ledger: LedgerId, { seq, hash }: Target): Promise<void> {
    if (this.#state === 'restoring' && (this.#target === null || this.#target.seq >= seq)) return
    this.#restore('a peer has an own entry that is not stored', { seq, hash })
    await this.#write({ ledger, seq, hash, checkpoint: this.#mark?.checkpoint ?? null })
  }

  /** After entries were pulled back: ready again when all that was signed is stored. */
  async restored (stored: OwnStored): Promise<boolean> {
    if (this.#state !== 'restoring' || this.#target === null) return false
    if (await stored.hashAt(this.#target.seq) !== this.#target.hash) return false
    await this.#ready(stored)
    return true
  }

  /** The operator's word that what is stored is all that was ever signed. */
  async override (stored: OwnStored): Promise<void> {
    if (this.#state !== 'restoring') return
    this.#log.warn({ ledger: stored.id, size: stored.size }, 'restoring was overridden by the operator')
    await this.#ready(stored)
  }

  /** Before a signature of this entry leaves the process. */
  async signed (ledger: LedgerId, seq: number, hash: Hash): Promise<void> {
    await this.#write({ ledger, seq, hash, checkpoint: this.#mark?.checkpoint ?? null })
  }

  /** Before the checkpoint's signature leaves the process. */
  async checkpointed (checkpoint: { size: number, root: Hash }): Promise<void> {
    if (this.#mark !== null) await this.#write({ ...this.#mark, checkpoint })
  }

  async #ready (stored: OwnStored): Promise<void> {
    const seq = stored.size - 1
    const hash = seq < 0 ? null : await stored.hashAt(seq)
    if (hash === null) throw new LedgermeshError('RESTORING', 'not one entry of the own ledger is stored')
    const checkpoint = this.#mark?.checkpoint ?? null
    await this.#write({ ledger: stored.id, seq, hash, checkpoint: checkpoint !== null && checkpoint.size <= stored.size ? checkpoint : null })
    this.#target = null
    this.#state = 'ready'
    this.#log.info({ ledger: stored.id, size: stored.size }, 'the own ledger may be signed again')
  }

  #restore (why: string, target: Target | null): void {
    this.#log.warn({ why, target }, 'the own ledger is older than what its key has signed: restoring')
    if (this.#state !== 'failed') this.#state = 'restoring'
    this.#target = target === null ? null : { seq: target.seq, hash: target.hash }
  }

  async #write (mark: SignerMark): Promise<void> {
    await this.#file?.write(mark)
    this.#mark = mark
  }
}
