import { expect, test } from 'vitest'
import type { LedgerEntry } from '../../../src/core/view.js'
import type { AppendInput } from '../../../src/ledger/append/append-input.js'
import type { Ledgers } from '../../../src/ledger/ledgers.js'
import { requireReferences } from '../../../src/node/references/require-references.js'

const [HELD, A, B] = ['h', 'a', 'b'].map((letter) => `b${letter.repeat(51)}a`) as [string, string, string]
const [ONE, TWO] = ['11'.repeat(32), '22'.repeat(32)] as const

type Given = NonNullable<AppendInput['references']>[number]
type Shown = Pick<LedgerEntry, 'id' | 'hash' | 'seq'>

const refer = (ledgerId: string, entryId: string, entryHash?: string): Given => ({
  ledgerId,
  entryId,
  referenceType: 'source',
  ...(entryHash !== undefined && { entryHash })
})

const input = (references?: Given[], id?: string): AppendInput => ({
  stream: 's',
  type: 't',
  ...(references !== undefined && { references }),
  ...(id !== undefined && { id })
})

const asked: { ledger: string; hashes: string[]; ids: string[] }[] = []

/** What is appended then, when others show this of each ledger; null: nobody is asked. */
async function required(inputs: AppendInput[], shown: Record<string, Shown[]> | null): Promise<AppendInput[]> {
  asked.length = 0
  return await requireReferences(inputs, {
    ledgers: {
      own: { get: async ({ id }: { id: string }) => (id === 'appended before' ? {} : null) },
      get: (id: string) => (id === HELD ? { visible: 3 } : id === B ? { visible: 0 } : undefined)
    } as unknown as Ledgers,
    fetch:
      shown === null
        ? null
        : async (ledger, wanted) => {
            asked.push({ ledger, ...wanted })
            return (shown[ledger] ?? []) as LedgerEntry[]
          }
  })
}

test('what nobody shows, or nobody may be asked for, is not signed; all that is missing is named', async () => {
  const inputs = [input([refer(A, 'one'), refer(B, 'two')]), input([refer(A, 'three')])]
  const missing = [
    { ledgerId: A, entryId: 'one' },
    { ledgerId: B, entryId: 'two' },
    { ledgerId: A, entryId: 'three' }
  ]
  for (const shown of [{}, null])
    await expect(required(inputs, shown)).rejects.toMatchObject({ code: 'REFERENCE_UNRESOLVED', details: { missing } })
})

test('a hash that is another entry’s is contradicted, and one that nobody shows unresolved, whatever has that id', async () => {
  const shown = { [A]: [{ id: 'one', hash: ONE, seq: 1 }] }
  await expect(required([input([refer(A, 'two', ONE)])], shown)).rejects.toMatchObject({
    code: 'REFERENCE_CONTRADICTED',
    details: { given: { ledgerId: A, entryId: 'two', entryHash: ONE } }
  })
  await expect(required([input([refer(A, 'one', TWO)])], shown)).rejects.toMatchObject({ code: 'REFERENCE_UNRESOLVED' })
})

test('an entry that was shown by another ledger counts for nothing here', async () => {
  await expect(required([input([refer(A, 'one')])], { [B]: [{ id: 'one', hash: ONE, seq: 1 }] })).rejects.toMatchObject(
    {
      code: 'REFERENCE_UNRESOLVED'
    }
  )
})

test('what is found is written down by its hash, of several with one id that of the lowest', async () => {
  const given = [input([refer(A, 'one'), refer(HELD, 'x')], 'new'), input(), input([refer(A, 'two', TWO)])]
  const shown = {
    [A]: [
      { id: 'one', hash: TWO, seq: 9 },
      { id: 'one', hash: ONE, seq: 2 },
      { id: 'two', hash: TWO, seq: 3 }
    ]
  }
  await expect(required(given, shown)).rejects.toMatchObject({ code: 'REFERENCE_CONTRADICTED' })
  shown[A]!.shift()
  expect(await required(given, shown)).toEqual([
    input([refer(A, 'one', ONE), refer(HELD, 'x')], 'new'),
    input(),
    input([refer(A, 'two', TWO)])
  ])
  expect(asked).toEqual([{ ledger: A, hashes: [TWO], ids: ['one'] }])
})

test('nobody is asked for what is held, for what was appended before, or for what is no list', async () => {
  const inputs = [
    input([refer(HELD, 'x')]),
    input([refer(A, 'one')], 'appended before'),
    input('nonsense' as unknown as Given[]),
    input()
  ]
  expect(await required(inputs, {})).toEqual(inputs)
  expect(asked).toEqual([])
})

test('sixty-four of one ledger at once, each of them once', async () => {
  const references = Array.from({ length: 65 }, (_, n) => refer(A, `${n}`))
  const all = references.map(({ entryId }, seq) => ({ id: entryId, hash: seq.toString(16).padStart(64, '0'), seq }))
  const found = await required([input([...references, refer(A, '64')])], { [A]: all })
  expect(found[0]!.references!.every(({ entryHash }) => typeof entryHash === 'string')).toBe(true)
  expect(asked.map(({ ids }) => ids.length)).toEqual([64, 1])
})
