/**
 * The access tokens of this node, in a file of its own beside the store: a restored backup must not bring back what was
 * revoked. Only hashes are kept, so that whoever reads the file can use none of them.
 */
import { timingSafeEqual } from 'node:crypto'
import { z } from 'zod'
import { LedgermeshError } from '../../core/errors.js'
import { isInteger, isName } from '../../core/grammar.js'
import { fromHex, sha256, toHex } from '../../core/hash.js'
import { isLedgerId } from '../../core/ledger-id.js'
import { MAX_TIMESTAMP_MS } from '../../core/limits.js'
import { readOptions, type Members } from '../../core/options.js'
import { Listeners } from '../../core/listeners.js'
import type { Clock, Log, Random } from '../../ports.js'
import { MAX_TOKEN_NAMES, TOKEN_SCOPES, type AccessToken, type TokenInput, type TokensApi } from '../api/tokens.js'
import { KeptFile, readKept } from './kept-file.js'

/** Before the 64 hex digits of a token, so that people and scanners know one when they see it. */
export const TOKEN_PREFIX = 'lmt_'
/** Random bytes of a token. */
const TOKEN_BYTES = 32
/** Tokens of one node. */
export const MAX_TOKENS = 256
/** Milliseconds that a token lasts when nothing else is said. */
const DEFAULT_LIFE_MS = 90 * 86_400_000
/** The last use is kept to this many ms: a busy program must not mean a write for each of its calls. */
const USE_STEP_MS = 60_000

const TOKEN = new RegExp(`^${TOKEN_PREFIX}([0-9a-f]{${2 * TOKEN_BYTES}})$`)
const INPUT: Members<TokenInput> = { name: true, scopes: true, ledgers: true, streams: true, expires: true }

const row = z.strictObject({
  name: z.string(),
  hash: z.string().regex(/^[0-9a-f]{64}$/),
  scopes: z.array(z.enum(TOKEN_SCOPES)),
  ledgers: z.array(z.string()).nullable(),
  streams: z.array(z.string()).nullable(),
  createdAt: z.number(),
  expires: z.number(),
  lastUsedAt: z.number().nullable()
})
const file = z.strictObject({ v: z.literal(1), tokens: z.array(row).max(MAX_TOKENS) })
type Row = z.output<typeof row>

export interface AccessTokensInit {
  path: string
  clock: Clock
  random: Random
  log: Log
}

export class AccessTokens implements TokensApi {
  readonly #init: AccessTokensInit
  readonly #file: KeptFile<z.output<typeof file>>
  readonly #revoked: Listeners<[string]>
  #rows: Row[] = []
  #loaded: Promise<void> | undefined
  #isLoaded = false
  /** When the last uses were written. */
  #usesAt = 0

  constructor(init: AccessTokensInit) {
    this.#init = init
    this.#file = new KeptFile(init.path, () => ({ v: 1 as const, tokens: this.#rows }))
    this.#revoked = new Listeners((error) =>
      init.log.error({ event: 'tokens.listener-failed', error }, 'a listener of access tokens failed')
    )
  }

  /** Reads the file, once. Throws BAD_FILE. */
  async load(): Promise<void> {
    this.#loaded ??= readKept(this.#init.path, file, 'move it away, and make new tokens').then((kept) => {
      this.#rows = kept?.tokens ?? []
      this.#isLoaded = true
    })
    await this.#loaded
  }

  async create(input: TokenInput): Promise<AccessToken & { token: string }> {
    await this.load()
    const now = this.#init.clock.now()
    const { name, scopes, ledgers, streams, expires = now + DEFAULT_LIFE_MS } = checked(input, now)
    if (this.#rows.some((known) => known.name === name))
      throw new LedgermeshError('INVALID_PARAMS', `there is a token ${JSON.stringify(name)} already: revoke it first`)
    if (this.#rows.length >= MAX_TOKENS)
      throw new LedgermeshError('OVERLOADED', `there are ${MAX_TOKENS} tokens: revoke those that nobody uses`)
    const secret = this.#init.random.bytes(TOKEN_BYTES)
    const made: Row = {
      name,
      hash: sha256(secret),
      scopes: TOKEN_SCOPES.filter((scope) => scopes.includes(scope)),
      ledgers: ledgers === undefined ? null : [...new Set(ledgers)],
      streams: streams === undefined ? null : [...new Set(streams)],
      createdAt: now,
      expires,
      lastUsedAt: null
    }
    this.#rows.push(made)
    try {
      await this.#file.save()
    } catch (error) {
      this.#rows = this.#rows.filter((one) => one !== made)
      throw error
    }
    return { ...shown(made), token: TOKEN_PREFIX + toHex(secret) }
  }

  async list(): Promise<AccessToken[]> {
    await this.load()
    return this.#rows.map(shown)
  }

  async revoke(name: string): Promise<AccessToken> {
    if (!this.#isLoaded) await this.load()
    const found = this.#rows.find((one) => one.name === name)
    if (found === undefined) throw new LedgermeshError('NOT_FOUND', `there is no token ${JSON.stringify(name)}`)
    this.#rows = this.#rows.filter((one) => one !== found)
    this.#revoked.emit(name)
    await this.#file.save()
    return shown(found)
  }

  /**
   * Whose token this is, as it stands in a request; null: nobody's, or one that has ended. After `load`. Each is
   * compared, in constant time, so that the time taken says nothing of any.
   */
  admit(text: string): AccessToken | null {
    const digits = TOKEN.exec(text)?.[1]
    if (digits === undefined) return null
    const given = fromHex(sha256(fromHex(digits)))
    let found: Row | null = null
    for (const known of this.#rows) if (timingSafeEqual(given, fromHex(known.hash))) found = known
    const now = this.#init.clock.now()
    if (found === null || found.expires <= now) return null
    this.#used(found, now)
    return shown(found)
  }

  /** Calls back with the name of each token that is revoked, until the returned function is called. */
  onRevoked(listener: (name: string) => void): () => void {
    return this.#revoked.add(listener)
  }

  /** What is being written is written. */
  async idle(): Promise<void> {
    await this.#file.idle()
  }

  #used(token: Row, now: number): void {
    if (token.lastUsedAt !== null && now - token.lastUsedAt < USE_STEP_MS) return
    token.lastUsedAt = now
    if (now - this.#usesAt < USE_STEP_MS) return
    this.#usesAt = now
    this.#file.save().catch((error: Error) => {
      this.#init.log.warn(
        { event: 'tokens.use-not-kept', error: error.message },
        'when access tokens were last used could not be written'
      )
    })
  }
}

/** Throws INVALID_PARAMS. */
function checked(given: TokenInput, now: number): TokenInput {
  const input = readOptions(given, INPUT)
  const { name, scopes, ledgers, streams, expires } = input
  const refuse = (why: string): never => {
    throw new LedgermeshError('INVALID_PARAMS', why)
  }
  if (typeof name !== 'string' || !isName(name)) refuse('a name has 1–128 bytes without control characters')
  if (!isListOf(scopes, (one) => TOKEN_SCOPES.some((scope) => scope === one)) || scopes.length === 0)
    refuse(`scopes are one or more of ${TOKEN_SCOPES.join(', ')}`)
  if (ledgers !== undefined && !(isListOf(ledgers, isLedgerId) && ledgers.length > 0))
    refuse(`ledgers are 1 to ${MAX_TOKEN_NAMES} ids`)
  if (streams !== undefined && !(isListOf(streams, isName) && streams.length > 0))
    refuse(`streams are 1 to ${MAX_TOKEN_NAMES} names`)
  if (expires !== undefined && (!isInteger(expires, MAX_TIMESTAMP_MS) || expires <= now))
    refuse('expires is a time to come, in ms since 1970')
  const beyond = scopes.filter((scope) => !LIMITABLE.includes(scope))
  if ((ledgers !== undefined || streams !== undefined) && beyond.length > 0)
    refuse(`a token for some ledgers or streams alone has no ${beyond.join(', ')}: these concern the whole node`)
  return input
}

/** The scopes that a limit to ledgers or streams leaves a meaning. */
const LIMITABLE: readonly string[] = ['read', 'private', 'append', 'push']

function isListOf(list: unknown, is: (one: string) => boolean): boolean {
  return (
    Array.isArray(list) && list.length <= MAX_TOKEN_NAMES && list.every((one) => typeof one === 'string' && is(one))
  )
}

function shown({ hash: _hash, ...token }: Row): AccessToken {
  return { ...token, scopes: [...token.scopes] }
}
