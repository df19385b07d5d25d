/** Log lines can be searched and alerted on: constant event names and messages, and one key for one thing. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { readImports, ROOT } from '../../scripts/house/imports.js'
import { logCalls } from '../../scripts/house/log-lines.js'

/** What a line must not call what has a name: LogFields of src/ports.ts. */
const OTHER_NAMES = new Map([
  ['err', 'error'],
  ['exception', 'error'],
  ['message', 'error'],
  ['problem', 'error'],
  ['stack', 'error'],
  ['id', 'ledger'],
  ['ledgerId', 'ledger'],
  ['ledger_id', 'ledger'],
  ['mirror', 'ledger'],
  ['peerId', 'peer'],
  ['peer_id', 'peer'],
  ['remote', 'peer'],
  ['registry', 'peer'],
  ['node', 'peer'],
  ['errorCode', 'code']
])

const calls = [...readImports().keys()]
  .filter((file) => file.startsWith('src/'))
  .flatMap((file) => logCalls(file, readFileSync(join(ROOT, file), 'utf8')))

test('every line has a constant event name, first, and a constant message', () => {
  expect(calls.length).toBeGreaterThan(100)
  expect(calls.filter(({ event }) => event === null || !/^[a-z]+\.[a-z]+(-[a-z]+)*$/.test(event))).toEqual([])
  expect(calls.filter(({ message }) => message === null)).toEqual([])
})

test('one event is one message', () => {
  const messages = new Map<string, Set<string>>()
  for (const { event, message } of calls) messages.set(event!, (messages.get(event!) ?? new Set()).add(message!))
  expect([...messages].filter(([, each]) => each.size > 1)).toEqual([])
})

test('one thing has one key', () => {
  const other = calls.flatMap(({ where, keys }) =>
    keys.filter((key) => OTHER_NAMES.has(key)).map((key) => `${where}: ${key}, not ${OTHER_NAMES.get(key)}`)
  )
  expect(other).toEqual([])
})

test('a line without an event, with words put together, or with another key is found', () => {
  const found = logCalls(
    'x.ts',
    "log.warn({ peer }, 'a')\nthis.#init.log[ours ? 'error' : 'debug']({ event: 'a.b', err }, `b ${peer}`)\nconsole.error('c')"
  )
  expect(found).toEqual([
    { where: 'x.ts:1', event: null, message: 'a', keys: ['peer'] },
    { where: 'x.ts:2', event: 'a.b', message: null, keys: ['event', 'err'] }
  ])
})
