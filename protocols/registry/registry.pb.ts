// @ts-nocheck
import { decodeMessage, encodeMessage, MaxLengthError, message, streamMessage } from 'protons-runtime'
import { alloc as uint8ArrayAlloc } from 'uint8arrays/alloc'
import type { Codec, DecodeOptions } from 'protons-runtime'
import type { Uint8ArrayList } from 'uint8arraylist'

export interface Request {
  register?: SignedRecord
  discover?: Discover
  getLedger?: GetLedger
  updateStatus?: UpdateStatus
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

        if (obj.updateStatus != null) {
          obj.getLedger = undefined
          obj.discover = undefined
          obj.register = undefined
        }

        if (obj.getLedger != null) {
          obj.updateStatus = undefined
          obj.discover = undefined
          obj.register = undefined
        }

        if (obj.discover != null) {
          obj.updateStatus = undefined
          obj.getLedger = undefined
          obj.register = undefined
        }

        if (obj.register != null) {
          obj.updateStatus = undefined
          obj.getLedger = undefined
          obj.discover = undefined
        }

        if (obj.register != null) {
          w.uint32(10)
          SignedRecord.codec().encode(obj.register, w)
        }

        if (obj.discover != null) {
          w.uint32(18)
          Discover.codec().encode(obj.discover, w)
        }

        if (obj.getLedger != null) {
          w.uint32(26)
          GetLedger.codec().encode(obj.getLedger, w)
        }

        if (obj.updateStatus != null) {
          w.uint32(34)
          UpdateStatus.codec().encode(obj.updateStatus, w)
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
              obj.register = SignedRecord.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.register
              })
              break
            }
            case 2: {
              obj.discover = Discover.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.discover
              })
              break
            }
            case 3: {
              obj.getLedger = GetLedger.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.getLedger
              })
              break
            }
            case 4: {
              obj.updateStatus = UpdateStatus.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.updateStatus
              })
              break
            }
            default: {
              reader.skipType(tag & 7)
              break
            }
          }
        }

        if (obj.updateStatus != null) {
          delete obj.getLedger
          delete obj.discover
          delete obj.register
        }

        if (obj.getLedger != null) {
          delete obj.updateStatus
          delete obj.discover
          delete obj.register
        }

        if (obj.discover != null) {
          delete obj.updateStatus
          delete obj.getLedger
          delete obj.register
        }

        if (obj.register != null) {
          delete obj.updateStatus
          delete obj.getLedger
          delete obj.discover
        }

        return obj
      }, function * (reader, length, prefix, opts = {}) {
        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              yield * SignedRecord.codec().stream(reader, reader.uint32(), `${prefix}.register`, {
                limits: opts.limits?.register
              })

              break
            }
            case 2: {
              yield * Discover.codec().stream(reader, reader.uint32(), `${prefix}.discover`, {
                limits: opts.limits?.discover
              })

              break
            }
            case 3: {
              yield * GetLedger.codec().stream(reader, reader.uint32(), `${prefix}.getLedger`, {
                limits: opts.limits?.getLedger
              })

              break
            }
            case 4: {
              yield * UpdateStatus.codec().stream(reader, reader.uint32(), `${prefix}.updateStatus`, {
                limits: opts.limits?.updateStatus
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

  export interface RequestRegisterBodyFieldEvent {
    field: '$.register.body'
    value: Uint8Array
  }

  export interface RequestRegisterSignatureFieldEvent {
    field: '$.register.signature'
    value: Uint8Array
  }

  export interface RequestRegisterKeyEntriesHeaderFieldEvent {
    field: '$.register.keyEntries[].header'
    value: Uint8Array
    index: number
  }

  export interface RequestRegisterKeyEntriesSignatureFieldEvent {
    field: '$.register.keyEntries[].signature'
    value: Uint8Array
    index: number
  }

  export interface RequestDiscoverCapabilityFieldEvent {
    field: '$.discover.capability'
    value: string
  }

  export interface RequestDiscoverRegionFieldEvent {
    field: '$.discover.region'
    value: string
  }

  export interface RequestDiscoverLimitFieldEvent {
    field: '$.discover.limit'
    value: number
  }

  export interface RequestGetLedgerLedgerFieldEvent {
    field: '$.getLedger.ledger'
    value: string
  }

  export interface RequestUpdateStatusLedgerFieldEvent {
    field: '$.updateStatus.ledger'
    value: string
  }

  export interface RequestUpdateStatusStatusFieldEvent {
    field: '$.updateStatus.status'
    value: number
  }

  export function encode (obj: Partial<Request>): Uint8Array {
    return encodeMessage(obj, Request.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Request>): Request {
    return decodeMessage(buf, Request.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Request>): Generator<RequestRegisterBodyFieldEvent | RequestRegisterSignatureFieldEvent | RequestRegisterKeyEntriesHeaderFieldEvent | RequestRegisterKeyEntriesSignatureFieldEvent | RequestDiscoverCapabilityFieldEvent | RequestDiscoverRegionFieldEvent | RequestDiscoverLimitFieldEvent | RequestGetLedgerLedgerFieldEvent | RequestUpdateStatusLedgerFieldEvent | RequestUpdateStatusStatusFieldEvent> {
    return streamMessage(buf, Request.codec(), opts)
  }
}

export interface Discover {
  capability?: string
  region?: string
  limit: number
}

export namespace Discover {
  let _codec: Codec<Discover>

  export const codec = (): Codec<Discover> => {
    if (_codec == null) {
      _codec = message<Discover>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if (obj.capability != null) {
          w.uint32(10)
          w.string(obj.capability)
        }

        if (obj.region != null) {
          w.uint32(18)
          w.string(obj.region)
        }

        if ((obj.limit != null && obj.limit !== 0)) {
          w.uint32(24)
          w.uint32(obj.limit)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          limit: 0
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.capability = reader.string()
              break
            }
            case 2: {
              obj.region = reader.string()
              break
            }
            case 3: {
              obj.limit = reader.uint32()
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
                field: `${prefix}.capability`,
                value: reader.string()
              }
              break
            }
            case 2: {
              yield {
                field: `${prefix}.region`,
                value: reader.string()
              }
              break
            }
            case 3: {
              yield {
                field: `${prefix}.limit`,
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

  export interface DiscoverCapabilityFieldEvent {
    field: '$.capability'
    value: string
  }

  export interface DiscoverRegionFieldEvent {
    field: '$.region'
    value: string
  }

  export interface DiscoverLimitFieldEvent {
    field: '$.limit'
    value: number
  }

  export function encode (obj: Partial<Discover>): Uint8Array {
    return encodeMessage(obj, Discover.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Discover>): Discover {
    return decodeMessage(buf, Discover.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Discover>): Generator<DiscoverCapabilityFieldEvent | DiscoverRegionFieldEvent | DiscoverLimitFieldEvent> {
    return streamMessage(buf, Discover.codec(), opts)
  }
}

export interface GetLedger {
  ledger: string
}

export namespace GetLedger {
  let _codec: Codec<GetLedger>

  export const codec = (): Codec<GetLedger> => {
    if (_codec == null) {
      _codec = message<GetLedger>((obj, w, opts = {}) => {
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

  export interface GetLedgerLedgerFieldEvent {
    field: '$.ledger'
    value: string
  }

  export function encode (obj: Partial<GetLedger>): Uint8Array {
    return encodeMessage(obj, GetLedger.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<GetLedger>): GetLedger {
    return decodeMessage(buf, GetLedger.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<GetLedger>): Generator<GetLedgerLedgerFieldEvent> {
    return streamMessage(buf, GetLedger.codec(), opts)
  }
}

export interface UpdateStatus {
  ledger: string
  status: number
}

export namespace UpdateStatus {
  let _codec: Codec<UpdateStatus>

  export const codec = (): Codec<UpdateStatus> => {
    if (_codec == null) {
      _codec = message<UpdateStatus>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.ledger != null && obj.ledger !== '')) {
          w.uint32(10)
          w.string(obj.ledger)
        }

        if ((obj.status != null && obj.status !== 0)) {
          w.uint32(16)
          w.uint32(obj.status)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          ledger: '',
          status: 0
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
              obj.status = reader.uint32()
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
                field: `${prefix}.status`,
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

  export interface UpdateStatusLedgerFieldEvent {
    field: '$.ledger'
    value: string
  }

  export interface UpdateStatusStatusFieldEvent {
    field: '$.status'
    value: number
  }

  export function encode (obj: Partial<UpdateStatus>): Uint8Array {
    return encodeMessage(obj, UpdateStatus.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<UpdateStatus>): UpdateStatus {
    return decodeMessage(buf, UpdateStatus.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<UpdateStatus>): Generator<UpdateStatusLedgerFieldEvent | UpdateStatusStatusFieldEvent> {
    return streamMessage(buf, UpdateStatus.codec(), opts)
  }
}

export interface Response {
  code: number
  listing?: Listing
  count?: number
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

        if (obj.listing != null) {
          w.uint32(18)
          Listing.codec().encode(obj.listing, w)
        }

        if (obj.count != null) {
          w.uint32(24)
          w.uint32(obj.count)
        }

        if (obj.retryMs != null) {
          w.uint32(32)
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
              obj.listing = Listing.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.listing
              })
              break
            }
            case 3: {
              obj.count = reader.uint32()
              break
            }
            case 4: {
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
              yield * Listing.codec().stream(reader, reader.uint32(), `${prefix}.listing`, {
                limits: opts.limits?.listing
              })

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

  export interface ResponseListingRecordBodyFieldEvent {
    field: '$.listing.record.body'
    value: Uint8Array
  }

  export interface ResponseListingRecordSignatureFieldEvent {
    field: '$.listing.record.signature'
    value: Uint8Array
  }

  export interface ResponseListingRecordKeyEntriesHeaderFieldEvent {
    field: '$.listing.record.keyEntries[].header'
    value: Uint8Array
    index: number
  }

  export interface ResponseListingRecordKeyEntriesSignatureFieldEvent {
    field: '$.listing.record.keyEntries[].signature'
    value: Uint8Array
    index: number
  }

  export interface ResponseListingStatusFieldEvent {
    field: '$.listing.status'
    value: number
  }

  export interface ResponseListingUpdatedFieldEvent {
    field: '$.listing.updated'
    value: number
  }

  export interface ResponseCountFieldEvent {
    field: '$.count'
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

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Response>): Generator<ResponseCodeFieldEvent | ResponseListingRecordBodyFieldEvent | ResponseListingRecordSignatureFieldEvent | ResponseListingRecordKeyEntriesHeaderFieldEvent | ResponseListingRecordKeyEntriesSignatureFieldEvent | ResponseListingStatusFieldEvent | ResponseListingUpdatedFieldEvent | ResponseCountFieldEvent | ResponseRetryMsFieldEvent> {
    return streamMessage(buf, Response.codec(), opts)
  }
}

export interface Listing {
  record?: SignedRecord
  status: number
  updated: number
}

export namespace Listing {
  let _codec: Codec<Listing>

  export const codec = (): Codec<Listing> => {
    if (_codec == null) {
      _codec = message<Listing>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if (obj.record != null) {
          w.uint32(10)
          SignedRecord.codec().encode(obj.record, w)
        }

        if ((obj.status != null && obj.status !== 0)) {
          w.uint32(16)
          w.uint32(obj.status)
        }

        if ((obj.updated != null && obj.updated !== 0)) {
          w.uint32(24)
          w.uint64Number(obj.updated)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          status: 0,
          updated: 0
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.record = SignedRecord.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.record
              })
              break
            }
            case 2: {
              obj.status = reader.uint32()
              break
            }
            case 3: {
              obj.updated = reader.uint64Number()
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
              yield * SignedRecord.codec().stream(reader, reader.uint32(), `${prefix}.record`, {
                limits: opts.limits?.record
              })

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
                field: `${prefix}.updated`,
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

  export interface ListingRecordBodyFieldEvent {
    field: '$.record.body'
    value: Uint8Array
  }

  export interface ListingRecordSignatureFieldEvent {
    field: '$.record.signature'
    value: Uint8Array
  }

  export interface ListingRecordKeyEntriesHeaderFieldEvent {
    field: '$.record.keyEntries[].header'
    value: Uint8Array
    index: number
  }

  export interface ListingRecordKeyEntriesSignatureFieldEvent {
    field: '$.record.keyEntries[].signature'
    value: Uint8Array
    index: number
  }

  export interface ListingStatusFieldEvent {
    field: '$.status'
    value: number
  }

  export interface ListingUpdatedFieldEvent {
    field: '$.updated'
    value: number
  }

  export function encode (obj: Partial<Listing>): Uint8Array {
    return encodeMessage(obj, Listing.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Listing>): Listing {
    return decodeMessage(buf, Listing.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Listing>): Generator<ListingRecordBodyFieldEvent | ListingRecordSignatureFieldEvent | ListingRecordKeyEntriesHeaderFieldEvent | ListingRecordKeyEntriesSignatureFieldEvent | ListingStatusFieldEvent | ListingUpdatedFieldEvent> {
    return streamMessage(buf, Listing.codec(), opts)
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
