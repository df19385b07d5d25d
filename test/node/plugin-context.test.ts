/** What a plugin of somebody else is handed when it starts. */
import { expect, test } from 'vitest'
import type { EntriesEvent, NetworkEvent } from '../../src/node/api/events.js'
import type { Plugin, PluginContext } from '../../src/node/plugins/plugin.js'
import { startNode } from '../helpers/test-node.js'

const NOTE = { stream: 'main', type: 'note', payload: 1 }

test('held ledgers, what is stored of own and others, what happens on the network; nothing after it has said so', async () => {
  const author = await startNode()
  await author.ledger.append(NOTE)
  let context: PluginContext | null = null
  const stored: EntriesEvent[] = []
  const happened: NetworkEvent[] = []
  const stops: (() => void)[] = []
  const watch: Plugin = {
    id: 'watch',
    version: '1',
    start: (given) => {
      context = given
      stops.push(
        given.ledger.subscribe('*', (event) => {
          stored.push(event)
        }),
        given.onNetwork(['connected'], (event) => {
          happened.push(event)
        })
      )
    }
  }
  const node = await startNode({ extra: [watch] })
  expect(context!.held()).toEqual([node.id])
  await context!.ledger.append(NOTE)
  await node.connect(author.addr)
  await node.sync.follow(author.id)
  await node.synced(author.id, 2)
  expect(context!.held().toSorted()).toEqual([node.id, author.id].toSorted())
  expect(stored.map(({ ledger, entries }) => [ledger, entries.map(({ seq }) => seq)])).toEqual([
    [node.id, [1]],
    [author.id, [0, 1]]
  ])
  expect(happened).toMatchObject([{ kind: 'connected', ledger: author.id, at: expect.any(Number) }])
  for (const stop of stops) stop()
  await context!.ledger.append(NOTE)
  expect(stored).toHaveLength(2)
})
