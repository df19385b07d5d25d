/** Rules for what is adopted: the own ledger and its sources, whichever these are. */
import { expect, test, vi } from 'vitest'
import { Author } from '../../ledger/support.js'
import { startNode } from '../../helpers/test-node.js'

const THING = { stream: 's', type: 't' }

test('same id in the own ledger and in a source: a conflict of two, copies are none of their own', async () => {
  const node = await startNode()
  const { sync } = node
  const conflicts = sync.entryConflicts
  const [one, two] = [await Author.create('one'), await Author.create('two')]
  for (const author of [one, two]) await author.add({ ...THING, id: 'x' }, author.name)
  await node.ledger.append({ ...THING, id: 'x', payload: 'mine' })
  const rule = await conflicts.setRule({ name: 'same-id', key: ['stream', 'id'], scope: 'adopted' })
  expect(rule).toMatchObject({ scope: [node.id], writers: [node.id], adopted: true })
  await sync.adopt(one.id)
  // Followed, and not adopted: it does not count.
  await sync.follow(two.id)
  for (const author of [one, two]) await node.mirror(author.id).ingest(author.entries)
  const authors = async (): Promise<string[]> => {
    const [found] = (await conflicts.list()).conflicts
    if (found === undefined) return []
    const { siblings } = await conflicts.view({ conflict: found.conflict })
    return siblings.map(({ entry }) => entry.ledger).toSorted()
  }
  await vi.waitFor(
    async () => {
      expect((await sync.adoptions(one.id))[0]).toMatchObject({ status: 'adopted', copies: 1 })
      expect(await authors()).toEqual([node.id, one.id].toSorted())
    },
    { timeout: 15_000 }
  )
  await sync.adopt(two.id)
  await vi.waitFor(
    async () => {
      expect((await sync.adoptions(two.id))[0]).toMatchObject({ status: 'adopted', copies: 1 })
      expect(await authors()).toEqual([node.id, one.id, two.id].toSorted())
    },
    { timeout: 15_000 }
  )
  const scope = [node.id, one.id, two.id].toSorted()
  // A changed rule has looked at everything a moment later.
  await vi.waitFor(
    () => {
      expect(conflicts.rules()).toMatchObject([{ name: 'same-id', scope, writers: scope, complete: true }])
    },
    { timeout: 15_000 }
  )
  await sync.unfollow(one.id, { forget: true, copies: 'keep' })
  // Its original is gone with the mirror: the copy is the own ledger's word, and older than its own.
  await vi.waitFor(
    async () => {
      expect(await authors()).toHaveLength(2)
    },
    { timeout: 15_000 }
  )
  await expect(
    conflicts.setRule({ name: 'x', key: ['id'], scope: 'held', adopted: true } as never)
  ).rejects.toMatchObject({ code: 'INVALID_PARAMS' })
})
