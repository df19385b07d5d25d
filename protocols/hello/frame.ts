/**
 * Frames of the hello stream, checked alike when they are made and when they are read. Throws INVALID_FRAME or
 * TOO_LARGE.
 */
import { decodeCanonical } from '../canonical.js'
import { ResultCode, WireError, refusalOf, type RefusalCode } from '../codes.js'
import {
  checkBytes,
  checkLedger,
  checkNetwork,
  checkNumber,
  checkText,
  fromHead,
  invalid,
  toHead,
  toRecord
} from '../fields.js'
import {
  MAX_ENTRIES,
  MAX_EVIDENCE_BYTES,
  MAX_EVIDENCE_IDS,
  MAX_FEATURES,
  MAX_FEATURE_BYTES,
  MAX_FRAME_BYTES,
  MAX_HEADS,
  MAX_KEY_ENTRIES,
  MAX_SAFE_NUMBER,
  MAX_SOFTWARE_BYTES
} from './limits.js'
import { Frame as Message } from './hello.pb.js'
import { decodeReply, encodeReply, type Answer } from './reply.js'
import type { SignedRecord, WireHead } from '../types.js'
import { decodeWanted, encodeWanted } from './wanted.js'
import type { HelloIntro, WantedHead } from './contract.js'

export type Ask =
  | { kind: 'heads'; wanted: WantedHead[] }
  | { kind: 'entries'; ledger: string; from: number; count: number }
  | { kind: 'keyEntries'; ledger: string }

export type Notice =
  | { kind: 'heads'; heads: WireHead[] }
  | { kind: 'evidence'; ledger: string; evidence: Uint8Array }
  | { kind: 'record'; record: SignedRecord }

export type Frame =
  | { kind: 'intro'; intro: HelloIntro }
  | { kind: 'request'; id: number; ask: Ask }
  | { kind: 'reply'; id: number; answer: Answer }
  | { kind: 'notice'; notice: Notice }
  /** null: no fault, the sender is leaving. */
  | { kind: 'bye'; refusal: RefusalCode | null }

const DECODE_LIMITS = {
  intro: { features: MAX_FEATURES, record: { keyEntries: MAX_KEY_ENTRIES } },
  request: { heads: { wanted: MAX_HEADS, wanted$: { evidenceIds: MAX_EVIDENCE_IDS } } },
  reply: {
    heads: { heads: MAX_HEADS, same: MAX_HEADS, none: MAX_HEADS, denied: MAX_HEADS },
    entries: { entries: MAX_ENTRIES },
    keyEntries: { entries: MAX_KEY_ENTRIES }
  },
  notice: { heads: { heads: MAX_HEADS }, record: { keyEntries: MAX_KEY_ENTRIES } }
}

export function encodeFrame(frame: Frame): Uint8Array {
  switch (frame.kind) {
    case 'intro': {
      const { record, ...intro } = checkIntro(frame.intro)
      return Message.encode({ intro: { ...intro, ...(record === null ? {} : { record }) } })
    }
    case 'request':
      return Message.encode({ request: { id: checkId(frame.id), ...encodeAsk(checkAsk(frame.ask)) } })
    case 'reply':
      return Message.encode({ reply: { id: checkId(frame.id), ...encodeReply(frame.answer) } })
    case 'notice':
      return Message.encode({ notice: encodeNotice(checkNotice(frame.notice)) })
    case 'bye':
      return Message.encode({ bye: { code: ResultCode[frame.refusal ?? 'OK'] } })
  }
}

/** For values of this side: INVALID when they do not fit the wire, so that it does not count as the peer's fault. */
export function encodeOwn(frame: Frame): Uint8Array {
  try {
    const bytes = encodeFrame(frame)
    if (bytes.byteLength > MAX_FRAME_BYTES) throw new WireError('TOO_LARGE', `a frame of ${bytes.byteLength} bytes`)
    return bytes
  } catch (error) {
    throw new WireError('INVALID', error instanceof Error ? error.message : 'not encodable', { cause: error })
  }
}

export function decodeFrame(bytes: Uint8Array): Frame {
  const { intro, request, reply, notice, bye } = decodeCanonical(Message, bytes, DECODE_LIMITS)
  if (intro !== undefined) return { kind: 'intro', intro: checkIntro({ ...intro, record: intro.record ?? null }) }
  if (request !== undefined) {
    const { id, heads, entries, keyEntries } = request
    if (heads !== undefined)
      return {
        kind: 'request',
        id: checkId(id),
        ask: checkAsk({ kind: 'heads', wanted: heads.wanted.map(decodeWanted) })
      }
    if (entries !== undefined)
      return { kind: 'request', id: checkId(id), ask: checkAsk({ kind: 'entries', ...entries }) }
    if (keyEntries !== undefined)
      return { kind: 'request', id: checkId(id), ask: checkAsk({ kind: 'keyEntries', ...keyEntries }) }
    return invalid('an empty request')
  }
  if (reply !== undefined) return { kind: 'reply', id: checkId(reply.id), answer: decodeReply(reply) }
  if (notice?.heads !== undefined)
    return { kind: 'notice', notice: checkNotice({ kind: 'heads', heads: notice.heads.heads.map(toHead) }) }
  if (notice?.evidence !== undefined)
    return { kind: 'notice', notice: checkNotice({ kind: 'evidence', ...notice.evidence }) }
  if (notice?.record !== undefined)
    return { kind: 'notice', notice: checkNotice({ kind: 'record', record: notice.record }) }
  if (bye !== undefined)
    return {
      kind: 'bye',
      refusal: bye.code === ResultCode.OK ? null : (refusalOf(bye.code) ?? invalid('no such code'))
    }
  return invalid('an empty frame')
}

// SPEC hello §5: "Ids of one side start at 1 or above and rise with every request."
function checkId(id: number): number {
  return checkNumber(id, 'id') === 0 ? invalid('an id of 0') : id
}

function checkIntro({ network, software, clockMs, record, features }: HelloIntro): HelloIntro {
  if (features.length > MAX_FEATURES) throw new WireError('TOO_LARGE', `more than ${MAX_FEATURES} features`)
  return {
    network: checkNetwork(network),
    software: checkText(software, 'software', MAX_SOFTWARE_BYTES),
    clockMs: checkNumber(clockMs, 'clock'),
    record: record === null ? null : toRecord(record),
    features: features.map((feature) => checkText(feature, 'feature', MAX_FEATURE_BYTES))
  }
}

function checkAsk(ask: Ask): Ask {
  switch (ask.kind) {
    case 'heads':
      if (ask.wanted.length > MAX_HEADS) throw new WireError('TOO_LARGE', `more than ${MAX_HEADS} ledgers`)
      if (ask.wanted.length === 0 || new Set(ask.wanted.map(({ ledger }) => ledger)).size !== ask.wanted.length)
        invalid('each ledger once, and at least one')
      return ask
    case 'entries':
      checkLedger(ask.ledger)
      checkNumber(checkNumber(ask.from, 'from') + ask.count, 'from + count', MAX_SAFE_NUMBER)
      return checkNumber(ask.count, 'count', MAX_ENTRIES) === 0 ? invalid('count is 0') : ask
    case 'keyEntries':
      checkLedger(ask.ledger)
      return ask
  }
}

function encodeAsk(ask: Ask) {
  switch (ask.kind) {
    case 'heads':
      return { heads: { wanted: ask.wanted.map(encodeWanted) } }
    case 'entries':
      return { entries: { ledger: ask.ledger, from: ask.from, count: ask.count } }
    case 'keyEntries':
      return { keyEntries: { ledger: ask.ledger } }
  }
}

function checkNotice(notice: Notice): Notice {
  switch (notice.kind) {
    case 'heads':
      if (notice.heads.length > MAX_HEADS) throw new WireError('TOO_LARGE', `more than ${MAX_HEADS} heads`)
      return notice.heads.length === 0 ? invalid('no heads') : notice
    case 'evidence':
      return {
        kind: 'evidence',
        ledger: checkLedger(notice.ledger),
        evidence: checkBytes(notice.evidence, 'evidence', MAX_EVIDENCE_BYTES)
      }
    case 'record':
      return { kind: 'record', record: toRecord(notice.record) }
  }
}

function encodeNotice(notice: Notice) {
  switch (notice.kind) {
    case 'heads':
      return { heads: { heads: notice.heads.map(fromHead) } }
    case 'evidence':
      return { evidence: { ledger: notice.ledger, evidence: notice.evidence } }
    case 'record':
      return { record: notice.record }
  }
}
