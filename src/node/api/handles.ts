/** Shapes of handles, the short names of ledgers, entries and peers. */
import type { Hash } from '../../core/hash.js'
import type { LedgerId } from '../../core/ledger-id.js'
import type { LedgerChoice } from './ledger-choice.js'

/**
 * `binds`: the result will be signed, granted, trusted, encrypted to or given an alias; then only an alias, a followed
 * name or a whole id is accepted.
 */
export interface HandleUse {
  binds: boolean
}

/** A name that the operator gave to a ledger; `name` is the ledger's own name, null: not known. */
export interface Alias {
  alias: string
  ledger: LedgerId
  name: string | null
}

/**
 * `replaced`: the alias's earlier ledger. `shadows`: other followed ledgers with this name; the alias takes precedence.
 */
export interface AliasSet extends Alias {
  replaced: LedgerId | null
  shadows: LedgerId[]
}

/**
 * Resolves handles to full ids. Throws NO_SUCH_NAME or NOT_FOUND, AMBIGUOUS, and SHORT_FORM for uses that bind; with
 * the candidates in `details`.
 */
export interface HandleApi {
  /** A full id, an alias, the name of a followed ledger, or (not for uses that bind) the beginning of an id. */
  ledger: (handle: string, use: HandleUse) => Promise<LedgerId>
  /** An entry's id or hash, or the beginning of one, in a ledger (default: the own one; `*`: all that are held). */
  entry: (handle: string, ledger?: LedgerChoice) => Promise<{ id: string } | { hash: Hash }>
  hash: (handle: string, use: HandleUse, ledger?: LedgerChoice) => Promise<Hash>
  peer: (handle: string, use: HandleUse) => Promise<string>
  aliases: () => Promise<Alias[]>
  setAlias: (alias: string, ledger: LedgerId) => Promise<AliasSet>
  removeAlias: (alias: string) => Promise<Alias>
}
