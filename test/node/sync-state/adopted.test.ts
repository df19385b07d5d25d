/** Entries that the own ledger refused to adopt stand in the table of what was synced, until they are taken. */
import { expect, test, vi } from 'vitest'
import type { Plugin } from '../../../src/node/plugins/plugin.js'
import { startNode } from '../../helpers/test-node.js'

test('a hook refuses copies: failed, with the code; when it refuses them no longer, retry takes them', async () => {
  let strict = true
  const picky: Plugin = {
    id: 'picky',
    version: '1',
    hooks: {
      beforeAppend: ({ stream }) => {
        if (strict && stream === 'odd') throw new Error('nothing odd')
      }
    }
  }
  const source = await startNode({ name: 'source' })
  for (const stream of ['even', 'odd', 'even']) await source.ledger.append({ stream, type: 't', payload: 1 })
  const adopter = await startNode({ name: 'adopter', extra: [picky] })
  await adopter.connect(source.addr)
  await adopter.sync.adopt(source.id)
  await vi.waitFor(
    async () => {
      expect((await adopter.sync.state({ status: 'failed' })).rows).toMatchObject([
        { ledger: source.id, seq: 2, direction: 'inbound', code: 'HOOK', attempts: 1, nextAttempt: null }
      ])
    },
    { timeout: 15_000 }
  )
  expect((await adopter.sync.remotes())[0]).toMatchObject({ exceptions: { inbound: { failed: 1, conflict: 0 } } })
  strict = false
  expect(await adopter.sync.retryState({ direction: 'inbound' })).toBe(1)
  await vi.waitFor(
    async () => {
      expect((await adopter.sync.state({ status: 'failed' })).rows).toEqual([])
    },
    { timeout: 15_000 }
  )
  expect((await adopter.ledger.query({ adopted: true })).entries).toHaveLength(3)
})
