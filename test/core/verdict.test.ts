/**
 * I5, written out: every error wherever it can come up. Not computed: whoever changes a rule changes a line here, and
 * says why.
 */
import { expect, test } from 'vitest'
import { isViolation, WireError, type WireErrorCode } from '../../protocols/wire.js'
import { ERRORS, type ErrorCode } from '../../src/core/errors.js'
import { verdictOf, type Place, type Verdict } from '../../src/core/verdict.js'
import { failureOf, judged, WIRE_CODES } from '../../src/node/sessions/peer-fault.js'

const PLACES: Place[] = ['gossip', 'told', 'checkpoint', 'asked', 'keys', 'store']

const TABLE = `
                        gossip  told    checkpoint  asked   keys    store
MALFORMED               reject  drop    drop        drop    drop    drop
NOT_CANONICAL           reject  drop    drop        drop    drop    drop
TOO_LARGE               reject  drop    drop        drop    drop    drop
WRONG_LEDGER            reject  drop    drop        drop    drop    drop
BAD_KEY                 reject  drop    drop        drop    drop    drop
PAYLOAD_MISMATCH        reject  drop    drop        drop    drop    drop
BAD_EVIDENCE            reject  drop    drop        drop    drop    drop
BAD_RECORD              reject  drop    drop        drop    drop    drop
BAD_SIGNATURE           reject  drop    ignore      drop    ignore  drop
BROKEN_LINK             reject  drop    drop        drop    drop    ignore
KEY_NOT_IN_FORCE        reject  drop    drop        drop    drop    ignore
WRONG_NETWORK           reject  drop    drop        ignore  ignore  ignore
UPGRADE_NEEDED          ignore  ignore  ignore      ignore  ignore  ignore
FROZEN                  ignore  ignore  ignore      ignore  ignore  ignore
TOO_MANY_KEYS           ignore  ignore  ignore      ignore  ignore  ignore
QUOTA                   ignore  ignore  ignore      ignore  ignore  ignore
OVERLOADED              busy    busy    busy        busy    busy    ours
CLOSED                  busy    busy    busy        busy    busy    ours
TIMEOUT                 ignore  ignore  ignore      ignore  ignore  ours
UNREACHABLE             ignore  ignore  ignore      ignore  ignore  ours
OFFLINE                 ignore  ignore  ignore      ignore  ignore  ours
REFUSED                 ignore  ignore  ignore      ignore  ignore  ours
NOT_FOUND               ignore  ignore  ignore      ignore  ignore  ours
PARSE_ERROR             ours    ours    ours        ours    ours    ours
INVALID_REQUEST         ours    ours    ours        ours    ours    ours
METHOD_NOT_FOUND        ours    ours    ours        ours    ours    ours
INVALID_PARAMS          ours    ours    ours        ours    ours    ours
INTERNAL                ours    ours    ours        ours    ours    ours
BAD_PROOF               reject  drop    drop        drop    drop    drop
ID_TAKEN                ours    ours    ours        ours    ours    ours
RESERVED_TYPE           ours    ours    ours        ours    ours    ours
REFERENCE_UNRESOLVED    ours    ours    ours        ours    ours    ours
REFERENCE_CONTRADICTED  ours    ours    ours        ours    ours    ours
REFERENCE_PRIVATE       ours    ours    ours        ours    ours    ours
RESERVED_ID             ours    ours    ours        ours    ours    ours
READ_ONLY               ours    ours    ours        ours    ours    ours
RESTORING               ours    ours    ours        ours    ours    ours
CONFIRMING              ours    ours    ours        ours    ours    ours
TWIN                    ours    ours    ours        ours    ours    ours
STORE_FAILED            ours    ours    ours        ours    ours    ours
STORE_TOO_NEW           ours    ours    ours        ours    ours    ours
STORE_DAMAGED           ours    ours    ours        ours    ours    ours
ALREADY_RUNNING         ours    ours    ours        ours    ours    ours
CURSOR_INVALID          ours    ours    ours        ours    ours    ours
NOT_YET                 ours    ours    ours        ours    ours    ours
INCOMPLETE              ours    ours    ours        ours    ours    ours
AMBIGUOUS               ours    ours    ours        ours    ours    ours
NO_SUCH_NAME            ours    ours    ours        ours    ours    ours
SHORT_FORM              ours    ours    ours        ours    ours    ours
NOT_FOLLOWED            ours    ours    ours        ours    ours    ours
NO_ROTATION             ours    ours    ours        ours    ours    ours
NOT_FROZEN              ours    ours    ours        ours    ours    ours
UNTRUSTED               ours    ours    ours        ours    ours    ours
NO_SUCH_REMOTE          ours    ours    ours        ours    ours    ours
NOT_A_READER            ours    ours    ours        ours    ours    ours
PRIVATE_INTO_PUBLIC     ours    ours    ours        ours    ours    ours
READERS_WIDER           ours    ours    ours        ours    ours    ours
COPIES_REMAIN           ours    ours    ours        ours    ours    ours
BAD_ADDRESS             ours    ours    ours        ours    ours    ours
LISTEN_FAILED           ours    ours    ours        ours    ours    ours
PSK_DIFFERS             ours    ours    ours        ours    ours    ours
BAD_CONFIG              ours    ours    ours        ours    ours    ours
BAD_FILE                ours    ours    ours        ours    ours    ours
NODE_UNREACHABLE        ours    ours    ours        ours    ours    ours
NO_LEDGER               ours    ours    ours        ours    ours    ours
INTERRUPTED             ours    ours    ours        ours    ours    ours
NO_ANSWER               ours    ours    ours        ours    ours    ours
NOT_PERMITTED           ours    ours    ours        ours    ours    ours
LEDGER_DIFFERS          ours    ours    ours        ours    ours    ours
READING_ONLY            ours    ours    ours        ours    ours    ours
NO_CONFLICT             ours    ours    ours        ours    ours    ours
STALE                   ours    ours    ours        ours    ours    ours
MERGE_FAILED            ours    ours    ours        ours    ours    ours
FEED_RESET              ours    ours    ours        ours    ours    ours
`

const [places, ...rows] = TABLE.trim()
  .split('\n')
  .map((line) => line.trim().split(/\s+/))

test('the table has every place and every error of the error table', () => {
  expect(places).toEqual(PLACES)
  expect(new Set(rows.map(([code]) => code))).toEqual(new Set(Object.keys(ERRORS)))
  expect(rows).toHaveLength(Object.keys(ERRORS).length)
})

test.each(rows.map(([code, ...verdicts]): [ErrorCode, Verdict[]] => [code as ErrorCode, verdicts as Verdict[]]))(
  '%s',
  (code, verdicts) => {
    expect(PLACES.map((place) => verdictOf(code, place))).toEqual(verdicts)
  }
)

/** src/network may not import the table: what it drops a peer for is what the table says of the same frame. */
test.each(Object.keys(WIRE_CODES) as WireErrorCode[])(
  'a stream that ends with %s: src/network and the table say the same',
  (code) => {
    const error = new WireError(code, 'of the wire')
    expect(judged(error, 'asked').verdict === 'drop').toBe(isViolation(error))
    expect(failureOf(error).fault === 'peer').toBe(isViolation(error))
  }
)

test("a bug of ours is nobody's fault, and is not hidden", () => {
  for (const place of PLACES)
    expect(judged(new TypeError('a bug'), place)).toEqual({ verdict: 'ours', code: 'INTERNAL' })
})
