import { z } from 'zod'
import { MAX_DEPTH, MAX_LEVEL_MILLI } from '../../trust/limits.js'
import { TRUST_KINDS } from '../../trust/attestation.js'
import { method, optional, required } from '../method.js'
import * as example from './examples.js'
import {
  entry,
  evidenceState,
  futureTime,
  hash,
  hashHandle,
  integer,
  ledgerHandle,
  ledgerId,
  level,
  timestamp
} from './shapes.js'

const milli = z.int().min(0).max(MAX_LEVEL_MILLI)
const kind = z.enum(TRUST_KINDS)
const depth = z.int().min(0).max(MAX_DEPTH)
const attested = {
  hash,
  seq: integer,
  level_milli: milli,
  kind,
  depth,
  expires: integer.nullable(),
  accepted: z.boolean(),
  verifiedBy: z.array(ledgerId)
}

const attestation = z.object({
  issuer: ledgerId,
  subject: ledgerId,
  timestamp: integer,
  usable: z.boolean(),
  expired: z.boolean(),
  ...attested
})
const { hash: attestationHash, ...step } = attested
const explanation = z.object({
  from: ledgerId,
  fromName: z.string().nullable(),
  to: ledgerId,
  toName: z.string().nullable(),
  valid: z.boolean(),
  level_milli: milli,
  kind: kind.nullable(),
  direct: z.boolean(),
  path: z.array(z.object({ from: ledgerId, to: ledgerId, attestation: attestationHash, ...step })),
  ledgers: z.array(z.object({ ledger: ledgerId, name: z.string().nullable(), size: integer, age: integer })),
  evidence: z.array(z.object({ ledger: ledgerId, name: z.string().nullable(), state: evidenceState })),
  validUntil: integer.nullable(),
  reason: z.object({ code: z.string(), explanation: z.string() }).nullable()
})

const hint = z.object({
  issuer: ledgerId,
  subject: ledgerId,
  hash,
  level_milli: milli,
  kind,
  depth,
  expires: integer.nullable(),
  accepted: z.boolean(),
  counts: z.boolean(),
  peers: z.array(z.string())
})

const ASKED = [
  required('to', ledgerHandle, 'The ledger that is trusted, or not.'),
  optional('from', ledgerHandle, 'Who trusts it. Default: the own ledger.'),
  optional('at', timestamp, 'At what time: a date, or ms since 1970. Default: now.')
] as const
const byHash = required('attestation', hashHandle, 'The entry hash of the attestation.')
const APPEND_ERRORS = ['INVALID_PARAMS', 'RESTORING', 'READ_ONLY', 'FROZEN', 'STORE_FAILED', 'CLOSED'] as const

const STEP = {
  from: example.LEDGER,
  to: example.OTHER_LEDGER,
  attestation: example.HASH,
  seq: 1,
  level_milli: 800,
  kind: 'partial',
  depth: 0,
  expires: null,
  accepted: true,
  verifiedBy: []
}
const EXPLANATION = {
  from: example.LEDGER,
  fromName: 'acme',
  to: example.OTHER_LEDGER,
  toName: 'other',
  valid: true,
  level_milli: 800,
  kind: 'partial',
  direct: true,
  path: [STEP],
  ledgers: [{ ledger: example.LEDGER, name: 'acme', size: 2, age: 0 }],
  evidence: [],
  validUntil: null,
  reason: null
}
const ATTESTATION = {
  issuer: example.LEDGER,
  subject: example.OTHER_LEDGER,
  hash: example.HASH,
  seq: 1,
  timestamp: example.TIME,
  level_milli: 800,
  kind: 'partial',
  depth: 0,
  expires: null,
  accepted: true,
  verifiedBy: [],
  usable: true,
  expired: false
}
const ENTRY = {
  ...example.ENTRY,
  stream: 'trust',
  type: 'trust.attestation',
  payload: null,
  meta: { subject: example.OTHER_LEDGER, level_milli: 800, kind: 'partial', depth: 0, expires: null }
}

export const trustMethods = {
  'trust.attest': method({
    access: 'operate',
    binds: true,
    summary: 'Records in the own ledger how far another ledger is trusted; replaces an earlier attestation.',
    params: [
      required('ledger', ledgerHandle, 'The ledger that is attested.'),
      required('levelMilli', level, '0 (not at all) to 1.0 (fully), or 0 to 1000 thousandths.'),
      optional(
        'kind',
        kind,
        'full (sync, query, may vouch for others), partial (sync and query), query-only or sync-only. Default partial.'
      ),
      optional('depth', depth, 'With full: how many more hops a path may have behind it, 0–3. Default 1.'),
      optional(
        'expires',
        futureTime,
        'When it ends: a date, ms since 1970, or 90d (from now). Default: when it is revoked.'
      )
    ],
    result: z.object({ entry }),
    errors: APPEND_ERRORS,
    example: { params: { ledger: example.OTHER_LEDGER, levelMilli: 800 }, result: { entry: ENTRY } }
  }),
  'trust.revoke': method({
    access: 'operate',
    binds: true,
    summary: 'Ends an own attestation, by its hash or by the ledger that it is about.',
    params: [
      optional('attestation', hashHandle, 'The entry hash of the attestation.'),
      optional('ledger', ledgerHandle, 'The ledger that it is about.')
    ],
    result: z.object({ entry }),
    errors: ['NOT_FOUND', ...APPEND_ERRORS],
    example: {
      params: { ledger: example.OTHER_LEDGER },
      result: { entry: { ...ENTRY, type: 'trust.revocation', meta: { attestation: example.HASH } } }
    }
  }),
  'trust.accept': method({
    access: 'operate',
    binds: true,
    summary: 'Records in the own ledger that it accepts an attestation about itself: others may then pass it on.',
    params: [byHash],
    result: z.object({ entry }),
    errors: ['NOT_FOUND', ...APPEND_ERRORS],
    example: {
      params: { attestation: example.HASH },
      result: {
        entry: { ...ENTRY, type: 'trust.acceptance', meta: { ledger: example.OTHER_LEDGER, attestation: example.HASH } }
      }
    }
  }),
  'trust.verify': method({
    access: 'operate',
    binds: true,
    summary: 'Records, as a third ledger, that an attestation was verified.',
    params: [byHash, optional('confirmed', z.boolean(), 'Is it right? Default true.')],
    result: z.object({ entry }),
    errors: ['NOT_FOUND', ...APPEND_ERRORS],
    example: {
      params: { attestation: example.HASH },
      result: {
        entry: {
          ...ENTRY,
          type: 'trust.verification',
          meta: { ledger: example.OTHER_LEDGER, attestation: example.HASH, confirmed: true }
        }
      }
    }
  }),
  'trust.level': method({
    access: 'private',
    summary: 'How far one ledger trusts another, in thousandths. `trust.explain` says why.',
    params: ASKED,
    result: z.object({ from: ledgerId, to: ledgerId, level_milli: milli, kind: kind.nullable() }),
    errors: ['CLOSED'],
    example: {
      params: { to: example.OTHER_LEDGER },
      result: { from: example.LEDGER, to: example.OTHER_LEDGER, level_milli: 800, kind: 'partial' }
    }
  }),
  'trust.verifyChain': method({
    access: 'private',
    summary: 'Is there a chain of attestations from one ledger to another? `valid`, and the best chain.',
    params: ASKED,
    result: explanation,
    errors: ['CLOSED'],
    example: { params: { to: example.OTHER_LEDGER }, result: EXPLANATION }
  }),
  'trust.explain': method({
    access: 'private',
    summary: 'Why a ledger is trusted so far: path, entries, size and age of each ledger used, and how long it holds.',
    params: ASKED,
    result: explanation,
    errors: ['CLOSED'],
    example: { params: { to: example.OTHER_LEDGER }, result: EXPLANATION }
  }),
  'trust.find': method({
    access: 'ask-network',
    summary:
      'Asks connected peers for attestations about a ledger or by it. These are hints: they count once the issuer is followed (headers are enough).',
    params: [
      optional('about', ledgerHandle, 'Attestations about this ledger.'),
      optional('by', ledgerHandle, 'Attestations by this ledger.')
    ],
    result: z.object({ attestations: z.array(hint) }),
    errors: ['INVALID_PARAMS', 'OFFLINE', 'CLOSED'],
    example: {
      params: { about: example.OTHER_LEDGER },
      result: {
        attestations: [
          {
            issuer: example.LEDGER,
            subject: example.OTHER_LEDGER,
            hash: example.HASH,
            level_milli: 800,
            kind: 'partial',
            depth: 0,
            expires: null,
            accepted: true,
            counts: false,
            peers: [example.PEER]
          }
        ]
      }
    }
  }),
  'trust.list': method({
    access: 'private',
    summary: 'The attestations in the ledgers held here that are not revoked or replaced.',
    params: [
      optional('issuer', ledgerHandle, 'By this ledger.'),
      optional('subject', ledgerHandle, 'About this ledger.'),
      optional('limit', z.int().min(1).max(1000), 'Default 1000.')
    ],
    result: z.object({ attestations: z.array(attestation) }),
    errors: ['CLOSED'],
    example: { params: { subject: example.OTHER_LEDGER }, result: { attestations: [ATTESTATION] } }
  })
} as const
