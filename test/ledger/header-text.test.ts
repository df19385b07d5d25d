import fc from 'fast-check'
import { expect, test } from 'vitest'
import { canonicalize, parseText, type JsonObject } from '../../src/core/canonical.js'
import { decodeHeader, encodeHeaderText, type Header } from '../../src/core/header.js'
import { ledgerIdOf } from '../../src/core/ledger-id.js'
import { REFERENCE_TYPES } from '../../src/core/reference.js'
import { readInput } from '../../src/ledger/append/append-input.js'
import { headerText } from '../../src/ledger/append/header-text.js'
import { asGiven } from '../../src/ledger/append/targets.js'

const HASH = 'ab'.repeat(32)
const LEDGER = ledgerIdOf(HASH)
const name = fc.oneof(
  fc.stringMatching(/^[ -~]{1,20}$/),
  fc.constantFrom('ä', '"', '\\', '","key":"', '😀', '\u2028', '__proto__', 'crossLedgerRefs', '10', '9')
)
const value = fc.letrec((tie) => ({
  any: fc.oneof({ depthSize: 'small', maxDepth: 4 }, tie('scalar'), tie('list'), tie('object')),
  scalar: fc.oneof(name, fc.maxSafeInteger(), fc.boolean(), fc.constantFrom(null, -0, 0)),
  list: fc.array(tie('any'), { maxLength: 3 }),
  object: fc.dictionary(name, tie('any'), { maxKeys: 4 })
}))
const meta = fc
  .dictionary(name, value.any, { maxKeys: 5 })
  .filter((members) => !('crossLedgerRefs' in members) && !('sync' in members))
const reference = fc.record({
  ledgerId: fc.constant(LEDGER),
  entryId: name,
  referenceType: fc.constantFrom(...REFERENCE_TYPES),
  entryHash: fc.constantFrom(HASH, null)
})

test('the text of a header is its canonical form, and reads as that header again', () => {
  fc.assert(
    fc.property(
      fc.record({
        id: name,
        stream: name,
        type: name,
        issuer_oid: fc.option(name),
        subject_oid: fc.option(name),
        meta: fc.oneof(fc.constant({}), meta),
        references: fc.array(reference, { maxLength: 3 }),
        timestamp: fc.nat()
      }),
      fc.option(fc.constant(HASH)),
      (given, hash) => {
        const input = readInput(given as never, 'node')
        const own = parseText(input.meta) as JsonObject
        const header: Header = {
          ...(input as unknown as Header),
          v: 1,
          ledger: LEDGER,
          seq: 7,
          prev_hash: HASH,
          key: HASH,
          meta: input.references.length === 0 ? own : { ...own, crossLedgerRefs: input.references.map(asGiven) },
          payload_hash: hash,
          payload_size: hash === null ? 0 : 9
        }
        delete (header as Record<string, unknown>).payload
        delete (header as Record<string, unknown>).references
        const text = headerText(header, input)
        expect(text).toBe(canonicalize(header))
        expect(decodeHeader(encodeHeaderText(header, text))).toEqual(header)
      }
    )
  )
})
