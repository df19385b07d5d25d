// @ts-nocheck
import { decodeMessage, encodeMessage, MaxLengthError, message, streamMessage } from 'protons-runtime'
import { alloc as uint8ArrayAlloc } from 'uint8arrays/alloc'
import type { Codec, DecodeOptions } from 'protons-runtime'
import type { Uint8ArrayList } from 'uint8arraylist'

export interface Request {
  select?: Select
  get?: Get
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

        if (obj.get != null) {
          obj.select = undefined
        }

        if (obj.select != null) {
          obj.get = undefined
        }

        if (obj.select != null) {
          w.uint32(10)
          Select.codec().encode(obj.select, w)
        }

        if (obj.get != null) {
          w.uint32(18)
          Get.codec().encode(obj.get, w)
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
              obj.select = Select.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.select
              })
              break
            }
            case 2: {
              obj.get = Get.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.get
              })
              break
            }
            default: {
              reader.skipType(tag & 7)
              break
            }
          }
        }

        if (obj.get != null) {
          delete obj.select
        }

        if (obj.select != null) {
          delete obj.get
        }

        return obj
      }, function * (reader, length, prefix, opts = {}) {
        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              yield * Select.codec().stream(reader, reader.uint32(), `${prefix}.select`, {
                limits: opts.limits?.select
              })

              break
            }
            case 2: {
              yield * Get.codec().stream(reader, reader.uint32(), `${prefix}.get`, {
                limits: opts.limits?.get
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

  export interface RequestSelectLedgerFieldEvent {
    field: '$.select.ledger'
    value: string
  }

  export interface RequestSelectFilterStreamFieldEvent {
    field: '$.select.filter.stream'
    value: string
  }

  export interface RequestSelectFilterTypeFieldEvent {
    field: '$.select.filter.type'
    value: string
  }

  export interface RequestSelectFilterIssuerFieldEvent {
    field: '$.select.filter.issuer'
    value: string
  }

  export interface RequestSelectFilterSubjectFieldEvent {
    field: '$.select.filter.subject'
    value: string
  }

  export interface RequestSelectFilterIdFieldEvent {
    field: '$.select.filter.id'
    value: string
  }

  export interface RequestSelectFilterRefersToLedgerFieldEvent {
    field: '$.select.filter.refersTo.ledger'
    value: string
  }

  export interface RequestSelectFilterRefersToEntryIdFieldEvent {
    field: '$.select.filter.refersTo.entryId'
    value: string
  }

  export interface RequestSelectFilterTimeFromFieldEvent {
    field: '$.select.filter.timeFrom'
    value: number
  }

  export interface RequestSelectFilterTimeToFieldEvent {
    field: '$.select.filter.timeTo'
    value: number
  }

  export interface RequestSelectFromFieldEvent {
    field: '$.select.from'
    value: number
  }

  export interface RequestSelectToFieldEvent {
    field: '$.select.to'
    value: number
  }

  export interface RequestSelectDescendingFieldEvent {
    field: '$.select.descending'
    value: boolean
  }

  export interface RequestSelectLimitFieldEvent {
    field: '$.select.limit'
    value: number
  }

  export interface RequestSelectMaxBytesFieldEvent {
    field: '$.select.maxBytes'
    value: number
  }

  export interface RequestSelectWantFieldEvent {
    field: '$.select.want'
    value: number
  }

  export interface RequestSelectShowFieldEvent {
    field: '$.select.show'
    value: number
  }

  export interface RequestSelectTreeSizeFieldEvent {
    field: '$.select.treeSize'
    value: number
  }

  export interface RequestSelectKnownSizeFieldEvent {
    field: '$.select.knownSize'
    value: number
  }

  export interface RequestGetLedgerFieldEvent {
    field: '$.get.ledger'
    value: string
  }

  export interface RequestGetHashesFieldEvent {
    field: '$.get.hashes[]'
    index: number
    value: Uint8Array
  }

  export interface RequestGetSeqsFieldEvent {
    field: '$.get.seqs[]'
    index: number
    value: number
  }

  export interface RequestGetIdsFieldEvent {
    field: '$.get.ids[]'
    index: number
    value: string
  }

  export interface RequestGetWantFieldEvent {
    field: '$.get.want'
    value: number
  }

  export interface RequestGetKnownSizeFieldEvent {
    field: '$.get.knownSize'
    value: number
  }

  export function encode (obj: Partial<Request>): Uint8Array {
    return encodeMessage(obj, Request.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Request>): Request {
    return decodeMessage(buf, Request.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Request>): Generator<RequestSelectLedgerFieldEvent | RequestSelectFilterStreamFieldEvent | RequestSelectFilterTypeFieldEvent | RequestSelectFilterIssuerFieldEvent | RequestSelectFilterSubjectFieldEvent | RequestSelectFilterIdFieldEvent | RequestSelectFilterRefersToLedgerFieldEvent | RequestSelectFilterRefersToEntryIdFieldEvent | RequestSelectFilterTimeFromFieldEvent | RequestSelectFilterTimeToFieldEvent | RequestSelectFromFieldEvent | RequestSelectToFieldEvent | RequestSelectDescendingFieldEvent | RequestSelectLimitFieldEvent | RequestSelectMaxBytesFieldEvent | RequestSelectWantFieldEvent | RequestSelectShowFieldEvent | RequestSelectTreeSizeFieldEvent | RequestSelectKnownSizeFieldEvent | RequestGetLedgerFieldEvent | RequestGetHashesFieldEvent | RequestGetSeqsFieldEvent | RequestGetIdsFieldEvent | RequestGetWantFieldEvent | RequestGetKnownSizeFieldEvent> {
    return streamMessage(buf, Request.codec(), opts)
  }
}

export interface Select {
  ledger: string
  filter?: Filter
  from: number
  to?: number
  descending: boolean
  limit: number
  maxBytes: number
  want: number
  show: number
  treeSize?: number
  knownSize?: number
}

export namespace Select {
  let _codec: Codec<Select>

  export const codec = (): Codec<Select> => {
    if (_codec == null) {
      _codec = message<Select>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.ledger != null && obj.ledger !== '')) {
          w.uint32(10)
          w.string(obj.ledger)
        }

        if (obj.filter != null) {
          w.uint32(18)
          Filter.codec().encode(obj.filter, w)
        }

        if ((obj.from != null && obj.from !== 0)) {
          w.uint32(24)
          w.uint64Number(obj.from)
        }

        if (obj.to != null) {
          w.uint32(32)
          w.uint64Number(obj.to)
        }

        if ((obj.descending != null && obj.descending !== false)) {
          w.uint32(40)
          w.bool(obj.descending)
        }

        if ((obj.limit != null && obj.limit !== 0)) {
          w.uint32(48)
          w.uint32(obj.limit)
        }

        if ((obj.maxBytes != null && obj.maxBytes !== 0)) {
          w.uint32(56)
          w.uint32(obj.maxBytes)
        }

        if ((obj.want != null && obj.want !== 0)) {
          w.uint32(64)
          w.uint32(obj.want)
        }

        if ((obj.show != null && obj.show !== 0)) {
          w.uint32(72)
          w.uint32(obj.show)
        }

        if (obj.treeSize != null) {
          w.uint32(80)
          w.uint64Number(obj.treeSize)
        }

        if (obj.knownSize != null) {
          w.uint32(88)
          w.uint64Number(obj.knownSize)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          ledger: '',
          from: 0,
          descending: false,
          limit: 0,
          maxBytes: 0,
          want: 0,
          show: 0
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
              obj.filter = Filter.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.filter
              })
              break
            }
            case 3: {
              obj.from = reader.uint64Number()
              break
            }
            case 4: {
              obj.to = reader.uint64Number()
              break
            }
            case 5: {
              obj.descending = reader.bool()
              break
            }
            case 6: {
              obj.limit = reader.uint32()
              break
            }
            case 7: {
              obj.maxBytes = reader.uint32()
              break
            }
            case 8: {
              obj.want = reader.uint32()
              break
            }
            case 9: {
              obj.show = reader.uint32()
              break
            }
            case 10: {
              obj.treeSize = reader.uint64Number()
              break
            }
            case 11: {
              obj.knownSize = reader.uint64Number()
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
              yield * Filter.codec().stream(reader, reader.uint32(), `${prefix}.filter`, {
                limits: opts.limits?.filter
              })

              break
            }
            case 3: {
              yield {
                field: `${prefix}.from`,
                value: reader.uint64Number()
              }
              break
            }
            case 4: {
              yield {
                field: `${prefix}.to`,
                value: reader.uint64Number()
              }
              break
            }
            case 5: {
              yield {
                field: `${prefix}.descending`,
                value: reader.bool()
              }
              break
            }
            case 6: {
              yield {
                field: `${prefix}.limit`,
                value: reader.uint32()
              }
              break
            }
            case 7: {
              yield {
                field: `${prefix}.maxBytes`,
                value: reader.uint32()
              }
              break
            }
            case 8: {
              yield {
                field: `${prefix}.want`,
                value: reader.uint32()
              }
              break
            }
            case 9: {
              yield {
                field: `${prefix}.show`,
                value: reader.uint32()
              }
              break
            }
            case 10: {
              yield {
                field: `${prefix}.treeSize`,
                value: reader.uint64Number()
              }
              break
            }
            case 11: {
              yield {
                field: `${prefix}.knownSize`,
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

  export interface SelectLedgerFieldEvent {
    field: '$.ledger'
    value: string
  }

  export interface SelectFilterStreamFieldEvent {
    field: '$.filter.stream'
    value: string
  }

  export interface SelectFilterTypeFieldEvent {
    field: '$.filter.type'
    value: string
  }

  export interface SelectFilterIssuerFieldEvent {
    field: '$.filter.issuer'
    value: string
  }

  export interface SelectFilterSubjectFieldEvent {
    field: '$.filter.subject'
    value: string
  }

  export interface SelectFilterIdFieldEvent {
    field: '$.filter.id'
    value: string
  }

  export interface SelectFilterRefersToLedgerFieldEvent {
    field: '$.filter.refersTo.ledger'
    value: string
  }

  export interface SelectFilterRefersToEntryIdFieldEvent {
    field: '$.filter.refersTo.entryId'
    value: string
  }

  export interface SelectFilterTimeFromFieldEvent {
    field: '$.filter.timeFrom'
    value: number
  }

  export interface SelectFilterTimeToFieldEvent {
    field: '$.filter.timeTo'
    value: number
  }

  export interface SelectFromFieldEvent {
    field: '$.from'
    value: number
  }

  export interface SelectToFieldEvent {
    field: '$.to'
    value: number
  }

  export interface SelectDescendingFieldEvent {
    field: '$.descending'
    value: boolean
  }

  export interface SelectLimitFieldEvent {
    field: '$.limit'
    value: number
  }

  export interface SelectMaxBytesFieldEvent {
    field: '$.maxBytes'
    value: number
  }

  export interface SelectWantFieldEvent {
    field: '$.want'
    value: number
  }

  export interface SelectShowFieldEvent {
    field: '$.show'
    value: number
  }

  export interface SelectTreeSizeFieldEvent {
    field: '$.treeSize'
    value: number
  }

  export interface SelectKnownSizeFieldEvent {
    field: '$.knownSize'
    value: number
  }

  export function encode (obj: Partial<Select>): Uint8Array {
    return encodeMessage(obj, Select.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Select>): Select {
    return decodeMessage(buf, Select.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Select>): Generator<SelectLedgerFieldEvent | SelectFilterStreamFieldEvent | SelectFilterTypeFieldEvent | SelectFilterIssuerFieldEvent | SelectFilterSubjectFieldEvent | SelectFilterIdFieldEvent | SelectFilterRefersToLedgerFieldEvent | SelectFilterRefersToEntryIdFieldEvent | SelectFilterTimeFromFieldEvent | SelectFilterTimeToFieldEvent | SelectFromFieldEvent | SelectToFieldEvent | SelectDescendingFieldEvent | SelectLimitFieldEvent | SelectMaxBytesFieldEvent | SelectWantFieldEvent | SelectShowFieldEvent | SelectTreeSizeFieldEvent | SelectKnownSizeFieldEvent> {
    return streamMessage(buf, Select.codec(), opts)
  }
}

export interface Get {
  ledger: string
  hashes: Uint8Array[]
  seqs: number[]
  ids: string[]
  want: number
  knownSize?: number
}

export namespace Get {
  let _codec: Codec<Get>

  export const codec = (): Codec<Get> => {
    if (_codec == null) {
      _codec = message<Get>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.ledger != null && obj.ledger !== '')) {
          w.uint32(10)
          w.string(obj.ledger)
        }

        if (obj.hashes != null && obj.hashes.length > 0) {
          for (const value of obj.hashes) {
            w.uint32(18)
            w.bytes(value)
          }
        }

        if (obj.seqs != null && obj.seqs.length > 0) {
          for (const value of obj.seqs) {
            w.uint32(24)
            w.uint64Number(value)
          }
        }

        if (obj.ids != null && obj.ids.length > 0) {
          for (const value of obj.ids) {
            w.uint32(34)
            w.string(value)
          }
        }

        if ((obj.want != null && obj.want !== 0)) {
          w.uint32(40)
          w.uint32(obj.want)
        }

        if (obj.knownSize != null) {
          w.uint32(48)
          w.uint64Number(obj.knownSize)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          ledger: '',
          hashes: [],
          seqs: [],
          ids: [],
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
              if (opts.limits?.hashes != null && obj.hashes.length === opts.limits.hashes) {
                throw new MaxLengthError('Decode error - repeated field "hashes" had too many elements')
              }

              obj.hashes.push(reader.bytes())
              break
            }
            case 3: {
              if (opts.limits?.seqs != null && obj.seqs.length === opts.limits.seqs) {
                throw new MaxLengthError('Decode error - repeated field "seqs" had too many elements')
              }

              obj.seqs.push(reader.uint64Number())
              break
            }
            case 4: {
              if (opts.limits?.ids != null && obj.ids.length === opts.limits.ids) {
                throw new MaxLengthError('Decode error - repeated field "ids" had too many elements')
              }

              obj.ids.push(reader.string())
              break
            }
            case 5: {
              obj.want = reader.uint32()
              break
            }
            case 6: {
              obj.knownSize = reader.uint64Number()
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
          hashes: 0,
          seqs: 0,
          ids: 0
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
              if (opts.limits?.hashes != null && obj.hashes === opts.limits.hashes) {
                throw new MaxLengthError('Streaming decode error - repeated field "hashes" had too many elements')
              }

              yield {
                field: `${prefix}.hashes[]`,
                index: obj.hashes,
                value: reader.bytes()
              }

              obj.hashes++

              break
            }
            case 3: {
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
            case 4: {
              if (opts.limits?.ids != null && obj.ids === opts.limits.ids) {
                throw new MaxLengthError('Streaming decode error - repeated field "ids" had too many elements')
              }

              yield {
                field: `${prefix}.ids[]`,
                index: obj.ids,
                value: reader.string()
              }

              obj.ids++

              break
            }
            case 5: {
              yield {
                field: `${prefix}.want`,
                value: reader.uint32()
              }
              break
            }
            case 6: {
              yield {
                field: `${prefix}.knownSize`,
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

  export interface GetLedgerFieldEvent {
    field: '$.ledger'
    value: string
  }

  export interface GetHashesFieldEvent {
    field: '$.hashes[]'
    index: number
    value: Uint8Array
  }

  export interface GetSeqsFieldEvent {
    field: '$.seqs[]'
    index: number
    value: number
  }

  export interface GetIdsFieldEvent {
    field: '$.ids[]'
    index: number
    value: string
  }

  export interface GetWantFieldEvent {
    field: '$.want'
    value: number
  }

  export interface GetKnownSizeFieldEvent {
    field: '$.knownSize'
    value: number
  }

  export function encode (obj: Partial<Get>): Uint8Array {
    return encodeMessage(obj, Get.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Get>): Get {
    return decodeMessage(buf, Get.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Get>): Generator<GetLedgerFieldEvent | GetHashesFieldEvent | GetSeqsFieldEvent | GetIdsFieldEvent | GetWantFieldEvent | GetKnownSizeFieldEvent> {
    return streamMessage(buf, Get.codec(), opts)
  }
}

export interface Filter {
  stream?: string
  type?: string
  issuer?: string
  subject?: string
  id?: string
  refersTo?: Target
  timeFrom?: number
  timeTo?: number
}

export namespace Filter {
  let _codec: Codec<Filter>

  export const codec = (): Codec<Filter> => {
    if (_codec == null) {
      _codec = message<Filter>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if (obj.stream != null) {
          w.uint32(10)
          w.string(obj.stream)
        }

        if (obj.type != null) {
          w.uint32(18)
          w.string(obj.type)
        }

        if (obj.issuer != null) {
          w.uint32(26)
          w.string(obj.issuer)
        }

        if (obj.subject != null) {
          w.uint32(34)
          w.string(obj.subject)
        }

        if (obj.id != null) {
          w.uint32(42)
          w.string(obj.id)
        }

        if (obj.refersTo != null) {
          w.uint32(50)
          Target.codec().encode(obj.refersTo, w)
        }

        if (obj.timeFrom != null) {
          w.uint32(56)
          w.uint64Number(obj.timeFrom)
        }

        if (obj.timeTo != null) {
          w.uint32(64)
          w.uint64Number(obj.timeTo)
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
              obj.stream = reader.string()
              break
            }
            case 2: {
              obj.type = reader.string()
              break
            }
            case 3: {
              obj.issuer = reader.string()
              break
            }
            case 4: {
              obj.subject = reader.string()
              break
            }
            case 5: {
              obj.id = reader.string()
              break
            }
            case 6: {
              obj.refersTo = Target.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.refersTo
              })
              break
            }
            case 7: {
              obj.timeFrom = reader.uint64Number()
              break
            }
            case 8: {
              obj.timeTo = reader.uint64Number()
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
                field: `${prefix}.stream`,
                value: reader.string()
              }
              break
            }
            case 2: {
              yield {
                field: `${prefix}.type`,
                value: reader.string()
              }
              break
            }
            case 3: {
              yield {
                field: `${prefix}.issuer`,
                value: reader.string()
              }
              break
            }
            case 4: {
              yield {
                field: `${prefix}.subject`,
                value: reader.string()
              }
              break
            }
            case 5: {
              yield {
                field: `${prefix}.id`,
                value: reader.string()
              }
              break
            }
            case 6: {
              yield * Target.codec().stream(reader, reader.uint32(), `${prefix}.refersTo`, {
                limits: opts.limits?.refersTo
              })

              break
            }
            case 7: {
              yield {
                field: `${prefix}.timeFrom`,
                value: reader.uint64Number()
              }
              break
            }
            case 8: {
              yield {
                field: `${prefix}.timeTo`,
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

  export interface FilterStreamFieldEvent {
    field: '$.stream'
    value: string
  }

  export interface FilterTypeFieldEvent {
    field: '$.type'
    value: string
  }

  export interface FilterIssuerFieldEvent {
    field: '$.issuer'
    value: string
  }

  export interface FilterSubjectFieldEvent {
    field: '$.subject'
    value: string
  }

  export interface FilterIdFieldEvent {
    field: '$.id'
    value: string
  }

  export interface FilterRefersToLedgerFieldEvent {
    field: '$.refersTo.ledger'
    value: string
  }

  export interface FilterRefersToEntryIdFieldEvent {
    field: '$.refersTo.entryId'
    value: string
  }

  export interface FilterTimeFromFieldEvent {
    field: '$.timeFrom'
    value: number
  }

  export interface FilterTimeToFieldEvent {
    field: '$.timeTo'
    value: number
  }

  export function encode (obj: Partial<Filter>): Uint8Array {
    return encodeMessage(obj, Filter.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Filter>): Filter {
    return decodeMessage(buf, Filter.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Filter>): Generator<FilterStreamFieldEvent | FilterTypeFieldEvent | FilterIssuerFieldEvent | FilterSubjectFieldEvent | FilterIdFieldEvent | FilterRefersToLedgerFieldEvent | FilterRefersToEntryIdFieldEvent | FilterTimeFromFieldEvent | FilterTimeToFieldEvent> {
    return streamMessage(buf, Filter.codec(), opts)
  }
}

export interface Target {
  ledger: string
  entryId?: string
}

export namespace Target {
  let _codec: Codec<Target>

  export const codec = (): Codec<Target> => {
    if (_codec == null) {
      _codec = message<Target>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.ledger != null && obj.ledger !== '')) {
          w.uint32(10)
          w.string(obj.ledger)
        }

        if (obj.entryId != null) {
          w.uint32(18)
          w.string(obj.entryId)
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
            case 2: {
              obj.entryId = reader.string()
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
                field: `${prefix}.entryId`,
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

  export interface TargetLedgerFieldEvent {
    field: '$.ledger'
    value: string
  }

  export interface TargetEntryIdFieldEvent {
    field: '$.entryId'
    value: string
  }

  export function encode (obj: Partial<Target>): Uint8Array {
    return encodeMessage(obj, Target.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Target>): Target {
    return decodeMessage(buf, Target.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Target>): Generator<TargetLedgerFieldEvent | TargetEntryIdFieldEvent> {
    return streamMessage(buf, Target.codec(), opts)
  }
}

export interface Response {
  code: number
  basis?: Basis
  group?: Group
  proof?: Proof
  end?: End
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

        if (obj.basis != null) {
          w.uint32(18)
          Basis.codec().encode(obj.basis, w)
        }

        if (obj.group != null) {
          w.uint32(26)
          Group.codec().encode(obj.group, w)
        }

        if (obj.proof != null) {
          w.uint32(34)
          Proof.codec().encode(obj.proof, w)
        }

        if (obj.end != null) {
          w.uint32(42)
          End.codec().encode(obj.end, w)
        }

        if (obj.earliest != null) {
          w.uint32(72)
          w.uint64Number(obj.earliest)
        }

        if (obj.size != null) {
          w.uint32(80)
          w.uint64Number(obj.size)
        }

        if (obj.retryMs != null) {
          w.uint32(88)
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
              obj.basis = Basis.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.basis
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
              obj.proof = Proof.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.proof
              })
              break
            }
            case 5: {
              obj.end = End.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.end
              })
              break
            }
            case 9: {
              obj.earliest = reader.uint64Number()
              break
            }
            case 10: {
              obj.size = reader.uint64Number()
              break
            }
            case 11: {
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
              yield * Basis.codec().stream(reader, reader.uint32(), `${prefix}.basis`, {
                limits: opts.limits?.basis
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
              yield * Proof.codec().stream(reader, reader.uint32(), `${prefix}.proof`, {
                limits: opts.limits?.proof
              })

              break
            }
            case 5: {
              yield * End.codec().stream(reader, reader.uint32(), `${prefix}.end`, {
                limits: opts.limits?.end
              })

              break
            }
            case 9: {
              yield {
                field: `${prefix}.earliest`,
                value: reader.uint64Number()
              }
              break
            }
            case 10: {
              yield {
                field: `${prefix}.size`,
                value: reader.uint64Number()
              }
              break
            }
            case 11: {
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

  export interface ResponseBasisLedgerFieldEvent {
    field: '$.basis.ledger'
    value: string
  }

  export interface ResponseBasisCheckpointFieldEvent {
    field: '$.basis.checkpoint'
    value: string
  }

  export interface ResponseBasisKeyEntriesFieldEvent {
    field: '$.basis.keyEntries'
    value: number
  }

  export interface ResponseBasisConsistencyFieldEvent {
    field: '$.basis.consistency[]'
    index: number
    value: Uint8Array
  }

  export interface ResponseBasisEvidenceFieldEvent {
    field: '$.basis.evidence'
    value: Uint8Array
  }

  export interface ResponseBasisIndexFaultFieldEvent {
    field: '$.basis.indexFault'
    value: Uint8Array
  }

  export interface ResponseGroupInflatedFieldEvent {
    field: '$.group.inflated'
    value: number
  }

  export interface ResponseGroupDataFieldEvent {
    field: '$.group.data'
    value: Uint8Array
  }

  export interface ResponseProofTreeFieldEvent {
    field: '$.proof.tree[]'
    index: number
    value: Uint8Array
  }

  export interface ResponseProofIndexEntryHeaderFieldEvent {
    field: '$.proof.index.entry.header'
    value: Uint8Array
  }

  export interface ResponseProofIndexEntrySignatureFieldEvent {
    field: '$.proof.index.entry.signature'
    value: Uint8Array
  }

  export interface ResponseProofIndexEntryPayloadFieldEvent {
    field: '$.proof.index.entry.payload'
    value: Uint8Array
  }

  export interface ResponseProofIndexFamilyFieldEvent {
    field: '$.proof.index.family'
    value: number
  }

  export interface ResponseProofIndexSiblingsFieldEvent {
    field: '$.proof.index.siblings[]'
    index: number
    value: Uint8Array
  }

  export interface ResponseProofIndexLeafKeyFieldEvent {
    field: '$.proof.index.leaf.key'
    value: Uint8Array
  }

  export interface ResponseProofIndexLeafCountFieldEvent {
    field: '$.proof.index.leaf.count'
    value: number
  }

  export interface ResponseProofIndexLeafListFieldEvent {
    field: '$.proof.index.leaf.list'
    value: Uint8Array
  }

  export interface ResponseProofIndexRunFirstFieldEvent {
    field: '$.proof.index.run.first'
    value: number
  }

  export interface ResponseProofIndexRunItemsEntryFieldEvent {
    field: '$.proof.index.run.items[].entry'
    value: number
    index: number
  }

  export interface ResponseProofIndexRunItemsPostingFieldEvent {
    field: '$.proof.index.run.items[].posting'
    value: Uint8Array
    index: number
  }

  export interface ResponseProofIndexRunItemsSkippedFieldEvent {
    field: '$.proof.index.run.items[].skipped'
    value: Uint8Array
    index: number
  }

  export interface ResponseProofIndexRunItemsWidthFieldEvent {
    field: '$.proof.index.run.items[].width'
    value: number
    index: number
  }

  export interface ResponseProofIndexRunOutsideFieldEvent {
    field: '$.proof.index.run.outside[]'
    index: number
    value: Uint8Array
  }

  export interface ResponseEndCountFieldEvent {
    field: '$.end.count'
    value: number
  }

  export interface ResponseEndStatusFieldEvent {
    field: '$.end.status'
    value: number
  }

  export interface ResponseEndAllFieldEvent {
    field: '$.end.all'
    value: boolean
  }

  export interface ResponseEndNextFieldEvent {
    field: '$.end.next'
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

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Response>): Generator<ResponseCodeFieldEvent | ResponseBasisLedgerFieldEvent | ResponseBasisCheckpointFieldEvent | ResponseBasisKeyEntriesFieldEvent | ResponseBasisConsistencyFieldEvent | ResponseBasisEvidenceFieldEvent | ResponseBasisIndexFaultFieldEvent | ResponseGroupInflatedFieldEvent | ResponseGroupDataFieldEvent | ResponseProofTreeFieldEvent | ResponseProofIndexEntryHeaderFieldEvent | ResponseProofIndexEntrySignatureFieldEvent | ResponseProofIndexEntryPayloadFieldEvent | ResponseProofIndexFamilyFieldEvent | ResponseProofIndexSiblingsFieldEvent | ResponseProofIndexLeafKeyFieldEvent | ResponseProofIndexLeafCountFieldEvent | ResponseProofIndexLeafListFieldEvent | ResponseProofIndexRunFirstFieldEvent | ResponseProofIndexRunItemsEntryFieldEvent | ResponseProofIndexRunItemsPostingFieldEvent | ResponseProofIndexRunItemsSkippedFieldEvent | ResponseProofIndexRunItemsWidthFieldEvent | ResponseProofIndexRunOutsideFieldEvent | ResponseEndCountFieldEvent | ResponseEndStatusFieldEvent | ResponseEndAllFieldEvent | ResponseEndNextFieldEvent | ResponseEarliestFieldEvent | ResponseSizeFieldEvent | ResponseRetryMsFieldEvent> {
    return streamMessage(buf, Response.codec(), opts)
  }
}

export interface Basis {
  ledger: string
  checkpoint?: string
  keyEntries: number
  consistency: Uint8Array[]
  evidence?: Uint8Array
  indexFault?: Uint8Array
}

export namespace Basis {
  let _codec: Codec<Basis>

  export const codec = (): Codec<Basis> => {
    if (_codec == null) {
      _codec = message<Basis>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.ledger != null && obj.ledger !== '')) {
          w.uint32(10)
          w.string(obj.ledger)
        }

        if (obj.checkpoint != null) {
          w.uint32(18)
          w.string(obj.checkpoint)
        }

        if ((obj.keyEntries != null && obj.keyEntries !== 0)) {
          w.uint32(24)
          w.uint32(obj.keyEntries)
        }

        if (obj.consistency != null && obj.consistency.length > 0) {
          for (const value of obj.consistency) {
            w.uint32(34)
            w.bytes(value)
          }
        }

        if (obj.evidence != null) {
          w.uint32(42)
          w.bytes(obj.evidence)
        }

        if (obj.indexFault != null) {
          w.uint32(50)
          w.bytes(obj.indexFault)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          ledger: '',
          keyEntries: 0,
          consistency: []
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
              obj.checkpoint = reader.string()
              break
            }
            case 3: {
              obj.keyEntries = reader.uint32()
              break
            }
            case 4: {
              if (opts.limits?.consistency != null && obj.consistency.length === opts.limits.consistency) {
                throw new MaxLengthError('Decode error - repeated field "consistency" had too many elements')
              }

              obj.consistency.push(reader.bytes())
              break
            }
            case 5: {
              obj.evidence = reader.bytes()
              break
            }
            case 6: {
              obj.indexFault = reader.bytes()
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
          consistency: 0
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
                field: `${prefix}.checkpoint`,
                value: reader.string()
              }
              break
            }
            case 3: {
              yield {
                field: `${prefix}.keyEntries`,
                value: reader.uint32()
              }
              break
            }
            case 4: {
              if (opts.limits?.consistency != null && obj.consistency === opts.limits.consistency) {
                throw new MaxLengthError('Streaming decode error - repeated field "consistency" had too many elements')
              }

              yield {
                field: `${prefix}.consistency[]`,
                index: obj.consistency,
                value: reader.bytes()
              }

              obj.consistency++

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
                field: `${prefix}.indexFault`,
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

  export interface BasisLedgerFieldEvent {
    field: '$.ledger'
    value: string
  }

  export interface BasisCheckpointFieldEvent {
    field: '$.checkpoint'
    value: string
  }

  export interface BasisKeyEntriesFieldEvent {
    field: '$.keyEntries'
    value: number
  }

  export interface BasisConsistencyFieldEvent {
    field: '$.consistency[]'
    index: number
    value: Uint8Array
  }

  export interface BasisEvidenceFieldEvent {
    field: '$.evidence'
    value: Uint8Array
  }

  export interface BasisIndexFaultFieldEvent {
    field: '$.indexFault'
    value: Uint8Array
  }

  export function encode (obj: Partial<Basis>): Uint8Array {
    return encodeMessage(obj, Basis.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Basis>): Basis {
    return decodeMessage(buf, Basis.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Basis>): Generator<BasisLedgerFieldEvent | BasisCheckpointFieldEvent | BasisKeyEntriesFieldEvent | BasisConsistencyFieldEvent | BasisEvidenceFieldEvent | BasisIndexFaultFieldEvent> {
    return streamMessage(buf, Basis.codec(), opts)
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

export interface Proof {
  tree: Uint8Array[]
  index?: Index
}

export namespace Proof {
  let _codec: Codec<Proof>

  export const codec = (): Codec<Proof> => {
    if (_codec == null) {
      _codec = message<Proof>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if (obj.tree != null && obj.tree.length > 0) {
          for (const value of obj.tree) {
            w.uint32(10)
            w.bytes(value)
          }
        }

        if (obj.index != null) {
          w.uint32(18)
          Index.codec().encode(obj.index, w)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          tree: []
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              if (opts.limits?.tree != null && obj.tree.length === opts.limits.tree) {
                throw new MaxLengthError('Decode error - repeated field "tree" had too many elements')
              }

              obj.tree.push(reader.bytes())
              break
            }
            case 2: {
              obj.index = Index.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.index
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
        const obj = {
          tree: 0
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              if (opts.limits?.tree != null && obj.tree === opts.limits.tree) {
                throw new MaxLengthError('Streaming decode error - repeated field "tree" had too many elements')
              }

              yield {
                field: `${prefix}.tree[]`,
                index: obj.tree,
                value: reader.bytes()
              }

              obj.tree++

              break
            }
            case 2: {
              yield * Index.codec().stream(reader, reader.uint32(), `${prefix}.index`, {
                limits: opts.limits?.index
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

  export interface ProofTreeFieldEvent {
    field: '$.tree[]'
    index: number
    value: Uint8Array
  }

  export interface ProofIndexEntryHeaderFieldEvent {
    field: '$.index.entry.header'
    value: Uint8Array
  }

  export interface ProofIndexEntrySignatureFieldEvent {
    field: '$.index.entry.signature'
    value: Uint8Array
  }

  export interface ProofIndexEntryPayloadFieldEvent {
    field: '$.index.entry.payload'
    value: Uint8Array
  }

  export interface ProofIndexFamilyFieldEvent {
    field: '$.index.family'
    value: number
  }

  export interface ProofIndexSiblingsFieldEvent {
    field: '$.index.siblings[]'
    index: number
    value: Uint8Array
  }

  export interface ProofIndexLeafKeyFieldEvent {
    field: '$.index.leaf.key'
    value: Uint8Array
  }

  export interface ProofIndexLeafCountFieldEvent {
    field: '$.index.leaf.count'
    value: number
  }

  export interface ProofIndexLeafListFieldEvent {
    field: '$.index.leaf.list'
    value: Uint8Array
  }

  export interface ProofIndexRunFirstFieldEvent {
    field: '$.index.run.first'
    value: number
  }

  export interface ProofIndexRunItemsEntryFieldEvent {
    field: '$.index.run.items[].entry'
    value: number
    index: number
  }

  export interface ProofIndexRunItemsPostingFieldEvent {
    field: '$.index.run.items[].posting'
    value: Uint8Array
    index: number
  }

  export interface ProofIndexRunItemsSkippedFieldEvent {
    field: '$.index.run.items[].skipped'
    value: Uint8Array
    index: number
  }

  export interface ProofIndexRunItemsWidthFieldEvent {
    field: '$.index.run.items[].width'
    value: number
    index: number
  }

  export interface ProofIndexRunOutsideFieldEvent {
    field: '$.index.run.outside[]'
    index: number
    value: Uint8Array
  }

  export function encode (obj: Partial<Proof>): Uint8Array {
    return encodeMessage(obj, Proof.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Proof>): Proof {
    return decodeMessage(buf, Proof.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Proof>): Generator<ProofTreeFieldEvent | ProofIndexEntryHeaderFieldEvent | ProofIndexEntrySignatureFieldEvent | ProofIndexEntryPayloadFieldEvent | ProofIndexFamilyFieldEvent | ProofIndexSiblingsFieldEvent | ProofIndexLeafKeyFieldEvent | ProofIndexLeafCountFieldEvent | ProofIndexLeafListFieldEvent | ProofIndexRunFirstFieldEvent | ProofIndexRunItemsEntryFieldEvent | ProofIndexRunItemsPostingFieldEvent | ProofIndexRunItemsSkippedFieldEvent | ProofIndexRunItemsWidthFieldEvent | ProofIndexRunOutsideFieldEvent> {
    return streamMessage(buf, Proof.codec(), opts)
  }
}

export interface Index {
  entry?: Entry
  family: number
  siblings: Uint8Array[]
  leaf?: Leaf
  run?: Run
}

export namespace Index {
  let _codec: Codec<Index>

  export const codec = (): Codec<Index> => {
    if (_codec == null) {
      _codec = message<Index>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if (obj.entry != null) {
          w.uint32(10)
          Entry.codec().encode(obj.entry, w)
        }

        if ((obj.family != null && obj.family !== 0)) {
          w.uint32(16)
          w.uint32(obj.family)
        }

        if (obj.siblings != null && obj.siblings.length > 0) {
          for (const value of obj.siblings) {
            w.uint32(26)
            w.bytes(value)
          }
        }

        if (obj.leaf != null) {
          w.uint32(34)
          Leaf.codec().encode(obj.leaf, w)
        }

        if (obj.run != null) {
          w.uint32(42)
          Run.codec().encode(obj.run, w)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          family: 0,
          siblings: []
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.entry = Entry.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.entry
              })
              break
            }
            case 2: {
              obj.family = reader.uint32()
              break
            }
            case 3: {
              if (opts.limits?.siblings != null && obj.siblings.length === opts.limits.siblings) {
                throw new MaxLengthError('Decode error - repeated field "siblings" had too many elements')
              }

              obj.siblings.push(reader.bytes())
              break
            }
            case 4: {
              obj.leaf = Leaf.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.leaf
              })
              break
            }
            case 5: {
              obj.run = Run.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.run
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
        const obj = {
          siblings: 0
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              yield * Entry.codec().stream(reader, reader.uint32(), `${prefix}.entry`, {
                limits: opts.limits?.entry
              })

              break
            }
            case 2: {
              yield {
                field: `${prefix}.family`,
                value: reader.uint32()
              }
              break
            }
            case 3: {
              if (opts.limits?.siblings != null && obj.siblings === opts.limits.siblings) {
                throw new MaxLengthError('Streaming decode error - repeated field "siblings" had too many elements')
              }

              yield {
                field: `${prefix}.siblings[]`,
                index: obj.siblings,
                value: reader.bytes()
              }

              obj.siblings++

              break
            }
            case 4: {
              yield * Leaf.codec().stream(reader, reader.uint32(), `${prefix}.leaf`, {
                limits: opts.limits?.leaf
              })

              break
            }
            case 5: {
              yield * Run.codec().stream(reader, reader.uint32(), `${prefix}.run`, {
                limits: opts.limits?.run
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

  export interface IndexEntryHeaderFieldEvent {
    field: '$.entry.header'
    value: Uint8Array
  }

  export interface IndexEntrySignatureFieldEvent {
    field: '$.entry.signature'
    value: Uint8Array
  }

  export interface IndexEntryPayloadFieldEvent {
    field: '$.entry.payload'
    value: Uint8Array
  }

  export interface IndexFamilyFieldEvent {
    field: '$.family'
    value: number
  }

  export interface IndexSiblingsFieldEvent {
    field: '$.siblings[]'
    index: number
    value: Uint8Array
  }

  export interface IndexLeafKeyFieldEvent {
    field: '$.leaf.key'
    value: Uint8Array
  }

  export interface IndexLeafCountFieldEvent {
    field: '$.leaf.count'
    value: number
  }

  export interface IndexLeafListFieldEvent {
    field: '$.leaf.list'
    value: Uint8Array
  }

  export interface IndexRunFirstFieldEvent {
    field: '$.run.first'
    value: number
  }

  export interface IndexRunItemsEntryFieldEvent {
    field: '$.run.items[].entry'
    value: number
    index: number
  }

  export interface IndexRunItemsPostingFieldEvent {
    field: '$.run.items[].posting'
    value: Uint8Array
    index: number
  }

  export interface IndexRunItemsSkippedFieldEvent {
    field: '$.run.items[].skipped'
    value: Uint8Array
    index: number
  }

  export interface IndexRunItemsWidthFieldEvent {
    field: '$.run.items[].width'
    value: number
    index: number
  }

  export interface IndexRunOutsideFieldEvent {
    field: '$.run.outside[]'
    index: number
    value: Uint8Array
  }

  export function encode (obj: Partial<Index>): Uint8Array {
    return encodeMessage(obj, Index.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Index>): Index {
    return decodeMessage(buf, Index.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Index>): Generator<IndexEntryHeaderFieldEvent | IndexEntrySignatureFieldEvent | IndexEntryPayloadFieldEvent | IndexFamilyFieldEvent | IndexSiblingsFieldEvent | IndexLeafKeyFieldEvent | IndexLeafCountFieldEvent | IndexLeafListFieldEvent | IndexRunFirstFieldEvent | IndexRunItemsEntryFieldEvent | IndexRunItemsPostingFieldEvent | IndexRunItemsSkippedFieldEvent | IndexRunItemsWidthFieldEvent | IndexRunOutsideFieldEvent> {
    return streamMessage(buf, Index.codec(), opts)
  }
}

export interface Leaf {
  key: Uint8Array
  count: number
  list: Uint8Array
}

export namespace Leaf {
  let _codec: Codec<Leaf>

  export const codec = (): Codec<Leaf> => {
    if (_codec == null) {
      _codec = message<Leaf>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.key != null && obj.key.byteLength > 0)) {
          w.uint32(10)
          w.bytes(obj.key)
        }

        if ((obj.count != null && obj.count !== 0)) {
          w.uint32(16)
          w.uint64Number(obj.count)
        }

        if ((obj.list != null && obj.list.byteLength > 0)) {
          w.uint32(26)
          w.bytes(obj.list)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          key: uint8ArrayAlloc(0),
          count: 0,
          list: uint8ArrayAlloc(0)
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.key = reader.bytes()
              break
            }
            case 2: {
              obj.count = reader.uint64Number()
              break
            }
            case 3: {
              obj.list = reader.bytes()
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
                field: `${prefix}.key`,
                value: reader.bytes()
              }
              break
            }
            case 2: {
              yield {
                field: `${prefix}.count`,
                value: reader.uint64Number()
              }
              break
            }
            case 3: {
              yield {
                field: `${prefix}.list`,
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

  export interface LeafKeyFieldEvent {
    field: '$.key'
    value: Uint8Array
  }

  export interface LeafCountFieldEvent {
    field: '$.count'
    value: number
  }

  export interface LeafListFieldEvent {
    field: '$.list'
    value: Uint8Array
  }

  export function encode (obj: Partial<Leaf>): Uint8Array {
    return encodeMessage(obj, Leaf.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Leaf>): Leaf {
    return decodeMessage(buf, Leaf.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Leaf>): Generator<LeafKeyFieldEvent | LeafCountFieldEvent | LeafListFieldEvent> {
    return streamMessage(buf, Leaf.codec(), opts)
  }
}

export interface Run {
  first: number
  items: Item[]
  outside: Uint8Array[]
}

export namespace Run {
  let _codec: Codec<Run>

  export const codec = (): Codec<Run> => {
    if (_codec == null) {
      _codec = message<Run>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.first != null && obj.first !== 0)) {
          w.uint32(8)
          w.uint64Number(obj.first)
        }

        if (obj.items != null && obj.items.length > 0) {
          for (const value of obj.items) {
            w.uint32(18)
            Item.codec().encode(value, w)
          }
        }

        if (obj.outside != null && obj.outside.length > 0) {
          for (const value of obj.outside) {
            w.uint32(26)
            w.bytes(value)
          }
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          first: 0,
          items: [],
          outside: []
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.first = reader.uint64Number()
              break
            }
            case 2: {
              if (opts.limits?.items != null && obj.items.length === opts.limits.items) {
                throw new MaxLengthError('Decode error - repeated field "items" had too many elements')
              }

              obj.items.push(Item.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.items$
              }))
              break
            }
            case 3: {
              if (opts.limits?.outside != null && obj.outside.length === opts.limits.outside) {
                throw new MaxLengthError('Decode error - repeated field "outside" had too many elements')
              }

              obj.outside.push(reader.bytes())
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
          items: 0,
          outside: 0
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              yield {
                field: `${prefix}.first`,
                value: reader.uint64Number()
              }
              break
            }
            case 2: {
              if (opts.limits?.items != null && obj.items === opts.limits.items) {
                throw new MaxLengthError('Streaming decode error - repeated field "items" had too many elements')
              }

              for (const evt of Item.codec().stream(reader, reader.uint32(), `${prefix}.items[]`, {
                limits: opts.limits?.items$
              })) {
                yield {
                  ...evt,
                  index: obj.items
                }
              }

              obj.items++

              break
            }
            case 3: {
              if (opts.limits?.outside != null && obj.outside === opts.limits.outside) {
                throw new MaxLengthError('Streaming decode error - repeated field "outside" had too many elements')
              }

              yield {
                field: `${prefix}.outside[]`,
                index: obj.outside,
                value: reader.bytes()
              }

              obj.outside++

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

  export interface RunFirstFieldEvent {
    field: '$.first'
    value: number
  }

  export interface RunItemsEntryFieldEvent {
    field: '$.items[].entry'
    value: number
    index: number
  }

  export interface RunItemsPostingFieldEvent {
    field: '$.items[].posting'
    value: Uint8Array
    index: number
  }

  export interface RunItemsSkippedFieldEvent {
    field: '$.items[].skipped'
    value: Uint8Array
    index: number
  }

  export interface RunItemsWidthFieldEvent {
    field: '$.items[].width'
    value: number
    index: number
  }

  export interface RunOutsideFieldEvent {
    field: '$.outside[]'
    index: number
    value: Uint8Array
  }

  export function encode (obj: Partial<Run>): Uint8Array {
    return encodeMessage(obj, Run.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Run>): Run {
    return decodeMessage(buf, Run.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Run>): Generator<RunFirstFieldEvent | RunItemsEntryFieldEvent | RunItemsPostingFieldEvent | RunItemsSkippedFieldEvent | RunItemsWidthFieldEvent | RunOutsideFieldEvent> {
    return streamMessage(buf, Run.codec(), opts)
  }
}

export interface Item {
  entry?: number
  posting?: Uint8Array
  skipped?: Uint8Array
  width?: number
}

export namespace Item {
  let _codec: Codec<Item>

  export const codec = (): Codec<Item> => {
    if (_codec == null) {
      _codec = message<Item>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if (obj.entry != null) {
          w.uint32(8)
          w.uint64Number(obj.entry)
        }

        if (obj.posting != null) {
          w.uint32(18)
          w.bytes(obj.posting)
        }

        if (obj.skipped != null) {
          w.uint32(26)
          w.bytes(obj.skipped)
        }

        if (obj.width != null) {
          w.uint32(32)
          w.uint64Number(obj.width)
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
              obj.entry = reader.uint64Number()
              break
            }
            case 2: {
              obj.posting = reader.bytes()
              break
            }
            case 3: {
              obj.skipped = reader.bytes()
              break
            }
            case 4: {
              obj.width = reader.uint64Number()
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
                field: `${prefix}.entry`,
                value: reader.uint64Number()
              }
              break
            }
            case 2: {
              yield {
                field: `${prefix}.posting`,
                value: reader.bytes()
              }
              break
            }
            case 3: {
              yield {
                field: `${prefix}.skipped`,
                value: reader.bytes()
              }
              break
            }
            case 4: {
              yield {
                field: `${prefix}.width`,
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

  export interface ItemEntryFieldEvent {
    field: '$.entry'
    value: number
  }

  export interface ItemPostingFieldEvent {
    field: '$.posting'
    value: Uint8Array
  }

  export interface ItemSkippedFieldEvent {
    field: '$.skipped'
    value: Uint8Array
  }

  export interface ItemWidthFieldEvent {
    field: '$.width'
    value: number
  }

  export function encode (obj: Partial<Item>): Uint8Array {
    return encodeMessage(obj, Item.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Item>): Item {
    return decodeMessage(buf, Item.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Item>): Generator<ItemEntryFieldEvent | ItemPostingFieldEvent | ItemSkippedFieldEvent | ItemWidthFieldEvent> {
    return streamMessage(buf, Item.codec(), opts)
  }
}

export interface End {
  count: number
  status: number
  all: boolean
  next?: number
}

export namespace End {
  let _codec: Codec<End>

  export const codec = (): Codec<End> => {
    if (_codec == null) {
      _codec = message<End>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.count != null && obj.count !== 0)) {
          w.uint32(8)
          w.uint32(obj.count)
        }

        if ((obj.status != null && obj.status !== 0)) {
          w.uint32(16)
          w.uint32(obj.status)
        }

        if ((obj.all != null && obj.all !== false)) {
          w.uint32(24)
          w.bool(obj.all)
        }

        if (obj.next != null) {
          w.uint32(32)
          w.uint64Number(obj.next)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          count: 0,
          status: 0,
          all: false
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.count = reader.uint32()
              break
            }
            case 2: {
              obj.status = reader.uint32()
              break
            }
            case 3: {
              obj.all = reader.bool()
              break
            }
            case 4: {
              obj.next = reader.uint64Number()
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
                field: `${prefix}.count`,
                value: reader.uint32()
              }
              break
            }
            case 2: {
              yield {
                field: `${prefix}.status`,
                value: reader.uint32()
              }
              break
            }
            case 3: {
              yield {
                field: `${prefix}.all`,
                value: reader.bool()
              }
              break
            }
            case 4: {
              yield {
                field: `${prefix}.next`,
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

  export interface EndCountFieldEvent {
    field: '$.count'
    value: number
  }

  export interface EndStatusFieldEvent {
    field: '$.status'
    value: number
  }

  export interface EndAllFieldEvent {
    field: '$.all'
    value: boolean
  }

  export interface EndNextFieldEvent {
    field: '$.next'
    value: number
  }

  export function encode (obj: Partial<End>): Uint8Array {
    return encodeMessage(obj, End.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<End>): End {
    return decodeMessage(buf, End.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<End>): Generator<EndCountFieldEvent | EndStatusFieldEvent | EndAllFieldEvent | EndNextFieldEvent> {
    return streamMessage(buf, End.codec(), opts)
  }
}
