/** Who calls: by the token in the header Authorization, and by nothing else. */
import type { IncomingMessage } from 'node:http'
import type { AccessToken } from '../node/api/tokens.js'
import type { Node } from '../node/api/node.js'
import { Actor } from '../rpc/actor.js'
import { bearer } from '../rpc/principal.js'
import { onlyOne } from './guard.js'
import { FAILED_TRIES, FAILED_TRY_MS } from './limits.js'
import { HttpRefusal } from './refusal.js'

/** The tokens of this node, as far as they let in. */
export interface Doorkeeper {
  admit: (text: string) => AccessToken | null
  onRevoked: (listener: (name: string) => void) => () => void
}

export interface Bearer {
  token: AccessToken
  actor: Actor
}

export class Bearers {
  readonly #tokens: Doorkeeper
  readonly #node: Node
  readonly #now: () => number
  /** When the bucket of failed tries will be empty again. */
  #fullUntil = 0

  /** `now`: ms that only go up. */
  constructor(init: { tokens: Doorkeeper; node: Node; now: () => number }) {
    this.#tokens = init.tokens
    this.#node = init.node
    this.#now = init.now
  }

  /** Throws HttpRefusal: 401, or 429 when too many were wrong lately. */
  of(request: Pick<IncomingMessage, 'rawHeaders'>): Bearer {
    const given = onlyOne(request, 'authorization')
    if (given === null) throw refused('this needs an access token: Authorization: Bearer lmt_…')
    const text = /^Bearer +(\S+)$/i.exec(given)?.[1]
    const token = text === undefined ? null : this.#tokens.admit(text)
    if (token !== null) return { token, actor: new Actor(this.#node, bearer(token)) }
    this.#countTry()
    throw refused('no such access token, or it has ended')
  }

  /** Of everybody together: who guesses does so from many places. */
  #countTry(): void {
    const now = this.#now()
    const until = Math.max(this.#fullUntil, now) + FAILED_TRY_MS
    if (until - now > FAILED_TRIES * FAILED_TRY_MS)
      throw new HttpRefusal(429, 'OVERLOADED', 'too many wrong access tokens', { 'Retry-After': '1' })
    this.#fullUntil = until
  }
}

function refused(message: string): HttpRefusal {
  return new HttpRefusal(401, 'NOT_PERMITTED', message, { 'WWW-Authenticate': 'Bearer realm="ledgermesh"' })
}
