/** The stored progress of each remote. Progress that a crash loses is reported again with the next offer. */
import { isInteger, isObject } from '../../core/grammar.js'
import type { LedgerId } from '../../core/ledger-id.js'
import type { Ledgers } from '../../ledger/ledgers.js'
import type { Log } from '../../ports.js'
import { flowKey, ledgerRange, remoteOfFlowKey } from '../../store/keys.js'
import type { Op, Store } from '../../store/store.js'
import type { Flow, PushCode } from '../../sync/push/types.js'
import { PUSH_SENTENCES } from '../../sync/push/codes.js'

export interface FlowBookInit {
  store: Store
  ledgers: Ledgers
  log: Log
}

export class FlowBook {
  readonly #init: FlowBookInit
  /** Pending writes; null: a deletion. A flow that changes again meanwhile is written once. */
  readonly #pending = new Map<string, { key: Buffer; flow: Flow | null }>()
  #writing: Promise<void> | null = null

  constructor(init: FlowBookInit) {
    this.#init = init
  }

  async load(): Promise<Flow[]> {
    const { store, ledgers, log } = this.#init
    const flows: Flow[] = []
    for (const { id, ledgerNumber } of ledgers.list()) {
      for (const [key, value] of await store.all(ledgerRange('flow', ledgerNumber))) {
        const flow = readFlow(id, remoteOfFlowKey(key), value)
        if (flow !== null) flows.push(flow)
        else
          log.error(
            { event: 'push.flow-unreadable', ledger: id, peer: remoteOfFlowKey(key) },
            'what a remote had confirmed cannot be read; it is offered again'
          )
      }
    }
    return flows
  }

  put(flow: Flow): void {
    this.#write(flow.ledger, flow.remote, flow)
  }
  delete(ledger: LedgerId, remote: LedgerId): void {
    this.#write(ledger, remote, null)
  }

  /** Waits for pending writes. */
  async idle(): Promise<void> {
    await this.#writing
  }

  #write(ledger: LedgerId, remote: LedgerId, flow: Flow | null): void {
    const mirror = this.#init.ledgers.get(ledger)
    if (mirror === undefined || this.#init.store.failed) return
    const key = flowKey(mirror.ledgerNumber, 'out', remote)
    this.#pending.set(key.toString('latin1'), { key, flow })
    this.#writing ??= this.#flush().finally(() => {
      this.#writing = null
    })
  }

  async #flush(): Promise<void> {
    const { store, log } = this.#init
    while (this.#pending.size > 0 && !store.failed) {
      const changes = [...this.#pending.values()]
      this.#pending.clear()
      try {
        await store.write(
          changes.map(({ key, flow }): Op =>
            flow === null ? { type: 'del', key } : { type: 'put', key, value: encodeFlow(flow) }
          ),
          { sync: false }
        )
      } catch (error) {
        log.warn(
          { event: 'push.flow-write-failed', error: (error as Error).message },
          'what remotes confirmed could not be stored'
        )
      }
    }
  }
}

/** The value of its row. */
export function encodeFlow({ durable, store, code, attempts, last, next }: Flow): Buffer {
  return Buffer.from(JSON.stringify({ durable, store, code, attempts, last, next }))
}

/** null: not a valid row. */
function readFlow(ledger: LedgerId, remote: LedgerId, value: Buffer): Flow | null {
  let row: unknown
  try {
    row = JSON.parse(value.toString())
  } catch {
    return null // the result is null
  }
  const isCount = (count: unknown): count is number => isInteger(count, Number.MAX_SAFE_INTEGER)
  const isTime = (time: unknown): time is number | null => time === null || isCount(time)
  if (!isObject(row) || !isCount(row.durable) || !isCount(row.attempts) || !isTime(row.last) || !isTime(row.next))
    return null
  const { durable, store, code, attempts, last, next } = row
  if (
    !(store === null || (typeof store === 'string' && /^[0-9a-f]{32}$/.test(store))) ||
    !(code === null || (typeof code === 'string' && Object.hasOwn(PUSH_SENTENCES, code)))
  )
    return null
  return { ledger, remote, durable, store, code: code as PushCode | null, attempts, last, next }
}
