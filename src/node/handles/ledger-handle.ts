/**
 * Resolves a handle of a ledger to its id. Owners choose the names of ledgers, so a bare name means only a followed or
 * aliased ledger; and where the result would be signed, no match counts that an unknown party could have arranged.
 */
import { LedgermeshError } from '../../core/errors.js'
import { isLedgerId, type LedgerId } from '../../core/ledger-id.js'
import type { HandleUse } from '../api/handles.js'
import type { KnownLedger } from '../api/discovery.js'

/** Least characters of a prefix of a held ledger's id. */
export const MIN_LEDGER_PREFIX_CHARS = 8
/**
 * The same for a ledger that is known only by hearsay: to make an id that begins with 12 given characters takes some
 * 2^55 signatures.
 */
export const MIN_HEARSAY_PREFIX_CHARS = 12
/** Candidates listed in one error; more are counted. */
export const MAX_CANDIDATES = 20

/** The sources that a handle is looked up in. */
export interface LedgerBook {
  aliases: ReadonlyMap<string, LedgerId>
  /** The name in the genesis held here, or as other nodes have shown it. */
  known: readonly Pick<KnownLedger, 'ledger' | 'name' | 'own' | 'followed' | 'size'>[]
}

const LIKE_PREFIX = new RegExp(`^b[a-z2-7]{${MIN_LEDGER_PREFIX_CHARS - 1},52}$`)

/** Does it have the form of a ledger id, or of a prefix of one? */
export function looksLikeLedgerId(text: string): boolean {
  return LIKE_PREFIX.test(text)
}

/** Throws AMBIGUOUS or NO_SUCH_NAME, and for uses that bind SHORT_FORM; all with `candidates`. */
export function resolveLedger(given: string, book: LedgerBook, { binds }: HandleUse): LedgerId {
  const whole: boolean = isLedgerId(given)
  if (whole) return given
  const text = given.replace(/…$/, '') // as screens cut it
  const alias = book.aliases.get(text)
  if (alias !== undefined) return alias
  const named = book.known.filter((one) => one.name === text && (one.own || one.followed)).map(({ ledger }) => ledger)
  const begun = looksLikeLedgerId(text) ? beginningWith(text, book) : []
  const ids = [...new Set([...named, ...begun])]
  if (binds && (looksLikeLedgerId(text) || text !== given)) {
    throw new LedgermeshError(
      'SHORT_FORM',
      `${quote(given)} looks like the beginning of a ledger id: what binds takes no short form`,
      candidates(ids, book)
    )
  }
  if (ids.length === 1) return ids[0]!
  if (ids.length > 1)
    throw new LedgermeshError('AMBIGUOUS', `${quote(given)} can mean ${ids.length} ledgers`, candidates(ids, book))
  const strangers = book.known.filter(({ name }) => name === text).map(({ ledger }) => ledger)
  const why =
    strangers.length === 0
      ? ''
      : `; ${strangers.length === 1 ? 'a ledger that is' : `${strangers.length} ledgers that are`} not followed here ${strangers.length === 1 ? 'calls itself' : 'call themselves'} so`
  throw new LedgermeshError(
    'NO_SUCH_NAME',
    `${quote(given)} is no ledger id, and no ledger followed or aliased here has this name${why}`,
    candidates(strangers, book)
  )
}

function beginningWith(text: string, { aliases, known }: LedgerBook): LedgerId[] {
  const held = known.filter(({ own, followed, size }) => own || followed || size !== null).map(({ ledger }) => ledger)
  const all = text.length < MIN_HEARSAY_PREFIX_CHARS ? held : known.map(({ ledger }) => ledger)
  return [...aliases.values(), ...all].filter((ledger) => ledger.startsWith(text))
}

/** What an operator needs to choose: the full ids, and the name of each here. */
function candidates(
  ids: LedgerId[],
  { aliases, known }: LedgerBook
): { candidates: { ledger: LedgerId; name: string | null; aliases: string[]; followed: boolean }[]; more: number } {
  const shown = ids.slice(0, MAX_CANDIDATES).map((ledger) => {
    const one = known.find((ledgerKnown) => ledgerKnown.ledger === ledger)
    return {
      ledger,
      name: one?.name ?? null,
      aliases: [...aliases].filter(([, id]) => id === ledger).map(([alias]) => alias),
      followed: one !== undefined && (one.own || one.followed)
    }
  })
  return { candidates: shown, more: ids.length - shown.length }
}

function quote(text: string): string {
  return JSON.stringify(text.slice(0, 64))
}
