// @ts-nocheck
import { decodeMessage, encodeMessage, MaxLengthError, message, streamMessage } from 'protons-runtime'
import { alloc as uint8ArrayAlloc } from 'uint8arrays/alloc'
import type { Codec, DecodeOptions } from 'protons-runtime'
import type { Uint8ArrayList } from 'uint8arraylist'

export interface Announcement {
  head?: SignedHeader
  evidence?: Uint8Array
  record?: SignedRecord
}

export namespace Announcement {
  let _codec: Codec<Announcement>

  export const codec = (): Codec<Announcement> => {
    if (_codec == null) {
      _codec = message<Announcement>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        obj = { ...obj }

        if (obj.record != null) {
          obj.evidence = undefined
          obj.head = undefined
        }

        if (obj.evidence != null) {
          obj.record = undefined
          obj.head = undefined
        }

        if (obj.head != null) {
          obj.record = undefined
          obj.evidence = undefined
        }

        if (obj.head != null) {
          w.uint32(10)
          SignedHeader.codec().encode(obj.head, w)
        }

        if (obj.evidence != null) {
          w.uint32(18)
          w.bytes(obj.evidence)
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
              obj.head = SignedHeader.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.head
              })
              break
            }
            case 2: {
              obj.evidence = reader.bytes()
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
          delete obj.head
        }

        if (obj.evidence != null) {
          delete obj.record
          delete obj.head
        }

        if (obj.head != null) {
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
              yield * SignedHeader.codec().stream(reader, reader.uint32(), `${prefix}.head`, {
                limits: opts.limits?.head
              })

              break
            }
            case 2: {
              yield {
                field: `${prefix}.evidence`,
                value: reader.bytes()
              }
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

  export interface AnnouncementHeadHeaderFieldEvent {
    field: '$.head.header'
    value: Uint8Array
  }

  export interface AnnouncementHeadSignatureFieldEvent {
    field: '$.head.signature'
    value: Uint8Array
  }

  export interface AnnouncementEvidenceFieldEvent {
    field: '$.evidence'
    value: Uint8Array
  }

  export interface AnnouncementRecordBodyFieldEvent {
    field: '$.record.body'
    value: Uint8Array
  }

  export interface AnnouncementRecordSignatureFieldEvent {
    field: '$.record.signature'
    value: Uint8Array
  }

  export interface AnnouncementRecordKeyEntriesHeaderFieldEvent {
    field: '$.record.keyEntries[].header'
    value: Uint8Array
    index: number
  }

  export interface AnnouncementRecordKeyEntriesSignatureFieldEvent {
    field: '$.record.keyEntries[].signature'
    value: Uint8Array
    index: number
  }

  export function encode (obj: Partial<Announcement>): Uint8Array {
    return encodeMessage(obj, Announcement.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Announcement>): Announcement {
    return decodeMessage(buf, Announcement.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Announcement>): Generator<AnnouncementHeadHeaderFieldEvent | AnnouncementHeadSignatureFieldEvent | AnnouncementEvidenceFieldEvent | AnnouncementRecordBodyFieldEvent | AnnouncementRecordSignatureFieldEvent | AnnouncementRecordKeyEntriesHeaderFieldEvent | AnnouncementRecordKeyEntriesSignatureFieldEvent> {
    return streamMessage(buf, Announcement.codec(), opts)
  }
}

export interface SignedHeader {
  header: Uint8Array
  signature: Uint8Array
}

export namespace SignedHeader {
  let _codec: Codec<SignedHeader>

  export const codec = (): Codec<SignedHeader> => {
    if (_codec == null) {
      _codec = message<SignedHeader>((obj, w, opts = {}) => {
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

  export interface SignedHeaderHeaderFieldEvent {
    field: '$.header'
    value: Uint8Array
  }

  export interface SignedHeaderSignatureFieldEvent {
    field: '$.signature'
    value: Uint8Array
  }

  export function encode (obj: Partial<SignedHeader>): Uint8Array {
    return encodeMessage(obj, SignedHeader.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<SignedHeader>): SignedHeader {
    return decodeMessage(buf, SignedHeader.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<SignedHeader>): Generator<SignedHeaderHeaderFieldEvent | SignedHeaderSignatureFieldEvent> {
    return streamMessage(buf, SignedHeader.codec(), opts)
  }
}

export interface SignedRecord {
  body: Uint8Array
  signature: Uint8Array
  keyEntries: SignedHeader[]
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
            SignedHeader.codec().encode(value, w)
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

              obj.keyEntries.push(SignedHeader.codec().decode(reader, reader.uint32(), {
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

              for (const evt of SignedHeader.codec().stream(reader, reader.uint32(), `${prefix}.keyEntries[]`, {
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
