/** Access tokens: what is kept of them, when they end, and what a damaged or full file means. */
import { readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { AccessTokens, MAX_TOKENS } from '../../../src/node/home/access-tokens.js'
import { MAX_TOKEN_NAMES, TOKEN_SCOPES } from '../../../src/node/api/tokens.js'
import { systemRandom } from '../../../src/node/runtime/system.js'
import { TestClock, TestLog, temporaryFolder, START_MS } from '../../ledger/support.js'

const DAY_MS = 86_400_000
const LEDGER = `b${'a'.repeat(52)}`

async function setup(): Promise<{ path: string; clock: TestClock; log: TestLog; open: () => AccessTokens }> {
  const path = join(await temporaryFolder(), 'http-tokens.json')
  const [clock, log] = [new TestClock(), new TestLog()]
  return { path, clock, log, open: () => new AccessTokens({ path, clock, random: systemRandom, log }) }
}

test('only the hash is kept, in a file of its owner; after a restart the token is known', async () => {
  const { path, open } = await setup()
  const tokens = open()
  const { token, ...listed } = await tokens.create({ name: 'page', scopes: ['append', 'read'] })
  expect(token).toMatch(/^lmt_[0-9a-f]{64}$/)
  expect(listed).toEqual({
    name: 'page',
    scopes: ['read', 'append'],
    ledgers: null,
    streams: null,
    createdAt: START_MS,
    expires: START_MS + 90 * DAY_MS,
    lastUsedAt: null
  })
  const kept = await readFile(path, 'utf8')
  expect(kept).not.toContain(token.slice(4))
  expect(kept).not.toContain(token.slice(4, 20))
  expect((await stat(path)).mode & 0o777).toBe(0o600)
  expect(JSON.stringify(await tokens.list())).not.toContain(token.slice(4, 20))
  const again = open()
  await again.load()
  expect(again.admit(token)).toMatchObject({ name: 'page', scopes: ['read', 'append'] })
})

test('what is no token, one digit away, of another case, or longer, is nobody', async () => {
  const { open } = await setup()
  const tokens = open()
  const { token } = await tokens.create({ name: 'page', scopes: ['read'] })
  const other = token.at(-1) === '0' ? '1' : '0'
  for (const wrong of [
    '',
    'lmt_',
    token.slice(0, -1),
    token.slice(0, -1) + other,
    `${token}0`,
    `${token}\n`,
    ` ${token}`,
    token.toUpperCase(),
    token.slice(4),
    `Bearer ${token}`
  ])
    expect(tokens.admit(wrong)).toBeNull()
  expect(tokens.admit(token)).not.toBeNull()
})

test('it ends when it expires, and at once when it is revoked, also for whoever listens', async () => {
  const { clock, open } = await setup()
  const tokens = open()
  const first = await tokens.create({ name: 'first', scopes: ['read'], expires: START_MS + 1_000 })
  const second = await tokens.create({ name: 'second', scopes: ['read'] })
  const ended: string[] = []
  const stop = tokens.onRevoked((name) => ended.push(name))
  clock.pass(999)
  expect(tokens.admit(first.token)).not.toBeNull()
  clock.pass(1)
  expect(tokens.admit(first.token)).toBeNull()
  const revoking = tokens.revoke('second')
  await Promise.resolve() // not even the write is waited for
  expect(tokens.admit(second.token)).toBeNull()
  expect(ended).toEqual(['second'])
  await revoking
  const again = open()
  await again.load()
  expect(again.admit(second.token)).toBeNull()
  await expect(tokens.revoke('second')).rejects.toMatchObject({ code: 'NOT_FOUND' })
  expect((await tokens.list()).map(({ name }) => name)).toEqual(['first'])
  stop()
  await tokens.revoke('first')
  expect(ended).toEqual(['second'])
})

test('its last use is kept to the minute, without a write for each', async () => {
  const { path, clock, open } = await setup()
  const tokens = open()
  const { token } = await tokens.create({ name: 'page', scopes: ['read'] })
  const used = async (): Promise<unknown> => {
    await tokens.idle()
    return (JSON.parse(await readFile(path, 'utf8')) as { tokens: { lastUsedAt: unknown }[] }).tokens[0]!.lastUsedAt
  }
  tokens.admit(token)
  expect(await used()).toBe(START_MS)
  clock.pass(59_999)
  tokens.admit(token)
  expect(await used()).toBe(START_MS)
  clock.pass(1)
  tokens.admit(token)
  expect(await used()).toBe(START_MS + 60_000)
})

test.each([
  ['a name twice', { name: 'taken', scopes: ['read'] }],
  ['no name', { name: '', scopes: ['read'] }],
  ['a name that writes a line of its own', { name: 'a\nb', scopes: ['read'] }],
  ['no scope', { name: 'x', scopes: [] }],
  ['what no token may do', { name: 'x', scopes: ['socket-only'] }],
  ['a scope that there is not', { name: 'x', scopes: ['admin'] }],
  ['the whole node and yet a limit', { name: 'x', scopes: ['read', 'operate'], ledgers: [LEDGER] }],
  ['asking others and yet a limit', { name: 'x', scopes: ['ask-network'], streams: ['s'] }],
  ['no ledger at all', { name: 'x', scopes: ['read'], ledgers: [] }],
  ['no ledger id', { name: 'x', scopes: ['read'], ledgers: ['acme'] }],
  ['a list too long', { name: 'x', scopes: ['read'], ledgers: Array(MAX_TOKEN_NAMES + 1).fill(LEDGER) }],
  ['a time gone by', { name: 'x', scopes: ['read'], expires: START_MS }],
  ['an option that nobody knows', { name: 'x', scopes: ['read'], admin: true }]
])('refused: %s', async (_what, input) => {
  const tokens = (await setup()).open()
  await tokens.create({ name: 'taken', scopes: ['read'] })
  await expect(tokens.create(input as never)).rejects.toMatchObject({ code: 'INVALID_PARAMS' })
  expect(await tokens.list()).toHaveLength(1)
})

test('the largest that is allowed, and the next larger', async () => {
  const { path, open } = await setup()
  const longest = {
    scopes: [...TOKEN_SCOPES.filter((scope) => ['read', 'private', 'append', 'push'].includes(scope))],
    ledgers: Array.from({ length: MAX_TOKEN_NAMES }, (_, at) => `b${'a'.repeat(50)}${'ab'[at % 2]!}a`),
    streams: Array.from({ length: MAX_TOKEN_NAMES }, (_, at) => `${at}`.padEnd(128, 's'))
  }
  const tokens = open()
  await tokens.create({ name: 'n'.repeat(128), ...longest })
  const one = JSON.parse(await readFile(path, 'utf8')) as { v: number; tokens: { name: string }[] }
  const full = {
    v: 1,
    tokens: Array.from({ length: MAX_TOKENS - 1 }, (_, at) => ({ ...one.tokens[0]!, name: `${at}` }))
  }
  await writeFile(path, JSON.stringify(full))
  const again = open()
  await again.create({ name: 'last', scopes: ['read'] })
  await expect(again.create({ name: 'more', scopes: ['read'] })).rejects.toMatchObject({ code: 'OVERLOADED' })
})

test('a file that is damaged, or by somebody else, lets nobody in', async () => {
  const { path, open } = await setup()
  for (const content of [
    '',
    '{',
    '[]',
    '{"v":2,"tokens":[]}',
    '{"v":1,"tokens":[{"name":"x"}]}',
    '{"v":1,"tokens":[],"x":1}'
  ]) {
    await writeFile(path, content)
    await expect(open().load()).rejects.toMatchObject({
      code: 'BAD_FILE',
      message: expect.stringContaining('make new tokens')
    })
  }
})

test('one that could not be written is none; one that is revoked is none, written or not', async () => {
  const { path, clock, log, open } = await setup()
  const { token } = await open().create({ name: 'page', scopes: ['read'] })
  const nowhere = new AccessTokens({ path: join(path, 'no-folder', 'x'), clock, random: systemRandom, log })
  await expect(nowhere.load()).rejects.toMatchObject({ code: 'BAD_FILE' })
  const lost = new AccessTokens({ path: join(path, '..', 'none', 'x'), clock, random: systemRandom, log })
  await expect(lost.create({ name: 'page', scopes: ['read'] })).rejects.toMatchObject({ code: 'STORE_FAILED' })
  expect(await lost.list()).toEqual([])
  expect(lost.admit(token)).toBeNull()
})
