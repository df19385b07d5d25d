import { sha256Text } from '../../src/core/hash.js'
import type { LedgerEntry } from '../../src/core/view.js'
import type { AppendInput } from '../../src/node/api/node.js'
import * as example from '../../src/rpc/methods/examples.js'

export function fakeEntry(input: AppendInput, seq = 0): LedgerEntry {
  const id = input.id ?? `entry-${seq}`
  return {
    id,
    ledger: example.LEDGER,
    seq,
    stream: input.stream,
    type: input.type,
    issuer_oid: input.issuer_oid ?? null,
    subject_oid: input.subject_oid ?? null,
    timestamp: input.timestamp ?? example.TIME,
    payload: input.payload ?? null,
    payload_state: 'present',
    meta: input.meta ?? {},
    prev_hash: null,
    hash: sha256Text(id),
    signature: example.SIGNATURE,
    adopted: null,
    checked: true,
    raw: { header: '{}', payload: null, signature: example.SIGNATURE }
  }
}
