import { expect, test } from 'vitest'
import { Author } from '../../core/author.js'
import { startNode } from '../../helpers/test-node.js'

test('a public entry names a private ledger only when that is said; a private one may, and so may who is not told', async () => {
  const target = { entryId: 'genesis', referenceType: 'related' as const }
  const refer = async (node: Awaited<ReturnType<typeof startNode>>, ledgerId: string, options = {}) =>
    await node.ledger.append(
      { stream: 's', type: 't', references: [{ ...target, ledgerId }] },
      { allowUnresolved: true, ...options }
    )
  const secret = await startNode({ name: 'secret', access: 'private' })
  const [open, closed] = [await startNode({ name: 'open' }), await startNode({ name: 'closed', access: 'private' })]
  const hidden = await secret.ledger.parts.ledgers.own.entry(0)
  for (const node of [open, closed]) {
    const mirror = await node.ledger.parts.ledgers.mirror(secret.id)
    await mirror.ingest([hidden!])
  }
  await expect(refer(open, secret.id)).rejects.toMatchObject({
    code: 'REFERENCE_PRIVATE',
    details: { reference: 0, ledger: secret.id }
  })
  await expect(
    open.ledger.appendBatch([
      { stream: 's', type: 't' },
      { stream: 's', type: 't', references: [{ ...target, ledgerId: secret.id }] }
    ])
  ).rejects.toMatchObject({ code: 'REFERENCE_PRIVATE' })
  expect(open.ledger.parts.ledgers.own.size).toBe(1)
  await refer(open, secret.id, { allowPrivateTarget: true })
  await refer(closed, secret.id)
  // Of a ledger that is not held nobody here knows what it is.
  await refer(open, (await Author.create(7)).ledger)
})
