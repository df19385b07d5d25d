/** The request frame, checked alike when it is made and when it is read. */
import { decodeCanonical } from '../canonical.js'
import { WireError } from '../codes.js'
import { checkLedger, invalid, toKeyEntry } from '../fields.js'
import { allLists, checkFilter, FILTER_LIMITS } from '../filter.js'
import { MAX_OFFERS, MAX_REQUEST_BYTES, TOKEN_BYTES } from './limits.js'
import { Request as Message } from './push.pb.js'
import type { Offer, OfferMode, PushRequest } from './contract.js'

const MODE: Record<OfferMode, number> = { mirror: 1, adopt: 2, either: 3 }

/** Throws INVALID for what the protocol cannot carry. */
export function encodeRequest(request: PushRequest): Uint8Array {
  try {
    const { offers, token } = checkRequest(request)
    const frame = Message.encode({
      offers: offers.map(({ ledger, header, signature, mode, filter }) => ({
        ledger,
        header,
        signature,
        mode: MODE[mode],
        ...(filter !== undefined && { filter: allLists(filter) })
      })),
      ...(token !== undefined && { token })
    })
    if (frame.byteLength > MAX_REQUEST_BYTES) throw new WireError('TOO_LARGE', `a request of ${frame.byteLength} bytes`)
    return frame
  } catch (error) {
    throw error instanceof WireError ? new WireError('INVALID', error.message, { cause: error }) : error
  }
}

/** Throws INVALID_FRAME or TOO_LARGE. */
export function decodeRequest(bytes: Uint8Array): PushRequest {
  const { offers, token } = decodeCanonical(Message, bytes, { offers: MAX_OFFERS, offers$: { filter: FILTER_LIMITS } })
  return checkRequest({
    offers: offers.map(({ ledger, header, signature, mode, filter }): Offer => ({
      ledger,
      header,
      signature,
      mode: (Object.keys(MODE) as OfferMode[]).find((name) => MODE[name] === mode) ?? invalid('a mode is 1, 2 or 3'),
      ...(filter !== undefined && { filter })
    })),
    ...(token !== undefined && { token })
  })
}

// SPEC push §4: "A request has 1 to 64 offers, each of another ledger."
function checkRequest({ offers, token }: PushRequest): PushRequest {
  if (offers.length > MAX_OFFERS) throw new WireError('TOO_LARGE', `more than ${MAX_OFFERS} offers`)
  if (offers.length === 0) invalid('no offers')
  if (new Set(offers.map(({ ledger }) => ledger)).size < offers.length) invalid('two offers of one ledger')
  for (const { ledger, header, signature, filter } of offers) {
    checkLedger(ledger)
    toKeyEntry({ header, signature })
    if (filter !== undefined) checkFilter(filter)
  }
  if (token !== undefined && token.byteLength !== TOKEN_BYTES) invalid(`a token has ${TOKEN_BYTES} bytes`)
  return { offers, ...(token !== undefined && { token }) }
}
