/** How many calls run at the same time: HTTP must not starve the mesh, nor one token the others. */
import { LedgermeshError } from '../core/errors.js'
import type { MethodName } from '../rpc/methods/index.js'
import { MAX_CALLS, MAX_HEAVY_CALLS, MAX_TOKEN_CALLS } from './limits.js'

/** They read or compute much for one request. */
const HEAVY: readonly string[] = [
  'ledger.verifyChain',
  'ledger.verifyEntry',
  'ledger.prove',
  'ledger.consistency',
  'network.query',
  'network.count',
  'network.followReferences',
  'network.fetchReferences',
  'network.topology',
  'sync.receive',
  'trust.explain'
] satisfies readonly MethodName[]

/** Is there one in this message, or one over all ledgers? */
export function isHeavy(message: unknown): boolean {
  return (Array.isArray(message) ? message : [message]).some(
    (one: { method?: unknown; params?: { ledger?: unknown } } | null) =>
      typeof one === 'object' &&
      one !== null &&
      ((typeof one.method === 'string' && HEAVY.includes(one.method)) || one.params?.ledger === '*')
  )
}

export class Calls {
  readonly #ofToken = new Map<string, number>()
  readonly #waiting: (() => void)[] = []
  #running = 0
  #heavy = 0

  /** Throws OVERLOADED. */
  async run<Result>(token: string, heavy: boolean, work: () => Promise<Result>): Promise<Result> {
    const mine = this.#ofToken.get(token) ?? 0
    if (this.#running >= MAX_CALLS || mine >= MAX_TOKEN_CALLS)
      throw new LedgermeshError(
        'OVERLOADED',
        `${mine} calls of this token, ${this.#running} of all, are being answered`
      )
    this.#running++
    this.#ofToken.set(token, mine + 1)
    try {
      return heavy ? await this.#alone(work) : await work()
    } finally {
      this.#running--
      const left = this.#ofToken.get(token)! - 1
      if (left === 0) this.#ofToken.delete(token)
      else this.#ofToken.set(token, left)
    }
  }

  /** In the order in which they came. */
  async #alone<Result>(work: () => Promise<Result>): Promise<Result> {
    if (this.#heavy >= MAX_HEAVY_CALLS)
      await new Promise<void>((resolve) => {
        this.#waiting.push(resolve)
      })
    else this.#heavy++
    try {
      return await work()
    } finally {
      const next = this.#waiting.shift()
      if (next === undefined) this.#heavy--
      else next()
    }
  }
}
