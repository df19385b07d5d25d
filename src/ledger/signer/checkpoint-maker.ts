/** Makes the own ledger's checkpoints: signed Merkle roots over entries that are durable and were read back. */
import { Listeners } from '../../core/listeners.js'
import type { ChainState } from '../../core/chain.js'
import { checkpointOrigin, signCheckpoint } from '../../core/checkpoint.js'
import { LedgermeshError } from '../../core/errors.js'
import type { SigningKey } from '../../core/keys.js'
import type { CompactTree } from '../../core/merkle.js'
import type { LedgerContext } from '../write/context.js'
import type { EntryReader } from '../read/entry-reader.js'
import type { SignerGuard } from './signer-guard.js'
import { compactTreeAt, treeNodes } from '../read/tree-nodes.js'
import type { Tree } from '../read/tree.js'

/** Shortest time between two checkpoints, ms. */
export const MIN_INTERVAL_MS = 1000
/** Longest time that new entries wait for a checkpoint, ms. */
export const MAX_INTERVAL_MS = 60_000
/** Leaves read back at a time. */
const CHUNK = 4096

export interface CheckpointSource {
  context: LedgerContext
  tree: Tree
  reader: EntryReader
  guard: SignerGuard
  /** The durable chain. */
  snapshot: () => ChainState | null
  key: () => SigningKey | null
  /** Runs alone with the ledger's writes. */
  exclusive: (run: () => Promise<void>) => Promise<void>
  keep: (note: string) => Promise<void>
}

export class CheckpointMaker {
  readonly #source: CheckpointSource
  /** The tree over the leaves that were read back so far. */
  #tree: CompactTree | null = null
  #last = { at: Number.NEGATIVE_INFINITY, size: 0 }
  #cancel: (() => void) | null = null
  #running: Promise<string | null> | null = null
  #stopped = false
  readonly #listeners: Listeners<[note: string]>

  constructor(source: CheckpointSource) {
    this.#source = source
    this.#listeners = new Listeners((error) => {
      source.context.log.error({ event: 'checkpoint.listener-failed', error }, 'a checkpoint listener failed')
    })
    const mark = source.guard.mark?.checkpoint
    if (mark) this.#last.size = mark.size
  }

  /** Are there new entries, and is the last checkpoint a second old? */
  isDue(now: number): boolean {
    const chain = this.#source.snapshot()
    return (
      !this.#stopped &&
      chain !== null &&
      chain.size > this.#last.size &&
      now - this.#last.at >= MIN_INTERVAL_MS &&
      this.#source.guard.state === 'ready' &&
      this.#source.key()?.publicKey === chain.key
    )
  }

  /** Makes a checkpoint if one is due; null: none is. Throws STORE_DAMAGED or STORE_FAILED. */
  async maybeCheckpoint(now: number): Promise<string | null> {
    if (this.#running === null) {
      if (!this.isDue(now)) return null
      this.#running = this.#make(now).finally(() => {
        this.#running = null
      })
    }
    return await this.#running
  }

  /**
   * A checkpoint over at least `size` entries, made on demand as soon as the rate allows; null: the ledger is not
   * signed now, or has fewer entries, or another call made it meanwhile: then it is kept.
   */
  async covering(size: number): Promise<string | null> {
    const {
      context: { clock },
      snapshot
    } = this.#source
    if ((snapshot()?.size ?? 0) < size) return null
    for (;;) {
      const now = clock.now()
      const wait = this.#last.at + MIN_INTERVAL_MS - now
      if (this.#running === null && wait > 0 && this.isDue(now + wait)) {
        await new Promise<void>((resolve) => {
          clock.after(wait, resolve)
        })
        continue // a timer may be a little early
      }
      const note = await this.maybeCheckpoint(now)
      if (this.#last.size >= size || note === null) return note
    }
  }

  /** Entries were appended: a checkpoint follows within a minute of the last one. */
  wake(): void {
    if (this.#cancel !== null || this.#stopped) return
    const { clock, log } = this.#source.context
    const now = clock.now()
    const delay = Math.max(MIN_INTERVAL_MS, this.#last.at + MAX_INTERVAL_MS - now)
    this.#cancel = clock.after(delay, () => {
      this.#cancel = null
      this.maybeCheckpoint(clock.now()).then(
        () => {
          if (this.#source.snapshot()!.size > this.#last.size && this.#source.guard.state === 'ready') this.wake()
        },
        (error: unknown) => {
          log.error({ event: 'checkpoint.make-failed', error }, 'a checkpoint could not be made')
        }
      )
    })
  }

  onCheckpoint(listener: (note: string) => void): () => void {
    return this.#listeners.add(listener)
  }

  async stop(): Promise<void> {
    this.#stopped = true
    this.#cancel?.()
    await this.#running?.catch(() => null)
  }

  async #make(now: number): Promise<string | null> {
    const { guard, exclusive, snapshot, key, keep } = this.#source
    const chain = snapshot()!
    const root = await this.#readBack(chain)
    let note: string | null = null
    await exclusive(async () => {
      const signer = key()
      guard.look()
      // a rotation came in between: the key that was in force after `size` entries no longer signs
      if (guard.state !== 'ready' || signer?.publicKey !== chain.key || snapshot()?.key !== chain.key) return
      const signed = await signCheckpoint(
        { origin: checkpointOrigin(chain.network, chain.ledger), size: chain.size, root },
        signer
      )
      await guard.checkpointed({ size: chain.size, root })
      await keep(signed)
      note = signed
    })
    if (note === null) return null
    this.#last = { at: now, size: chain.size }
    this.#listeners.emit(note)
    return note
  }

  /** The root over the chain, from leaves that are re-read from the disk. Throws STORE_DAMAGED. */
  async #readBack(chain: ChainState): Promise<string> {
    const { reader, guard } = this.#source
    const tree = this.#tree ?? (await this.#start(chain, guard.mark?.checkpoint ?? null))
    this.#tree = null // whatever fails below must not leave a half-grown tree
    let last: string | null = null
    while (tree.size < chain.size) {
      const from = tree.size
      const leaves = await reader.leaves(from, Math.min(from + CHUNK, chain.size))
      if (leaves.length === 0) throw new LedgermeshError('STORE_DAMAGED', `entry ${from} is missing`)
      for (const leaf of leaves) tree.append(leaf)
      last = leaves.at(-1)!
    }
    if (last !== null && last !== chain.headHash)
      throw new LedgermeshError('STORE_DAMAGED', 'the stored entries do not lead to the head')
    this.#tree = tree
    return tree.root()
  }

  /** From the last checkpoint that was signed, if the stored nodes still lead to its root. */
  async #start(chain: ChainState, signed: { size: number; root: string } | null): Promise<CompactTree> {
    const { tree, reader } = this.#source
    if (signed === null || signed.size >= chain.size) return await compactTreeAt(treeNodes(tree, reader, 0), 0)
    const grown = await compactTreeAt(treeNodes(tree, reader, signed.size), signed.size)
    if (grown.root() !== signed.root)
      throw new LedgermeshError(
        'STORE_DAMAGED',
        `the stored entries do not lead to the checkpoint of size ${signed.size}`
      )
    return grown
  }
}
