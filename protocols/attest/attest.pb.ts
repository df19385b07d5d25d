// @ts-nocheck
import { decodeMessage, encodeMessage, MaxLengthError, message, streamMessage } from 'protons-runtime'
import { alloc as uint8ArrayAlloc } from 'uint8arrays/alloc'
import type { Codec, DecodeOptions } from 'protons-runtime'
import type { Uint8ArrayList } from 'uint8arraylist'

export interface Request {
  about?: LedgerRequest
  by?: LedgerRequest
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

        if (obj.by != null) {
          obj.about = undefined
        }

        if (obj.about != null) {
          obj.by = undefined
        }

        if (obj.about != null) {
          w.uint32(10)
          LedgerRequest.codec().encode(obj.about, w)
        }

        if (obj.by != null) {
          w.uint32(18)
          LedgerRequest.codec().encode(obj.by, w)
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
              obj.about = LedgerRequest.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.about
              })
              break
            }
            case 2: {
              obj.by = LedgerRequest.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.by
              })
              break
            }
            default: {
              reader.skipType(tag & 7)
              break
            }
          }
        }

        if (obj.by != null) {
          delete obj.about
        }

        if (obj.about != null) {
          delete obj.by
        }

        return obj
      }, function * (reader, length, prefix, opts = {}) {
        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              yield * LedgerRequest.codec().stream(reader, reader.uint32(), `${prefix}.about`, {
                limits: opts.limits?.about
              })

              break
            }
            case 2: {
              yield * LedgerRequest.codec().stream(reader, reader.uint32(), `${prefix}.by`, {
                limits: opts.limits?.by
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

  export interface RequestAboutLedgerFieldEvent {
    field: '$.about.ledger'
    value: string
  }

  export interface RequestByLedgerFieldEvent {
    field: '$.by.ledger'
    value: string
  }

  export function encode (obj: Partial<Request>): Uint8Array {
    return encodeMessage(obj, Request.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Request>): Request {
    return decodeMessage(buf, Request.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Request>): Generator<RequestAboutLedgerFieldEvent | RequestByLedgerFieldEvent> {
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

export interface Response {
  code: number
  items?: Items
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

        if (obj.items != null) {
          w.uint32(18)
          Items.codec().encode(obj.items, w)
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
              obj.items = Items.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.items
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
              yield * Items.codec().stream(reader, reader.uint32(), `${prefix}.items`, {
                limits: opts.limits?.items
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

  export interface ResponseItemsItemsAttestationHeaderFieldEvent {
    field: '$.items.items[].attestation.header'
    value: Uint8Array
    index: number
  }

  export interface ResponseItemsItemsAttestationSignatureFieldEvent {
    field: '$.items.items[].attestation.signature'
    value: Uint8Array
    index: number
  }

  export interface ResponseItemsItemsAcceptanceHeaderFieldEvent {
    field: '$.items.items[].acceptance.header'
    value: Uint8Array
    index: number
  }

  export interface ResponseItemsItemsAcceptanceSignatureFieldEvent {
    field: '$.items.items[].acceptance.signature'
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

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Response>): Generator<ResponseCodeFieldEvent | ResponseItemsItemsAttestationHeaderFieldEvent | ResponseItemsItemsAttestationSignatureFieldEvent | ResponseItemsItemsAcceptanceHeaderFieldEvent | ResponseItemsItemsAcceptanceSignatureFieldEvent | ResponseCountFieldEvent | ResponseRetryMsFieldEvent> {
    return streamMessage(buf, Response.codec(), opts)
  }
}

export interface Items {
  items: Item[]
}

export namespace Items {
  let _codec: Codec<Items>

  export const codec = (): Codec<Items> => {
    if (_codec == null) {
      _codec = message<Items>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if (obj.items != null && obj.items.length > 0) {
          for (const value of obj.items) {
            w.uint32(10)
            Item.codec().encode(value, w)
          }
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          items: []
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              if (opts.limits?.items != null && obj.items.length === opts.limits.items) {
                throw new MaxLengthError('Decode error - repeated field "items" had too many elements')
              }

              obj.items.push(Item.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.items$
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
          items: 0
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
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

  export interface ItemsItemsAttestationHeaderFieldEvent {
    field: '$.items[].attestation.header'
    value: Uint8Array
    index: number
  }

  export interface ItemsItemsAttestationSignatureFieldEvent {
    field: '$.items[].attestation.signature'
    value: Uint8Array
    index: number
  }

  export interface ItemsItemsAcceptanceHeaderFieldEvent {
    field: '$.items[].acceptance.header'
    value: Uint8Array
    index: number
  }

  export interface ItemsItemsAcceptanceSignatureFieldEvent {
    field: '$.items[].acceptance.signature'
    value: Uint8Array
    index: number
  }

  export function encode (obj: Partial<Items>): Uint8Array {
    return encodeMessage(obj, Items.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Items>): Items {
    return decodeMessage(buf, Items.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Items>): Generator<ItemsItemsAttestationHeaderFieldEvent | ItemsItemsAttestationSignatureFieldEvent | ItemsItemsAcceptanceHeaderFieldEvent | ItemsItemsAcceptanceSignatureFieldEvent> {
    return streamMessage(buf, Items.codec(), opts)
  }
}

export interface Item {
  attestation?: SignedHeader
  acceptance?: SignedHeader
}

export namespace Item {
  let _codec: Codec<Item>

  export const codec = (): Codec<Item> => {
    if (_codec == null) {
      _codec = message<Item>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if (obj.attestation != null) {
          w.uint32(10)
          SignedHeader.codec().encode(obj.attestation, w)
        }

        if (obj.acceptance != null) {
          w.uint32(18)
          SignedHeader.codec().encode(obj.acceptance, w)
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
              obj.attestation = SignedHeader.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.attestation
              })
              break
            }
            case 2: {
              obj.acceptance = SignedHeader.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.acceptance
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
              yield * SignedHeader.codec().stream(reader, reader.uint32(), `${prefix}.attestation`, {
                limits: opts.limits?.attestation
              })

              break
            }
            case 2: {
              yield * SignedHeader.codec().stream(reader, reader.uint32(), `${prefix}.acceptance`, {
                limits: opts.limits?.acceptance
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

  export interface ItemAttestationHeaderFieldEvent {
    field: '$.attestation.header'
    value: Uint8Array
  }

  export interface ItemAttestationSignatureFieldEvent {
    field: '$.attestation.signature'
    value: Uint8Array
  }

  export interface ItemAcceptanceHeaderFieldEvent {
    field: '$.acceptance.header'
    value: Uint8Array
  }

  export interface ItemAcceptanceSignatureFieldEvent {
    field: '$.acceptance.signature'
    value: Uint8Array
  }

  export function encode (obj: Partial<Item>): Uint8Array {
    return encodeMessage(obj, Item.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Item>): Item {
    return decodeMessage(buf, Item.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Item>): Generator<ItemAttestationHeaderFieldEvent | ItemAttestationSignatureFieldEvent | ItemAcceptanceHeaderFieldEvent | ItemAcceptanceSignatureFieldEvent> {
    return streamMessage(buf, Item.codec(), opts)
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
