import { Worker } from 'node:worker_threads'
import { BoundedMap, BoundedSet } from '../../core/bounded.js'
import { LedgermeshError } from '../../core/errors.js'
import type { SignedHeader } from '../../core/entry.js'
import { sha256 } from '../../core/hash.js'
import { HASH_BYTES, SIGNATURE_BYTES } from '../../core/limits.js'
import { verifyNative, type Verify } from '../../core/signature.js'
import type { Clock, Log } from '../../ports.js'

/** A signature to decide. */
export interface SlowItem {
  key: Uint8Array
  message: Uint8Array
  signature: Uint8Array
}
/**
 * The place of a stored entry in `bytes`: its signature at `at`, its header at `headerAt`. It is signed by the `key`
 * that it names.
 */
export interface PackedEntry {
  at: number
  headerAt: number
  end: number
}
export type Work = SlowItem[] | { bytes: Uint8Array; items: PackedEntry[] }

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

interface Job {
  resolve: (valid: boolean[]) => void
  reject: (error: Error) => void
}

/** Decides signatures: native crypto's yes at once, everything else in a worker thread, within a budget per peer. */
export class Verifier {
  readonly #clock: Clock
  readonly #log: Log
  readonly #jobs = new Map<number, Job>()
  /** Per peer: the time (ms) up to which its budget is used. */
  readonly #used = new BoundedMap<string, number>(MAX_PEERS)
  /** The time (ms) up to which the budget of all peers is used. */
  #allUsed = 0
  /** Signatures of peers that the worker has not decided yet. */
  #waiting = 0
  /** SHA-256 of key, signature and message. */
  readonly #valid = new BoundedSet<string>(MAX_VALID)
  #worker: Worker | null = null
  #nextJob = 0
  #closed = false

  constructor(clock: Clock, log: Log) {
    this.#clock = clock
    this.#log = log
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

  /** Checks each stored entry on its own, off the main thread. */
  async audit(entries: SignedHeader[]): Promise<boolean[]> {
    // One transferred buffer: thousands of small ones would each be copied with the buffers that they are views of.
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
    return await this.#ask({ bytes, items }, [bytes.buffer])
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

  async #ask(work: Work, transfer: ArrayBuffer[]): Promise<boolean[]> {
    if (this.#closed) throw new LedgermeshError('CLOSED', 'the verifier is closed')
    const { promise, resolve, reject } = Promise.withResolvers<boolean[]>()
    const id = this.#nextJob++
    this.#jobs.set(id, { resolve, reject })
    this.#start().postMessage({ id, work }, transfer)
    return await promise
  }

  async close(): Promise<void> {
    this.#closed = true
    this.#fail(new LedgermeshError('CLOSED', 'the verifier is closed'))
    await this.#worker?.terminate()
  }

  async #slow(item: SlowItem): Promise<boolean> {
    return (await this.#ask([item], []))[0]!
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

  #start(): Worker {
    if (this.#worker !== null) return this.#worker
    const worker = new Worker(new URL('./audit-worker.js', import.meta.url))
    worker.unref()
    worker.on('message', ({ id, valid }: { id: number; valid: boolean[] }) => {
      this.#jobs.get(id)?.resolve(valid)
      this.#jobs.delete(id)
    })
    worker.on('error', (error) => {
      this.#log.error({ event: 'audit.worker-failed', error: error.message }, 'the audit worker failed')
      this.#worker = null
      this.#fail(error)
    })
    this.#worker = worker
    return worker
  }

  #fail(error: Error): void {
    for (const job of this.#jobs.values()) job.reject(error)
    this.#jobs.clear()
  }
}
