/** Changes of rules that come at the same time leave one rule of a name, in memory and on the disk. */
import { expect, test } from 'vitest'
import { readRule, type RuleInput } from '../../../src/conflict/rule.js'
import { RuleBook } from '../../../src/ledger/claims/rule-book.js'
import { openNode } from '../support.js'

const rule = (streams: string[]): ReturnType<typeof readRule> =>
  readRule({ name: 'one', key: ['id'], scope: 'held', match: { streams } } as RuleInput as never)

test('a rule that is changed while it is called complete', async () => {
  const { store } = await openNode()
  const book = new RuleBook(store)
  await book.set(rule(['a']))
  const { number } = book.active[0]!
  await Promise.all([book.set(rule(['b'])), book.completed(number), book.set(rule(['c'])), book.cleared(number)])
  expect(book.active).toMatchObject([{ rule: { match: { streams: ['c'] } }, complete: false }])
  await Promise.all([book.completed(book.active[0]!.number), book.remove('one')])
  expect(book.active).toEqual([])
  const again = new RuleBook(store)
  await again.load()
  expect(again.active).toEqual([])
  expect(again.removing).toEqual(book.removing)
})
