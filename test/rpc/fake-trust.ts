import type { Node } from '../../src/node/api/node.js'
import * as example from '../../src/rpc/methods/examples.js'
import { fakeEntry } from './fake-entry.js'

export function fakeTrust(): Node['trust'] {
  return {
    attest: async () => fakeEntry({ stream: 'trust', type: 'trust.attestation' }),
    revoke: async () => fakeEntry({ stream: 'trust', type: 'trust.revocation' }),
    accept: async () => fakeEntry({ stream: 'trust', type: 'trust.acceptance' }),
    verify: async () => fakeEntry({ stream: 'trust', type: 'trust.verification' }),
    level: async ({ to }) => ({ from: example.LEDGER, to, level_milli: 0, kind: null }),
    explain: async ({ to }) => ({
      from: example.LEDGER,
      fromName: 'acme',
      to,
      toName: null,
      level_milli: 0,
      kind: null,
      valid: false,
      direct: false,
      path: [],
      ledgers: [],
      evidence: [],
      validUntil: null,
      reason: { code: 'NO_PATH', explanation: 'No path.' }
    }),
    list: async () => [],
    find: async () => []
  }
}
