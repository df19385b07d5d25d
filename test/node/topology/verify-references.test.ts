/** FAULTS §1 row 4, on real nodes: verify-entry and topology say the same of what a reference points to. */
import { expect, test, vi } from 'vitest'
import { findMethod } from '../../../src/rpc/methods/index.js'
import { showVerification } from '../../../src/cli/views/check-view.js'
import type { EntryVerification } from '../../../src/node/api/node.js'
import { startNode } from '../../helpers/test-node.js'

const HASH = 'ab'.repeat(32)
const NOTE = { stream: 'main', type: 'note' }
const UNKNOWN = `b${'a'.repeat(52)}`

test('resolved, unresolved, contradicted; judged again when more is held', async () => {
  const [author, node] = [await startNode({ name: 'author' }), await startNode({ name: 'referrer' })]
  await node.connect(author.addr)
  await node.sync.follow(author.id)
  await node.synced(author.id, 1)
  const to = (ledgerId: string, entryId: string, entryHash?: string): object => ({
    ledgerId,
    entryId,
    referenceType: 'source',
    ...(entryHash === undefined ? {} : { entryHash })
  })
  const references = [
    to(author.id, 'genesis'),
    to(author.id, 'later'),
    to(author.id, 'later', HASH),
    to(UNKNOWN, 'x', HASH)
  ]
  await node.ledger.append({ ...NOTE, id: 'refers', references } as never, { allowUnresolved: true })
  const verify = async (): Promise<EntryVerification> => await node.ledger.verifyEntry('refers')
  const counts = async (): Promise<unknown> =>
    (await node.ledger.plugins.interoperability.topology()).edges
      .filter((edge) => edge.type === 'reference')
      .map(({ to: target, config: { count, unresolved, contradicted } }) => ({
        target,
        count,
        unresolved,
        contradicted
      }))

  expect(await verify()).toMatchObject({
    valid: true,
    references: [
      { entryId: 'genesis', state: 'resolved', checked: true, held: null },
      { entryId: 'later', entryHash: null, state: 'unresolved', checked: false, held: null },
      { entryId: 'later', entryHash: HASH, state: 'unresolved', checked: false, held: null },
      { ledgerId: UNKNOWN, state: 'resolved', checked: false, held: null }
    ]
  })
  expect(await counts()).toEqual([
    { target: author.id, count: 3, unresolved: 2, contradicted: 0 },
    { target: UNKNOWN, count: 1, unresolved: 0, contradicted: 0 }
  ])

  const {
    entry: { hash }
  } = await author.ledger.append({ ...NOTE, id: 'later' })
  await node.synced(author.id, 2)
  const verified = await verify()
  expect(verified).toMatchObject({
    valid: true,
    references: [
      { state: 'resolved', checked: true },
      { entryHash: null, state: 'resolved', checked: true },
      {
        entryHash: HASH,
        state: 'contradicted',
        checked: true,
        held: { ledgerId: author.id, entryId: 'later', entryHash: hash }
      },
      { state: 'resolved', checked: false }
    ]
  })
  await vi.waitFor(
    async () => {
      expect(await counts()).toEqual([
        { target: author.id, count: 3, unresolved: 0, contradicted: 1 },
        { target: UNKNOWN, count: 1, unresolved: 0, contradicted: 0 }
      ])
    },
    { timeout: 10_000 }
  )

  expect(findMethod('ledger.verifyEntry')!.result.safeParse(verified).error).toBeUndefined()
  const screen = showVerification(verified)
  for (const said of [
    'genesis',
    'resolved',
    `CONTRADICTED: what is held here is later of ${author.id}`,
    "its hash is the author's claim"
  ])
    expect(screen.replace(/\s+/g, ' ')).toContain(said)

  await node.sync.unfollow(author.id, { forget: true })
  expect(await verify()).toMatchObject({
    references: [
      { state: 'resolved', checked: false },
      { state: 'unresolved' },
      { state: 'resolved', checked: false },
      { state: 'resolved', checked: false }
    ]
  })
  expect(await counts()).toEqual([
    { target: author.id, count: 3, unresolved: 1, contradicted: 0 },
    { target: UNKNOWN, count: 1, unresolved: 0, contradicted: 0 }
  ])
})
