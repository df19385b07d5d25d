import { z } from 'zod'
import { method, optional } from '../method.js'
import * as example from './examples.js'
import { hash, integer, ledgerId } from './shapes.js'

export const keysMethods = {
  'keys.rotate': method({
    access: 'socket-only',
    summary:
      'Replaces the ledger key by the committed next key, and makes a new next key. The node first asks others whether it is older than its ledger. A freeze by the retired key ends with it.',
    params: [
      optional(
        'nextKeyFile',
        z.string().min(1).max(4096),
        'Absolute path of the next key; it is read, never changed. Default: next.key in the home folder.'
      )
    ],
    result: z.object({ ledger: ledgerId, seq: integer, key: hash, nextKeyHash: hash, retired: z.string().nullable() }),
    errors: [
      'BAD_FILE',
      'BAD_KEY',
      'KEY_NOT_IN_FORCE',
      'CONFIRMING',
      'RESTORING',
      'TWIN',
      'FROZEN',
      'TOO_MANY_KEYS',
      'STORE_FAILED',
      'CLOSED'
    ],
    example: {
      params: {},
      result: {
        ledger: example.LEDGER,
        seq: 9,
        key: example.HASH,
        nextKeyHash: example.HASH,
        retired: '/home/acme/.ledgermesh/ledger.key.retired-0011223344556677'
      }
    }
  })
} as const
