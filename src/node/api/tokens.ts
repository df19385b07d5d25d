/** Access tokens: what lets a program in over HTTP. (The tokens of `sync.invite` are others: they let a node push.) */
import type { LedgerId } from '../../core/ledger-id.js'

/** The rights that a token may have, by the classes of access of the methods. */
export const TOKEN_SCOPES = ['read', 'private', 'decrypt', 'ask-network', 'append', 'push', 'operate'] as const
/** One of them. */
export type TokenScope = (typeof TOKEN_SCOPES)[number]

/** Ledgers, and streams, that one token may be limited to. */
export const MAX_TOKEN_NAMES = 64

/** What a token lets its bearer do. */
export interface TokenRights {
  scopes: TokenScope[]
  /** Only these ledgers; null: all. */
  ledgers: LedgerId[] | null
  /** Only entries of these streams; null: all. */
  streams: string[] | null
}

/** A token as it is listed: what it is, but not the secret. */
export interface AccessToken extends TokenRights {
  /** By which it is revoked. No two have the same. */
  name: string
  /** ms since the epoch, all three. */
  createdAt: number
  expires: number
  /** To the minute; null: never used. */
  lastUsedAt: number | null
}

/** What a new token is to be. */
export interface TokenInput {
  name: string
  scopes: readonly TokenScope[]
  /** Default: all. */
  ledgers?: readonly LedgerId[]
  /** Default: all. */
  streams?: readonly string[]
  /** ms since the epoch. Default: in 90 days. */
  expires?: number
}

/** Every promise rejects with a `LedgermeshError`. */
export interface TokensApi {
  /** `token` is the secret: it is told this once. Throws INVALID_PARAMS (the name is taken), OVERLOADED, STORE_FAILED. */
  create: (input: TokenInput) => Promise<AccessToken & { token: string }>
  /** The oldest first, also those that have expired. */
  list: () => Promise<AccessToken[]>
  /** At once: also what runs under it ends. Throws NOT_FOUND; STORE_FAILED: it ends now, but a restart may know it. */
  revoke: (name: string) => Promise<AccessToken>
}
