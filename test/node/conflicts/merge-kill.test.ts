/** Killed at each write between a merge that is computed and a conflict that is over: it is merged once. */
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import { readRule } from '../../../src/conflict/rule.js'
import { isCoded, LedgermeshError } from '../../../src/core/errors.js'
import { runFsck } from '../../../src/ledger/fsck/run-fsck.js'
import { Merger } from '../../../src/node/conflicts/merger.js'
import { openStore, type Op, type Store } from '../../../src/store/store.js'
import { Author, openNode, temporaryFolder, TestLog, type Node } from '../../ledger/support.js'
import { ALL_STATES } from '../../ledger/conflicts/world.js'

const CLAIM = { stream: 'orders', type: 'order', subject_oid: 'x' }

/** `left`: writes until everything is refused, as when the process is killed there. */
function mortal(store: Store, left: { writes: number }): Store {
  return new Proxy(store, {
    get: (target, name: keyof Store) => {
      if (name === 'write')
        return async (ops: Op[], options: { sync: boolean }) => {
          if (left.writes-- <= 0) throw new LedgermeshError('STORE_FAILED', 'killed')
          await target.write(ops, options)
        }
      const value = target[name]
      return typeof value === 'function' ? value.bind(target) : value
    }
  })
}

async function states({ ledgers }: Node): Promise<string[]> {
  await ledgers.conflicts.caughtUp()
  return (await ledgers.conflicts.list(ALL_STATES, { offset: 0, limit: 10 })).found.map(({ row }) => row.state)
}

/** Runs merges until the conflict is over, or the process is killed; resolves to the number of merges. */
async function merging(node: Node, isKilled = () => false): Promise<number> {
  let runs = 0
  const { ledgers, clock, log } = node
  const merger = new Merger({ onRun: () => runs++, ledgers, clock, log })
  merger.setHandler('r', (siblings) => ({ merged: siblings.length }))
  merger.wake()
  try {
    await vi.waitFor(
      async () => {
        clock.pass(1_000)
        expect(isKilled() ? [] : await states(node)).toEqual([])
      },
      { timeout: 10_000, interval: 5 }
    )
  } finally {
    await merger.stop()
  }
  return runs
}

test('killed at any write of a merge, the next start ends the conflict with one entry', async () => {
  let kills = 0
  for (let alive = 0; ; alive++) {
    const dir = await temporaryFolder()
    const left = { writes: Infinity }
    const node = await openNode({ dir, store: mortal(await openStore(join(dir, 'db'), { log: new TestLog() }), left) })
    const { own } = node.ledgers
    const other = await Author.create('other')
    await other.add(CLAIM, { by: 'other' })
    const rule = { name: 'r', key: ['subject_oid'], scope: [own.id, other.id], writers: [own.id], strategy: 'merge' }
    await node.ledgers.rules.set(readRule(rule))
    await own.append({ ...CLAIM, payload: { by: 'own' } })
    const mirror = await node.ledgers.mirror(other.id)
    await mirror.ingest(other.entries)
    await mirror.setAudited(mirror.size)
    expect(await states(node)).toEqual(['open'])
    const before = own.size
    left.writes = alive
    const merged = await merging(node, () => left.writes < 0)
    const survived = left.writes >= 0
    left.writes = survived ? Infinity : 0
    await node.close().catch((error: unknown) => {
      if (!isCoded(error, 'STORE_FAILED')) throw error
    })
    if (!survived) kills++
    const again = await openNode({ dir })
    await again.ledgers.get(other.id)!.setAudited(mirror.size)
    const after = await merging(again)
    expect([alive, again.ledgers.own.size - before]).toEqual([alive, 1])
    expect(survived ? [merged, after] : [1, 0]).toEqual([1, 0])
    await again.close()
    expect(
      (await runFsck(join(dir, 'db'), { log: new TestLog(), markFile: null, rebuild: false })).found.damage
    ).toEqual([])
    if (survived) break
  }
  expect(kills).toBeGreaterThan(1)
}, 120_000)
