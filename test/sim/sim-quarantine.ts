/** Headers that are pulled behind a freeze, in memory: as src/ledger/write/quarantine.ts. */
import type { Entry } from '../../src/core/entry.js'
import { LedgermeshError } from '../../src/core/errors.js'
import type { PayloadStates } from '../../src/ledger/write/entry-ops.js'
import type { Turn } from '../../src/ledger/write/quarantine.js'

export class SimQuarantine {
  #turn: Turn | null = null
  #bytes = 0
  #entries: { entry: Entry; payload: ReturnType<PayloadStates> }[] = []

  async begin(from: number): Promise<Turn> {
    this.clear()
    return (this.#turn = { from })
  }

  async add(
    turn: Turn,
    entries: readonly Entry[],
    payloadStates: PayloadStates,
    admit: (bytes: number) => void = () => {}
  ): Promise<void> {
    this.assert(turn)
    for (const { raw } of entries) this.#bytes += raw.header.length + raw.signature.length
    admit(this.#bytes)
    this.#entries.push(...entries.map((entry) => ({ entry, payload: payloadStates(entry) })))
  }

  async end(turn: Turn): Promise<void> {
    if (turn === this.#turn) this.clear()
  }

  assert(turn: Turn): void {
    if (turn !== this.#turn) throw new LedgermeshError('OVERLOADED', 'another branch is being looked at')
  }

  /** What is in it. */
  take(): { entries: Entry[]; payloadStates: PayloadStates } {
    const states = new Map(this.#entries.map(({ entry, payload }) => [entry, payload]))
    return { entries: [...states.keys()], payloadStates: (entry) => states.get(entry as Entry)! }
  }

  clear(): void {
    this.#turn = null
    this.#bytes = 0
    this.#entries = []
  }
}
