/** Names, ids, quantities and JSON, as callers write them. */
import { z } from 'zod'
import type { Json, JsonObject } from '../../../core/canonical.js'
import { isObject, isName } from '../../../core/grammar.js'
import { isLedgerId } from '../../../core/ledger-id.js'
import { MAX_NAME_BYTES, MAX_TIMESTAMP_MS } from '../../../core/limits.js'
import { isCoded } from '../../../core/errors.js'
import { readDays, readLevel, readSpan, readTime } from '../../quantities.js'

export const name = z
  .string()
  .min(1)
  .max(MAX_NAME_BYTES)
  .refine(isName, `1–${MAX_NAME_BYTES} UTF-8 bytes without control characters`)
export const hash = z.string().regex(/^[0-9a-f]{64}$/, '64 lower-case hex digits')
export const publicKey = hash
export const ledgerId = z
  .string()
  .regex(/^b[a-z2-7]{51}[aq]$/, 'a ledger id: "b" and 52 characters a–z, 2–7, the last one a or q')

/**
 * What has the whole shape of an id is one, or nothing: 52 characters have bits to spare, so some ids could be spelled
 * in several ways.
 */
function isOneLedger(text: string): boolean {
  return text !== '*' && (isLedgerId(text) || !/^b[a-z2-7]{52}$/.test(text))
}

/** A short name of an id: `rpc/resolve-handles.ts` makes the whole id of it before a handler sees it. */
export const ledgerHandle = name
  .refine(isOneLedger, 'one ledger, not *, and no second spelling of an id')
  .meta({ 'x-handle': 'ledger' })
/** `*` means all that are held. */
export const ledgerOrAll = name
  .refine((text) => text === '*' || isOneLedger(text), 'no second spelling of an id')
  .meta({ 'x-handle': 'ledger-or-all' })
/** An entry's id or hash, or the beginning of one, in the ledger that the param `ledger` names. */
export const entryHandle = name.meta({ 'x-handle': 'entry' })
export const hashHandle = name.meta({ 'x-handle': 'hash' })
/** A peer id, or the beginning of one. */
export const peerHandle = z.string().min(1).max(128).meta({ 'x-handle': 'peer' })
/** A multiaddr, or a peer with known addresses. */
export const addressOrPeer = z.string().min(1).max(512).meta({ 'x-handle': 'peer' })

export const access = z.enum(['public', 'private'])
export const integer = z.int().min(0)

/** As people write it, read by `read`; `x-written` names it in help. */
function written(
  kind: 'time' | 'level' | 'days' | 'span',
  read: (given: number | string) => number,
  [least, most]: [number, number]
): z.ZodType<number, number | string> {
  return z
    .union([z.number(), z.string().min(1).max(64)])
    .transform((given, context) => {
      try {
        const value = read(given)
        if (value >= least && value <= most) return value
        context.addIssue({ code: 'custom', message: `must be from ${least} to ${most}` })
      } catch (error) {
        if (!isCoded(error)) throw error
        context.addIssue({ code: 'custom', message: error.message })
      }
      return z.NEVER
    })
    .meta({ 'x-written': kind })
}

const TIMES: [number, number] = [0, MAX_TIMESTAMP_MS]
/** ms since 1970, or a date; spans count back from now, on from now, or are refused. */
export const pastTime = written('time', (given) => readTime(given, 'past', Date.now()), TIMES)
export const futureTime = written('time', (given) => readTime(given, 'future', Date.now()), TIMES)
export const timestamp = written('time', (given) => readTime(given, 'instant', Date.now()), TIMES)
/** Thousandths, or a part of one. */
export const level = written('level', readLevel, [0, 1000])
export const levelAboveNone = written('level', readLevel, [1, 1000])
/** ms: a number of them, or a span such as 9s. */
export const wait = written('span', (given) => (typeof given === 'number' ? given : readSpan(given)), [0, 600_000])
export const days = written('days', readDays, [1, 3650])
export const json = z.custom<Json>(() => true).describe('any JSON value')
export const jsonObject = z.custom<JsonObject>(isObject, 'an object').describe('a JSON object')
/** ms: a number of them, or a span such as 2h. */
export const span = written('span', (given) => (typeof given === 'number' ? given : readSpan(given)), [
  1,
  366 * 86_400_000
])
