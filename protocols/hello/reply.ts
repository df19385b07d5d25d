/** Replies: their contents, what fits into one, and whether a reply matches its request. */
import { ResultCode, WireError, pauseMs, refusalOf, type WireErrorDetails } from '../codes.js'
import { checkLedger, checkNumber, fromEntry, fromHead, invalid, toEntry, toHead, toKeyEntry } from '../fields.js'
import { MAX_ENTRIES, MAX_HEADS, MAX_KEY_ENTRIES, MAX_RETRY_MS, MAX_SHARED_FRAME_BYTES } from './limits.js'
import type { Reply as Message } from './hello.pb.js'
import type { WireEntry, WireHead, WireKeyEntry } from '../types.js'
import type { HeadsAnswer } from './contract.js'

export type Answer =
  | { kind: 'heads'; heads: HeadsAnswer }
  | { kind: 'entries'; entries: WireEntry[] }
  | { kind: 'keyEntries'; entries: WireKeyEntry[] }
  | { kind: 'refused'; error: WireError }

/** Bytes of tags, lengths and the like around a head or an entry in a frame: more than there can be. */
const OVERHEAD_BYTES = 128
/** Bytes of a ledger id in a list of a reply. */
const LEDGER_BYTES = 55

export function encodeReply(answer: Answer): Omit<Message, 'id'> {
  switch (answer.kind) {
    case 'heads': {
      const { heads, same, none, denied } = answer.heads
      if ([heads, same, none, denied].some((list) => list.length > MAX_HEADS))
        throw new WireError('TOO_LARGE', `more than ${MAX_HEADS} ledgers`)
      return {
        code: ResultCode.OK,
        heads: {
          heads: heads.map(fromHead),
          same: same.map(checkLedger),
          none: none.map(checkLedger),
          denied: denied.map(checkLedger)
        }
      }
    }
    case 'entries':
      return { code: ResultCode.OK, entries: { entries: checkList(answer.entries, MAX_ENTRIES).map(fromEntry) } }
    case 'keyEntries':
      return {
        code: ResultCode.OK,
        keyEntries: { entries: checkList(answer.entries, MAX_KEY_ENTRIES).map(toKeyEntry) }
      }
    case 'refused': {
      const { code, available } = answer.error
      if (code === 'BUSY') return { code: ResultCode.BUSY, retryMs: pauseMs(answer.error) }
      if (code === 'DENIED' || code === 'INVALID') return { code: ResultCode[code] }
      return { code: ResultCode.UNAVAILABLE, ...(code === 'UNAVAILABLE' ? available : undefined) }
    }
  }
}

export function decodeReply({ code, heads, entries, keyEntries, earliest, size, retryMs }: Message): Answer {
  const fields = [heads, entries, keyEntries, earliest, size, retryMs].filter((value) => value !== undefined).length
  if (code === ResultCode.OK && fields === 1) {
    if (heads !== undefined) {
      return {
        kind: 'heads',
        heads: {
          heads: heads.heads.map(toHead),
          same: heads.same.map(checkLedger),
          none: heads.none.map(checkLedger),
          denied: heads.denied.map(checkLedger)
        }
      }
    }
    if (entries !== undefined) return { kind: 'entries', entries: checkList(entries.entries, MAX_ENTRIES).map(toEntry) }
    if (keyEntries !== undefined)
      return { kind: 'keyEntries', entries: checkList(keyEntries.entries, MAX_KEY_ENTRIES).map(toKeyEntry) }
  }
  const name = refusalOf(code) ?? invalid('a code and fields that do not go together')
  const details: WireErrorDetails = {}
  if (name === 'UNAVAILABLE' && earliest !== undefined && size !== undefined)
    details.available = { earliest: checkNumber(earliest, 'earliest'), size: checkNumber(size, 'size') }
  if (name === 'BUSY') details.retryMs = checkNumber(retryMs ?? invalid('BUSY without a pause'), 'retry', MAX_RETRY_MS)
  const expected = details.available !== undefined ? 2 : details.retryMs !== undefined ? 1 : 0
  if (fields !== expected) invalid('a code and fields that do not go together')
  return { kind: 'refused', error: new WireError(name, `the peer answers ${name}`, details) }
}

function checkList<T>(list: T[], max: number): T[] {
  if (list.length > max) throw new WireError('TOO_LARGE', `more than ${max} items`)
  return list.length === 0 ? invalid('an empty list') : list
}

export function headBytes({ header, checkpoint, evidence }: WireHead): number {
  return (
    header.byteLength +
    Buffer.byteLength(checkpoint ?? '') +
    (evidence?.byteLength ?? 0) +
    LEDGER_BYTES +
    OVERHEAD_BYTES
  )
}

export function entryBytes({ header, payload }: WireEntry): number {
  return header.byteLength + (payload?.byteLength ?? 0) + OVERHEAD_BYTES
}

/** The first items: as many as one frame may share, but at least one. `used`: bytes that are in it anyway. */
export function takeFitting<T>(items: T[], bytesOf: (item: T) => number, used = 0): T[] {
  let bytes = used
  const end = items.findIndex((item, index) => {
    bytes += bytesOf(item)
    return index > 0 && bytes > MAX_SHARED_FRAME_BYTES
  })
  return end === -1 ? items : items.slice(0, end)
}

// SPEC hello §6: "Heads that do not fit are left out: the ledgers are in no list."
export function fitHeads({ heads, same, none, denied }: HeadsAnswer): HeadsAnswer {
  return {
    heads: takeFitting(heads, headBytes, (same.length + none.length + denied.length) * LEDGER_BYTES),
    same,
    none,
    denied
  }
}

// SPEC hello §6: "A reply answers at least one of the asked ledgers, each in one list, and no other."
export function checkHeads(answer: HeadsAnswer, asked: Set<string>): HeadsAnswer {
  const all = [...answer.heads.map(({ ledger }) => ledger), ...answer.same, ...answer.none, ...answer.denied]
  if (all.length === 0 || new Set(all).size !== all.length || all.some((ledger) => !asked.has(ledger)))
    invalid('not the heads that were asked for')
  return answer
}
