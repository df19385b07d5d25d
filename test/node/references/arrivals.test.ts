import { expect, test } from 'vitest'
import type { LedgerId } from '../../../src/core/ledger-id.js'
import type { Ledger } from '../../../src/ledger/ledger.js'
import { Arrivals } from '../../../src/node/references/arrivals.js'
import type { ReferencePlace } from '../../../src/store/reference-keys.js'

const ID = 'a ledger' as LedgerId
const PLACE: ReferencePlace = { ledgerNumber: 1, seq: 0, index: 0 }

test('an entry that comes while the first reference to it is being checked is matched with it', async () => {
  const stored: ReferencePlace[] = []
  const rejudged: ReferencePlace[] = []
  const ledger = {
    id: ID,
    audited: 1,
    visible: 1,
    reader: { many: async (seqs: number[]) => seqs.map((seq) => ({ header: { id: `entry ${seq}` } })) }
  }
  const arrivals = new Arrivals({
    ledgers: { get: () => ledger as unknown as Ledger, list: () => [] },
    book: {
      isAwaited: async () => stored.length > 0,
      async *waiting() {
        yield stored.map((place) => ({ key: Buffer.alloc(0), place }))
      }
    },
    rejudge: async (places) => {
      rejudged.push(...places)
    },
    isStopped: () => false
  })
  await arrivals.judged(ledger as unknown as Ledger)
  // it was not there when it was looked for; now it is, and nothing is known yet to wait for it
  ledger.audited = ledger.visible = 2
  expect(arrivals.came(ID)).toBe(false)
  stored.push(PLACE)
  arrivals.waits(ID)
  expect(arrivals.due()).toEqual([ID])
  await arrivals.match(ID)
  expect(rejudged).toEqual([PLACE])
  expect(arrivals.due()).toEqual([])
})
