/** Whom a search for a ledger asks, and whom it does not. */
import { expect, test } from 'vitest'
import type { LedgerId } from '../../../src/core/ledger-id.js'
import { LedgerFinder, type LedgerFinderInit } from '../../../src/node/sessions/ledger-finder.js'
import { TestClock } from '../../ledger/support.js'

const LEDGER = `b${'a'.repeat(52)}`

interface World {
  access?: 'public' | 'private'
  met?: boolean
}

/** What was done, in order. */
function setup({ access = 'public', met = false }: World): { finder: LedgerFinder; done: string[] } {
  const done: string[] = []
  const finder = new LedgerFinder({
    ledgers: { get: () => ({ chain: { access } }) } as unknown as LedgerFinderInit['ledgers'],
    host: () => ({}) as ReturnType<LedgerFinderInit['host']>,
    directory: { nodesOf: () => [], isMet: () => met } as unknown as LedgerFinderInit['directory'],
    providers: () =>
      ({
        findLedger: async (_ledger: LedgerId, more?: number) => await Promise.resolve(done.push(`dht ${more}`)),
        findCapability: async (capability: string) => {
          done.push(`dht ${capability}`)
          return await Promise.resolve(['peer-1', 'peer-2'])
        }
      }) as unknown as ReturnType<LedgerFinderInit['providers']>,
    connections: {
      greetAll: async (dials) => {
        done.push(`greets ${JSON.stringify(await Promise.all(dials))}`)
      }
    },
    clock: new TestClock(),
    stopping: new AbortController().signal
  })
  finder.otherWays.push(
    async (ledger) => {
      await Promise.resolve(done.push(`other way ${ledger}`))
    },
    async () => await Promise.reject(new Error('a registry is gone'))
  )
  return { finder, done }
}

test('a public ledger: the DHT first, and other ways when nobody was met', async () => {
  const { finder, done } = setup({})
  await finder.findLedger(LEDGER, 3)
  expect(done).toEqual(['dht 3', 'greets [1]', `other way ${LEDGER}`, 'greets []'])
})

test('who was met by the DHT needs no other way', async () => {
  const { finder, done } = setup({ met: true })
  await finder.findLedger(LEDGER)
  expect(done).toEqual(['dht undefined', 'greets [1]'])
})

test('a private ledger is asked of no stranger', async () => {
  const { finder, done } = setup({ access: 'private' })
  await finder.findLedger(LEDGER)
  expect(done).toEqual(['greets [[]]'])
})

test('a capability: those that the DHT names are greeted', async () => {
  const { finder, done } = setup({})
  expect(await finder.findCapability('registry')).toEqual(['peer-1', 'peer-2'])
  expect(done).toEqual(['dht registry', 'greets ["peer-1","peer-2"]'])
})
