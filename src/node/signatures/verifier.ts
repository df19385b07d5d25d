import { availableParallelism } from 'node:os'
import { BoundedMap, BoundedSet } from '../../core/bounded.js'
import { LedgermeshError } from '../../core/errors.js'
import type { SignedHeader } from '../../core/entry.js'
import { sha256 } from '../../core/hash.js'
import { HASH_BYTES, SIGNATURE_BYTES } from '../../core/limits.js'
import { verifyNative, type Verify } from '../../core/signature.js'
import { sodium } from '../../core/platform/sodium.js'
import type { Clock, Log } from '../../ports.js'
import { CheckThread, type PackedEntry, type SlowItem, type Work } from './check-thread.js'

/** Signatures of one peer that native crypto rejected and noble checks again (2 ms each): at once, and per second. */
const BURST = 20
const PER_SECOND = 5
/** And those of all peers together: a fifth of the worker's time. It audits stored entries as well. */
const ALL_BURST = 100
const ALL_PER_SECOND = 100
/** Limit of signatures of peers that wait for the worker. */
const MAX_WAITING = 128
/** Peers whose budget is remembered. */
const MAX_PEERS = 10_000
/**
 * Signatures that are remembered as valid: a head that was announced ends the range that is fetched for it, and every
 * peer shows it again.
 */
const MAX_VALID = 256

/** Threads that check stored entries; each takes some 10 MiB. */
const MAX_THREADS = 4
/** Entries that are worth waking one more thread, a few ms of its time. */
const ENTRIES_PER_THREAD = 64

/** Decides signatures: native crypto's yes at once, everything else in worker threads, within a budget per peer. */
export class Verifier {
  readonly #clock: Clock
  /** The first one also decides what native crypto rejected. */
  readonly #threads: CheckThread[]
  /** Per peer: the time (ms) up to which its budget is used. */
  readonly #used = new BoundedMap<string, number>(MAX_PEERS)
  /** The time (ms) up to which the budget of all peers is used. */
  #allUsed = 0
  /** Signatures of peers that the worker has not decided yet. */
  #waiting = 0
  /** SHA-256 of key, signature and message. */
  readonly #valid = new BoundedSet<string>(MAX_VALID)

  constructor(clock: Clock, log: Log, cores = availableParallelism()) {
    this.#clock = clock
    this.#threads = Array.from({ length: Math.min(cores, MAX_THREADS) }, () => new CheckThread(log))
    const loaded = sodium()
    if (loaded.sodium === null)
      log.info(
        { event: 'signatures.without-sodium', error: loaded.fault },
        'node:crypto makes and checks signatures, which takes twice the time of libsodium'
      )
  }

  /** For signatures that this node itself wants checked: no budget. */
  readonly verify: Verify = (key, message, signature) =>
    this.#native(key, message, signature) || this.#slow({ key, message, signature })

  /**
   * For signatures that a peer sent unasked. Throws OVERLOADED when the budget for invalid-looking signatures is used
   * up, the peer's or that of all, or too many wait.
   */
  forPeer(peer: string): Verify {
    return (key, message, signature) => {
      if (this.#native(key, message, signature)) return true
      this.#spend(peer)
      this.#waiting++
      return this.#slow({ key, message, signature }).finally(() => {
        this.#waiting--
      })
    }
  }

  /** Checks each stored entry on its own, off the main thread, in as many threads as there are cores. */
  async audit(entries: SignedHeader[]): Promise<boolean[]> {
    const parts = Math.min(this.#threads.length, Math.ceil(entries.length / ENTRIES_PER_THREAD))
    const size = Math.ceil(entries.length / parts)
    const answers = await Promise.all(
      this.#threads
        .slice(0, parts)
        .map(async (thread, i) => await thread.ask(pack(entries.slice(i * size, (i + 1) * size))))
    )
    return answers.flat()
  }

  /** Hashing takes a tenth of the time of checking again. */
  #native(key: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
    // of fixed length, they make no two cases the same bytes
    if (key.length !== HASH_BYTES || signature.length !== SIGNATURE_BYTES) return false
    const id = sha256(key, signature, message)
    if (this.#valid.has(id)) return true
    if (!verifyNative(key, message, signature)) return false
    this.#valid.add(id)
    return true
  }

  async close(): Promise<void> {
    await Promise.all(this.#threads.map(async (thread) => await thread.close()))
  }

  async #slow(item: SlowItem): Promise<boolean> {
    return (await this.#threads[0]!.ask([item]))[0]!
  }

  #spend(peer: string): void {
    const now = this.#clock.now()
    const interval = 1000 / PER_SECOND
    const used = Math.max(this.#used.get(peer) ?? 0, now)
    if (used - now > BURST * interval)
      throw new LedgermeshError('OVERLOADED', 'too many signatures that do not check from one peer')
    const allInterval = 1000 / ALL_PER_SECOND
    const allUsed = Math.max(this.#allUsed, now)
    if (this.#waiting >= MAX_WAITING || allUsed - now > ALL_BURST * allInterval)
      throw new LedgermeshError('OVERLOADED', 'too many signatures that do not check from all peers')
    this.#allUsed = allUsed + allInterval
    this.#used.set(peer, used + interval)
  }
}

/** One transferred buffer: thousands of small ones would each be copied with the buffers that they are views of. */
function pack(entries: SignedHeader[]): Work {
  const bytes = new Uint8Array(
    entries.reduce((sum, { header, signature }) => sum + header.length + signature.length, 0)
  )
  const items: PackedEntry[] = []
  let at = 0
  for (const { header, signature } of entries) {
    bytes.set(signature, at)
    bytes.set(header, at + signature.length)
    items.push({ at, headerAt: at + signature.length, end: (at += signature.length + header.length) })
  }
  return { bytes, items }
}
