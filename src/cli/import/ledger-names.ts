import { LedgermeshError } from '../../core/errors.js'
import { isLedgerId } from '../../core/ledger-id.js'
import type { KnownLedger } from '../../node/api.js'

/** `name=LedgerId`, as `--ledger` takes it. Throws INVALID_PARAMS. */
export function parseLedgerOption (text: string, before: Map<string, string> = new Map()): Map<string, string> {
  const at = text.lastIndexOf('=')
  const id = text.slice(at + 1)
  if (at < 1 || !isLedgerId(id)) throw new LedgermeshError('INVALID_PARAMS', `--ledger ${JSON.stringify(text)}: expected name=<ledger id>`)
  return new Map(before).set(text.slice(0, at), id)
}

/** From the name of a ledger to its id: what was given, else the names of the ledgers held here. A name that two ledgers have is refused. */
export function ledgerNames (given: Map<string, string>, known: KnownLedger[]): (name: string) => string {
  return (name) => {
    const id = given.get(name) ?? (isLedgerId(name) ? name : undefined)
    if (id !== undefined) return id
    const held = known.filter((ledger) => ledger.name === name && (ledger.own || ledger.followed))
    if (held.length === 1) return held[0]!.ledger
    const why = held.length === 0 ? 'no ledger held here has this name' : `${held.length} ledgers held here have this name`
    throw new LedgermeshError('MALFORMED', `references the ledger ${JSON.stringify(name)}, but ${why}: add --ledger ${name}=<ledger id>`)
  }
}
