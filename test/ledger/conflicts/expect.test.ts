import { expect, test } from 'vitest'
import { Author, openNode, type Node } from '../support.js'
import { subjectRule } from './world.js'

async function withClaims(): Promise<{ node: Node; author: Author; theirs: string }> {
  const node = await openNode()
  const author = await Author.create()
  const { hash } = await author.add({ subject_oid: 'x' }, { value: 1 })
  const mirror = await node.ledgers.mirror(author.id)
  await mirror.ingest(author.entries)
  await mirror.setAudited(mirror.size)
  await node.ledgers.rules.set(subjectRule({ scope: [author.id, node.ledgers.own.id] }))
  node.ledgers.conflicts.wake()
  await node.ledgers.conflicts.caughtUp()
  return { node, author, theirs: hash }
}

const input = (value: number, id?: string) => ({
  stream: 'orders',
  type: 'order',
  subject_oid: 'x',
  payload: { value },
  ...(id !== undefined && { id })
})

test('of two that expect the same in one commit one is written, and the other hears STALE', async () => {
  const {
    node: {
      ledgers: { own }
    },
    author,
    theirs
  } = await withClaims()
  const options = { expect: { rule: 'subjects', siblings: [theirs] } }
  const results = await Promise.allSettled([
    own.append(input(2), options),
    own.append(input(3), options),
    own.append({ ...input(4), subject_oid: 'y' })
  ])
  const [written] = results.slice(0, 2).filter((one) => one.status === 'fulfilled')
  const [refused, ...more] = results.filter((one) => one.status === 'rejected')
  expect(more).toEqual([])
  expect(refused!.reason).toMatchObject({ code: 'STALE' })
  const first = written!.value
  expect(first.entry.meta).toEqual({
    crossLedgerRefs: [{ ledgerId: author.id, entryId: 'entry-1', entryHash: theirs, referenceType: 'derived' }]
  })
  // its own place says that the next one has seen it: no reference is added
  expect(
    (await own.append(input(5), { expect: { rule: 'subjects', siblings: [first.entry.hash] } })).entry.meta
  ).toEqual({})
})

test('the same append again gives what was stored, whatever stands there by now', async () => {
  const {
    node: {
      ledgers: { own }
    },
    theirs
  } = await withClaims()
  const options = { expect: { rule: 'subjects', siblings: [theirs] } }
  const {
    entry: { hash }
  } = await own.append(input(2, 'once'), options)
  expect(await own.append(input(2, 'once'), options)).toMatchObject({ entry: { hash }, existing: true })
  await expect(own.append(input(3, 'once'), options)).rejects.toMatchObject({ code: 'ID_TAKEN' })
  await expect(own.append(input(2, 'twice'), options)).rejects.toMatchObject({
    code: 'STALE',
    details: { siblings: [hash] }
  })
})

test('expecting nothing is to be the first', async () => {
  const {
    node: {
      ledgers: { own }
    }
  } = await withClaims()
  const options = { expect: { rule: 'subjects', siblings: [] } }
  await expect(own.append(input(2), options)).rejects.toMatchObject({ code: 'STALE' })
  await expect(own.append({ ...input(2), subject_oid: 'new' }, options)).resolves.toMatchObject({ existing: false })
})

test.each<[string, object, object]>([
  ['a rule that there is not', { rule: 'none', siblings: [] }, {}],
  ['an entry that is no claim', { rule: 'subjects', siblings: [] }, { stream: 'other' }],
  ['an entry without the key', { rule: 'subjects', siblings: [] }, { subject_oid: null }],
  ['a sibling that is no hash', { rule: 'subjects', siblings: ['x'] }, {}],
  ['no list', { rule: 'subjects' }, {}],
  ['what there is not', { rule: 'subjects', siblings: [], more: 1 }, {}]
])('%s is refused', async (_, given, more) => {
  const {
    node: {
      ledgers: { own }
    }
  } = await withClaims()
  await expect(own.append({ ...input(2), ...more }, { expect: given as never })).rejects.toMatchObject({
    code: 'INVALID_PARAMS'
  })
  await expect(
    own.appendBatch([input(1), input(2)], { expect: { rule: 'subjects', siblings: [] } })
  ).rejects.toMatchObject({ code: 'INVALID_PARAMS' })
})

test('a hash that nobody holds is STALE', async () => {
  const {
    node: {
      ledgers: { own }
    }
  } = await withClaims()
  await expect(
    own.append(input(2), { expect: { rule: 'subjects', siblings: ['f'.repeat(64)] } })
  ).rejects.toMatchObject({ code: 'STALE' })
})
