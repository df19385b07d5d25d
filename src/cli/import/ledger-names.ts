import { LedgermeshError } from '../../core/errors.js'
import { isLedgerId } from '../../core/ledger-id.js'
import { resolveLedger, type LedgerBook } from '../../node/handles/ledger-handle.js'

/** `name=LedgerId`, as `--ledger` takes it. Throws INVALID_PARAMS. */
export function parseLedgerOption(text: string, before: Map<string, string> = new Map()): Map<string, string> {
  const index = text.lastIndexOf('=')
  const id = text.slice(index + 1)
  if (index < 1 || !isLedgerId(id))
    throw new LedgermeshError('INVALID_PARAMS', `--ledger ${JSON.stringify(text)}: expected name=<ledger id>`)
  return new Map(before).set(text.slice(0, index), id)
}

/** From what a line calls a ledger to its id: what was given, else as every method that signs reads it. */
export function ledgerNames(given: Map<string, string>, book: LedgerBook): (name: string) => string {
  return (name) => {
    const id = given.get(name)
    if (id !== undefined) return id
    try {
      return resolveLedger(name, book, { binds: true })
    } catch (error) {
      if (!(error instanceof LedgermeshError)) throw error
      throw new LedgermeshError(
        'MALFORMED',
        `a reference: ${error.message}: add --ledger ${name}=<ledger id>`,
        error.details,
        { cause: error }
      )
    }
  }
}
