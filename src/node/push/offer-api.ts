/** The operator's decisions about offers, and tokens. */
import { LedgermeshError } from '../../core/errors.js'
import { isInteger } from '../../core/grammar.js'
import { isLedgerId, type LedgerId } from '../../core/ledger-id.js'
import { readOptions, type Members } from '../../core/options.js'
import type { Invitation, PendingOffer } from '../api/push.js'
import type { Replication } from '../replication/replication.js'
import type { Inbox, InboxEntry } from './inbox.js'
import type { Tokens } from './tokens.js'

const INVITATION: Members<Invitation> = { mode: true, ledgers: true, bytes: true, uses: true, expires: true }
/** Ledgers that one token may name and admit. */
const MAX_LEDGERS = 64

export interface OfferApiInit {
  inbox: Inbox
  tokens: Tokens
  replication: Replication
  bytesPerLedger: number
}

export class OfferApi {
  readonly #init: OfferApiInit

  constructor(init: OfferApiInit) {
    this.#init = init
  }

  /** The oldest first. */
  list(): PendingOffer[] {
    return this.#init.inbox.list().map(({ host: _host, ...offer }) => offer)
  }

  /** Follows the ledger from now on, as if by hand: without a limit. Throws NOT_FOUND, and the errors of a follow. */
  async accept(ledger: LedgerId, headers: boolean): Promise<void> {
    this.#of(ledger)
    await this.#init.replication.control.follow(ledger, headers ? 'headers' : null)
    await this.#init.inbox.clear(ledger)
  }

  /**
   * Dismisses the offer: it is not shown again from these peers, who still get the answer that it is pending. Throws
   * NOT_FOUND.
   */
  async dismiss(ledger: LedgerId): Promise<void> {
    await this.#set(ledger, 'dismissed')
  }

  /** Offers of it by these peers are refused. Throws NOT_FOUND. */
  async block(ledger: LedgerId): Promise<void> {
    await this.#set(ledger, 'blocked')
  }

  /** Makes a token of 64 hex digits, which is shown only once. Throws INVALID_PARAMS. */
  async invite(given: Invitation): Promise<string> {
    const {
      mode = 'mirror',
      ledgers = [],
      bytes = this.#init.bytesPerLedger,
      uses = 1,
      expires = null
    } = readOptions(given, INVITATION)
    const refuse = (why: string): never => {
      throw new LedgermeshError('INVALID_PARAMS', why)
    }
    if (mode !== 'mirror' && mode !== 'headers') refuse('mode is mirror or headers')
    if (!Array.isArray(ledgers) || ledgers.length > MAX_LEDGERS || !ledgers.every((id) => isLedgerId(id)))
      refuse(`ledgers is a list of at most ${MAX_LEDGERS} ledger ids`)
    if (!isInteger(bytes, Number.MAX_SAFE_INTEGER) || bytes === 0) refuse('bytes is a number above 0')
    if (!isInteger(uses, MAX_LEDGERS) || uses === 0) refuse(`uses is 1 to ${MAX_LEDGERS}`)
    if (expires !== null && !isInteger(expires, Number.MAX_SAFE_INTEGER)) refuse('expires is a time in ms')
    return await this.#init.tokens.issue({ mode, ledgers, bytes, uses, expires })
  }

  #of(ledger: LedgerId): InboxEntry[] {
    const offers = this.#init.inbox.list().filter((row) => row.ledger === ledger)
    if (offers.length === 0) throw new LedgermeshError('NOT_FOUND', `there is no offer of ${ledger}`)
    return offers
  }

  async #set(ledger: LedgerId, state: 'dismissed' | 'blocked'): Promise<void> {
    for (const { peer } of this.#of(ledger)) await this.#init.inbox.set(ledger, peer, state)
  }
}
