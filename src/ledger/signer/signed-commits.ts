/**
 * Commits what the own ledger signs: durable, and in the signer's mark, before anyone is told of it (I1, I2). Nothing
 * is drafted while the guard, a freeze or a missing key forbids it.
 */
import type { ChainState } from '../../core/chain.js'
import type { Entry } from '../../core/entry.js'
import { LedgermeshError } from '../../core/errors.js'
import type { SigningKey } from '../../core/keys.js'
import type { LedgerId } from '../../core/ledger-id.js'
import type { AppendRequest, AppendTarget } from '../append/append-queue.js'
import { Draft, type DraftSurroundings } from '../append/draft.js'
import type { LedgerState } from '../read/records.js'
import type { CommitOptions } from '../write/commit-options.js'
import type { SignerGuard } from './signer-guard.js'

/** The ledger that is written. */
export interface SignedLedger {
  readonly id: LedgerId
  readonly chain: ChainState | null
  readonly size: number
  readonly audited: number
  readonly frozen: LedgerState['frozen']
}

export interface SignedCommitsInit {
  ledger: SignedLedger
  /** The signing key; null: this ledger can only be read. */
  signingKey: SigningKey | null
  guard: SignerGuard
  /** Is the state of the store unknown, after a write with an unknown outcome? */
  hasFailed: () => boolean
  drafting: DraftSurroundings
  /** Runs alone with the ledger's writes. */
  exclusive: AppendTarget['exclusive']
  write: (entries: Entry[], chain: ChainState, options: CommitOptions) => Promise<void>
  /** After a commit. */
  committed: (entries: Entry[]) => void
}

export class SignedCommits implements AppendTarget {
  readonly exclusive: AppendTarget['exclusive']
  readonly #init: SignedCommitsInit
  #key: SigningKey | null

  constructor(init: SignedCommitsInit) {
    this.#init = init
    this.#key = init.signingKey
    this.exclusive = init.exclusive
  }

  /** The key that signs now; null: this ledger can only be read. */
  key(): SigningKey | null {
    return this.#key
  }

  /** Throws RESTORING, STORE_FAILED, CONFIRMING, TWIN or READ_ONLY when nothing may be signed now. */
  draft(): Draft {
    const { ledger, guard, drafting } = this.#init
    if (this.#init.hasFailed()) guard.fail()
    guard.assertReady()
    if (this.#key === null || ledger.chain === null) throw new LedgermeshError('READ_ONLY', 'there is no signing key')
    return new Draft(ledger.chain, drafting)
  }

  /**
   * While there is evidence, nothing is signed but the rotation that retires the accused key (R1). The rotation was
   * judged before its turn came: no freeze but the one that it ends may exist. Throws FROZEN.
   */
  admit({ ends }: AppendRequest): void {
    const { frozen } = this.#init.ledger
    if (frozen !== null && frozen.evidence !== ends)
      throw new LedgermeshError('FROZEN', 'there is evidence against the own ledger: nothing is signed')
  }

  /**
   * I1, I2: first the commit (synced), then the mark, then readers and peers may see the entries. `key` is in force
   * afterwards. Throws STORE_FAILED.
   */
  async commit({ entries, chain }: Draft, key: SigningKey): Promise<void> {
    const { ledger, guard } = this.#init
    try {
      await this.#write(entries, chain, ledger.audited === ledger.size ? chain.size : ledger.audited)
      this.#key = key
    } catch (error) {
      guard.fail()
      throw error instanceof LedgermeshError
        ? error
        : new LedgermeshError(
            'STORE_FAILED',
            `the outcome is unknown, the entries may be stored: the signer's mark could not be written: ${(error as Error).message}`,
            { outcome: 'unknown' },
            { cause: error }
          )
    }
    this.#init.committed(entries)
  }

  /** The first commit of a new ledger. */
  async begin(genesis: Entry, chain: ChainState): Promise<void> {
    await this.#write([genesis], chain, 1)
  }

  async #write(entries: Entry[], chain: ChainState, audited: number): Promise<void> {
    const { header, hash } = entries.at(-1)!
    await this.#init.write(entries, chain, {
      payloadStates: () => 'missing',
      sync: true,
      audited,
      beforeShown: async () => {
        await this.#init.guard.signed(this.#init.ledger.id, header.seq, hash)
      }
    })
  }
}
