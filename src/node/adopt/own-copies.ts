/** The view of the own ledger that adoption writes to. */
import { isCoded, type ErrorCode } from '../../core/errors.js'
import type { Hash } from '../../core/hash.js'
import { syncMarkOf } from '../../core/reference.js'
import type { OwnLedger } from '../../ledger/own-ledger.js'
import type { CopyChain, CopyOutcome, FoundCopy } from '../../sync/adopt/ports.js'
import type { CopyInput } from '../../sync/adopt/types.js'

/** Errors of the own ledger as a whole, not of one entry. */
const OWN: ReadonlySet<ErrorCode> = new Set([
  'FROZEN',
  'RESTORING',
  'CONFIRMING',
  'TWIN',
  'READ_ONLY',
  'STORE_FAILED',
  'STORE_DAMAGED',
  'BAD_SIGNATURE',
  'CLOSED'
])
/** Errors of the format or the id of a copy; any other error comes from a hook. */
const REFUSED = ['ID_TAKEN', 'TOO_LARGE', 'MALFORMED'] as const

export class OwnCopies implements CopyChain {
  readonly #own: OwnLedger

  constructor(own: OwnLedger) {
    this.#own = own
  }

  async find(ids: readonly Hash[]): Promise<(FoundCopy | null)[]> {
    return (await this.#own.findIds(ids)).map((entry) =>
      entry === null ? null : { hash: entry.hash, mark: syncMarkOf(entry.header.meta), hasPayload: entry.hasPayload }
    )
  }

  async append(inputs: readonly CopyInput[]): Promise<CopyOutcome[]> {
    return (await this.#own.appendCopies([...inputs])).map((settled): CopyOutcome =>
      settled.status === 'fulfilled'
        ? { done: settled.value.existing ? 'existing' : 'appended' }
        : outcomeOf(settled.reason as Error)
    )
  }

  async erase(copies: readonly Hash[]): Promise<void> {
    await this.#own.erase([...copies])
  }
}

function outcomeOf(error: Error): CopyOutcome {
  if (isCoded(error) && OWN.has(error.code)) return { done: 'stopped', error }
  const code = REFUSED.find((one) => isCoded(error, one)) ?? 'HOOK'
  return { done: 'refused', code, message: error.message }
}
