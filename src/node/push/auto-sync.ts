/** Watches that own entries reach enough remotes, and logs a warning when they do not. */
import type { Log } from '../../ports.js'
import type { Replicas } from '../api/push.js'

/** Milliseconds in which receipts should arrive: default and maximum. */
export const DEFAULT_REPLICAS_MS = 9_000
export const MAX_REPLICAS_MS = 600_000
/** Most remotes that may be required to have an entry. */
export const MAX_REPLICAS = 1_000

export interface AutoSync {
  /** How many remotes should have the newest own entry; 0: not watched. */
  replicas: number
  timeoutMs: number
}

export interface ReplicaWatchInit extends AutoSync {
  /** The remotes that have own entry `seq`: resolves as soon as enough have it, or after `timeoutMs`. */
  confirmed: (seq: number, wanted: number, timeoutMs: number) => Promise<Replicas>
  /** The newest own entry. */
  newest: () => number
  log: Log
}

export class ReplicaWatch {
  readonly #init: ReplicaWatchInit
  #watching: Promise<void> | null = null
  #stopped = false
  /** Was the warning logged? It is not repeated until there are enough remotes again. */
  #lacking = false

  constructor(init: ReplicaWatchInit) {
    this.#init = init
  }

  /** There are own entries that no remote has yet. */
  appended(): void {
    if (this.#init.replicas === 0 || this.#stopped) return
    this.#watching ??= this.#watch().finally(() => {
      this.#watching = null
    })
  }

  async stop(): Promise<void> {
    this.#stopped = true
    await this.#watching
  }

  async #watch(): Promise<void> {
    for (let seq = -1; seq < this.#init.newest() && !this.#stopped;) {
      seq = this.#init.newest()
      this.#say(seq, await this.#init.confirmed(seq, this.#init.replicas, this.#init.timeoutMs))
    }
  }

  #say(seq: number, { confirmed, waiting }: Replicas): void {
    const { replicas: wanted, log } = this.#init
    const lacking = confirmed.length < wanted
    if (lacking === this.#lacking || this.#stopped) return
    this.#lacking = lacking
    if (!lacking)
      log.info(
        { event: 'push.replicas-reached', seq, replicas: confirmed.length },
        'own entries are safe at enough remotes again'
      )
    else
      log.warn(
        {
          event: 'push.replicas-lacking',
          seq,
          replicas: confirmed.length,
          wanted,
          waiting: waiting.map(({ ledger, code }) => `${ledger} ${code}`)
        },
        'own entries are at fewer remotes than they should be: see remotes'
      )
  }
}
