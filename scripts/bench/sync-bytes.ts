/** Bytes of what is sent and stored for sync: they follow from the formats, and are the same on every machine. */
import { encodeRequest } from '../../protocols/push/request.js'
import type { Offer } from '../../protocols/push/index.js'
import { ledgerIdOf } from '../../src/core/ledger-id.js'
import { encodeFlow } from '../../src/node/push/flow-book.js'
import { exceptionOps, type FlowPlace } from '../../src/store/exception-rows.js'
import { flowKey } from '../../src/store/keys.js'
import { summary } from './measure.js'
import type { Row } from './row.js'

const SIGNATURE_BYTES = 64
const HEADER_BYTES = 600
const NOW = 1_700_000_000_000
const LEDGER = ledgerIdOf('ab'.repeat(32))
const OTHER = ledgerIdOf('cd'.repeat(32))
const PLACE: FlowPlace = { ledgerNumber: 7, direction: 'outbound', remote: 3 }

export function syncBytes(): Row[] {
  const row = (what: string, bytes: number, limit: number): Row => ({
    what,
    figure: summary([bytes]),
    unit: 'B',
    limit: { what: `${limit} bytes`, value: limit },
    goal: { atMost: 1 }
  })
  return [
    // SYNC's 64 B leave no room for an id and a signature, which every offer has.
    row('an offer, beside its header, signature and id', offerBytes(), 64),
    row('a confirmed flow in the store', flowBytes(), 200),
    row('an exception in the store, with its indexes', exceptionBytes(), 100)
  ]
}

/** One more offer in a request. */
function offerBytes(): number {
  const offerOf = (ledger: string): Offer => ({
    ledger,
    header: new Uint8Array(HEADER_BYTES),
    signature: new Uint8Array(SIGNATURE_BYTES),
    mode: 'either'
  })
  const one = encodeRequest({ offers: [offerOf(LEDGER)] }).length
  const two = encodeRequest({ offers: [offerOf(LEDGER), offerOf(OTHER)] }).length
  return two - one - HEADER_BYTES - SIGNATURE_BYTES - LEDGER.length
}

function flowBytes(): number {
  const value = encodeFlow({
    ledger: LEDGER,
    remote: OTHER,
    durable: 1_000_000,
    store: 'ab'.repeat(16),
    code: null,
    attempts: 0,
    last: NOW,
    next: null
  })
  return flowKey(PLACE.ledgerNumber, 'out', OTHER).length + value.length
}

function exceptionBytes(): number {
  return exceptionOps(PLACE, 1_000_000, null, {
    status: 'failed',
    code: 17,
    attempts: 3,
    last: NOW,
    next: NOW,
    created: NOW,
    updated: NOW,
    check: 'ab'.repeat(8)
  }).reduce((sum, op) => sum + op.key.length + (op.type === 'put' ? op.value.length : 0), 0)
}
