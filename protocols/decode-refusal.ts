import { refusalOf, WireError, type WireErrorDetails } from './codes.js'
import { checkNumber, invalid } from './fields.js'
import { MAX_RETRY_MS } from './limits.js'

/** The refusal that a frame with a code is, when it has `fields` other members. Throws INVALID_FRAME or TOO_LARGE. */
export function decodeRefusal(
  code: number,
  fields: number,
  earliest?: number,
  size?: number,
  retryMs?: number
): WireError {
  const name = refusalOf(code) ?? invalid('a code and fields that do not go together')
  const details: WireErrorDetails = {}
  let allowed = 0
  if (name === 'UNAVAILABLE' && earliest !== undefined && size !== undefined) {
    details.available = { earliest: checkNumber(earliest, 'earliest'), size: checkNumber(size, 'size') }
    allowed = 2
  }
  if (name === 'BUSY') {
    details.retryMs = checkNumber(retryMs ?? invalid('BUSY without a pause'), 'retry', MAX_RETRY_MS)
    allowed = 1
  }
  if (fields !== allowed) invalid('a code and fields that do not go together')
  return new WireError(name, `the peer answers ${name}`, details)
}
