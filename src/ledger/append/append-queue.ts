/** Group commit: appends that arrive while one commit runs go into the next one, with one batch and one fsync. */
import { LedgermeshError } from '../../core/errors.js'
import type { SigningKey } from '../../core/keys.js'
import type { Draft, Drafted, DraftRequest } from './draft.js'

export interface AppendRequest extends DraftRequest {
  /** A rotation's key: signs this request and the following ones. */
  key: SigningKey | null
  /** The evidence (its id in the ledger's state) whose freeze this rotation ends; null: the rotation ends no freeze. */
  ends: string | null
}

interface Waiting extends AppendRequest {
  resolve: (entries: Drafted[]) => void
  reject: (error: unknown) => void
}

export interface AppendTarget {
  exclusive: (run: () => Promise<void>) => Promise<void>
  /** Throws when nothing may be signed now. */
  draft: () => Draft
  /** Throws when this request may not be signed. */
  admit: (request: AppendRequest) => void
  key: () => SigningKey | null
  /** Makes the drafted entries durable; `key` is in force after them. */
  commit: (draft: Draft, key: SigningKey) => Promise<void>
}

/** Approximate number of entries of one commit: bounds how long its first caller waits for the others. */
const GROUP_ENTRIES = 1024

export class AppendQueue {
  readonly #target: AppendTarget
  readonly #waiting: Waiting[] = []
  #pump: Promise<void> | null = null
  #closed = false

  constructor(target: AppendTarget) {
    this.#target = target
  }

  /** Resolves when the entries are durable. A request that is refused does not fail the others of its group. */
  async add(request: AppendRequest): Promise<Drafted[]> {
    if (this.#closed) throw new LedgermeshError('CLOSED', 'the ledger is closed')
    return await new Promise<Drafted[]>((resolve, reject) => {
      this.#waiting.push({ ...request, resolve, reject })
      this.#pump ??= this.#run()
    })
  }

  /** Waits for the queued requests, and refuses new ones. */
  async close(): Promise<void> {
    this.#closed = true
    await this.#pump
  }

  async #run(): Promise<void> {
    await Promise.resolve() // callers of the same turn join the first group
    while (this.#waiting.length > 0) {
      let count = 0
      let entries = 0
      while (count < this.#waiting.length && entries < GROUP_ENTRIES) entries += this.#waiting[count++]!.inputs.length
      const group = this.#waiting.splice(0, count)
      try {
        await this.#target.exclusive(async () => {
          await this.#commit(group)
        })
      } catch (error) {
        for (const request of group) request.reject(error)
      }
    }
    this.#pump = null
  }

  async #commit(group: Waiting[]): Promise<void> {
    const draft = this.#target.draft()
    const accepted: { request: Waiting; drafted: Drafted[] }[] = []
    let key = this.#target.key()!
    for (const { inputs } of group) draft.lookUp(inputs)
    for (const request of group) {
      try {
        this.#target.admit(request)
        const drafted = await draft.add(request, request.key ?? key)
        key = request.key ?? key
        accepted.push({ request, drafted })
      } catch (error) {
        request.reject(error)
      }
    }
    if (draft.entries.length > 0) await this.#target.commit(draft, key)
    for (const { request, drafted } of accepted) request.resolve(drafted)
  }
}
