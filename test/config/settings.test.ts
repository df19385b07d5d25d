/** Settings in flags, variables and config.json: one table, and each place names them alike. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { makeProgram } from '../../src/cli/program.js'
import { loadConfig, type Environment } from '../../src/config/config.js'
import { fromEnvironment, fromFlags, valueAt } from '../../src/config/layers.js'
import { schema, type ConfigInput } from '../../src/config/schema.js'
import { RELOADED_KEYS, SETTINGS } from '../../src/config/settings.js'

let file: string
beforeEach(() => {
  const home = mkdtempSync(join(tmpdir(), 'lm-layers-'))
  file = join(home, 'config.json')
  onTestFinished(() => {
    rmSync(home, { recursive: true, force: true })
  })
})

function load(stored: object, env: Environment = {}, flags: ConfigInput = {}): ReturnType<typeof loadConfig> {
  writeFileSync(file, JSON.stringify(stored))
  return loadConfig(file, flags, env)
}

function problem(stored: object, env: Environment, flags: ConfigInput = {}): string {
  try {
    load(stored, env, flags)
    return 'none'
  } catch (error) {
    return `${(error as { code: string }).code}: ${(error as Error).message.replace(file, '~')}`
  }
}

const setting = (key: string): (typeof SETTINGS)[number] => SETTINGS.find((one) => one.key === key)!

describe('what cannot be meant is refused, by the name that was written', () => {
  test.each<[Environment, RegExp]>([
    [{ LEDGERMESH_LISTN: '/ip4/127.0.0.1/tcp/0' }, /BAD_CONFIG: LEDGERMESH_LISTN in the environment: there is no such/],
    [{ LEDGERMESH_PUSH: '{}' }, /LEDGERMESH_PUSH in the environment/],
    [{ LEDGERMESH_listen: 'x' }, /LEDGERMESH_listen in the environment/],
    [{ LEDGERMESH_DHT: 'no' }, /LEDGERMESH_DHT is "no": it takes true or false/],
    [{ LEDGERMESH_DHT: '1' }, /LEDGERMESH_DHT is 1: it takes true or false/],
    [{ LEDGERMESH_MIN_TRUST_MILLI: '1001' }, /LEDGERMESH_MIN_TRUST_MILLI is 1001: it is more than 1000/],
    [{ LEDGERMESH_LIMITS_MAX_JOBS: 'many' }, /LEDGERMESH_LIMITS_MAX_JOBS is "many": it takes a number/],
    [{ LEDGERMESH_LOG_LEVEL: 'loud' }, /LEDGERMESH_LOG_LEVEL is "loud": it takes "debug" or/],
    [{ LEDGERMESH_ALLOW: '["x"]' }, /LEDGERMESH_ALLOW is "x": it takes peer ids/],
    [{ LEDGERMESH_RULES: '[{]' }, /LEDGERMESH_RULES is "\[\{\]": it takes a list/],
    [{ LEDGERMESH_READ_SOCKET_PATH: '/x/node.sock' }, /readSocket\.group is missing/],
    [{ LEDGERMESH_AUTO_SYNC: '{"replica": 1}' }, /LEDGERMESH_AUTO_SYNC is|there is no setting "autoSync\.replica"/]
  ])('%j', (env, expected) => {
    expect(problem({}, env)).toMatch(expected)
  })
  test('what a variable overrides is still checked, and what a flag overrides of a variable', () => {
    expect(problem({ dht: 'no' }, { LEDGERMESH_DHT: 'true' })).toMatch(/~: dht is "no"/)
    expect(problem({ push: 5 }, { LEDGERMESH_PUSH_ACCEPT: 'ask' })).toMatch(/~: push is 5/)
    expect(problem({}, {}, { push: { limits: { bogus: 1 } } } as never)).toMatch(
      /there is no setting "push\.limits\.bogus"/
    )
  })
  test('a member named __proto__ is an unknown setting', () => {
    writeFileSync(file, '{"__proto__": {"dht": false}}')
    expect(() => loadConfig(file, {}, { LEDGERMESH_REGION: 'eu' })).toThrow(
      expect.objectContaining({ code: 'BAD_CONFIG' })
    )
  })
})

test('flags over variables over the file over defaults, setting by setting, and each says where it is from', () => {
  const { config, originOf } = load(
    { push: { accept: 'ask', limits: { ledgers: 5 } }, region: 'file', logLevel: 'warn' },
    { LEDGERMESH_PUSH_LIMITS_BYTES: '77', LEDGERMESH_REGION: 'variable', LEDGERMESH_NAME: '', LEDGERMESH_HOME: '/x' },
    { region: 'flag', listen: ['/ip4/127.0.0.1/tcp/0'] }
  )
  expect(config).toMatchObject({
    region: 'flag',
    logLevel: 'warn',
    push: { accept: 'ask', limits: { ledgers: 5, bytes: 77, freeDisk: 1024 ** 3 } }
  })
  expect(config.name).toBeUndefined()
  const from = (key: string): string => Object.values(originOf(setting(key))).join(' ')
  expect(['region', 'push.limits.bytes', 'push.accept', 'dht'].map(from)).toEqual([
    'flag --region',
    'environment LEDGERMESH_PUSH_LIMITS_BYTES',
    `file ${file}`,
    'default '
  ])
})

test('lists are written with blanks or commas, or as JSON; files are named from where one stands', () => {
  const env = { LEDGERMESH_LISTEN: '/ip4/127.0.0.1/tcp/1, /ip6/::1/tcp/2', LEDGERMESH_CAPABILITIES: '["a b","c"]' }
  expect(load({}, env).config).toMatchObject({
    listen: ['/ip4/127.0.0.1/tcp/1', '/ip6/::1/tcp/2'],
    capabilities: ['a b', 'c']
  })
  expect(fromEnvironment({ LEDGERMESH_PSK: 'k' })).toEqual({ psk: join(process.cwd(), 'k') })
  expect(load({ psk: 'k' }).config.psk).toBe(join(file, '..', 'k'))
})

test('every setting can be said in all three places, under names of its own, and means the same', async () => {
  const VALUES: Record<string, string> = {
    text: '/tmp/x',
    number: '16',
    choice: 'true',
    texts: '/ip4/127.0.0.1/tcp/0',
    json: 'true'
  }
  expect(SETTINGS.length).toBeGreaterThan(35)
  for (const names of [SETTINGS.map(({ flag }) => flag), SETTINGS.map(({ env }) => env)])
    expect(new Set(names).size).toBe(SETTINGS.length)
  const program = await makeProgram(['start'])
  const options = program.commands[0]!.options.map(({ long }) => long)
  expect(new Set(SETTINGS.map(({ path }) => path[0]))).toEqual(new Set(Object.keys(schema.shape)))
  for (const one of SETTINGS) {
    expect(`${one.key}: ${one.what}`).toMatch(/: .+\.$/)
    expect(options).toContain(one.flag)
    const text = one.choices[0] ?? VALUES[one.kind]!
    const byEnv = valueAt(fromEnvironment({ [one.env]: text }), one.path)
    const byFlag = valueAt(
      fromFlags(({ flag }) => (flag === one.flag ? (one.kind === 'texts' ? [text] : text) : undefined)),
      one.path
    )
    expect({ key: one.key, byEnv }).toEqual({ key: one.key, byEnv: byFlag })
    expect(byEnv).toBeDefined()
  }
})

test('what a running node takes over is a short list', () => {
  expect(RELOADED_KEYS).toEqual(['bootstrap', 'allow', 'logLevel'])
})
