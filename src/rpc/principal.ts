/** Who calls, as far as it matters here: with which rights, and what a refusal is called where it comes from. */
import { LedgermeshError, type ErrorCode } from '../core/errors.js'
import type { LedgerId } from '../core/ledger-id.js'
import type { TokenRights } from '../node/api/tokens.js'
import { ACCESS, type Method, type MethodAccess } from './method.js'

export interface Principal {
  /** One for each class of access. Without `private`, private ledgers are to it as if they were not held here. */
  scopes: ReadonlySet<MethodAccess>
  /** Payloads of the private ledgers that it may know of; without it their entries come as `withheld`. */
  privatePayloads: boolean
  /** READING_ONLY: of a socket for reading, whose clients know no other rights. */
  refusal: Extract<ErrorCode, 'NOT_PERMITTED' | 'READING_ONLY'>
  /** All others are to it as if they were not held here; absent: no limit. */
  ledgers?: ReadonlySet<LedgerId>
  /** Entries of others are to it as if they were not there; absent: no limit. */
  streams?: ReadonlySet<string>
  /** Who it is, as it is noted beside what it brings. @default socket */
  from?: string
}

/** The node's owner. */
export const OWNER: Principal = { scopes: new Set(ACCESS), privatePayloads: true, refusal: 'NOT_PERMITTED' }

/** Whoever may open the socket for reading: sees what is held here, but changes, signs and asks nothing. */
export function reader(privatePayloads: boolean): Principal {
  return { scopes: new Set(['read', 'private']), privatePayloads, refusal: 'READING_ONLY' }
}

/** The bearer of an access token. Whoever may read private ledgers by it may read their payloads. */
export function bearer({ name, scopes, ledgers, streams }: TokenRights & { name: string }): Principal {
  return {
    from: `http:${name}`,
    scopes: new Set(scopes),
    privatePayloads: scopes.includes('private'),
    refusal: 'NOT_PERMITTED',
    ...(ledgers !== null && { ledgers: new Set(ledgers) }),
    ...(streams !== null && { streams: new Set(streams) })
  }
}

/** Is it for some ledgers or streams alone? Then whatever looks at the whole node is closed to it. */
export function isLimited({ ledgers, streams }: Principal): boolean {
  return ledgers !== undefined || streams !== undefined
}

/**
 * The scopes that a method of each class takes. What acts on the node or asks in its name shows private ledgers too
 * (the node answers from what it holds, and asks with its own rights as a reader), so these take `private` as well.
 */
export const NEEDS: Readonly<Record<MethodAccess, readonly MethodAccess[]>> = {
  read: ['read'],
  private: ['private'],
  decrypt: ['private', 'decrypt'],
  append: ['append'],
  push: ['push'],
  'ask-network': ['ask-network', 'private'],
  operate: ['operate', 'private'],
  'socket-only': ['socket-only', 'private']
}

/** Throws READING_ONLY or NOT_PERMITTED, with `needs` in its details: before the params are looked at. */
export function checkAccess(name: string, { access }: Pick<Method, 'access'>, principal: Principal): void {
  const needs = NEEDS[access]
  if (needs.some((scope) => !principal.scopes.has(scope))) throw notPermitted(name, needs, principal)
  if (isLimited(principal) && !OF_ONE_LEDGER.includes(access)) throw wholeNode(name, needs)
}

/** What a param that was given takes on top of its method. */
export function checkParams(
  name: string,
  { params }: Pick<Method, 'params'>,
  given: Readonly<Record<string, unknown>>,
  principal: Principal
): void {
  for (const { name: param, needs } of params)
    if (needs !== undefined && given[param] !== undefined) {
      if (!principal.scopes.has(needs)) throw notPermitted(`${param} of ${name}`, [needs], principal)
      if (isLimited(principal)) throw wholeNode(`${param} of ${name}`, [needs])
    }
}

/** Methods of these classes are about one ledger, or show each for itself. */
const OF_ONE_LEDGER: readonly MethodAccess[] = ['read', 'append', 'push']

function wholeNode(what: string, needs: readonly MethodAccess[]): LedgermeshError {
  return new LedgermeshError(
    'NOT_PERMITTED',
    `${what} concerns the whole node, and this caller is limited to some ledgers or streams`,
    { needs }
  )
}

/** The one refusal of a caller for its rights. */
export function notPermitted(
  what: string,
  needs: readonly MethodAccess[],
  { scopes, refusal }: Pick<Principal, 'scopes' | 'refusal'>
): LedgermeshError {
  const message =
    refusal === 'READING_ONLY'
      ? `${what} is not a reading method, and this socket is for reading`
      : `${what} takes the right ${needs.join(' and ')}; this caller has ${[...scopes].join(', ') || 'none'}`
  return new LedgermeshError(refusal, message, { needs })
}
