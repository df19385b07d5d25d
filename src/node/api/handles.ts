/** The short ways in which people name ledgers, entries and peers. */
import type { Hash } from '../../core/hash.js'
import type { LedgerId } from '../../core/ledger-id.js'
import type { LedgerChoice } from './ledger-choice.js'

/**
 * `binds`: what follows signs, grants, trusts, encrypts or names; then only an alias, a followed name or a whole id
 * will do.
 */
export interface HandleUse {
  binds: boolean
}

/** A name that the operator gave a ledger; `name` is what the ledger calls itself, null: not known. */
export interface Alias {
  alias: string
  ledger: LedgerId
  name: string | null
}

/** `replaced`: what it meant before. `shadows`: other followed ledgers that have this name; the alias goes first. */
export interface AliasSet extends Alias {
  replaced: LedgerId | null
  shadows: LedgerId[]
}

/**
 * From what people write to full ids. Throws NO_SUCH_NAME or NOT_FOUND, AMBIGUOUS, and SHORT_FORM for uses that bind;
 * with the candidates in `details`.
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
