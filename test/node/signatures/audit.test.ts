import { expect, test } from 'vitest'
import { LedgermeshError } from '../../../src/core/errors.js'
import type { HeldLedger } from '../../../src/ledger/held-ledger.js'
import { Audit } from '../../../src/node/signatures/audit.js'
import { TestLog } from '../../ledger/support.js'

/** A ledger of so many entries; those in `bad` are not signed. */
function setup(size: number, bad: number[] = []) {
  const log = new TestLog()
  const failed: number[] = []
  const state = { trouble: null as Error | null, checked: 0 }
  const ledger = {
    id: 'ledger',
    audited: 0,
    visible: size,
    cuts: 0,
    signed: async (from: number, count: number) =>
      Array.from({ length: Math.min(count, ledger.visible - from) }, (_, n) => from + n),
    setAudited: async (to: number) => {
      ledger.audited = to
    }
  }
  const held = ledger as unknown as HeldLedger
  const audit = new Audit({
    ledgers: { list: () => [held], get: () => held },
    verifier: {
      audit: async (entries) => {
        if (state.trouble !== null) throw state.trouble
        state.checked += entries.length
        return (entries as unknown as number[]).map((seq) => !bad.includes(seq))
      }
    },
    cores: 8,
    load: { level: 'normal' },
    clock: {
      now: () => performance.now(),
      after: (_ms, callback) => {
        setImmediate(callback)
        return () => {}
      }
    },
    log,
    onFailed: async (_ledger, seq) => {
      failed.push(seq)
    }
  })
  return { audit, ledger, held, failed, state, log }
}

test('every entry is checked once, also those that come later', async () => {
  const { audit, ledger, state } = setup(1000)
  audit.wake()
  await expect.poll(() => ledger.audited).toBe(1000)
  ledger.visible = 1200
  audit.wake()
  await expect.poll(() => ledger.audited).toBe(1200)
  expect(state.checked).toBe(1200)
  await audit.stop()
})

test('the first one that is not signed is told once, and nothing behind it is audited until the ledger changes', async () => {
  const { audit, ledger, held, failed } = setup(300, [150, 170])
  audit.wake()
  await expect.poll(() => failed).toEqual([150])
  expect(ledger.audited).toBe(150)
  audit.wake()
  await audit.stop()
  expect(failed).toEqual([150])
  const again = setup(300, [150])
  again.audit.wake()
  await expect.poll(() => again.failed).toEqual([150])
  again.audit.again(again.held)
  await expect.poll(() => again.failed).toEqual([150, 150])
  await again.audit.stop()
  expect(held).toBeDefined()
})

test('a worker that fails is logged and tried again; damage is not', async () => {
  const { audit, ledger, state, log } = setup(10)
  state.trouble = new Error('the worker crashed')
  audit.wake()
  await expect.poll(() => log.lines).toMatchObject([{ level: 'error', fields: { event: 'audit.stopped' } }])
  state.trouble = null
  audit.wake()
  await expect.poll(() => ledger.audited).toBe(10)
  ledger.visible = 20
  state.trouble = new LedgermeshError('STORE_DAMAGED', 'entry 12 is damaged')
  audit.wake()
  await expect.poll(() => log.lines.length).toBe(2)
  state.trouble = null
  audit.wake()
  await audit.stop()
  expect(ledger.audited).toBe(10)
})
