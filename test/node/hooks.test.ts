import { expect, test } from 'vitest'
import { LedgermeshError } from '../../src/core/errors.js'
import type { LedgerEntry } from '../../src/core/view.js'
import { createLedger } from '../../src/node/create-ledger.js'
import { WIRE, type BuiltInPlugin } from '../../src/node/plugins/built-in.js'
import type { Plugin } from '../../src/node/plugins/plugin.js'
import { startNode } from '../helpers/test-node.js'
import { temporaryFolder } from '../helpers/temporary-folder.js'

const NOTE = { stream: 'main', type: 'note', payload: { n: 1 } }

test('beforeAppend refuses, and nothing is signed; one refused entry fails its batch only', async () => {
  const node = await startNode({
    extra: [
      {
        id: 'guard',
        version: '1',
        hooks: {
          beforeAppend: ({ type }) => {
            if (type === 'bad') throw new LedgermeshError('REFUSED', 'not here')
          }
        }
      }
    ]
  })
  const results = await Promise.allSettled([
    node.ledger.append({ ...NOTE, type: 'bad' }),
    node.ledger.append(NOTE),
    node.ledger.appendBatch([NOTE, { ...NOTE, type: 'bad' }]),
    node.ledger.append(NOTE)
  ])
  expect(results.map(({ status }) => status)).toEqual(['rejected', 'fulfilled', 'rejected', 'fulfilled'])
  expect(node.mirror(node.id).size).toBe(3)
})

test('afterAppend comes for own entries only, once they are durable, not for repeated ones; its error undoes nothing', async () => {
  const seen: LedgerEntry[] = []
  const author = await startNode()
  await author.ledger.append(NOTE)
  const node = await startNode({
    extra: [
      {
        id: 'watch',
        version: '1',
        hooks: {
          afterAppend: (entry) => {
            seen.push(entry)
            throw new Error('after')
          }
        }
      }
    ]
  })
  await node.connect(author.addr)
  await node.sync.follow(author.id)
  await node.synced(author.id, 2)
  const { entry } = await node.ledger.append({ ...NOTE, id: 'once' })
  expect(await node.ledger.append({ ...NOTE, id: 'once' })).toMatchObject({
    existing: true,
    entry: { hash: entry.hash }
  })
  expect(seen).toMatchObject([{ id: 'once', hash: entry.hash, ledger: node.id }])
})

test("beforeQuery answers in the ledger's place, or changes the filter; hooks get the ledger as its users see it", async () => {
  let asked: unknown
  const fixed = { entries: [], nextCursor: null, hasMore: false }
  const node = await startNode({
    extra: [
      {
        id: 'short',
        version: '1',
        hooks: {
          beforeQuery: (filter, ledger) => {
            asked = ledger
            if (filter.type === 'nothing') return { shortCircuit: fixed }
            return filter.type === 'alias' ? { filter: { ...filter, type: 'note' } } : undefined
          }
        }
      } satisfies Plugin
    ]
  })
  await node.ledger.append(NOTE)
  expect(await node.ledger.query({ type: 'nothing' })).toEqual(fixed)
  expect((await node.ledger.query({ type: 'alias' })).entries).toHaveLength(1)
  expect(asked).toBe(node.ledger)
})

test('plugins start in order, before the network, and stop in reverse; one that does not start stops those before it', async () => {
  const log: string[] = []
  const plugin = (id: string, fails = false): BuiltInPlugin => ({
    id,
    version: '1',
    [WIRE]: ({ host }) => {
      log.push(`start ${id}`)
      host()
      if (fails) throw new LedgermeshError('BAD_CONFIG', id)
    },
    stop: () => {
      log.push(`stop ${id}`)
      return Promise.resolve()
    }
  })
  const dataDir = await temporaryFolder()
  const ledger = await createLedger({ dataDir, plugins: [plugin('a'), plugin('b')] })
  expect(ledger.parts.peerNetwork!.host.addrs()).toHaveLength(1)
  await ledger.close()
  await ledger.close()
  expect(log.splice(0)).toEqual(['start a', 'start b', 'stop b', 'stop a'])
  await expect(createLedger({ dataDir, plugins: [plugin('a'), plugin('b', true), plugin('c')] })).rejects.toMatchObject(
    { code: 'BAD_CONFIG' }
  )
  expect(log).toEqual(['start a', 'start b', 'stop a'])
  const again = await createLedger({ dataDir })
  await again.close()
})

test('without plugins there is no network; a folder is open once', async () => {
  const dataDir = await temporaryFolder()
  const ledger = await createLedger({ dataDir })
  expect(ledger.parts.peerNetwork).toBe(null)
  await expect(createLedger({ dataDir })).rejects.toMatchObject({ code: 'ALREADY_RUNNING' })
  await ledger.append(NOTE)
  await ledger.close()
  await expect(ledger.append(NOTE)).rejects.toMatchObject({ code: 'CLOSED' })
})
