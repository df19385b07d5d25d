import { z } from 'zod'
import { method, optional } from '../method.js'
import * as example from './examples.js'
import { evidenceState, hash, integer, ledgerHandle, ledgerId } from './shapes.js'

export const evidenceMethods = {
  'evidence.list': method({
    access: 'read',
    summary:
      'Signed statements that an honest author could not have made together. A ledger is frozen below the evidence that freezes it.',
    params: [optional('ledger', ledgerHandle, 'Only against this one. Default: all.')],
    result: z.object({
      evidence: z.array(
        z.object({
          id: hash,
          ledger: ledgerId,
          kind: z.string(),
          seq: integer,
          freezes: z.boolean(),
          state: evidenceState,
          evidence: z.string()
        })
      )
    }),
    errors: ['CLOSED'],
    example: {
      params: {},
      result: {
        evidence: [
          {
            id: example.HASH,
            ledger: example.LEDGER,
            kind: 'same-seq',
            seq: 4,
            freezes: true,
            state: 'freezes',
            evidence: '{}'
          }
        ]
      }
    }
  })
} as const
