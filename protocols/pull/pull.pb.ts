// @ts-nocheck
import { decodeMessage, encodeMessage, MaxLengthError, message, streamMessage } from 'protons-runtime'
import { alloc as uint8ArrayAlloc } from 'uint8arrays/alloc'
import type { Codec, DecodeOptions } from 'protons-runtime'
import type { Uint8ArrayList } from 'uint8arraylist'

export interface Request {
  head?: LedgerRequest
  range?: RangeRequest
  payloads?: PayloadsRequest
  keyEntries?: LedgerRequest
  evidence?: LedgerRequest
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

        if (obj.evidence != null) {
          obj.keyEntries = undefined
          obj.payloads = undefined
          obj.range = undefined
          obj.head = undefined
        }

        if (obj.keyEntries != null) {
          obj.evidence = undefined
          obj.payloads = undefined
          obj.range = undefined
          obj.head = undefined
        }

        if (obj.payloads != null) {
          obj.evidence = undefined
          obj.keyEntries = undefined
          obj.range = undefined
          obj.head = undefined
        }

        if (obj.range != null) {
          obj.evidence = undefined
          obj.keyEntries = undefined
          obj.payloads = undefined
          obj.head = undefined
        }

        if (obj.head != null) {
          obj.evidence = undefined
          obj.keyEntries = undefined
          obj.payloads = undefined
          obj.range = undefined
        }

        if (obj.head != null) {
          w.uint32(10)
          LedgerRequest.codec().encode(obj.head, w)
        }

        if (obj.range != null) {
          w.uint32(18)
          RangeRequest.codec().encode(obj.range, w)
        }

        if (obj.payloads != null) {
          w.uint32(26)
          PayloadsRequest.codec().encode(obj.payloads, w)
        }

        if (obj.keyEntries != null) {
          w.uint32(34)
          LedgerRequest.codec().encode(obj.keyEntries, w)
        }

        if (obj.evidence != null) {
          w.uint32(42)
          LedgerRequest.codec().encode(obj.evidence, w)
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
              obj.head = LedgerRequest.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.head
              })
              break
            }
            case 2: {
              obj.range = RangeRequest.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.range
              })
              break
            }
            case 3: {
              obj.payloads = PayloadsRequest.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.payloads
              })
              break
            }
            case 4: {
              obj.keyEntries = LedgerRequest.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.keyEntries
              })
              break
            }
            case 5: {
              obj.evidence = LedgerRequest.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.evidence
              })
              break
            }
            default: {
              reader.skipType(tag & 7)
              break
            }
          }
        }

        if (obj.evidence != null) {
          delete obj.keyEntries
          delete obj.payloads
          delete obj.range
          delete obj.head
        }

        if (obj.keyEntries != null) {
          delete obj.evidence
          delete obj.payloads
          delete obj.range
          delete obj.head
        }

        if (obj.payloads != null) {
          delete obj.evidence
          delete obj.keyEntries
          delete obj.range
          delete obj.head
        }

        if (obj.range != null) {
          delete obj.evidence
          delete obj.keyEntries
          delete obj.payloads
          delete obj.head
        }

        if (obj.head != null) {
          delete obj.evidence
          delete obj.keyEntries
          delete obj.payloads
          delete obj.range
        }

        return obj
      }, function * (reader, length, prefix, opts = {}) {
        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              yield * LedgerRequest.codec().stream(reader, reader.uint32(), `${prefix}.head`, {
                limits: opts.limits?.head
              })

              break
            }
            case 2: {
              yield * RangeRequest.codec().stream(reader, reader.uint32(), `${prefix}.range`, {
                limits: opts.limits?.range
              })

              break
            }
            case 3: {
              yield * PayloadsRequest.codec().stream(reader, reader.uint32(), `${prefix}.payloads`, {
                limits: opts.limits?.payloads
              })

              break
            }
            case 4: {
              yield * LedgerRequest.codec().stream(reader, reader.uint32(), `${prefix}.keyEntries`, {
                limits: opts.limits?.keyEntries
              })

              break
            }
            case 5: {
              yield * LedgerRequest.codec().stream(reader, reader.uint32(), `${prefix}.evidence`, {
                limits: opts.limits?.evidence
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

  export interface RequestHeadLedgerFieldEvent {
    field: '$.head.ledger'
    value: string
  }

  export interface RequestRangeLedgerFieldEvent {
    field: '$.range.ledger'
    value: string
  }

  export interface RequestRangeFromFieldEvent {
    field: '$.range.from'
    value: number
  }

  export interface RequestRangeCountFieldEvent {
    field: '$.range.count'
    value: number
  }

  export interface RequestRangeWantFieldEvent {
    field: '$.range.want'
    value: number
  }

  export interface RequestRangeFilterStreamsFieldEvent {
    field: '$.range.filter.streams[]'
    index: number
    value: string
  }

  export interface RequestRangeFilterTypesFieldEvent {
    field: '$.range.filter.types[]'
    index: number
    value: string
  }

  export interface RequestRangeFilterIssuersFieldEvent {
    field: '$.range.filter.issuers[]'
    index: number
    value: string
  }

  export interface RequestRangeFilterSubjectsFieldEvent {
    field: '$.range.filter.subjects[]'
    index: number
    value: string
  }

  export interface RequestPayloadsLedgerFieldEvent {
    field: '$.payloads.ledger'
    value: string
  }

  export interface RequestPayloadsSeqsFieldEvent {
    field: '$.payloads.seqs[]'
    index: number
    value: number
  }

  export interface RequestKeyEntriesLedgerFieldEvent {
    field: '$.keyEntries.ledger'
    value: string
  }

  export interface RequestEvidenceLedgerFieldEvent {
    field: '$.evidence.ledger'
    value: string
  }

  export function encode (obj: Partial<Request>): Uint8Array {
    return encodeMessage(obj, Request.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Request>): Request {
    return decodeMessage(buf, Request.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Request>): Generator<RequestHeadLedgerFieldEvent | RequestRangeLedgerFieldEvent | RequestRangeFromFieldEvent | RequestRangeCountFieldEvent | RequestRangeWantFieldEvent | RequestRangeFilterStreamsFieldEvent | RequestRangeFilterTypesFieldEvent | RequestRangeFilterIssuersFieldEvent | RequestRangeFilterSubjectsFieldEvent | RequestPayloadsLedgerFieldEvent | RequestPayloadsSeqsFieldEvent | RequestKeyEntriesLedgerFieldEvent | RequestEvidenceLedgerFieldEvent> {
    return streamMessage(buf, Request.codec(), opts)
  }
}

export interface LedgerRequest {
  ledger: string
}

export namespace LedgerRequest {
  let _codec: Codec<LedgerRequest>

  export const codec = (): Codec<LedgerRequest> => {
    if (_codec == null) {
      _codec = message<LedgerRequest>((obj, w, opts = {}) => {
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

  export interface LedgerRequestLedgerFieldEvent {
    field: '$.ledger'
    value: string
  }

  export function encode (obj: Partial<LedgerRequest>): Uint8Array {
    return encodeMessage(obj, LedgerRequest.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<LedgerRequest>): LedgerRequest {
    return decodeMessage(buf, LedgerRequest.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<LedgerRequest>): Generator<LedgerRequestLedgerFieldEvent> {
    return streamMessage(buf, LedgerRequest.codec(), opts)
  }
}

export interface RangeRequest {
  ledger: string
  from: number
  count: number
  want: number
  filter?: Filter
}

export namespace RangeRequest {
  let _codec: Codec<RangeRequest>

  export const codec = (): Codec<RangeRequest> => {
    if (_codec == null) {
      _codec = message<RangeRequest>((obj, w, opts = {}) => {
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

        if ((obj.want != null && obj.want !== 0)) {
          w.uint32(32)
          w.uint32(obj.want)
        }

        if (obj.filter != null) {
          w.uint32(42)
          Filter.codec().encode(obj.filter, w)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          ledger: '',
          from: 0,
          count: 0,
          want: 0
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
            case 4: {
              obj.want = reader.uint32()
              break
            }
            case 5: {
              obj.filter = Filter.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.filter
              })
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
            case 4: {
              yield {
                field: `${prefix}.want`,
                value: reader.uint32()
              }
              break
            }
            case 5: {
              yield * Filter.codec().stream(reader, reader.uint32(), `${prefix}.filter`, {
                limits: opts.limits?.filter
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

  export interface RangeRequestLedgerFieldEvent {
    field: '$.ledger'
    value: string
  }

  export interface RangeRequestFromFieldEvent {
    field: '$.from'
    value: number
  }

  export interface RangeRequestCountFieldEvent {
    field: '$.count'
    value: number
  }

  export interface RangeRequestWantFieldEvent {
    field: '$.want'
    value: number
  }

  export interface RangeRequestFilterStreamsFieldEvent {
    field: '$.filter.streams[]'
    index: number
    value: string
  }

  export interface RangeRequestFilterTypesFieldEvent {
    field: '$.filter.types[]'
    index: number
    value: string
  }

  export interface RangeRequestFilterIssuersFieldEvent {
    field: '$.filter.issuers[]'
    index: number
    value: string
  }

  export interface RangeRequestFilterSubjectsFieldEvent {
    field: '$.filter.subjects[]'
    index: number
    value: string
  }

  export function encode (obj: Partial<RangeRequest>): Uint8Array {
    return encodeMessage(obj, RangeRequest.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<RangeRequest>): RangeRequest {
    return decodeMessage(buf, RangeRequest.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<RangeRequest>): Generator<RangeRequestLedgerFieldEvent | RangeRequestFromFieldEvent | RangeRequestCountFieldEvent | RangeRequestWantFieldEvent | RangeRequestFilterStreamsFieldEvent | RangeRequestFilterTypesFieldEvent | RangeRequestFilterIssuersFieldEvent | RangeRequestFilterSubjectsFieldEvent> {
    return streamMessage(buf, RangeRequest.codec(), opts)
  }
}

export interface Filter {
  streams: string[]
  types: string[]
  issuers: string[]
  subjects: string[]
}

export namespace Filter {
  let _codec: Codec<Filter>

  export const codec = (): Codec<Filter> => {
    if (_codec == null) {
      _codec = message<Filter>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if (obj.streams != null && obj.streams.length > 0) {
          for (const value of obj.streams) {
            w.uint32(10)
            w.string(value)
          }
        }

        if (obj.types != null && obj.types.length > 0) {
          for (const value of obj.types) {
            w.uint32(18)
            w.string(value)
          }
        }

        if (obj.issuers != null && obj.issuers.length > 0) {
          for (const value of obj.issuers) {
            w.uint32(26)
            w.string(value)
          }
        }

        if (obj.subjects != null && obj.subjects.length > 0) {
          for (const value of obj.subjects) {
            w.uint32(34)
            w.string(value)
          }
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          streams: [],
          types: [],
          issuers: [],
          subjects: []
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              if (opts.limits?.streams != null && obj.streams.length === opts.limits.streams) {
                throw new MaxLengthError('Decode error - repeated field "streams" had too many elements')
              }

              obj.streams.push(reader.string())
              break
            }
            case 2: {
              if (opts.limits?.types != null && obj.types.length === opts.limits.types) {
                throw new MaxLengthError('Decode error - repeated field "types" had too many elements')
              }

              obj.types.push(reader.string())
              break
            }
            case 3: {
              if (opts.limits?.issuers != null && obj.issuers.length === opts.limits.issuers) {
                throw new MaxLengthError('Decode error - repeated field "issuers" had too many elements')
              }

              obj.issuers.push(reader.string())
              break
            }
            case 4: {
              if (opts.limits?.subjects != null && obj.subjects.length === opts.limits.subjects) {
                throw new MaxLengthError('Decode error - repeated field "subjects" had too many elements')
              }

              obj.subjects.push(reader.string())
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
          streams: 0,
          types: 0,
          issuers: 0,
          subjects: 0
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              if (opts.limits?.streams != null && obj.streams === opts.limits.streams) {
                throw new MaxLengthError('Streaming decode error - repeated field "streams" had too many elements')
              }

              yield {
                field: `${prefix}.streams[]`,
                index: obj.streams,
                value: reader.string()
              }

              obj.streams++

              break
            }
            case 2: {
              if (opts.limits?.types != null && obj.types === opts.limits.types) {
                throw new MaxLengthError('Streaming decode error - repeated field "types" had too many elements')
              }

              yield {
                field: `${prefix}.types[]`,
                index: obj.types,
                value: reader.string()
              }

              obj.types++

              break
            }
            case 3: {
              if (opts.limits?.issuers != null && obj.issuers === opts.limits.issuers) {
                throw new MaxLengthError('Streaming decode error - repeated field "issuers" had too many elements')
              }

              yield {
                field: `${prefix}.issuers[]`,
                index: obj.issuers,
                value: reader.string()
              }

              obj.issuers++

              break
            }
            case 4: {
              if (opts.limits?.subjects != null && obj.subjects === opts.limits.subjects) {
                throw new MaxLengthError('Streaming decode error - repeated field "subjects" had too many elements')
              }

              yield {
                field: `${prefix}.subjects[]`,
                index: obj.subjects,
                value: reader.string()
              }

              obj.subjects++

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

  export interface FilterStreamsFieldEvent {
    field: '$.streams[]'
    index: number
    value: string
  }

  export interface FilterTypesFieldEvent {
    field: '$.types[]'
    index: number
    value: string
  }

  export interface FilterIssuersFieldEvent {
    field: '$.issuers[]'
    index: number
    value: string
  }

  export interface FilterSubjectsFieldEvent {
    field: '$.subjects[]'
    index: number
    value: string
  }

  export function encode (obj: Partial<Filter>): Uint8Array {
    return encodeMessage(obj, Filter.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Filter>): Filter {
    return decodeMessage(buf, Filter.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Filter>): Generator<FilterStreamsFieldEvent | FilterTypesFieldEvent | FilterIssuersFieldEvent | FilterSubjectsFieldEvent> {
    return streamMessage(buf, Filter.codec(), opts)
  }
}

export interface PayloadsRequest {
  ledger: string
  seqs: number[]
}

export namespace PayloadsRequest {
  let _codec: Codec<PayloadsRequest>

  export const codec = (): Codec<PayloadsRequest> => {
    if (_codec == null) {
      _codec = message<PayloadsRequest>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.ledger != null && obj.ledger !== '')) {
          w.uint32(10)
          w.string(obj.ledger)
        }

        if (obj.seqs != null && obj.seqs.length > 0) {
          for (const value of obj.seqs) {
            w.uint32(16)
            w.uint64Number(value)
          }
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          ledger: '',
          seqs: []
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
              if (opts.limits?.seqs != null && obj.seqs.length === opts.limits.seqs) {
                throw new MaxLengthError('Decode error - repeated field "seqs" had too many elements')
              }

              obj.seqs.push(reader.uint64Number())
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
          seqs: 0
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
              if (opts.limits?.seqs != null && obj.seqs === opts.limits.seqs) {
                throw new MaxLengthError('Streaming decode error - repeated field "seqs" had too many elements')
              }

              yield {
                field: `${prefix}.seqs[]`,
                index: obj.seqs,
                value: reader.uint64Number()
              }

              obj.seqs++

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

  export interface PayloadsRequestLedgerFieldEvent {
    field: '$.ledger'
    value: string
  }

  export interface PayloadsRequestSeqsFieldEvent {
    field: '$.seqs[]'
    index: number
    value: number
  }

  export function encode (obj: Partial<PayloadsRequest>): Uint8Array {
    return encodeMessage(obj, PayloadsRequest.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<PayloadsRequest>): PayloadsRequest {
    return decodeMessage(buf, PayloadsRequest.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<PayloadsRequest>): Generator<PayloadsRequestLedgerFieldEvent | PayloadsRequestSeqsFieldEvent> {
    return streamMessage(buf, PayloadsRequest.codec(), opts)
  }
}

export interface Response {
  code: number
  head?: Head
  group?: Group
  evidence?: Uint8Array
  count?: number
  earliest?: number
  size?: number
  retryMs?: number
}

export namespace Response {
  let _codec: Codec<Response>

  export const codec = (): Codec<Response> => {
    if (_codec == null) {
      _codec = message<Response>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.code != null && obj.code !== 0)) {
          w.uint32(8)
          w.uint32(obj.code)
        }

        if (obj.head != null) {
          w.uint32(18)
          Head.codec().encode(obj.head, w)
        }

        if (obj.group != null) {
          w.uint32(26)
          Group.codec().encode(obj.group, w)
        }

        if (obj.evidence != null) {
          w.uint32(34)
          w.bytes(obj.evidence)
        }

        if (obj.count != null) {
          w.uint32(40)
          w.uint32(obj.count)
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
            case 2: {
              obj.head = Head.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.head
              })
              break
            }
            case 3: {
              obj.group = Group.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.group
              })
              break
            }
            case 4: {
              obj.evidence = reader.bytes()
              break
            }
            case 5: {
              obj.count = reader.uint32()
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
                field: `${prefix}.code`,
                value: reader.uint32()
              }
              break
            }
            case 2: {
              yield * Head.codec().stream(reader, reader.uint32(), `${prefix}.head`, {
                limits: opts.limits?.head
              })

              break
            }
            case 3: {
              yield * Group.codec().stream(reader, reader.uint32(), `${prefix}.group`, {
                limits: opts.limits?.group
              })

              break
            }
            case 4: {
              yield {
                field: `${prefix}.evidence`,
                value: reader.bytes()
              }
              break
            }
            case 5: {
              yield {
                field: `${prefix}.count`,
                value: reader.uint32()
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

  export interface ResponseCodeFieldEvent {
    field: '$.code'
    value: number
  }

  export interface ResponseHeadLedgerFieldEvent {
    field: '$.head.ledger'
    value: string
  }

  export interface ResponseHeadHeaderFieldEvent {
    field: '$.head.header'
    value: Uint8Array
  }

  export interface ResponseHeadSignatureFieldEvent {
    field: '$.head.signature'
    value: Uint8Array
  }

  export interface ResponseHeadCheckpointFieldEvent {
    field: '$.head.checkpoint'
    value: string
  }

  export interface ResponseHeadEvidenceFieldEvent {
    field: '$.head.evidence'
    value: Uint8Array
  }

  export interface ResponseHeadEarliestFieldEvent {
    field: '$.head.earliest'
    value: number
  }

  export interface ResponseGroupInflatedFieldEvent {
    field: '$.group.inflated'
    value: number
  }

  export interface ResponseGroupDataFieldEvent {
    field: '$.group.data'
    value: Uint8Array
  }

  export interface ResponseEvidenceFieldEvent {
    field: '$.evidence'
    value: Uint8Array
  }

  export interface ResponseCountFieldEvent {
    field: '$.count'
    value: number
  }

  export interface ResponseEarliestFieldEvent {
    field: '$.earliest'
    value: number
  }

  export interface ResponseSizeFieldEvent {
    field: '$.size'
    value: number
  }

  export interface ResponseRetryMsFieldEvent {
    field: '$.retryMs'
    value: number
  }

  export function encode (obj: Partial<Response>): Uint8Array {
    return encodeMessage(obj, Response.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Response>): Response {
    return decodeMessage(buf, Response.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Response>): Generator<ResponseCodeFieldEvent | ResponseHeadLedgerFieldEvent | ResponseHeadHeaderFieldEvent | ResponseHeadSignatureFieldEvent | ResponseHeadCheckpointFieldEvent | ResponseHeadEvidenceFieldEvent | ResponseHeadEarliestFieldEvent | ResponseGroupInflatedFieldEvent | ResponseGroupDataFieldEvent | ResponseEvidenceFieldEvent | ResponseCountFieldEvent | ResponseEarliestFieldEvent | ResponseSizeFieldEvent | ResponseRetryMsFieldEvent> {
    return streamMessage(buf, Response.codec(), opts)
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

export interface Group {
  inflated: number
  data: Uint8Array
}

export namespace Group {
  let _codec: Codec<Group>

  export const codec = (): Codec<Group> => {
    if (_codec == null) {
      _codec = message<Group>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.inflated != null && obj.inflated !== 0)) {
          w.uint32(8)
          w.uint32(obj.inflated)
        }

        if ((obj.data != null && obj.data.byteLength > 0)) {
          w.uint32(18)
          w.bytes(obj.data)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          inflated: 0,
          data: uint8ArrayAlloc(0)
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.inflated = reader.uint32()
              break
            }
            case 2: {
              obj.data = reader.bytes()
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
                field: `${prefix}.inflated`,
                value: reader.uint32()
              }
              break
            }
            case 2: {
              yield {
                field: `${prefix}.data`,
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

  export interface GroupInflatedFieldEvent {
    field: '$.inflated'
    value: number
  }

  export interface GroupDataFieldEvent {
    field: '$.data'
    value: Uint8Array
  }

  export function encode (obj: Partial<Group>): Uint8Array {
    return encodeMessage(obj, Group.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Group>): Group {
    return decodeMessage(buf, Group.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Group>): Generator<GroupInflatedFieldEvent | GroupDataFieldEvent> {
    return streamMessage(buf, Group.codec(), opts)
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

export interface Payloads {
  payloads: Payload[]
}

export namespace Payloads {
  let _codec: Codec<Payloads>

  export const codec = (): Codec<Payloads> => {
    if (_codec == null) {
      _codec = message<Payloads>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if (obj.payloads != null && obj.payloads.length > 0) {
          for (const value of obj.payloads) {
            w.uint32(10)
            Payload.codec().encode(value, w)
          }
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          payloads: []
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              if (opts.limits?.payloads != null && obj.payloads.length === opts.limits.payloads) {
                throw new MaxLengthError('Decode error - repeated field "payloads" had too many elements')
              }

              obj.payloads.push(Payload.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.payloads$
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
          payloads: 0
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              if (opts.limits?.payloads != null && obj.payloads === opts.limits.payloads) {
                throw new MaxLengthError('Streaming decode error - repeated field "payloads" had too many elements')
              }

              for (const evt of Payload.codec().stream(reader, reader.uint32(), `${prefix}.payloads[]`, {
                limits: opts.limits?.payloads$
              })) {
                yield {
                  ...evt,
                  index: obj.payloads
                }
              }

              obj.payloads++

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

  export interface PayloadsPayloadsSeqFieldEvent {
    field: '$.payloads[].seq'
    value: number
    index: number
  }

  export interface PayloadsPayloadsPayloadFieldEvent {
    field: '$.payloads[].payload'
    value: Uint8Array
    index: number
  }

  export function encode (obj: Partial<Payloads>): Uint8Array {
    return encodeMessage(obj, Payloads.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Payloads>): Payloads {
    return decodeMessage(buf, Payloads.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Payloads>): Generator<PayloadsPayloadsSeqFieldEvent | PayloadsPayloadsPayloadFieldEvent> {
    return streamMessage(buf, Payloads.codec(), opts)
  }
}

export interface Payload {
  seq: number
  payload?: Uint8Array
}

export namespace Payload {
  let _codec: Codec<Payload>

  export const codec = (): Codec<Payload> => {
    if (_codec == null) {
      _codec = message<Payload>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.seq != null && obj.seq !== 0)) {
          w.uint32(8)
          w.uint64Number(obj.seq)
        }

        if (obj.payload != null) {
          w.uint32(18)
          w.bytes(obj.payload)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          seq: 0
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.seq = reader.uint64Number()
              break
            }
            case 2: {
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
                field: `${prefix}.seq`,
                value: reader.uint64Number()
              }
              break
            }
            case 2: {
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

  export interface PayloadSeqFieldEvent {
    field: '$.seq'
    value: number
  }

  export interface PayloadPayloadFieldEvent {
    field: '$.payload'
    value: Uint8Array
  }

  export function encode (obj: Partial<Payload>): Uint8Array {
    return encodeMessage(obj, Payload.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Payload>): Payload {
    return decodeMessage(buf, Payload.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Payload>): Generator<PayloadSeqFieldEvent | PayloadPayloadFieldEvent> {
    return streamMessage(buf, Payload.codec(), opts)
  }
}
