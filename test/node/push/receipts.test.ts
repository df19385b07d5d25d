import { expect, test } from 'vitest'
import { OTHER_REASON, REASONS, type Progress } from '../../../protocols/push/index.js'
import type { Ledger } from '../../../src/ledger/ledger.js'
import { isDone, isSame, nothingOf, progressOf } from '../../../src/node/push/receipts.js'
import type { SyncStatus } from '../../../src/sync/types.js'

const HASH = 'ab'.repeat(32)
const SYNCED = { status: 'synced' } as SyncStatus

function ledger(
  members: Partial<Record<'size' | 'durable' | 'visible' | 'audited', number>>
): Ledger & { flushes: number } {
  const held = {
    id: 'l',
    size: 10,
    durable: 4,
    visible: 10,
    audited: 10,
    flushes: 0,
    flush: async () => {
      held.flushes++
      held.durable = held.size
    },
    hashAt: async (seq: number) => (seq < held.visible ? HASH : null),
    ...members
  }
  return held as unknown as Ledger & { flushes: number }
}

function stalled(code: string): SyncStatus {
  return { status: 'stalled', code } as SyncStatus
}

test('when all that was offered is stored it is on the disk before that is said', async () => {
  const all = ledger({})
  expect(await progressOf(all, SYNCED, 10, null)).toMatchObject({ stored: 10, durable: 10, stall: 0 })
  expect(all.flushes).toBe(1)
  const part = ledger({})
  expect(await progressOf(part, SYNCED, 11, null)).toMatchObject({ stored: 10, durable: 4 })
  expect(part.flushes).toBe(0)
})

test('nothing that is disputed, or cannot be read, is promised', async () => {
  const frozen = ledger({ visible: 3, durable: 10, audited: 9 })
  expect(await progressOf(frozen, SYNCED, 10, 8)).toMatchObject({ stored: 3, durable: 3, audited: 3, adopted: 3 })
  const gone = ledger({ durable: 10 })
  gone.hashAt = async () => null
  expect(await progressOf(gone, SYNCED, 10, null)).toMatchObject({ durable: 0, hash: null })
  expect(await progressOf(ledger({ size: 0, visible: 0, durable: 0 }), SYNCED, 10, null)).toMatchObject({ hash: null })
})

test('a stall is told when the pusher cannot end it, and one that time ends is not', async () => {
  const told = async (code: string): Promise<number> => (await progressOf(ledger({}), stalled(code), 99, null)).stall
  expect(await told('FROZEN')).toBe(REASONS.FROZEN)
  expect(await told('KEY_FORK')).toBe(REASONS.FROZEN)
  expect(await told('QUOTA')).toBe(REASONS.QUOTA)
  expect(await told('TOO_MANY_KEYS')).toBe(OTHER_REASON)
  expect(await told('NO_PEERS')).toBe(0)
})

test('done is stored, checked, and adopted where it is to be; or a stall', () => {
  const of = (members: Partial<Progress>): boolean =>
    isDone({ ...nothingOf('l'), durable: 5, audited: 5, ...members }, 5)
  expect(of({})).toBe(true)
  expect(of({ durable: 4 })).toBe(false)
  expect(of({ audited: 4 })).toBe(false)
  expect(of({ adopted: 4 })).toBe(false)
  expect(of({ adopted: 5 })).toBe(true)
  expect(of({ durable: 0, stall: REASONS.QUOTA })).toBe(true)
})

test('the same again is not said again', () => {
  const one = nothingOf('l')
  expect(isSame(null, one)).toBe(false)
  expect(isSame(one, { ...one, hash: new Uint8Array(32) })).toBe(true)
  expect(isSame(one, { ...one, adopted: 0 })).toBe(false)
  expect(isSame(one, { ...one, stored: 1 })).toBe(false)
})
