import { describe, expect, test } from 'vitest'
import { openNode } from './support.js'
import type { OwnLedger } from '../../src/ledger/own-ledger.js'
import type { LedgerHooks } from '../../src/ledger/append/hooks.js'

const ORDER = { stream: 's', type: 't', payload: 1, id: 'order-1' }

async function hooked(...plugins: LedgerHooks<OwnLedger>[]) {
  const node = await openNode()
  plugins.forEach((hooks, i) => node.ledgers.hooks.add(`plugin-${i}`, hooks, node.ledgers.own))
  return node
}

describe('hooks', () => {
  test('beforeAppend refuses before anything is signed', async () => {
    const {
      ledgers: { own }
    } = await hooked({
      beforeAppend: ({ type }) => {
        if (type === 'bad') throw new Error('not today')
      }
    })
    await expect(own.appendBatch([ORDER, { ...ORDER, id: 'order-2', type: 'bad' }])).rejects.toThrow('not today')
    expect(own.size).toBe(1)
    expect((await own.append(ORDER)).entry.seq).toBe(1)
  })

  test('afterAppend sees committed entries once, may append itself, and cannot undo', async () => {
    const seen: string[] = []
    const {
      ledgers: { own },
      log
    } = await hooked({
      afterAppend: async (entry, ledger) => {
        expect(await ledger.get({ id: entry.id })).toMatchObject({ hash: entry.hash })
        seen.push(entry.id)
        if (entry.id === 'order-1') await ledger.append({ ...ORDER, id: 'from-hook' })
        throw new Error('plugin bug')
      }
    })
    await own.append(ORDER)
    await own.append(ORDER)
    expect(seen).toEqual(['order-1', 'from-hook'])
    expect(own.size).toBe(3)
    expect(
      log.lines.filter(({ message }) => message === 'a plugin hook failed').map(({ fields }) => fields.hook)
    ).toEqual(['afterAppend', 'afterAppend'])
  })

  test("beforeQuery and beforeGet may answer in the ledger's place", async () => {
    const short = { entries: [], nextCursor: null, hasMore: false }
    const {
      ledgers: { own }
    } = await hooked({
      beforeQuery: (filter) =>
        filter._crossLedger === true
          ? { shortCircuit: short }
          : filter.stream === 'alias'
            ? { filter: { ...filter, stream: 's' } }
            : undefined,
      beforeGet: async (key, ledger) =>
        'id' in key && key.id === 'elsewhere' ? ((await ledger.get({ seq: 0 })) ?? undefined) : undefined
    })
    await own.append(ORDER)
    expect(await own.query({ _crossLedger: true } as object)).toBe(short)
    expect((await own.query({ stream: 'alias' })).entries.map(({ id }) => id)).toEqual(['order-1'])
    expect((await own.get({ id: 'elsewhere' }))?.id).toBe('genesis')
    expect(await own.get({ id: 'nowhere' })).toBeNull()
  })

  test('after-hooks change answers in order; one that fails changes nothing', async () => {
    const {
      ledgers: { own }
    } = await hooked(
      {
        afterGet: (entry) => (entry === null ? null : { ...entry, id: 'changed' }),
        afterQuery: (result) => ({ ...result, entries: result.entries.slice(0, 1) }),
        afterVerifyChain: (report) => ({ ...report, warnings: 7 })
      },
      {
        afterGet: (entry) => {
          expect(entry?.id).toBe('changed')
          throw new Error('plugin bug')
        },
        afterQuery: () => {
          throw new Error('plugin bug')
        },
        afterVerifyChain: () => undefined
      }
    )
    await own.append(ORDER)
    expect((await own.get({ seq: 1 }))?.id).toBe('changed')
    expect((await own.query()).entries.length).toBe(1)
    expect(await own.verifyChain()).toMatchObject({ valid: true, warnings: 7 })
  })

  test('beforeVerifyChain hears the span; removed hooks hear nothing', async () => {
    const { ledgers } = await hooked()
    const spans: unknown[] = []
    const remove = ledgers.hooks.add(
      'a',
      {
        beforeVerifyChain: (from, limit) => {
          spans.push([from, limit])
        }
      },
      ledgers.own
    )
    await ledgers.own.verifyChain({ from: 0, limit: 1 })
    remove()
    await ledgers.own.verifyChain()
    expect(spans).toEqual([[0, 1]])
  })
})
