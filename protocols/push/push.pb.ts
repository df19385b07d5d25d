// @ts-nocheck
import { decodeMessage, encodeMessage, MaxLengthError, message, streamMessage } from 'protons-runtime'
import { alloc as uint8ArrayAlloc } from 'uint8arrays/alloc'
import type { Codec, DecodeOptions } from 'protons-runtime'
import type { Uint8ArrayList } from 'uint8arraylist'

export interface Request {
  offers: Offer[]
  token?: Uint8Array
}

export namespace Request {
  let _codec: Codec<Request>

  export const codec = (): Codec<Request> => {
    if (_codec == null) {
      _codec = message<Request>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if (obj.offers != null && obj.offers.length > 0) {
          for (const value of obj.offers) {
            w.uint32(10)
            Offer.codec().encode(value, w)
          }
        }

        if (obj.token != null) {
          w.uint32(18)
          w.bytes(obj.token)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          offers: []
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              if (opts.limits?.offers != null && obj.offers.length === opts.limits.offers) {
                throw new MaxLengthError('Decode error - repeated field "offers" had too many elements')
              }

              obj.offers.push(Offer.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.offers$
              }))
              break
            }
            case 2: {
              obj.token = reader.bytes()
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
          offers: 0
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              if (opts.limits?.offers != null && obj.offers === opts.limits.offers) {
                throw new MaxLengthError('Streaming decode error - repeated field "offers" had too many elements')
              }

              for (const evt of Offer.codec().stream(reader, reader.uint32(), `${prefix}.offers[]`, {
                limits: opts.limits?.offers$
              })) {
                yield {
                  ...evt,
                  index: obj.offers
                }
              }

              obj.offers++

              break
            }
            case 2: {
              yield {
                field: `${prefix}.token`,
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

  export interface RequestOffersLedgerFieldEvent {
    field: '$.offers[].ledger'
    value: string
    index: number
  }

  export interface RequestOffersHeaderFieldEvent {
    field: '$.offers[].header'
    value: Uint8Array
    index: number
  }

  export interface RequestOffersSignatureFieldEvent {
    field: '$.offers[].signature'
    value: Uint8Array
    index: number
  }

  export interface RequestOffersModeFieldEvent {
    field: '$.offers[].mode'
    value: number
    index: number
  }

  export interface RequestOffersFilterStreamsFieldEvent {
    field: '$.offers[].filter.streams[]'
    index: number
    value: string
  }

  export interface RequestOffersFilterTypesFieldEvent {
    field: '$.offers[].filter.types[]'
    index: number
    value: string
  }

  export interface RequestOffersFilterIssuersFieldEvent {
    field: '$.offers[].filter.issuers[]'
    index: number
    value: string
  }

  export interface RequestOffersFilterSubjectsFieldEvent {
    field: '$.offers[].filter.subjects[]'
    index: number
    value: string
  }

  export interface RequestTokenFieldEvent {
    field: '$.token'
    value: Uint8Array
  }

  export function encode (obj: Partial<Request>): Uint8Array {
    return encodeMessage(obj, Request.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Request>): Request {
    return decodeMessage(buf, Request.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Request>): Generator<RequestOffersLedgerFieldEvent | RequestOffersHeaderFieldEvent | RequestOffersSignatureFieldEvent | RequestOffersModeFieldEvent | RequestOffersFilterStreamsFieldEvent | RequestOffersFilterTypesFieldEvent | RequestOffersFilterIssuersFieldEvent | RequestOffersFilterSubjectsFieldEvent | RequestTokenFieldEvent> {
    return streamMessage(buf, Request.codec(), opts)
  }
}

export interface Offer {
  ledger: string
  header: Uint8Array
  signature: Uint8Array
  mode: number
  filter?: Filter
}

export namespace Offer {
  let _codec: Codec<Offer>

  export const codec = (): Codec<Offer> => {
    if (_codec == null) {
      _codec = message<Offer>((obj, w, opts = {}) => {
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

        if ((obj.mode != null && obj.mode !== 0)) {
          w.uint32(32)
          w.uint32(obj.mode)
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
          header: uint8ArrayAlloc(0),
          signature: uint8ArrayAlloc(0),
          mode: 0
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
              obj.mode = reader.uint32()
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
                field: `${prefix}.mode`,
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

  export interface OfferLedgerFieldEvent {
    field: '$.ledger'
    value: string
  }

  export interface OfferHeaderFieldEvent {
    field: '$.header'
    value: Uint8Array
  }

  export interface OfferSignatureFieldEvent {
    field: '$.signature'
    value: Uint8Array
  }

  export interface OfferModeFieldEvent {
    field: '$.mode'
    value: number
  }

  export interface OfferFilterStreamsFieldEvent {
    field: '$.filter.streams[]'
    index: number
    value: string
  }

  export interface OfferFilterTypesFieldEvent {
    field: '$.filter.types[]'
    index: number
    value: string
  }

  export interface OfferFilterIssuersFieldEvent {
    field: '$.filter.issuers[]'
    index: number
    value: string
  }

  export interface OfferFilterSubjectsFieldEvent {
    field: '$.filter.subjects[]'
    index: number
    value: string
  }

  export function encode (obj: Partial<Offer>): Uint8Array {
    return encodeMessage(obj, Offer.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Offer>): Offer {
    return decodeMessage(buf, Offer.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Offer>): Generator<OfferLedgerFieldEvent | OfferHeaderFieldEvent | OfferSignatureFieldEvent | OfferModeFieldEvent | OfferFilterStreamsFieldEvent | OfferFilterTypesFieldEvent | OfferFilterIssuersFieldEvent | OfferFilterSubjectsFieldEvent> {
    return streamMessage(buf, Offer.codec(), opts)
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

export interface Response {
  code: number
  decision?: Decision
  progress?: Progress
  results?: Results
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

        if (obj.decision != null) {
          w.uint32(18)
          Decision.codec().encode(obj.decision, w)
        }

        if (obj.progress != null) {
          w.uint32(26)
          Progress.codec().encode(obj.progress, w)
        }

        if (obj.results != null) {
          w.uint32(34)
          Results.codec().encode(obj.results, w)
        }

        if (obj.count != null) {
          w.uint32(40)
          w.uint32(obj.count)
        }

        if (obj.retryMs != null) {
          w.uint32(48)
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
              obj.decision = Decision.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.decision
              })
              break
            }
            case 3: {
              obj.progress = Progress.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.progress
              })
              break
            }
            case 4: {
              obj.results = Results.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.results
              })
              break
            }
            case 5: {
              obj.count = reader.uint32()
              break
            }
            case 6: {
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
              yield * Decision.codec().stream(reader, reader.uint32(), `${prefix}.decision`, {
                limits: opts.limits?.decision
              })

              break
            }
            case 3: {
              yield * Progress.codec().stream(reader, reader.uint32(), `${prefix}.progress`, {
                limits: opts.limits?.progress
              })

              break
            }
            case 4: {
              yield * Results.codec().stream(reader, reader.uint32(), `${prefix}.results`, {
                limits: opts.limits?.results
              })

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

  export interface ResponseDecisionLedgerFieldEvent {
    field: '$.decision.ledger'
    value: string
  }

  export interface ResponseDecisionDecisionFieldEvent {
    field: '$.decision.decision'
    value: number
  }

  export interface ResponseDecisionReasonFieldEvent {
    field: '$.decision.reason'
    value: number
  }

  export interface ResponseDecisionModeFieldEvent {
    field: '$.decision.mode'
    value: number
  }

  export interface ResponseDecisionSizeFieldEvent {
    field: '$.decision.size'
    value: number
  }

  export interface ResponseDecisionStoreFieldEvent {
    field: '$.decision.store'
    value: Uint8Array
  }

  export interface ResponseDecisionFilterStreamsFieldEvent {
    field: '$.decision.filter.streams[]'
    index: number
    value: string
  }

  export interface ResponseDecisionFilterTypesFieldEvent {
    field: '$.decision.filter.types[]'
    index: number
    value: string
  }

  export interface ResponseDecisionFilterIssuersFieldEvent {
    field: '$.decision.filter.issuers[]'
    index: number
    value: string
  }

  export interface ResponseDecisionFilterSubjectsFieldEvent {
    field: '$.decision.filter.subjects[]'
    index: number
    value: string
  }

  export interface ResponseDecisionRetryMsFieldEvent {
    field: '$.decision.retryMs'
    value: number
  }

  export interface ResponseDecisionHashFieldEvent {
    field: '$.decision.hash'
    value: Uint8Array
  }

  export interface ResponseProgressLedgerFieldEvent {
    field: '$.progress.ledger'
    value: string
  }

  export interface ResponseProgressStoredFieldEvent {
    field: '$.progress.stored'
    value: number
  }

  export interface ResponseProgressDurableFieldEvent {
    field: '$.progress.durable'
    value: number
  }

  export interface ResponseProgressAuditedFieldEvent {
    field: '$.progress.audited'
    value: number
  }

  export interface ResponseProgressAdoptedFieldEvent {
    field: '$.progress.adopted'
    value: number
  }

  export interface ResponseProgressStallFieldEvent {
    field: '$.progress.stall'
    value: number
  }

  export interface ResponseProgressHashFieldEvent {
    field: '$.progress.hash'
    value: Uint8Array
  }

  export interface ResponseResultsLedgerFieldEvent {
    field: '$.results.ledger'
    value: string
  }

  export interface ResponseResultsRunsFromFieldEvent {
    field: '$.results.runs[].from'
    value: number
    index: number
  }

  export interface ResponseResultsRunsCountFieldEvent {
    field: '$.results.runs[].count'
    value: number
    index: number
  }

  export interface ResponseResultsRunsOutcomeFieldEvent {
    field: '$.results.runs[].outcome'
    value: number
    index: number
  }

  export interface ResponseResultsRunsReasonFieldEvent {
    field: '$.results.runs[].reason'
    value: number
    index: number
  }

  export interface ResponseResultsRunsOtherFieldEvent {
    field: '$.results.runs[].other'
    value: Uint8Array
    index: number
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

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Response>): Generator<ResponseCodeFieldEvent | ResponseDecisionLedgerFieldEvent | ResponseDecisionDecisionFieldEvent | ResponseDecisionReasonFieldEvent | ResponseDecisionModeFieldEvent | ResponseDecisionSizeFieldEvent | ResponseDecisionStoreFieldEvent | ResponseDecisionFilterStreamsFieldEvent | ResponseDecisionFilterTypesFieldEvent | ResponseDecisionFilterIssuersFieldEvent | ResponseDecisionFilterSubjectsFieldEvent | ResponseDecisionRetryMsFieldEvent | ResponseDecisionHashFieldEvent | ResponseProgressLedgerFieldEvent | ResponseProgressStoredFieldEvent | ResponseProgressDurableFieldEvent | ResponseProgressAuditedFieldEvent | ResponseProgressAdoptedFieldEvent | ResponseProgressStallFieldEvent | ResponseProgressHashFieldEvent | ResponseResultsLedgerFieldEvent | ResponseResultsRunsFromFieldEvent | ResponseResultsRunsCountFieldEvent | ResponseResultsRunsOutcomeFieldEvent | ResponseResultsRunsReasonFieldEvent | ResponseResultsRunsOtherFieldEvent | ResponseCountFieldEvent | ResponseRetryMsFieldEvent> {
    return streamMessage(buf, Response.codec(), opts)
  }
}

export interface Decision {
  ledger: string
  decision: number
  reason: number
  mode: number
  size: number
  store: Uint8Array
  filter?: Filter
  retryMs?: number
  hash: Uint8Array
}

export namespace Decision {
  let _codec: Codec<Decision>

  export const codec = (): Codec<Decision> => {
    if (_codec == null) {
      _codec = message<Decision>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.ledger != null && obj.ledger !== '')) {
          w.uint32(10)
          w.string(obj.ledger)
        }

        if ((obj.decision != null && obj.decision !== 0)) {
          w.uint32(16)
          w.uint32(obj.decision)
        }

        if ((obj.reason != null && obj.reason !== 0)) {
          w.uint32(24)
          w.uint32(obj.reason)
        }

        if ((obj.mode != null && obj.mode !== 0)) {
          w.uint32(32)
          w.uint32(obj.mode)
        }

        if ((obj.size != null && obj.size !== 0)) {
          w.uint32(40)
          w.uint64Number(obj.size)
        }

        if ((obj.store != null && obj.store.byteLength > 0)) {
          w.uint32(50)
          w.bytes(obj.store)
        }

        if (obj.filter != null) {
          w.uint32(58)
          Filter.codec().encode(obj.filter, w)
        }

        if (obj.retryMs != null) {
          w.uint32(64)
          w.uint32(obj.retryMs)
        }

        if ((obj.hash != null && obj.hash.byteLength > 0)) {
          w.uint32(74)
          w.bytes(obj.hash)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          ledger: '',
          decision: 0,
          reason: 0,
          mode: 0,
          size: 0,
          store: uint8ArrayAlloc(0),
          hash: uint8ArrayAlloc(0)
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
              obj.decision = reader.uint32()
              break
            }
            case 3: {
              obj.reason = reader.uint32()
              break
            }
            case 4: {
              obj.mode = reader.uint32()
              break
            }
            case 5: {
              obj.size = reader.uint64Number()
              break
            }
            case 6: {
              obj.store = reader.bytes()
              break
            }
            case 7: {
              obj.filter = Filter.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.filter
              })
              break
            }
            case 8: {
              obj.retryMs = reader.uint32()
              break
            }
            case 9: {
              obj.hash = reader.bytes()
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
                field: `${prefix}.decision`,
                value: reader.uint32()
              }
              break
            }
            case 3: {
              yield {
                field: `${prefix}.reason`,
                value: reader.uint32()
              }
              break
            }
            case 4: {
              yield {
                field: `${prefix}.mode`,
                value: reader.uint32()
              }
              break
            }
            case 5: {
              yield {
                field: `${prefix}.size`,
                value: reader.uint64Number()
              }
              break
            }
            case 6: {
              yield {
                field: `${prefix}.store`,
                value: reader.bytes()
              }
              break
            }
            case 7: {
              yield * Filter.codec().stream(reader, reader.uint32(), `${prefix}.filter`, {
                limits: opts.limits?.filter
              })

              break
            }
            case 8: {
              yield {
                field: `${prefix}.retryMs`,
                value: reader.uint32()
              }
              break
            }
            case 9: {
              yield {
                field: `${prefix}.hash`,
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

  export interface DecisionLedgerFieldEvent {
    field: '$.ledger'
    value: string
  }

  export interface DecisionDecisionFieldEvent {
    field: '$.decision'
    value: number
  }

  export interface DecisionReasonFieldEvent {
    field: '$.reason'
    value: number
  }

  export interface DecisionModeFieldEvent {
    field: '$.mode'
    value: number
  }

  export interface DecisionSizeFieldEvent {
    field: '$.size'
    value: number
  }

  export interface DecisionStoreFieldEvent {
    field: '$.store'
    value: Uint8Array
  }

  export interface DecisionFilterStreamsFieldEvent {
    field: '$.filter.streams[]'
    index: number
    value: string
  }

  export interface DecisionFilterTypesFieldEvent {
    field: '$.filter.types[]'
    index: number
    value: string
  }

  export interface DecisionFilterIssuersFieldEvent {
    field: '$.filter.issuers[]'
    index: number
    value: string
  }

  export interface DecisionFilterSubjectsFieldEvent {
    field: '$.filter.subjects[]'
    index: number
    value: string
  }

  export interface DecisionRetryMsFieldEvent {
    field: '$.retryMs'
    value: number
  }

  export interface DecisionHashFieldEvent {
    field: '$.hash'
    value: Uint8Array
  }

  export function encode (obj: Partial<Decision>): Uint8Array {
    return encodeMessage(obj, Decision.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Decision>): Decision {
    return decodeMessage(buf, Decision.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Decision>): Generator<DecisionLedgerFieldEvent | DecisionDecisionFieldEvent | DecisionReasonFieldEvent | DecisionModeFieldEvent | DecisionSizeFieldEvent | DecisionStoreFieldEvent | DecisionFilterStreamsFieldEvent | DecisionFilterTypesFieldEvent | DecisionFilterIssuersFieldEvent | DecisionFilterSubjectsFieldEvent | DecisionRetryMsFieldEvent | DecisionHashFieldEvent> {
    return streamMessage(buf, Decision.codec(), opts)
  }
}

export interface Progress {
  ledger: string
  stored: number
  durable: number
  audited: number
  adopted?: number
  stall: number
  hash: Uint8Array
}

export namespace Progress {
  let _codec: Codec<Progress>

  export const codec = (): Codec<Progress> => {
    if (_codec == null) {
      _codec = message<Progress>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.ledger != null && obj.ledger !== '')) {
          w.uint32(10)
          w.string(obj.ledger)
        }

        if ((obj.stored != null && obj.stored !== 0)) {
          w.uint32(16)
          w.uint64Number(obj.stored)
        }

        if ((obj.durable != null && obj.durable !== 0)) {
          w.uint32(24)
          w.uint64Number(obj.durable)
        }

        if ((obj.audited != null && obj.audited !== 0)) {
          w.uint32(32)
          w.uint64Number(obj.audited)
        }

        if (obj.adopted != null) {
          w.uint32(40)
          w.uint64Number(obj.adopted)
        }

        if ((obj.stall != null && obj.stall !== 0)) {
          w.uint32(48)
          w.uint32(obj.stall)
        }

        if ((obj.hash != null && obj.hash.byteLength > 0)) {
          w.uint32(58)
          w.bytes(obj.hash)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          ledger: '',
          stored: 0,
          durable: 0,
          audited: 0,
          stall: 0,
          hash: uint8ArrayAlloc(0)
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
              obj.stored = reader.uint64Number()
              break
            }
            case 3: {
              obj.durable = reader.uint64Number()
              break
            }
            case 4: {
              obj.audited = reader.uint64Number()
              break
            }
            case 5: {
              obj.adopted = reader.uint64Number()
              break
            }
            case 6: {
              obj.stall = reader.uint32()
              break
            }
            case 7: {
              obj.hash = reader.bytes()
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
                field: `${prefix}.stored`,
                value: reader.uint64Number()
              }
              break
            }
            case 3: {
              yield {
                field: `${prefix}.durable`,
                value: reader.uint64Number()
              }
              break
            }
            case 4: {
              yield {
                field: `${prefix}.audited`,
                value: reader.uint64Number()
              }
              break
            }
            case 5: {
              yield {
                field: `${prefix}.adopted`,
                value: reader.uint64Number()
              }
              break
            }
            case 6: {
              yield {
                field: `${prefix}.stall`,
                value: reader.uint32()
              }
              break
            }
            case 7: {
              yield {
                field: `${prefix}.hash`,
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

  export interface ProgressLedgerFieldEvent {
    field: '$.ledger'
    value: string
  }

  export interface ProgressStoredFieldEvent {
    field: '$.stored'
    value: number
  }

  export interface ProgressDurableFieldEvent {
    field: '$.durable'
    value: number
  }

  export interface ProgressAuditedFieldEvent {
    field: '$.audited'
    value: number
  }

  export interface ProgressAdoptedFieldEvent {
    field: '$.adopted'
    value: number
  }

  export interface ProgressStallFieldEvent {
    field: '$.stall'
    value: number
  }

  export interface ProgressHashFieldEvent {
    field: '$.hash'
    value: Uint8Array
  }

  export function encode (obj: Partial<Progress>): Uint8Array {
    return encodeMessage(obj, Progress.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Progress>): Progress {
    return decodeMessage(buf, Progress.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Progress>): Generator<ProgressLedgerFieldEvent | ProgressStoredFieldEvent | ProgressDurableFieldEvent | ProgressAuditedFieldEvent | ProgressAdoptedFieldEvent | ProgressStallFieldEvent | ProgressHashFieldEvent> {
    return streamMessage(buf, Progress.codec(), opts)
  }
}

export interface Results {
  ledger: string
  runs: Run[]
}

export namespace Results {
  let _codec: Codec<Results>

  export const codec = (): Codec<Results> => {
    if (_codec == null) {
      _codec = message<Results>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.ledger != null && obj.ledger !== '')) {
          w.uint32(10)
          w.string(obj.ledger)
        }

        if (obj.runs != null && obj.runs.length > 0) {
          for (const value of obj.runs) {
            w.uint32(18)
            Run.codec().encode(value, w)
          }
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          ledger: '',
          runs: []
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
              if (opts.limits?.runs != null && obj.runs.length === opts.limits.runs) {
                throw new MaxLengthError('Decode error - repeated field "runs" had too many elements')
              }

              obj.runs.push(Run.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.runs$
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
          runs: 0
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
              if (opts.limits?.runs != null && obj.runs === opts.limits.runs) {
                throw new MaxLengthError('Streaming decode error - repeated field "runs" had too many elements')
              }

              for (const evt of Run.codec().stream(reader, reader.uint32(), `${prefix}.runs[]`, {
                limits: opts.limits?.runs$
              })) {
                yield {
                  ...evt,
                  index: obj.runs
                }
              }

              obj.runs++

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

  export interface ResultsLedgerFieldEvent {
    field: '$.ledger'
    value: string
  }

  export interface ResultsRunsFromFieldEvent {
    field: '$.runs[].from'
    value: number
    index: number
  }

  export interface ResultsRunsCountFieldEvent {
    field: '$.runs[].count'
    value: number
    index: number
  }

  export interface ResultsRunsOutcomeFieldEvent {
    field: '$.runs[].outcome'
    value: number
    index: number
  }

  export interface ResultsRunsReasonFieldEvent {
    field: '$.runs[].reason'
    value: number
    index: number
  }

  export interface ResultsRunsOtherFieldEvent {
    field: '$.runs[].other'
    value: Uint8Array
    index: number
  }

  export function encode (obj: Partial<Results>): Uint8Array {
    return encodeMessage(obj, Results.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Results>): Results {
    return decodeMessage(buf, Results.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Results>): Generator<ResultsLedgerFieldEvent | ResultsRunsFromFieldEvent | ResultsRunsCountFieldEvent | ResultsRunsOutcomeFieldEvent | ResultsRunsReasonFieldEvent | ResultsRunsOtherFieldEvent> {
    return streamMessage(buf, Results.codec(), opts)
  }
}

export interface Run {
  from: number
  count: number
  outcome: number
  reason: number
  other?: Uint8Array
}

export namespace Run {
  let _codec: Codec<Run>

  export const codec = (): Codec<Run> => {
    if (_codec == null) {
      _codec = message<Run>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.from != null && obj.from !== 0)) {
          w.uint32(8)
          w.uint64Number(obj.from)
        }

        if ((obj.count != null && obj.count !== 0)) {
          w.uint32(16)
          w.uint32(obj.count)
        }

        if ((obj.outcome != null && obj.outcome !== 0)) {
          w.uint32(24)
          w.uint32(obj.outcome)
        }

        if ((obj.reason != null && obj.reason !== 0)) {
          w.uint32(32)
          w.uint32(obj.reason)
        }

        if (obj.other != null) {
          w.uint32(42)
          w.bytes(obj.other)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          from: 0,
          count: 0,
          outcome: 0,
          reason: 0
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.from = reader.uint64Number()
              break
            }
            case 2: {
              obj.count = reader.uint32()
              break
            }
            case 3: {
              obj.outcome = reader.uint32()
              break
            }
            case 4: {
              obj.reason = reader.uint32()
              break
            }
            case 5: {
              obj.other = reader.bytes()
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
                field: `${prefix}.from`,
                value: reader.uint64Number()
              }
              break
            }
            case 2: {
              yield {
                field: `${prefix}.count`,
                value: reader.uint32()
              }
              break
            }
            case 3: {
              yield {
                field: `${prefix}.outcome`,
                value: reader.uint32()
              }
              break
            }
            case 4: {
              yield {
                field: `${prefix}.reason`,
                value: reader.uint32()
              }
              break
            }
            case 5: {
              yield {
                field: `${prefix}.other`,
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

  export interface RunFromFieldEvent {
    field: '$.from'
    value: number
  }

  export interface RunCountFieldEvent {
    field: '$.count'
    value: number
  }

  export interface RunOutcomeFieldEvent {
    field: '$.outcome'
    value: number
  }

  export interface RunReasonFieldEvent {
    field: '$.reason'
    value: number
  }

  export interface RunOtherFieldEvent {
    field: '$.other'
    value: Uint8Array
  }

  export function encode (obj: Partial<Run>): Uint8Array {
    return encodeMessage(obj, Run.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Run>): Run {
    return decodeMessage(buf, Run.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Run>): Generator<RunFromFieldEvent | RunCountFieldEvent | RunOutcomeFieldEvent | RunReasonFieldEvent | RunOtherFieldEvent> {
    return streamMessage(buf, Run.codec(), opts)
  }
}
