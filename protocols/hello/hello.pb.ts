// @ts-nocheck
import { decodeMessage, encodeMessage, MaxLengthError, message, streamMessage } from 'protons-runtime'
import { alloc as uint8ArrayAlloc } from 'uint8arrays/alloc'
import type { Codec, DecodeOptions } from 'protons-runtime'
import type { Uint8ArrayList } from 'uint8arraylist'

export interface Frame {
  intro?: Intro
  request?: Request
  reply?: Reply
  notice?: Notice
  bye?: Bye
}

export namespace Frame {
  let _codec: Codec<Frame>

  export const codec = (): Codec<Frame> => {
    if (_codec == null) {
      _codec = message<Frame>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        obj = { ...obj }

        if (obj.bye != null) {
          obj.notice = undefined
          obj.reply = undefined
          obj.request = undefined
          obj.intro = undefined
        }

        if (obj.notice != null) {
          obj.bye = undefined
          obj.reply = undefined
          obj.request = undefined
          obj.intro = undefined
        }

        if (obj.reply != null) {
          obj.bye = undefined
          obj.notice = undefined
          obj.request = undefined
          obj.intro = undefined
        }

        if (obj.request != null) {
          obj.bye = undefined
          obj.notice = undefined
          obj.reply = undefined
          obj.intro = undefined
        }

        if (obj.intro != null) {
          obj.bye = undefined
          obj.notice = undefined
          obj.reply = undefined
          obj.request = undefined
        }

        if (obj.intro != null) {
          w.uint32(10)
          Intro.codec().encode(obj.intro, w)
        }

        if (obj.request != null) {
          w.uint32(18)
          Request.codec().encode(obj.request, w)
        }

        if (obj.reply != null) {
          w.uint32(26)
          Reply.codec().encode(obj.reply, w)
        }

        if (obj.notice != null) {
          w.uint32(34)
          Notice.codec().encode(obj.notice, w)
        }

        if (obj.bye != null) {
          w.uint32(42)
          Bye.codec().encode(obj.bye, w)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {}

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.intro = Intro.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.intro
              })
              break
            }
            case 2: {
              obj.request = Request.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.request
              })
              break
            }
            case 3: {
              obj.reply = Reply.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.reply
              })
              break
            }
            case 4: {
              obj.notice = Notice.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.notice
              })
              break
            }
            case 5: {
              obj.bye = Bye.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.bye
              })
              break
            }
            default: {
              reader.skipType(tag & 7)
              break
            }
          }
        }

        if (obj.bye != null) {
          delete obj.notice
          delete obj.reply
          delete obj.request
          delete obj.intro
        }

        if (obj.notice != null) {
          delete obj.bye
          delete obj.reply
          delete obj.request
          delete obj.intro
        }

        if (obj.reply != null) {
          delete obj.bye
          delete obj.notice
          delete obj.request
          delete obj.intro
        }

        if (obj.request != null) {
          delete obj.bye
          delete obj.notice
          delete obj.reply
          delete obj.intro
        }

        if (obj.intro != null) {
          delete obj.bye
          delete obj.notice
          delete obj.reply
          delete obj.request
        }

        return obj
      }, function * (reader, length, prefix, opts = {}) {
        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              yield * Intro.codec().stream(reader, reader.uint32(), `${prefix}.intro`, {
                limits: opts.limits?.intro
              })

              break
            }
            case 2: {
              yield * Request.codec().stream(reader, reader.uint32(), `${prefix}.request`, {
                limits: opts.limits?.request
              })

              break
            }
            case 3: {
              yield * Reply.codec().stream(reader, reader.uint32(), `${prefix}.reply`, {
                limits: opts.limits?.reply
              })

              break
            }
            case 4: {
              yield * Notice.codec().stream(reader, reader.uint32(), `${prefix}.notice`, {
                limits: opts.limits?.notice
              })

              break
            }
            case 5: {
              yield * Bye.codec().stream(reader, reader.uint32(), `${prefix}.bye`, {
                limits: opts.limits?.bye
              })

              break
            }
            default: {
              reader.skipType(tag & 7)
              break
            }
          }
        }
      })
    }

    return _codec
  }

  export interface FrameIntroNetworkFieldEvent {
    field: '$.intro.network'
    value: string
  }

  export interface FrameIntroSoftwareFieldEvent {
    field: '$.intro.software'
    value: string
  }

  export interface FrameIntroClockMsFieldEvent {
    field: '$.intro.clockMs'
    value: number
  }

  export interface FrameIntroRecordBodyFieldEvent {
    field: '$.intro.record.body'
    value: Uint8Array
  }

  export interface FrameIntroRecordSignatureFieldEvent {
    field: '$.intro.record.signature'
    value: Uint8Array
  }

  export interface FrameIntroRecordKeyEntriesHeaderFieldEvent {
    field: '$.intro.record.keyEntries[].header'
    value: Uint8Array
    index: number
  }

  export interface FrameIntroRecordKeyEntriesSignatureFieldEvent {
    field: '$.intro.record.keyEntries[].signature'
    value: Uint8Array
    index: number
  }

  export interface FrameIntroFeaturesFieldEvent {
    field: '$.intro.features[]'
    index: number
    value: string
  }

  export interface FrameRequestIdFieldEvent {
    field: '$.request.id'
    value: number
  }

  export interface FrameRequestHeadsWantedLedgerFieldEvent {
    field: '$.request.heads.wanted[].ledger'
    value: string
    index: number
  }

  export interface FrameRequestHeadsWantedSizeFieldEvent {
    field: '$.request.heads.wanted[].size'
    value: number
    index: number
  }

  export interface FrameRequestHeadsWantedHeadHashFieldEvent {
    field: '$.request.heads.wanted[].headHash'
    value: Uint8Array
    index: number
  }

  export interface FrameRequestHeadsWantedCheckpointSizeFieldEvent {
    field: '$.request.heads.wanted[].checkpointSize'
    value: number
    index: number
  }

  export interface FrameRequestHeadsWantedHasEvidenceFieldEvent {
    field: '$.request.heads.wanted[].hasEvidence'
    value: boolean
    index: number
  }

  export interface FrameRequestHeadsWantedEvidenceIdsFieldEvent {
    field: '$.request.heads.wanted[].evidenceIds[]'
    index: number
    value: Uint8Array
  }

  export interface FrameRequestEntriesLedgerFieldEvent {
    field: '$.request.entries.ledger'
    value: string
  }

  export interface FrameRequestEntriesFromFieldEvent {
    field: '$.request.entries.from'
    value: number
  }

  export interface FrameRequestEntriesCountFieldEvent {
    field: '$.request.entries.count'
    value: number
  }

  export interface FrameRequestKeyEntriesLedgerFieldEvent {
    field: '$.request.keyEntries.ledger'
    value: string
  }

  export interface FrameReplyIdFieldEvent {
    field: '$.reply.id'
    value: number
  }

  export interface FrameReplyCodeFieldEvent {
    field: '$.reply.code'
    value: number
  }

  export interface FrameReplyHeadsHeadsLedgerFieldEvent {
    field: '$.reply.heads.heads[].ledger'
    value: string
    index: number
  }

  export interface FrameReplyHeadsHeadsHeaderFieldEvent {
    field: '$.reply.heads.heads[].header'
    value: Uint8Array
    index: number
  }

  export interface FrameReplyHeadsHeadsSignatureFieldEvent {
    field: '$.reply.heads.heads[].signature'
    value: Uint8Array
    index: number
  }

  export interface FrameReplyHeadsHeadsCheckpointFieldEvent {
    field: '$.reply.heads.heads[].checkpoint'
    value: string
    index: number
  }

  export interface FrameReplyHeadsHeadsEvidenceFieldEvent {
    field: '$.reply.heads.heads[].evidence'
    value: Uint8Array
    index: number
  }

  export interface FrameReplyHeadsHeadsEarliestFieldEvent {
    field: '$.reply.heads.heads[].earliest'
    value: number
    index: number
  }

  export interface FrameReplyHeadsSameFieldEvent {
    field: '$.reply.heads.same[]'
    index: number
    value: string
  }

  export interface FrameReplyHeadsNoneFieldEvent {
    field: '$.reply.heads.none[]'
    index: number
    value: string
  }

  export interface FrameReplyHeadsDeniedFieldEvent {
    field: '$.reply.heads.denied[]'
    index: number
    value: string
  }

  export interface FrameReplyEntriesEntriesHeaderFieldEvent {
    field: '$.reply.entries.entries[].header'
    value: Uint8Array
    index: number
  }

  export interface FrameReplyEntriesEntriesSignatureFieldEvent {
    field: '$.reply.entries.entries[].signature'
    value: Uint8Array
    index: number
  }

  export interface FrameReplyEntriesEntriesPayloadFieldEvent {
    field: '$.reply.entries.entries[].payload'
    value: Uint8Array
    index: number
  }

  export interface FrameReplyKeyEntriesEntriesHeaderFieldEvent {
    field: '$.reply.keyEntries.entries[].header'
    value: Uint8Array
    index: number
  }

  export interface FrameReplyKeyEntriesEntriesSignatureFieldEvent {
    field: '$.reply.keyEntries.entries[].signature'
    value: Uint8Array
    index: number
  }

  export interface FrameReplyEarliestFieldEvent {
    field: '$.reply.earliest'
    value: number
  }

  export interface FrameReplySizeFieldEvent {
    field: '$.reply.size'
    value: number
  }

  export interface FrameReplyRetryMsFieldEvent {
    field: '$.reply.retryMs'
    value: number
  }

  export interface FrameNoticeHeadsHeadsLedgerFieldEvent {
    field: '$.notice.heads.heads[].ledger'
    value: string
    index: number
  }

  export interface FrameNoticeHeadsHeadsHeaderFieldEvent {
    field: '$.notice.heads.heads[].header'
    value: Uint8Array
    index: number
  }

  export interface FrameNoticeHeadsHeadsSignatureFieldEvent {
    field: '$.notice.heads.heads[].signature'
    value: Uint8Array
    index: number
  }

  export interface FrameNoticeHeadsHeadsCheckpointFieldEvent {
    field: '$.notice.heads.heads[].checkpoint'
    value: string
    index: number
  }

  export interface FrameNoticeHeadsHeadsEvidenceFieldEvent {
    field: '$.notice.heads.heads[].evidence'
    value: Uint8Array
    index: number
  }

  export interface FrameNoticeHeadsHeadsEarliestFieldEvent {
    field: '$.notice.heads.heads[].earliest'
    value: number
    index: number
  }

  export interface FrameNoticeEvidenceLedgerFieldEvent {
    field: '$.notice.evidence.ledger'
    value: string
  }

  export interface FrameNoticeEvidenceEvidenceFieldEvent {
    field: '$.notice.evidence.evidence'
    value: Uint8Array
  }

  export interface FrameNoticeRecordBodyFieldEvent {
    field: '$.notice.record.body'
    value: Uint8Array
  }

  export interface FrameNoticeRecordSignatureFieldEvent {
    field: '$.notice.record.signature'
    value: Uint8Array
  }

  export interface FrameNoticeRecordKeyEntriesHeaderFieldEvent {
    field: '$.notice.record.keyEntries[].header'
    value: Uint8Array
    index: number
  }

  export interface FrameNoticeRecordKeyEntriesSignatureFieldEvent {
    field: '$.notice.record.keyEntries[].signature'
    value: Uint8Array
    index: number
  }

  export interface FrameByeCodeFieldEvent {
    field: '$.bye.code'
    value: number
  }

  export function encode (obj: Partial<Frame>): Uint8Array {
    return encodeMessage(obj, Frame.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Frame>): Frame {
    return decodeMessage(buf, Frame.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Frame>): Generator<FrameIntroNetworkFieldEvent | FrameIntroSoftwareFieldEvent | FrameIntroClockMsFieldEvent | FrameIntroRecordBodyFieldEvent | FrameIntroRecordSignatureFieldEvent | FrameIntroRecordKeyEntriesHeaderFieldEvent | FrameIntroRecordKeyEntriesSignatureFieldEvent | FrameIntroFeaturesFieldEvent | FrameRequestIdFieldEvent | FrameRequestHeadsWantedLedgerFieldEvent | FrameRequestHeadsWantedSizeFieldEvent | FrameRequestHeadsWantedHeadHashFieldEvent | FrameRequestHeadsWantedCheckpointSizeFieldEvent | FrameRequestHeadsWantedHasEvidenceFieldEvent | FrameRequestHeadsWantedEvidenceIdsFieldEvent | FrameRequestEntriesLedgerFieldEvent | FrameRequestEntriesFromFieldEvent | FrameRequestEntriesCountFieldEvent | FrameRequestKeyEntriesLedgerFieldEvent | FrameReplyIdFieldEvent | FrameReplyCodeFieldEvent | FrameReplyHeadsHeadsLedgerFieldEvent | FrameReplyHeadsHeadsHeaderFieldEvent | FrameReplyHeadsHeadsSignatureFieldEvent | FrameReplyHeadsHeadsCheckpointFieldEvent | FrameReplyHeadsHeadsEvidenceFieldEvent | FrameReplyHeadsHeadsEarliestFieldEvent | FrameReplyHeadsSameFieldEvent | FrameReplyHeadsNoneFieldEvent | FrameReplyHeadsDeniedFieldEvent | FrameReplyEntriesEntriesHeaderFieldEvent | FrameReplyEntriesEntriesSignatureFieldEvent | FrameReplyEntriesEntriesPayloadFieldEvent | FrameReplyKeyEntriesEntriesHeaderFieldEvent | FrameReplyKeyEntriesEntriesSignatureFieldEvent | FrameReplyEarliestFieldEvent | FrameReplySizeFieldEvent | FrameReplyRetryMsFieldEvent | FrameNoticeHeadsHeadsLedgerFieldEvent | FrameNoticeHeadsHeadsHeaderFieldEvent | FrameNoticeHeadsHeadsSignatureFieldEvent | FrameNoticeHeadsHeadsCheckpointFieldEvent | FrameNoticeHeadsHeadsEvidenceFieldEvent | FrameNoticeHeadsHeadsEarliestFieldEvent | FrameNoticeEvidenceLedgerFieldEvent | FrameNoticeEvidenceEvidenceFieldEvent | FrameNoticeRecordBodyFieldEvent | FrameNoticeRecordSignatureFieldEvent | FrameNoticeRecordKeyEntriesHeaderFieldEvent | FrameNoticeRecordKeyEntriesSignatureFieldEvent | FrameByeCodeFieldEvent> {
    return streamMessage(buf, Frame.codec(), opts)
  }
}

export interface Intro {
  network: string
  software: string
  clockMs: number
  record?: SignedRecord
  features: string[]
}

export namespace Intro {
  let _codec: Codec<Intro>

  export const codec = (): Codec<Intro> => {
    if (_codec == null) {
      _codec = message<Intro>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.network != null && obj.network !== '')) {
          w.uint32(10)
          w.string(obj.network)
        }

        if ((obj.software != null && obj.software !== '')) {
          w.uint32(18)
          w.string(obj.software)
        }

        if ((obj.clockMs != null && obj.clockMs !== 0)) {
          w.uint32(24)
          w.uint64Number(obj.clockMs)
        }

        if (obj.record != null) {
          w.uint32(34)
          SignedRecord.codec().encode(obj.record, w)
        }

        if (obj.features != null && obj.features.length > 0) {
          for (const value of obj.features) {
            w.uint32(42)
            w.string(value)
          }
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          network: '',
          software: '',
          clockMs: 0,
          features: []
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.network = reader.string()
              break
            }
            case 2: {
              obj.software = reader.string()
              break
            }
            case 3: {
              obj.clockMs = reader.uint64Number()
              break
            }
            case 4: {
              obj.record = SignedRecord.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.record
              })
              break
            }
            case 5: {
              if (opts.limits?.features != null && obj.features.length === opts.limits.features) {
                throw new MaxLengthError('Decode error - repeated field "features" had too many elements')
              }

              obj.features.push(reader.string())
              break
            }
            default: {
              reader.skipType(tag & 7)
              break
            }
          }
        }

        return obj
      }, function * (reader, length, prefix, opts = {}) {
        const obj = {
          features: 0
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              yield {
                field: `${prefix}.network`,
                value: reader.string()
              }
              break
            }
            case 2: {
              yield {
                field: `${prefix}.software`,
                value: reader.string()
              }
              break
            }
            case 3: {
              yield {
                field: `${prefix}.clockMs`,
                value: reader.uint64Number()
              }
              break
            }
            case 4: {
              yield * SignedRecord.codec().stream(reader, reader.uint32(), `${prefix}.record`, {
                limits: opts.limits?.record
              })

              break
            }
            case 5: {
              if (opts.limits?.features != null && obj.features === opts.limits.features) {
                throw new MaxLengthError('Streaming decode error - repeated field "features" had too many elements')
              }

              yield {
                field: `${prefix}.features[]`,
                index: obj.features,
                value: reader.string()
              }

              obj.features++

              break
            }
            default: {
              reader.skipType(tag & 7)
              break
            }
          }
        }
      })
    }

    return _codec
  }

  export interface IntroNetworkFieldEvent {
    field: '$.network'
    value: string
  }

  export interface IntroSoftwareFieldEvent {
    field: '$.software'
    value: string
  }

  export interface IntroClockMsFieldEvent {
    field: '$.clockMs'
    value: number
  }

  export interface IntroRecordBodyFieldEvent {
    field: '$.record.body'
    value: Uint8Array
  }

  export interface IntroRecordSignatureFieldEvent {
    field: '$.record.signature'
    value: Uint8Array
  }

  export interface IntroRecordKeyEntriesHeaderFieldEvent {
    field: '$.record.keyEntries[].header'
    value: Uint8Array
    index: number
  }

  export interface IntroRecordKeyEntriesSignatureFieldEvent {
    field: '$.record.keyEntries[].signature'
    value: Uint8Array
    index: number
  }

  export interface IntroFeaturesFieldEvent {
    field: '$.features[]'
    index: number
    value: string
  }

  export function encode (obj: Partial<Intro>): Uint8Array {
    return encodeMessage(obj, Intro.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Intro>): Intro {
    return decodeMessage(buf, Intro.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Intro>): Generator<IntroNetworkFieldEvent | IntroSoftwareFieldEvent | IntroClockMsFieldEvent | IntroRecordBodyFieldEvent | IntroRecordSignatureFieldEvent | IntroRecordKeyEntriesHeaderFieldEvent | IntroRecordKeyEntriesSignatureFieldEvent | IntroFeaturesFieldEvent> {
    return streamMessage(buf, Intro.codec(), opts)
  }
}

export interface SignedRecord {
  body: Uint8Array
  signature: Uint8Array
  keyEntries: KeyEntry[]
}

export namespace SignedRecord {
  let _codec: Codec<SignedRecord>

  export const codec = (): Codec<SignedRecord> => {
    if (_codec == null) {
      _codec = message<SignedRecord>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.body != null && obj.body.byteLength > 0)) {
          w.uint32(10)
          w.bytes(obj.body)
        }

        if ((obj.signature != null && obj.signature.byteLength > 0)) {
          w.uint32(18)
          w.bytes(obj.signature)
        }

        if (obj.keyEntries != null && obj.keyEntries.length > 0) {
          for (const value of obj.keyEntries) {
            w.uint32(26)
            KeyEntry.codec().encode(value, w)
          }
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          body: uint8ArrayAlloc(0),
          signature: uint8ArrayAlloc(0),
          keyEntries: []
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.body = reader.bytes()
              break
            }
            case 2: {
              obj.signature = reader.bytes()
              break
            }
            case 3: {
              if (opts.limits?.keyEntries != null && obj.keyEntries.length === opts.limits.keyEntries) {
                throw new MaxLengthError('Decode error - repeated field "keyEntries" had too many elements')
              }

              obj.keyEntries.push(KeyEntry.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.keyEntries$
              }))
              break
            }
            default: {
              reader.skipType(tag & 7)
              break
            }
          }
        }

        return obj
      }, function * (reader, length, prefix, opts = {}) {
        const obj = {
          keyEntries: 0
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              yield {
                field: `${prefix}.body`,
                value: reader.bytes()
              }
              break
            }
            case 2: {
              yield {
                field: `${prefix}.signature`,
                value: reader.bytes()
              }
              break
            }
            case 3: {
              if (opts.limits?.keyEntries != null && obj.keyEntries === opts.limits.keyEntries) {
                throw new MaxLengthError('Streaming decode error - repeated field "keyEntries" had too many elements')
              }

              for (const evt of KeyEntry.codec().stream(reader, reader.uint32(), `${prefix}.keyEntries[]`, {
                limits: opts.limits?.keyEntries$
              })) {
                yield {
                  ...evt,
                  index: obj.keyEntries
                }
              }

              obj.keyEntries++

              break
            }
            default: {
              reader.skipType(tag & 7)
              break
            }
          }
        }
      })
    }

    return _codec
  }

  export interface SignedRecordBodyFieldEvent {
    field: '$.body'
    value: Uint8Array
  }

  export interface SignedRecordSignatureFieldEvent {
    field: '$.signature'
    value: Uint8Array
  }

  export interface SignedRecordKeyEntriesHeaderFieldEvent {
    field: '$.keyEntries[].header'
    value: Uint8Array
    index: number
  }

  export interface SignedRecordKeyEntriesSignatureFieldEvent {
    field: '$.keyEntries[].signature'
    value: Uint8Array
    index: number
  }

  export function encode (obj: Partial<SignedRecord>): Uint8Array {
    return encodeMessage(obj, SignedRecord.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<SignedRecord>): SignedRecord {
    return decodeMessage(buf, SignedRecord.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<SignedRecord>): Generator<SignedRecordBodyFieldEvent | SignedRecordSignatureFieldEvent | SignedRecordKeyEntriesHeaderFieldEvent | SignedRecordKeyEntriesSignatureFieldEvent> {
    return streamMessage(buf, SignedRecord.codec(), opts)
  }
}

export interface KeyEntry {
  header: Uint8Array
  signature: Uint8Array
}

export namespace KeyEntry {
  let _codec: Codec<KeyEntry>

  export const codec = (): Codec<KeyEntry> => {
    if (_codec == null) {
      _codec = message<KeyEntry>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.header != null && obj.header.byteLength > 0)) {
          w.uint32(10)
          w.bytes(obj.header)
        }

        if ((obj.signature != null && obj.signature.byteLength > 0)) {
          w.uint32(18)
          w.bytes(obj.signature)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          header: uint8ArrayAlloc(0),
          signature: uint8ArrayAlloc(0)
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.header = reader.bytes()
              break
            }
            case 2: {
              obj.signature = reader.bytes()
              break
            }
            default: {
              reader.skipType(tag & 7)
              break
            }
          }
        }

        return obj
      }, function * (reader, length, prefix, opts = {}) {
        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              yield {
                field: `${prefix}.header`,
                value: reader.bytes()
              }
              break
            }
            case 2: {
              yield {
                field: `${prefix}.signature`,
                value: reader.bytes()
              }
              break
            }
            default: {
              reader.skipType(tag & 7)
              break
            }
          }
        }
      })
    }

    return _codec
  }

  export interface KeyEntryHeaderFieldEvent {
    field: '$.header'
    value: Uint8Array
  }

  export interface KeyEntrySignatureFieldEvent {
    field: '$.signature'
    value: Uint8Array
  }

  export function encode (obj: Partial<KeyEntry>): Uint8Array {
    return encodeMessage(obj, KeyEntry.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<KeyEntry>): KeyEntry {
    return decodeMessage(buf, KeyEntry.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<KeyEntry>): Generator<KeyEntryHeaderFieldEvent | KeyEntrySignatureFieldEvent> {
    return streamMessage(buf, KeyEntry.codec(), opts)
  }
}

export interface Request {
  id: number
  heads?: HeadsRequest
  entries?: EntriesRequest
  keyEntries?: KeyEntriesRequest
}

export namespace Request {
  let _codec: Codec<Request>

  export const codec = (): Codec<Request> => {
    if (_codec == null) {
      _codec = message<Request>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        obj = { ...obj }

        if (obj.keyEntries != null) {
          obj.entries = undefined
          obj.heads = undefined
        }

        if (obj.entries != null) {
          obj.keyEntries = undefined
          obj.heads = undefined
        }

        if (obj.heads != null) {
          obj.keyEntries = undefined
          obj.entries = undefined
        }

        if ((obj.id != null && obj.id !== 0)) {
          w.uint32(8)
          w.uint64Number(obj.id)
        }

        if (obj.heads != null) {
          w.uint32(18)
          HeadsRequest.codec().encode(obj.heads, w)
        }

        if (obj.entries != null) {
          w.uint32(26)
          EntriesRequest.codec().encode(obj.entries, w)
        }

        if (obj.keyEntries != null) {
          w.uint32(34)
          KeyEntriesRequest.codec().encode(obj.keyEntries, w)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          id: 0
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.id = reader.uint64Number()
              break
            }
            case 2: {
              obj.heads = HeadsRequest.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.heads
              })
              break
            }
            case 3: {
              obj.entries = EntriesRequest.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.entries
              })
              break
            }
            case 4: {
              obj.keyEntries = KeyEntriesRequest.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.keyEntries
              })
              break
            }
            default: {
              reader.skipType(tag & 7)
              break
            }
          }
        }

        if (obj.keyEntries != null) {
          delete obj.entries
          delete obj.heads
        }

        if (obj.entries != null) {
          delete obj.keyEntries
          delete obj.heads
        }

        if (obj.heads != null) {
          delete obj.keyEntries
          delete obj.entries
        }

        return obj
      }, function * (reader, length, prefix, opts = {}) {
        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              yield {
                field: `${prefix}.id`,
                value: reader.uint64Number()
              }
              break
            }
            case 2: {
              yield * HeadsRequest.codec().stream(reader, reader.uint32(), `${prefix}.heads`, {
                limits: opts.limits?.heads
              })

              break
            }
            case 3: {
              yield * EntriesRequest.codec().stream(reader, reader.uint32(), `${prefix}.entries`, {
                limits: opts.limits?.entries
              })

              break
            }
            case 4: {
              yield * KeyEntriesRequest.codec().stream(reader, reader.uint32(), `${prefix}.keyEntries`, {
                limits: opts.limits?.keyEntries
              })

              break
            }
            default: {
              reader.skipType(tag & 7)
              break
            }
          }
        }
      })
    }

    return _codec
  }

  export interface RequestIdFieldEvent {
    field: '$.id'
    value: number
  }

  export interface RequestHeadsWantedLedgerFieldEvent {
    field: '$.heads.wanted[].ledger'
    value: string
    index: number
  }

  export interface RequestHeadsWantedSizeFieldEvent {
    field: '$.heads.wanted[].size'
    value: number
    index: number
  }

  export interface RequestHeadsWantedHeadHashFieldEvent {
    field: '$.heads.wanted[].headHash'
    value: Uint8Array
    index: number
  }

  export interface RequestHeadsWantedCheckpointSizeFieldEvent {
    field: '$.heads.wanted[].checkpointSize'
    value: number
    index: number
  }

  export interface RequestHeadsWantedHasEvidenceFieldEvent {
    field: '$.heads.wanted[].hasEvidence'
    value: boolean
    index: number
  }

  export interface RequestHeadsWantedEvidenceIdsFieldEvent {
    field: '$.heads.wanted[].evidenceIds[]'
    index: number
    value: Uint8Array
  }

  export interface RequestEntriesLedgerFieldEvent {
    field: '$.entries.ledger'
    value: string
  }

  export interface RequestEntriesFromFieldEvent {
    field: '$.entries.from'
    value: number
  }

  export interface RequestEntriesCountFieldEvent {
    field: '$.entries.count'
    value: number
  }

  export interface RequestKeyEntriesLedgerFieldEvent {
    field: '$.keyEntries.ledger'
    value: string
  }

  export function encode (obj: Partial<Request>): Uint8Array {
    return encodeMessage(obj, Request.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Request>): Request {
    return decodeMessage(buf, Request.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Request>): Generator<RequestIdFieldEvent | RequestHeadsWantedLedgerFieldEvent | RequestHeadsWantedSizeFieldEvent | RequestHeadsWantedHeadHashFieldEvent | RequestHeadsWantedCheckpointSizeFieldEvent | RequestHeadsWantedHasEvidenceFieldEvent | RequestHeadsWantedEvidenceIdsFieldEvent | RequestEntriesLedgerFieldEvent | RequestEntriesFromFieldEvent | RequestEntriesCountFieldEvent | RequestKeyEntriesLedgerFieldEvent> {
    return streamMessage(buf, Request.codec(), opts)
  }
}

export interface HeadsRequest {
  wanted: WantedHead[]
}

export namespace HeadsRequest {
  let _codec: Codec<HeadsRequest>

  export const codec = (): Codec<HeadsRequest> => {
    if (_codec == null) {
      _codec = message<HeadsRequest>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if (obj.wanted != null && obj.wanted.length > 0) {
          for (const value of obj.wanted) {
            w.uint32(10)
            WantedHead.codec().encode(value, w)
          }
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          wanted: []
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              if (opts.limits?.wanted != null && obj.wanted.length === opts.limits.wanted) {
                throw new MaxLengthError('Decode error - repeated field "wanted" had too many elements')
              }

              obj.wanted.push(WantedHead.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.wanted$
              }))
              break
            }
            default: {
              reader.skipType(tag & 7)
              break
            }
          }
        }

        return obj
      }, function * (reader, length, prefix, opts = {}) {
        const obj = {
          wanted: 0
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              if (opts.limits?.wanted != null && obj.wanted === opts.limits.wanted) {
                throw new MaxLengthError('Streaming decode error - repeated field "wanted" had too many elements')
              }

              for (const evt of WantedHead.codec().stream(reader, reader.uint32(), `${prefix}.wanted[]`, {
                limits: opts.limits?.wanted$
              })) {
                yield {
                  ...evt,
                  index: obj.wanted
                }
              }

              obj.wanted++

              break
            }
            default: {
              reader.skipType(tag & 7)
              break
            }
          }
        }
      })
    }

    return _codec
  }

  export interface HeadsRequestWantedLedgerFieldEvent {
    field: '$.wanted[].ledger'
    value: string
    index: number
  }

  export interface HeadsRequestWantedSizeFieldEvent {
    field: '$.wanted[].size'
    value: number
    index: number
  }

  export interface HeadsRequestWantedHeadHashFieldEvent {
    field: '$.wanted[].headHash'
    value: Uint8Array
    index: number
  }

  export interface HeadsRequestWantedCheckpointSizeFieldEvent {
    field: '$.wanted[].checkpointSize'
    value: number
    index: number
  }

  export interface HeadsRequestWantedHasEvidenceFieldEvent {
    field: '$.wanted[].hasEvidence'
    value: boolean
    index: number
  }

  export interface HeadsRequestWantedEvidenceIdsFieldEvent {
    field: '$.wanted[].evidenceIds[]'
    index: number
    value: Uint8Array
  }

  export function encode (obj: Partial<HeadsRequest>): Uint8Array {
    return encodeMessage(obj, HeadsRequest.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<HeadsRequest>): HeadsRequest {
    return decodeMessage(buf, HeadsRequest.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<HeadsRequest>): Generator<HeadsRequestWantedLedgerFieldEvent | HeadsRequestWantedSizeFieldEvent | HeadsRequestWantedHeadHashFieldEvent | HeadsRequestWantedCheckpointSizeFieldEvent | HeadsRequestWantedHasEvidenceFieldEvent | HeadsRequestWantedEvidenceIdsFieldEvent> {
    return streamMessage(buf, HeadsRequest.codec(), opts)
  }
}

export interface WantedHead {
  ledger: string
  size: number
  headHash?: Uint8Array
  checkpointSize?: number
  hasEvidence: boolean
  evidenceIds: Uint8Array[]
}

export namespace WantedHead {
  let _codec: Codec<WantedHead>

  export const codec = (): Codec<WantedHead> => {
    if (_codec == null) {
      _codec = message<WantedHead>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.ledger != null && obj.ledger !== '')) {
          w.uint32(10)
          w.string(obj.ledger)
        }

        if ((obj.size != null && obj.size !== 0)) {
          w.uint32(16)
          w.uint64Number(obj.size)
        }

        if (obj.headHash != null) {
          w.uint32(26)
          w.bytes(obj.headHash)
        }

        if (obj.checkpointSize != null) {
          w.uint32(32)
          w.uint64Number(obj.checkpointSize)
        }

        if ((obj.hasEvidence != null && obj.hasEvidence !== false)) {
          w.uint32(40)
          w.bool(obj.hasEvidence)
        }

        if (obj.evidenceIds != null && obj.evidenceIds.length > 0) {
          for (const value of obj.evidenceIds) {
            w.uint32(50)
            w.bytes(value)
          }
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          ledger: '',
          size: 0,
          hasEvidence: false,
          evidenceIds: []
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.ledger = reader.string()
              break
            }
            case 2: {
              obj.size = reader.uint64Number()
              break
            }
            case 3: {
              obj.headHash = reader.bytes()
              break
            }
            case 4: {
              obj.checkpointSize = reader.uint64Number()
              break
            }
            case 5: {
              obj.hasEvidence = reader.bool()
              break
            }
            case 6: {
              if (opts.limits?.evidenceIds != null && obj.evidenceIds.length === opts.limits.evidenceIds) {
                throw new MaxLengthError('Decode error - repeated field "evidenceIds" had too many elements')
              }

              obj.evidenceIds.push(reader.bytes())
              break
            }
            default: {
              reader.skipType(tag & 7)
              break
            }
          }
        }

        return obj
      }, function * (reader, length, prefix, opts = {}) {
        const obj = {
          evidenceIds: 0
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              yield {
                field: `${prefix}.ledger`,
                value: reader.string()
              }
              break
            }
            case 2: {
              yield {
                field: `${prefix}.size`,
                value: reader.uint64Number()
              }
              break
            }
            case 3: {
              yield {
                field: `${prefix}.headHash`,
                value: reader.bytes()
              }
              break
            }
            case 4: {
              yield {
                field: `${prefix}.checkpointSize`,
                value: reader.uint64Number()
              }
              break
            }
            case 5: {
              yield {
                field: `${prefix}.hasEvidence`,
                value: reader.bool()
              }
              break
            }
            case 6: {
              if (opts.limits?.evidenceIds != null && obj.evidenceIds === opts.limits.evidenceIds) {
                throw new MaxLengthError('Streaming decode error - repeated field "evidenceIds" had too many elements')
              }

              yield {
                field: `${prefix}.evidenceIds[]`,
                index: obj.evidenceIds,
                value: reader.bytes()
              }

              obj.evidenceIds++

              break
            }
            default: {
              reader.skipType(tag & 7)
              break
            }
          }
        }
      })
    }

    return _codec
  }

  export interface WantedHeadLedgerFieldEvent {
    field: '$.ledger'
    value: string
  }

  export interface WantedHeadSizeFieldEvent {
    field: '$.size'
    value: number
  }

  export interface WantedHeadHeadHashFieldEvent {
    field: '$.headHash'
    value: Uint8Array
  }

  export interface WantedHeadCheckpointSizeFieldEvent {
    field: '$.checkpointSize'
    value: number
  }

  export interface WantedHeadHasEvidenceFieldEvent {
    field: '$.hasEvidence'
    value: boolean
  }

  export interface WantedHeadEvidenceIdsFieldEvent {
    field: '$.evidenceIds[]'
    index: number
    value: Uint8Array
  }

  export function encode (obj: Partial<WantedHead>): Uint8Array {
    return encodeMessage(obj, WantedHead.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<WantedHead>): WantedHead {
    return decodeMessage(buf, WantedHead.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<WantedHead>): Generator<WantedHeadLedgerFieldEvent | WantedHeadSizeFieldEvent | WantedHeadHeadHashFieldEvent | WantedHeadCheckpointSizeFieldEvent | WantedHeadHasEvidenceFieldEvent | WantedHeadEvidenceIdsFieldEvent> {
    return streamMessage(buf, WantedHead.codec(), opts)
  }
}

export interface EntriesRequest {
  ledger: string
  from: number
  count: number
}

export namespace EntriesRequest {
  let _codec: Codec<EntriesRequest>

  export const codec = (): Codec<EntriesRequest> => {
    if (_codec == null) {
      _codec = message<EntriesRequest>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.ledger != null && obj.ledger !== '')) {
          w.uint32(10)
          w.string(obj.ledger)
        }

        if ((obj.from != null && obj.from !== 0)) {
          w.uint32(16)
          w.uint64Number(obj.from)
        }

        if ((obj.count != null && obj.count !== 0)) {
          w.uint32(24)
          w.uint32(obj.count)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          ledger: '',
          from: 0,
          count: 0
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.ledger = reader.string()
              break
            }
            case 2: {
              obj.from = reader.uint64Number()
              break
            }
            case 3: {
              obj.count = reader.uint32()
              break
            }
            default: {
              reader.skipType(tag & 7)
              break
            }
          }
        }

        return obj
      }, function * (reader, length, prefix, opts = {}) {
        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              yield {
                field: `${prefix}.ledger`,
                value: reader.string()
              }
              break
            }
            case 2: {
              yield {
                field: `${prefix}.from`,
                value: reader.uint64Number()
              }
              break
            }
            case 3: {
              yield {
                field: `${prefix}.count`,
                value: reader.uint32()
              }
              break
            }
            default: {
              reader.skipType(tag & 7)
              break
            }
          }
        }
      })
    }

    return _codec
  }

  export interface EntriesRequestLedgerFieldEvent {
    field: '$.ledger'
    value: string
  }

  export interface EntriesRequestFromFieldEvent {
    field: '$.from'
    value: number
  }

  export interface EntriesRequestCountFieldEvent {
    field: '$.count'
    value: number
  }

  export function encode (obj: Partial<EntriesRequest>): Uint8Array {
    return encodeMessage(obj, EntriesRequest.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<EntriesRequest>): EntriesRequest {
    return decodeMessage(buf, EntriesRequest.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<EntriesRequest>): Generator<EntriesRequestLedgerFieldEvent | EntriesRequestFromFieldEvent | EntriesRequestCountFieldEvent> {
    return streamMessage(buf, EntriesRequest.codec(), opts)
  }
}

export interface KeyEntriesRequest {
  ledger: string
}

export namespace KeyEntriesRequest {
  let _codec: Codec<KeyEntriesRequest>

  export const codec = (): Codec<KeyEntriesRequest> => {
    if (_codec == null) {
      _codec = message<KeyEntriesRequest>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.ledger != null && obj.ledger !== '')) {
          w.uint32(10)
          w.string(obj.ledger)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          ledger: ''
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.ledger = reader.string()
              break
            }
            default: {
              reader.skipType(tag & 7)
              break
            }
          }
        }

        return obj
      }, function * (reader, length, prefix, opts = {}) {
        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              yield {
                field: `${prefix}.ledger`,
                value: reader.string()
              }
              break
            }
            default: {
              reader.skipType(tag & 7)
              break
            }
          }
        }
      })
    }

    return _codec
  }

  export interface KeyEntriesRequestLedgerFieldEvent {
    field: '$.ledger'
    value: string
  }

  export function encode (obj: Partial<KeyEntriesRequest>): Uint8Array {
    return encodeMessage(obj, KeyEntriesRequest.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<KeyEntriesRequest>): KeyEntriesRequest {
    return decodeMessage(buf, KeyEntriesRequest.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<KeyEntriesRequest>): Generator<KeyEntriesRequestLedgerFieldEvent> {
    return streamMessage(buf, KeyEntriesRequest.codec(), opts)
  }
}

export interface Reply {
  id: number
  code: number
  heads?: Heads
  entries?: Entries
  keyEntries?: KeyEntries
  earliest?: number
  size?: number
  retryMs?: number
}

export namespace Reply {
  let _codec: Codec<Reply>

  export const codec = (): Codec<Reply> => {
    if (_codec == null) {
      _codec = message<Reply>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.id != null && obj.id !== 0)) {
          w.uint32(8)
          w.uint64Number(obj.id)
        }

        if ((obj.code != null && obj.code !== 0)) {
          w.uint32(16)
          w.uint32(obj.code)
        }

        if (obj.heads != null) {
          w.uint32(26)
          Heads.codec().encode(obj.heads, w)
        }

        if (obj.entries != null) {
          w.uint32(34)
          Entries.codec().encode(obj.entries, w)
        }

        if (obj.keyEntries != null) {
          w.uint32(42)
          KeyEntries.codec().encode(obj.keyEntries, w)
        }

        if (obj.earliest != null) {
          w.uint32(48)
          w.uint64Number(obj.earliest)
        }

        if (obj.size != null) {
          w.uint32(56)
          w.uint64Number(obj.size)
        }

        if (obj.retryMs != null) {
          w.uint32(64)
          w.uint32(obj.retryMs)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          id: 0,
          code: 0
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.id = reader.uint64Number()
              break
            }
            case 2: {
              obj.code = reader.uint32()
              break
            }
            case 3: {
              obj.heads = Heads.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.heads
              })
              break
            }
            case 4: {
              obj.entries = Entries.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.entries
              })
              break
            }
            case 5: {
              obj.keyEntries = KeyEntries.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.keyEntries
              })
              break
            }
            case 6: {
              obj.earliest = reader.uint64Number()
              break
            }
            case 7: {
              obj.size = reader.uint64Number()
              break
            }
            case 8: {
              obj.retryMs = reader.uint32()
              break
            }
            default: {
              reader.skipType(tag & 7)
              break
            }
          }
        }

        return obj
      }, function * (reader, length, prefix, opts = {}) {
        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              yield {
                field: `${prefix}.id`,
                value: reader.uint64Number()
              }
              break
            }
            case 2: {
              yield {
                field: `${prefix}.code`,
                value: reader.uint32()
              }
              break
            }
            case 3: {
              yield * Heads.codec().stream(reader, reader.uint32(), `${prefix}.heads`, {
                limits: opts.limits?.heads
              })

              break
            }
            case 4: {
              yield * Entries.codec().stream(reader, reader.uint32(), `${prefix}.entries`, {
                limits: opts.limits?.entries
              })

              break
            }
            case 5: {
              yield * KeyEntries.codec().stream(reader, reader.uint32(), `${prefix}.keyEntries`, {
                limits: opts.limits?.keyEntries
              })

              break
            }
            case 6: {
              yield {
                field: `${prefix}.earliest`,
                value: reader.uint64Number()
              }
              break
            }
            case 7: {
              yield {
                field: `${prefix}.size`,
                value: reader.uint64Number()
              }
              break
            }
            case 8: {
              yield {
                field: `${prefix}.retryMs`,
                value: reader.uint32()
              }
              break
            }
            default: {
              reader.skipType(tag & 7)
              break
            }
          }
        }
      })
    }

    return _codec
  }

  export interface ReplyIdFieldEvent {
    field: '$.id'
    value: number
  }

  export interface ReplyCodeFieldEvent {
    field: '$.code'
    value: number
  }

  export interface ReplyHeadsHeadsLedgerFieldEvent {
    field: '$.heads.heads[].ledger'
    value: string
    index: number
  }

  export interface ReplyHeadsHeadsHeaderFieldEvent {
    field: '$.heads.heads[].header'
    value: Uint8Array
    index: number
  }

  export interface ReplyHeadsHeadsSignatureFieldEvent {
    field: '$.heads.heads[].signature'
    value: Uint8Array
    index: number
  }

  export interface ReplyHeadsHeadsCheckpointFieldEvent {
    field: '$.heads.heads[].checkpoint'
    value: string
    index: number
  }

  export interface ReplyHeadsHeadsEvidenceFieldEvent {
    field: '$.heads.heads[].evidence'
    value: Uint8Array
    index: number
  }

  export interface ReplyHeadsHeadsEarliestFieldEvent {
    field: '$.heads.heads[].earliest'
    value: number
    index: number
  }

  export interface ReplyHeadsSameFieldEvent {
    field: '$.heads.same[]'
    index: number
    value: string
  }

  export interface ReplyHeadsNoneFieldEvent {
    field: '$.heads.none[]'
    index: number
    value: string
  }

  export interface ReplyHeadsDeniedFieldEvent {
    field: '$.heads.denied[]'
    index: number
    value: string
  }

  export interface ReplyEntriesEntriesHeaderFieldEvent {
    field: '$.entries.entries[].header'
    value: Uint8Array
    index: number
  }

  export interface ReplyEntriesEntriesSignatureFieldEvent {
    field: '$.entries.entries[].signature'
    value: Uint8Array
    index: number
  }

  export interface ReplyEntriesEntriesPayloadFieldEvent {
    field: '$.entries.entries[].payload'
    value: Uint8Array
    index: number
  }

  export interface ReplyKeyEntriesEntriesHeaderFieldEvent {
    field: '$.keyEntries.entries[].header'
    value: Uint8Array
    index: number
  }

  export interface ReplyKeyEntriesEntriesSignatureFieldEvent {
    field: '$.keyEntries.entries[].signature'
    value: Uint8Array
    index: number
  }

  export interface ReplyEarliestFieldEvent {
    field: '$.earliest'
    value: number
  }

  export interface ReplySizeFieldEvent {
    field: '$.size'
    value: number
  }

  export interface ReplyRetryMsFieldEvent {
    field: '$.retryMs'
    value: number
  }

  export function encode (obj: Partial<Reply>): Uint8Array {
    return encodeMessage(obj, Reply.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Reply>): Reply {
    return decodeMessage(buf, Reply.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Reply>): Generator<ReplyIdFieldEvent | ReplyCodeFieldEvent | ReplyHeadsHeadsLedgerFieldEvent | ReplyHeadsHeadsHeaderFieldEvent | ReplyHeadsHeadsSignatureFieldEvent | ReplyHeadsHeadsCheckpointFieldEvent | ReplyHeadsHeadsEvidenceFieldEvent | ReplyHeadsHeadsEarliestFieldEvent | ReplyHeadsSameFieldEvent | ReplyHeadsNoneFieldEvent | ReplyHeadsDeniedFieldEvent | ReplyEntriesEntriesHeaderFieldEvent | ReplyEntriesEntriesSignatureFieldEvent | ReplyEntriesEntriesPayloadFieldEvent | ReplyKeyEntriesEntriesHeaderFieldEvent | ReplyKeyEntriesEntriesSignatureFieldEvent | ReplyEarliestFieldEvent | ReplySizeFieldEvent | ReplyRetryMsFieldEvent> {
    return streamMessage(buf, Reply.codec(), opts)
  }
}

export interface Heads {
  heads: Head[]
  same: string[]
  none: string[]
  denied: string[]
}

export namespace Heads {
  let _codec: Codec<Heads>

  export const codec = (): Codec<Heads> => {
    if (_codec == null) {
      _codec = message<Heads>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if (obj.heads != null && obj.heads.length > 0) {
          for (const value of obj.heads) {
            w.uint32(10)
            Head.codec().encode(value, w)
          }
        }

        if (obj.same != null && obj.same.length > 0) {
          for (const value of obj.same) {
            w.uint32(18)
            w.string(value)
          }
        }

        if (obj.none != null && obj.none.length > 0) {
          for (const value of obj.none) {
            w.uint32(26)
            w.string(value)
          }
        }

        if (obj.denied != null && obj.denied.length > 0) {
          for (const value of obj.denied) {
            w.uint32(34)
            w.string(value)
          }
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          heads: [],
          same: [],
          none: [],
          denied: []
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              if (opts.limits?.heads != null && obj.heads.length === opts.limits.heads) {
                throw new MaxLengthError('Decode error - repeated field "heads" had too many elements')
              }

              obj.heads.push(Head.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.heads$
              }))
              break
            }
            case 2: {
              if (opts.limits?.same != null && obj.same.length === opts.limits.same) {
                throw new MaxLengthError('Decode error - repeated field "same" had too many elements')
              }

              obj.same.push(reader.string())
              break
            }
            case 3: {
              if (opts.limits?.none != null && obj.none.length === opts.limits.none) {
                throw new MaxLengthError('Decode error - repeated field "none" had too many elements')
              }

              obj.none.push(reader.string())
              break
            }
            case 4: {
              if (opts.limits?.denied != null && obj.denied.length === opts.limits.denied) {
                throw new MaxLengthError('Decode error - repeated field "denied" had too many elements')
              }

              obj.denied.push(reader.string())
              break
            }
            default: {
              reader.skipType(tag & 7)
              break
            }
          }
        }

        return obj
      }, function * (reader, length, prefix, opts = {}) {
        const obj = {
          heads: 0,
          same: 0,
          none: 0,
          denied: 0
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              if (opts.limits?.heads != null && obj.heads === opts.limits.heads) {
                throw new MaxLengthError('Streaming decode error - repeated field "heads" had too many elements')
              }

              for (const evt of Head.codec().stream(reader, reader.uint32(), `${prefix}.heads[]`, {
                limits: opts.limits?.heads$
              })) {
                yield {
                  ...evt,
                  index: obj.heads
                }
              }

              obj.heads++

              break
            }
            case 2: {
              if (opts.limits?.same != null && obj.same === opts.limits.same) {
                throw new MaxLengthError('Streaming decode error - repeated field "same" had too many elements')
              }

              yield {
                field: `${prefix}.same[]`,
                index: obj.same,
                value: reader.string()
              }

              obj.same++

              break
            }
            case 3: {
              if (opts.limits?.none != null && obj.none === opts.limits.none) {
                throw new MaxLengthError('Streaming decode error - repeated field "none" had too many elements')
              }

              yield {
                field: `${prefix}.none[]`,
                index: obj.none,
                value: reader.string()
              }

              obj.none++

              break
            }
            case 4: {
              if (opts.limits?.denied != null && obj.denied === opts.limits.denied) {
                throw new MaxLengthError('Streaming decode error - repeated field "denied" had too many elements')
              }

              yield {
                field: `${prefix}.denied[]`,
                index: obj.denied,
                value: reader.string()
              }

              obj.denied++

              break
            }
            default: {
              reader.skipType(tag & 7)
              break
            }
          }
        }
      })
    }

    return _codec
  }

  export interface HeadsHeadsLedgerFieldEvent {
    field: '$.heads[].ledger'
    value: string
    index: number
  }

  export interface HeadsHeadsHeaderFieldEvent {
    field: '$.heads[].header'
    value: Uint8Array
    index: number
  }

  export interface HeadsHeadsSignatureFieldEvent {
    field: '$.heads[].signature'
    value: Uint8Array
    index: number
  }

  export interface HeadsHeadsCheckpointFieldEvent {
    field: '$.heads[].checkpoint'
    value: string
    index: number
  }

  export interface HeadsHeadsEvidenceFieldEvent {
    field: '$.heads[].evidence'
    value: Uint8Array
    index: number
  }

  export interface HeadsHeadsEarliestFieldEvent {
    field: '$.heads[].earliest'
    value: number
    index: number
  }

  export interface HeadsSameFieldEvent {
    field: '$.same[]'
    index: number
    value: string
  }

  export interface HeadsNoneFieldEvent {
    field: '$.none[]'
    index: number
    value: string
  }

  export interface HeadsDeniedFieldEvent {
    field: '$.denied[]'
    index: number
    value: string
  }

  export function encode (obj: Partial<Heads>): Uint8Array {
    return encodeMessage(obj, Heads.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Heads>): Heads {
    return decodeMessage(buf, Heads.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Heads>): Generator<HeadsHeadsLedgerFieldEvent | HeadsHeadsHeaderFieldEvent | HeadsHeadsSignatureFieldEvent | HeadsHeadsCheckpointFieldEvent | HeadsHeadsEvidenceFieldEvent | HeadsHeadsEarliestFieldEvent | HeadsSameFieldEvent | HeadsNoneFieldEvent | HeadsDeniedFieldEvent> {
    return streamMessage(buf, Heads.codec(), opts)
  }
}

export interface Head {
  ledger: string
  header: Uint8Array
  signature: Uint8Array
  checkpoint?: string
  evidence?: Uint8Array
  earliest: number
}

export namespace Head {
  let _codec: Codec<Head>

  export const codec = (): Codec<Head> => {
    if (_codec == null) {
      _codec = message<Head>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.ledger != null && obj.ledger !== '')) {
          w.uint32(10)
          w.string(obj.ledger)
        }

        if ((obj.header != null && obj.header.byteLength > 0)) {
          w.uint32(18)
          w.bytes(obj.header)
        }

        if ((obj.signature != null && obj.signature.byteLength > 0)) {
          w.uint32(26)
          w.bytes(obj.signature)
        }

        if (obj.checkpoint != null) {
          w.uint32(34)
          w.string(obj.checkpoint)
        }

        if (obj.evidence != null) {
          w.uint32(42)
          w.bytes(obj.evidence)
        }

        if ((obj.earliest != null && obj.earliest !== 0)) {
          w.uint32(48)
          w.uint64Number(obj.earliest)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          ledger: '',
          header: uint8ArrayAlloc(0),
          signature: uint8ArrayAlloc(0),
          earliest: 0
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.ledger = reader.string()
              break
            }
            case 2: {
              obj.header = reader.bytes()
              break
            }
            case 3: {
              obj.signature = reader.bytes()
              break
            }
            case 4: {
              obj.checkpoint = reader.string()
              break
            }
            case 5: {
              obj.evidence = reader.bytes()
              break
            }
            case 6: {
              obj.earliest = reader.uint64Number()
              break
            }
            default: {
              reader.skipType(tag & 7)
              break
            }
          }
        }

        return obj
      }, function * (reader, length, prefix, opts = {}) {
        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              yield {
                field: `${prefix}.ledger`,
                value: reader.string()
              }
              break
            }
            case 2: {
              yield {
                field: `${prefix}.header`,
                value: reader.bytes()
              }
              break
            }
            case 3: {
              yield {
                field: `${prefix}.signature`,
                value: reader.bytes()
              }
              break
            }
            case 4: {
              yield {
                field: `${prefix}.checkpoint`,
                value: reader.string()
              }
              break
            }
            case 5: {
              yield {
                field: `${prefix}.evidence`,
                value: reader.bytes()
              }
              break
            }
            case 6: {
              yield {
                field: `${prefix}.earliest`,
                value: reader.uint64Number()
              }
              break
            }
            default: {
              reader.skipType(tag & 7)
              break
            }
          }
        }
      })
    }

    return _codec
  }

  export interface HeadLedgerFieldEvent {
    field: '$.ledger'
    value: string
  }

  export interface HeadHeaderFieldEvent {
    field: '$.header'
    value: Uint8Array
  }

  export interface HeadSignatureFieldEvent {
    field: '$.signature'
    value: Uint8Array
  }

  export interface HeadCheckpointFieldEvent {
    field: '$.checkpoint'
    value: string
  }

  export interface HeadEvidenceFieldEvent {
    field: '$.evidence'
    value: Uint8Array
  }

  export interface HeadEarliestFieldEvent {
    field: '$.earliest'
    value: number
  }

  export function encode (obj: Partial<Head>): Uint8Array {
    return encodeMessage(obj, Head.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Head>): Head {
    return decodeMessage(buf, Head.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Head>): Generator<HeadLedgerFieldEvent | HeadHeaderFieldEvent | HeadSignatureFieldEvent | HeadCheckpointFieldEvent | HeadEvidenceFieldEvent | HeadEarliestFieldEvent> {
    return streamMessage(buf, Head.codec(), opts)
  }
}

export interface Entries {
  entries: Entry[]
}

export namespace Entries {
  let _codec: Codec<Entries>

  export const codec = (): Codec<Entries> => {
    if (_codec == null) {
      _codec = message<Entries>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if (obj.entries != null && obj.entries.length > 0) {
          for (const value of obj.entries) {
            w.uint32(10)
            Entry.codec().encode(value, w)
          }
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          entries: []
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              if (opts.limits?.entries != null && obj.entries.length === opts.limits.entries) {
                throw new MaxLengthError('Decode error - repeated field "entries" had too many elements')
              }

              obj.entries.push(Entry.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.entries$
              }))
              break
            }
            default: {
              reader.skipType(tag & 7)
              break
            }
          }
        }

        return obj
      }, function * (reader, length, prefix, opts = {}) {
        const obj = {
          entries: 0
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              if (opts.limits?.entries != null && obj.entries === opts.limits.entries) {
                throw new MaxLengthError('Streaming decode error - repeated field "entries" had too many elements')
              }

              for (const evt of Entry.codec().stream(reader, reader.uint32(), `${prefix}.entries[]`, {
                limits: opts.limits?.entries$
              })) {
                yield {
                  ...evt,
                  index: obj.entries
                }
              }

              obj.entries++

              break
            }
            default: {
              reader.skipType(tag & 7)
              break
            }
          }
        }
      })
    }

    return _codec
  }

  export interface EntriesEntriesHeaderFieldEvent {
    field: '$.entries[].header'
    value: Uint8Array
    index: number
  }

  export interface EntriesEntriesSignatureFieldEvent {
    field: '$.entries[].signature'
    value: Uint8Array
    index: number
  }

  export interface EntriesEntriesPayloadFieldEvent {
    field: '$.entries[].payload'
    value: Uint8Array
    index: number
  }

  export function encode (obj: Partial<Entries>): Uint8Array {
    return encodeMessage(obj, Entries.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Entries>): Entries {
    return decodeMessage(buf, Entries.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Entries>): Generator<EntriesEntriesHeaderFieldEvent | EntriesEntriesSignatureFieldEvent | EntriesEntriesPayloadFieldEvent> {
    return streamMessage(buf, Entries.codec(), opts)
  }
}

export interface Entry {
  header: Uint8Array
  signature: Uint8Array
  payload?: Uint8Array
}

export namespace Entry {
  let _codec: Codec<Entry>

  export const codec = (): Codec<Entry> => {
    if (_codec == null) {
      _codec = message<Entry>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.header != null && obj.header.byteLength > 0)) {
          w.uint32(10)
          w.bytes(obj.header)
        }

        if ((obj.signature != null && obj.signature.byteLength > 0)) {
          w.uint32(18)
          w.bytes(obj.signature)
        }

        if (obj.payload != null) {
          w.uint32(26)
          w.bytes(obj.payload)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          header: uint8ArrayAlloc(0),
          signature: uint8ArrayAlloc(0)
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.header = reader.bytes()
              break
            }
            case 2: {
              obj.signature = reader.bytes()
              break
            }
            case 3: {
              obj.payload = reader.bytes()
              break
            }
            default: {
              reader.skipType(tag & 7)
              break
            }
          }
        }

        return obj
      }, function * (reader, length, prefix, opts = {}) {
        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              yield {
                field: `${prefix}.header`,
                value: reader.bytes()
              }
              break
            }
            case 2: {
              yield {
                field: `${prefix}.signature`,
                value: reader.bytes()
              }
              break
            }
            case 3: {
              yield {
                field: `${prefix}.payload`,
                value: reader.bytes()
              }
              break
            }
            default: {
              reader.skipType(tag & 7)
              break
            }
          }
        }
      })
    }

    return _codec
  }

  export interface EntryHeaderFieldEvent {
    field: '$.header'
    value: Uint8Array
  }

  export interface EntrySignatureFieldEvent {
    field: '$.signature'
    value: Uint8Array
  }

  export interface EntryPayloadFieldEvent {
    field: '$.payload'
    value: Uint8Array
  }

  export function encode (obj: Partial<Entry>): Uint8Array {
    return encodeMessage(obj, Entry.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Entry>): Entry {
    return decodeMessage(buf, Entry.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Entry>): Generator<EntryHeaderFieldEvent | EntrySignatureFieldEvent | EntryPayloadFieldEvent> {
    return streamMessage(buf, Entry.codec(), opts)
  }
}

export interface KeyEntries {
  entries: KeyEntry[]
}

export namespace KeyEntries {
  let _codec: Codec<KeyEntries>

  export const codec = (): Codec<KeyEntries> => {
    if (_codec == null) {
      _codec = message<KeyEntries>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if (obj.entries != null && obj.entries.length > 0) {
          for (const value of obj.entries) {
            w.uint32(10)
            KeyEntry.codec().encode(value, w)
          }
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          entries: []
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              if (opts.limits?.entries != null && obj.entries.length === opts.limits.entries) {
                throw new MaxLengthError('Decode error - repeated field "entries" had too many elements')
              }

              obj.entries.push(KeyEntry.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.entries$
              }))
              break
            }
            default: {
              reader.skipType(tag & 7)
              break
            }
          }
        }

        return obj
      }, function * (reader, length, prefix, opts = {}) {
        const obj = {
          entries: 0
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              if (opts.limits?.entries != null && obj.entries === opts.limits.entries) {
                throw new MaxLengthError('Streaming decode error - repeated field "entries" had too many elements')
              }

              for (const evt of KeyEntry.codec().stream(reader, reader.uint32(), `${prefix}.entries[]`, {
                limits: opts.limits?.entries$
              })) {
                yield {
                  ...evt,
                  index: obj.entries
                }
              }

              obj.entries++

              break
            }
            default: {
              reader.skipType(tag & 7)
              break
            }
          }
        }
      })
    }

    return _codec
  }

  export interface KeyEntriesEntriesHeaderFieldEvent {
    field: '$.entries[].header'
    value: Uint8Array
    index: number
  }

  export interface KeyEntriesEntriesSignatureFieldEvent {
    field: '$.entries[].signature'
    value: Uint8Array
    index: number
  }

  export function encode (obj: Partial<KeyEntries>): Uint8Array {
    return encodeMessage(obj, KeyEntries.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<KeyEntries>): KeyEntries {
    return decodeMessage(buf, KeyEntries.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<KeyEntries>): Generator<KeyEntriesEntriesHeaderFieldEvent | KeyEntriesEntriesSignatureFieldEvent> {
    return streamMessage(buf, KeyEntries.codec(), opts)
  }
}

export interface Notice {
  heads?: HeadsNotice
  evidence?: EvidenceNotice
  record?: SignedRecord
}

export namespace Notice {
  let _codec: Codec<Notice>

  export const codec = (): Codec<Notice> => {
    if (_codec == null) {
      _codec = message<Notice>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        obj = { ...obj }

        if (obj.record != null) {
          obj.evidence = undefined
          obj.heads = undefined
        }

        if (obj.evidence != null) {
          obj.record = undefined
          obj.heads = undefined
        }

        if (obj.heads != null) {
          obj.record = undefined
          obj.evidence = undefined
        }

        if (obj.heads != null) {
          w.uint32(10)
          HeadsNotice.codec().encode(obj.heads, w)
        }

        if (obj.evidence != null) {
          w.uint32(18)
          EvidenceNotice.codec().encode(obj.evidence, w)
        }

        if (obj.record != null) {
          w.uint32(26)
          SignedRecord.codec().encode(obj.record, w)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {}

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.heads = HeadsNotice.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.heads
              })
              break
            }
            case 2: {
              obj.evidence = EvidenceNotice.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.evidence
              })
              break
            }
            case 3: {
              obj.record = SignedRecord.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.record
              })
              break
            }
            default: {
              reader.skipType(tag & 7)
              break
            }
          }
        }

        if (obj.record != null) {
          delete obj.evidence
          delete obj.heads
        }

        if (obj.evidence != null) {
          delete obj.record
          delete obj.heads
        }

        if (obj.heads != null) {
          delete obj.record
          delete obj.evidence
        }

        return obj
      }, function * (reader, length, prefix, opts = {}) {
        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              yield * HeadsNotice.codec().stream(reader, reader.uint32(), `${prefix}.heads`, {
                limits: opts.limits?.heads
              })

              break
            }
            case 2: {
              yield * EvidenceNotice.codec().stream(reader, reader.uint32(), `${prefix}.evidence`, {
                limits: opts.limits?.evidence
              })

              break
            }
            case 3: {
              yield * SignedRecord.codec().stream(reader, reader.uint32(), `${prefix}.record`, {
                limits: opts.limits?.record
              })

              break
            }
            default: {
              reader.skipType(tag & 7)
              break
            }
          }
        }
      })
    }

    return _codec
  }

  export interface NoticeHeadsHeadsLedgerFieldEvent {
    field: '$.heads.heads[].ledger'
    value: string
    index: number
  }

  export interface NoticeHeadsHeadsHeaderFieldEvent {
    field: '$.heads.heads[].header'
    value: Uint8Array
    index: number
  }

  export interface NoticeHeadsHeadsSignatureFieldEvent {
    field: '$.heads.heads[].signature'
    value: Uint8Array
    index: number
  }

  export interface NoticeHeadsHeadsCheckpointFieldEvent {
    field: '$.heads.heads[].checkpoint'
    value: string
    index: number
  }

  export interface NoticeHeadsHeadsEvidenceFieldEvent {
    field: '$.heads.heads[].evidence'
    value: Uint8Array
    index: number
  }

  export interface NoticeHeadsHeadsEarliestFieldEvent {
    field: '$.heads.heads[].earliest'
    value: number
    index: number
  }

  export interface NoticeEvidenceLedgerFieldEvent {
    field: '$.evidence.ledger'
    value: string
  }

  export interface NoticeEvidenceEvidenceFieldEvent {
    field: '$.evidence.evidence'
    value: Uint8Array
  }

  export interface NoticeRecordBodyFieldEvent {
    field: '$.record.body'
    value: Uint8Array
  }

  export interface NoticeRecordSignatureFieldEvent {
    field: '$.record.signature'
    value: Uint8Array
  }

  export interface NoticeRecordKeyEntriesHeaderFieldEvent {
    field: '$.record.keyEntries[].header'
    value: Uint8Array
    index: number
  }

  export interface NoticeRecordKeyEntriesSignatureFieldEvent {
    field: '$.record.keyEntries[].signature'
    value: Uint8Array
    index: number
  }

  export function encode (obj: Partial<Notice>): Uint8Array {
    return encodeMessage(obj, Notice.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Notice>): Notice {
    return decodeMessage(buf, Notice.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Notice>): Generator<NoticeHeadsHeadsLedgerFieldEvent | NoticeHeadsHeadsHeaderFieldEvent | NoticeHeadsHeadsSignatureFieldEvent | NoticeHeadsHeadsCheckpointFieldEvent | NoticeHeadsHeadsEvidenceFieldEvent | NoticeHeadsHeadsEarliestFieldEvent | NoticeEvidenceLedgerFieldEvent | NoticeEvidenceEvidenceFieldEvent | NoticeRecordBodyFieldEvent | NoticeRecordSignatureFieldEvent | NoticeRecordKeyEntriesHeaderFieldEvent | NoticeRecordKeyEntriesSignatureFieldEvent> {
    return streamMessage(buf, Notice.codec(), opts)
  }
}

export interface HeadsNotice {
  heads: Head[]
}

export namespace HeadsNotice {
  let _codec: Codec<HeadsNotice>

  export const codec = (): Codec<HeadsNotice> => {
    if (_codec == null) {
      _codec = message<HeadsNotice>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if (obj.heads != null && obj.heads.length > 0) {
          for (const value of obj.heads) {
            w.uint32(10)
            Head.codec().encode(value, w)
          }
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          heads: []
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              if (opts.limits?.heads != null && obj.heads.length === opts.limits.heads) {
                throw new MaxLengthError('Decode error - repeated field "heads" had too many elements')
              }

              obj.heads.push(Head.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.heads$
              }))
              break
            }
            default: {
              reader.skipType(tag & 7)
              break
            }
          }
        }

        return obj
      }, function * (reader, length, prefix, opts = {}) {
        const obj = {
          heads: 0
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              if (opts.limits?.heads != null && obj.heads === opts.limits.heads) {
                throw new MaxLengthError('Streaming decode error - repeated field "heads" had too many elements')
              }

              for (const evt of Head.codec().stream(reader, reader.uint32(), `${prefix}.heads[]`, {
                limits: opts.limits?.heads$
              })) {
                yield {
                  ...evt,
                  index: obj.heads
                }
              }

              obj.heads++

              break
            }
            default: {
              reader.skipType(tag & 7)
              break
            }
          }
        }
      })
    }

    return _codec
  }

  export interface HeadsNoticeHeadsLedgerFieldEvent {
    field: '$.heads[].ledger'
    value: string
    index: number
  }

  export interface HeadsNoticeHeadsHeaderFieldEvent {
    field: '$.heads[].header'
    value: Uint8Array
    index: number
  }

  export interface HeadsNoticeHeadsSignatureFieldEvent {
    field: '$.heads[].signature'
    value: Uint8Array
    index: number
  }

  export interface HeadsNoticeHeadsCheckpointFieldEvent {
    field: '$.heads[].checkpoint'
    value: string
    index: number
  }

  export interface HeadsNoticeHeadsEvidenceFieldEvent {
    field: '$.heads[].evidence'
    value: Uint8Array
    index: number
  }

  export interface HeadsNoticeHeadsEarliestFieldEvent {
    field: '$.heads[].earliest'
    value: number
    index: number
  }

  export function encode (obj: Partial<HeadsNotice>): Uint8Array {
    return encodeMessage(obj, HeadsNotice.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<HeadsNotice>): HeadsNotice {
    return decodeMessage(buf, HeadsNotice.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<HeadsNotice>): Generator<HeadsNoticeHeadsLedgerFieldEvent | HeadsNoticeHeadsHeaderFieldEvent | HeadsNoticeHeadsSignatureFieldEvent | HeadsNoticeHeadsCheckpointFieldEvent | HeadsNoticeHeadsEvidenceFieldEvent | HeadsNoticeHeadsEarliestFieldEvent> {
    return streamMessage(buf, HeadsNotice.codec(), opts)
  }
}

export interface EvidenceNotice {
  ledger: string
  evidence: Uint8Array
}

export namespace EvidenceNotice {
  let _codec: Codec<EvidenceNotice>

  export const codec = (): Codec<EvidenceNotice> => {
    if (_codec == null) {
      _codec = message<EvidenceNotice>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.ledger != null && obj.ledger !== '')) {
          w.uint32(10)
          w.string(obj.ledger)
        }

        if ((obj.evidence != null && obj.evidence.byteLength > 0)) {
          w.uint32(18)
          w.bytes(obj.evidence)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          ledger: '',
          evidence: uint8ArrayAlloc(0)
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.ledger = reader.string()
              break
            }
            case 2: {
              obj.evidence = reader.bytes()
              break
            }
            default: {
              reader.skipType(tag & 7)
              break
            }
          }
        }

        return obj
      }, function * (reader, length, prefix, opts = {}) {
        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              yield {
                field: `${prefix}.ledger`,
                value: reader.string()
              }
              break
            }
            case 2: {
              yield {
                field: `${prefix}.evidence`,
                value: reader.bytes()
              }
              break
            }
            default: {
              reader.skipType(tag & 7)
              break
            }
          }
        }
      })
    }

    return _codec
  }

  export interface EvidenceNoticeLedgerFieldEvent {
    field: '$.ledger'
    value: string
  }

  export interface EvidenceNoticeEvidenceFieldEvent {
    field: '$.evidence'
    value: Uint8Array
  }

  export function encode (obj: Partial<EvidenceNotice>): Uint8Array {
    return encodeMessage(obj, EvidenceNotice.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<EvidenceNotice>): EvidenceNotice {
    return decodeMessage(buf, EvidenceNotice.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<EvidenceNotice>): Generator<EvidenceNoticeLedgerFieldEvent | EvidenceNoticeEvidenceFieldEvent> {
    return streamMessage(buf, EvidenceNotice.codec(), opts)
  }
}

export interface Bye {
  code: number
}

export namespace Bye {
  let _codec: Codec<Bye>

  export const codec = (): Codec<Bye> => {
    if (_codec == null) {
      _codec = message<Bye>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.code != null && obj.code !== 0)) {
          w.uint32(8)
          w.uint32(obj.code)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          code: 0
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.code = reader.uint32()
              break
            }
            default: {
              reader.skipType(tag & 7)
              break
            }
          }
        }

        return obj
      }, function * (reader, length, prefix, opts = {}) {
        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              yield {
                field: `${prefix}.code`,
                value: reader.uint32()
              }
              break
            }
            default: {
              reader.skipType(tag & 7)
              break
            }
          }
        }
      })
    }

    return _codec
  }

  export interface ByeCodeFieldEvent {
    field: '$.code'
    value: number
  }

  export function encode (obj: Partial<Bye>): Uint8Array {
    return encodeMessage(obj, Bye.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Bye>): Bye {
    return decodeMessage(buf, Bye.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Bye>): Generator<ByeCodeFieldEvent> {
    return streamMessage(buf, Bye.codec(), opts)
  }
}
