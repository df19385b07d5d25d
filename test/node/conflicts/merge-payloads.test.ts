import { expect, test } from 'vitest'
import type { Json } from '../../../src/core/canonical.js'
import type { Entry } from '../../../src/core/entry.js'
import { LedgermeshError } from '../../../src/core/errors.js'
import { viewEntry } from '../../../src/core/view.js'
import { readRule, type RuleInput } from '../../../src/conflict/rule.js'
import type { Ledgers } from '../../../src/ledger/ledgers.js'
import type { MergeHandler } from '../../../src/node/api/conflicts.js'
import { mergePayloads } from '../../../src/node/conflicts/merge-payloads.js'
import type { Found } from '../../../src/node/conflicts/resolve-conflict.js'
import { claimKey, seenKey } from '../../../src/store/conflict-keys.js'
import { Author, TestClock } from '../../ledger/support.js'
import { MemoryStore } from '../../store/memory-store.js'

const [a, b] = [await Author.create('a'), await Author.create('b')]
const before = await a.add({}, { stock: 5, tags: ['old'] })
const one = await a.add({}, { stock: 7, tags: ['old', 'new'] })
const two = await b.add({}, { stock: 6, tags: [] })
const ID = `c${'7'.repeat(32)}`

interface Setup {
  payloads?: ('present' | 'erased' | 'unknown')[]
  siblings?: Entry[]
  /** Did b see what a wrote before? */
  seen?: boolean
  erased?: boolean
  handler?: MergeHandler
}

async function merged(merge: RuleInput['merge'], given: Setup = {}): Promise<Json> {
  const { payloads = [], siblings = [one, two], seen = false, erased = false, handler } = given
  const store = new MemoryStore()
  const numbers = new Map([
    [a.id, 1],
    [b.id, 2]
  ])
  const claim = (author: Author, { hash, header: { seq } }: Entry) =>
    ({
      type: 'put',
      key: claimKey('claim', 1, ID, numbers.get(author.id)!, seq),
      value: Buffer.from(hash, 'hex')
    }) as const
  await store.write([claim(a, before), claim(a, one), claim(b, two)])
  if (seen)
    await store.write([{ type: 'put', key: seenKey(1, ID, before.hash, 2, two.header.seq), value: Buffer.of(0) }])
  const rule = readRule({ name: 'r', key: ['stream'], scope: [a.id, b.id], strategy: 'merge', merge: merge ?? null })
  const ledgers = {
    get: () => ({
      get: async () => viewEntry(erased ? { ...before, raw: { ...before.raw, payload: null } } : before, true, 'erased')
    }),
    claimSources: {
      store,
      byNumber: (number: number) => ({ id: [...numbers].find(([, n]) => n === number)![0], counted: 100 })
    }
  } as unknown as Ledgers
  const found = {
    stored: { number: 1, rule, complete: true, configured: false },
    id: ID,
    judged: {
      facts: {
        siblings: siblings.map((entry, i) => ({
          ledger: entry === two ? b.id : a.id,
          seq: entry.header.seq,
          hash: entry.hash,
          entry,
          payload: payloads[i] ?? 'present'
        }))
      }
    }
  } as unknown as Found
  return await mergePayloads(ledgers, found, handler, new TestClock())
}

test.each(['unknown', 'erased'] as const)('of a payload that is %s nothing is made', async (payload) => {
  await expect(merged({ fields: { '*': 'max' } }, { payloads: ['present', payload] })).rejects.toMatchObject({
    code: 'MERGE_FAILED'
  })
})

test('more than four MiB at once is given to nobody', async () => {
  let asked = false
  const large = await a.next({}, 'x'.repeat(200_000))
  const handler = (): null => {
    asked = true
    return null
  }
  await expect(merged(null, { siblings: Array.from({ length: 22 }, () => large), handler })).rejects.toMatchObject({
    code: 'MERGE_FAILED'
  })
  expect(asked).toBe(false)
})

test('a handler that is lacking, throws or answers nothing is a merge that failed; one that says why is heard', async () => {
  for (const handler of [
    undefined,
    () => null,
    () => undefined as unknown as Json,
    () => {
      throw new Error('no')
    }
  ])
    await expect(merged(null, { handler: handler! })).rejects.toMatchObject({ code: 'MERGE_FAILED' })
  const coded = (): never => {
    throw new LedgermeshError('QUOTA', 'full')
  }
  await expect(merged(null, { handler: coded })).rejects.toMatchObject({ code: 'QUOTA' })
})

test('a handler is given the siblings and what both were made from, if all of them have seen it', async () => {
  const bases: unknown[] = []
  const handler: MergeHandler = async (siblings, base) => {
    bases.push(base?.payload ?? null)
    return siblings.map(({ seq }) => seq)
  }
  expect(await merged(null, { handler })).toEqual([2, 1])
  await merged(null, { handler, seen: true })
  await merged(null, { handler, seen: true, erased: true })
  expect(bases).toEqual([null, { stock: 5, tags: ['old'] }, null])
})

test('fields are merged by the rule, against the base; what it does not name fails, and says where', async () => {
  const fields = { fields: { '/stock': 'max', '/tags': 'union' } } as const
  expect(await merged(fields, { seen: true }), 'b took the old tag out').toEqual({ stock: 7, tags: ['new'] })
  expect(await merged(fields)).toEqual({ stock: 7, tags: expect.arrayContaining(['new', 'old']) })
  await expect(merged({ fields: { '/stock': 'max' } })).rejects.toThrow('/tags')
})
