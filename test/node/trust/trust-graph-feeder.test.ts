import { expect, test } from 'vitest'
import { LedgermeshError } from '../../../src/core/errors.js'
import { TrustFeeder, type TrustFeederInit } from '../../../src/node/trust/trust-graph-feeder.js'
import { TestClock, TestLog } from '../../ledger/support.js'

const LEDGER = 'l'

interface State {
  ledger: string
  size: number
  evidence: boolean
}

function setup() {
  const log = new TestLog()
  const changes: string[] = []
  const pages: number[] = []
  const states = new Map<string, State>()
  const forgotten: string[] = []
  const held = {
    id: LEDGER,
    audited: 0,
    visible: 0,
    cuts: 0,
    frozen: null as object | null,
    standing: { facts: { doubtedFrom: null as number | null } },
    page: async (_filter: object, start: number) => {
      pages.push(start)
      if (state.fails !== null) throw state.fails
      return { entries: [], next: null }
    }
  }
  const state = { fails: null as Error | null, held: true }
  const feeder = new TrustFeeder({
    graph: {
      state: (id: string) => states.get(id),
      setLedger: ({ ledger, size, evidence }: State) => states.set(ledger, { ledger, size, evidence }),
      forget: (id: string) => {
        forgotten.push(id)
        states.delete(id)
      },
      add: () => undefined
    },
    ledgers: { get: () => (state.held ? held : undefined) },
    clock: new TestClock(),
    log,
    onChange: (id: string) => {
      changes.push(id)
    }
  } as unknown as TrustFeederInit)
  const look = async (): Promise<State | undefined> => {
    feeder.changed(LEDGER)
    await feeder.caughtUp()
    return states.get(LEDGER)
  }
  return { feeder, held, state, look, log, changes, pages, forgotten }
}

test('nothing that is not audited, or disputed, is believed (I3, I4)', async () => {
  const { held, look } = setup()
  Object.assign(held, { audited: 3, visible: 9 })
  expect(await look()).toMatchObject({ size: 3, evidence: false })
  Object.assign(held, { audited: 9, visible: 5 })
  expect(await look()).toMatchObject({ size: 5 })
})

test('a freeze takes all trust, and so does one that is over and was firm, until the operator says otherwise (R1)', async () => {
  const { held, look, changes } = setup()
  Object.assign(held, { audited: 5, visible: 5 })
  await look()
  held.frozen = {}
  expect(await look()).toMatchObject({ evidence: true })
  held.frozen = null
  held.standing.facts.doubtedFrom = 3
  expect(await look()).toMatchObject({ evidence: true })
  held.standing.facts.doubtedFrom = null
  expect(await look()).toMatchObject({ evidence: false })
  expect(changes).toEqual([LEDGER, LEDGER, LEDGER])
})

test('only what is new is read, and what was cut back is read anew: what it said above is not its word any more', async () => {
  const { held, look, pages, forgotten } = setup()
  Object.assign(held, { audited: 5, visible: 5 })
  await look()
  Object.assign(held, { audited: 8, visible: 8 })
  await look()
  expect([pages, forgotten]).toEqual([[0, 5], []])
  Object.assign(held, { audited: 8, visible: 8, cuts: 1 })
  await look()
  Object.assign(held, { audited: 4, visible: 8 })
  await look()
  expect([pages, forgotten]).toEqual([
    [0, 5, 0, 0],
    [LEDGER, LEDGER]
  ])
})

test('a ledger that is gone says nothing any more', async () => {
  const { held, state, look, changes, forgotten } = setup()
  Object.assign(held, { audited: 5, visible: 5 })
  await look()
  state.held = false
  await look()
  await look()
  expect([changes, forgotten]).toEqual([[LEDGER, LEDGER], [LEDGER]])
})

test('one that cannot be read is said, and not when the node is closing', async () => {
  const { held, state, look, log } = setup()
  Object.assign(held, { audited: 5, visible: 5 })
  state.fails = new LedgermeshError('STORE_DAMAGED', 'a row')
  await look()
  expect(log.lines.map(({ fields }) => fields.event)).toEqual(['trust.unreadable'])
  state.fails = new LedgermeshError('CLOSED', 'it stops')
  await look()
  expect(log.lines).toHaveLength(1)
})

test('changes of one moment are one look; after the end there is none', async () => {
  const { feeder, held, look, pages } = setup()
  Object.assign(held, { audited: 5, visible: 5 })
  for (let n = 0; n < 100; n++) feeder.changed(LEDGER)
  await feeder.caughtUp()
  expect(pages).toEqual([0])
  await feeder.stop()
  Object.assign(held, { audited: 9, visible: 9 })
  await look()
  expect(pages).toEqual([0])
})
