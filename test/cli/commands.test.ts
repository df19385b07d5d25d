import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test, vi } from 'vitest'
import { reportFailure } from '../../src/cli/failure.js'
import { makeProgram } from '../../src/cli/program.js'
import { ADDRESS, KNOWN_LEDGER } from '../../src/rpc/methods/examples.js'
import { OTHER, OWN } from '../rpc/fake-node.js'
import { cli, cliJson, finish, MAIN, spawnNode, startNode, temporaryHome } from './run-cli.js'

describe('remote commands', () => {
  test('append, get and query: for people and with --json, before or after the command', async () => {
    const { home, node } = await startNode()
    const text = await cli(home, [
      'append',
      '--stream',
      'notes',
      '--type',
      'note',
      '--payload',
      '{"text":"hello"}',
      '--id',
      'n-1',
      '--subject-oid',
      'oid:x'
    ])
    expect(text).toMatchObject({ code: 0, stderr: '', stdout: expect.stringContaining('Appended.') })
    expect(node.calls.at(-1)).toMatchObject({
      args: [{ stream: 'notes', type: 'note', payload: { text: 'hello' }, id: 'n-1', subject_oid: 'oid:x' }, {}]
    })
    expect(JSON.parse((await cli(home, ['get', 'n-1', '--json'])).stdout)).toMatchObject({
      entry: { id: 'n-1', ledger: OWN }
    })
    expect(await cliJson(home, ['query', '--stream', 'notes', '--limit', '5', '--order', 'desc'])).toMatchObject({
      entries: [{ id: 'n-1' }],
      hasMore: false
    })
    expect(node.calls.at(-1)).toEqual({
      method: 'query',
      args: [{ stream: 'notes', limit: 5, order: 'desc' }, undefined]
    })
    expect((await cli(home, ['query'])).stdout).toMatch(/SEQ +ID +STREAM.*\n0 +n-1 +notes/)
  })
  test('query --all goes through the pages', async () => {
    const { home, node } = await startNode()
    for (let at = 0; at < 1203; at++) await node.append({ stream: 's', type: 't', id: `e-${at}` })
    const { stdout } = await cli(home, ['query', '--all', '--json'])
    const ids = stdout
      .trim()
      .split('\n')
      .map((line) => (JSON.parse(line) as { id: string }).id)
    expect(ids).toEqual(Array.from({ length: 1203 }, (_value, at) => `e-${at}`))
  })
  test.each([
    [['status'], 'acme'],
    [['id'], OWN],
    [['ledgers'], OTHER],
    [['peers'], 'us '],
    [['head'], 'root'],
    [['verify'], 'valid'],
    [['doctor'], 'Nothing is wrong.'],
    [['evidence'], 'No evidence'],
    [['ledgers', OTHER], OTHER],
    [['ledgers', 'other'], OTHER],
    [['discover', '--capability', 'sync'], 'Nobody was found.'],
    [['follow', OTHER], 'synced'],
    [['unfollow', OTHER, '--forget'], 'deleted'],
    [['connect', ADDRESS], 'by us'],
    [['pull', OTHER], 'synced'],
    [['sync'], 'synced'],
    [['checkpoint'], 'note'],
    [['rpc', 'ledger.head'], OWN],
    [['topology'], '● acme'],
    [['topology', '--format', 'dot'], 'digraph'],
    [['topology', '--format', 'mermaid'], 'flowchart'],
    [['topology', '--format', 'gexf'], '<gexf'],
    [['topology', '--json'], '"trustGraph"']
  ])('%s', async (args, expected) => {
    const { home } = await startNode()
    expect(await cli(home, args)).toMatchObject({ code: 0, stderr: '', stdout: expect.stringContaining(expected) })
  })
  test('`follow <id>#<key>` and `resolve <id> --key <key>` give the key that decides (R1)', async () => {
    const { home, node } = await startNode()
    const given: unknown[] = []
    for (const name of ['follow', 'resolve'] as const) {
      const call = node[name].bind(node) as (...args: unknown[]) => Promise<never>
      node[name] = async (...args: unknown[]) => {
        given.push(args)
        return await call(...args)
      }
    }
    const key = 'd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a'
    expect(await cli(home, ['follow', `${OTHER}#${key}`])).toMatchObject({ code: 0 })
    await cli(home, ['resolve', OTHER, '--key', key])
    expect(given).toMatchObject([
      [OTHER, { key }],
      [OTHER, key]
    ])
    expect(await cli(home, ['follow', `${OTHER}#owner`])).toMatchObject({
      code: 3,
      stderr: expect.stringContaining('key')
    })
  })
  test('a ledger of which nothing is held: its screens say that its nodes alone speak for it', async () => {
    const { home, node } = await startNode()
    const claimed = {
      ...KNOWN_LEDGER,
      ledger: OTHER,
      followed: false,
      access: null,
      size: null,
      nodes: [{ ...KNOWN_LEDGER.nodes[0]!, proof: 'shown' }]
    } as Awaited<ReturnType<typeof node.ledgers>>[number]
    node.ledgers = async () => [claimed]
    node.getLedger = async () => claimed
    expect((await cli(home, ['ledgers'])).stdout).toMatch(
      new RegExp(`^${OTHER} +acme +\\? +\\? +no: unproven +1 of 1 connected$`, 'm')
    )
    expect((await cli(home, ['ledgers', OTHER])).stdout).toContain('no: only claimed by its nodes, unproven')
  })
  test('a payload from a file', async () => {
    const { home, node } = await startNode()
    await writeFile(join(home, 'p.json'), '[1,2]')
    await cli(home, ['append', '--stream', 's', '--type', 't', '--payload', `@${join(home, 'p.json')}`])
    expect(node.entries[0]).toMatchObject({ payload: [1, 2] })
  })
  test('control characters of others do not reach the terminal', async () => {
    const { home, node } = await startNode()
    node.peers = async () => [
      {
        peer: 'p',
        addrs: [],
        direction: 'inbound',
        since: 0,
        ledger: null,
        name: 'evil\u001b[2J\u009b',
        access: null,
        software: null
      }
    ]
    // oxlint-disable-next-line no-control-regex
    expect((await cli(home, ['peers'])).stdout).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/)
  })
  test('events: one line each, until the node stops', async () => {
    const { home, node } = await startNode()
    const [text, json] = [cli(home, ['events', '--kinds', 'evidence', 'record']), cli(home, ['events', '--json'])]
    await expect.poll(() => node.listeners, { timeout: 10_000 }).toBe(2)
    node.happen({ kind: 'trust', at: 0, ledger: OTHER, subject: null })
    node.happen({ kind: 'evidence', at: 0, ledger: OTHER, frozenAt: 3 })
    node.happen({
      kind: 'record',
      at: 0,
      peer: 'p',
      ledger: OTHER,
      name: 'evil\u001b[2J\n',
      addrs: ['a\nb'],
      capabilities: [],
      expires: 0
    })
    await cli(home, ['stop'])
    expect((await text).stdout).toBe(
      `1970-01-01 00:00:00Z  evidence      ${OTHER.slice(0, 12)}  its author signed contradictory statements; frozen at 3 entries\n` +
        `1970-01-01 00:00:00Z  record        p  serves evil\\u001b[2J\\u000a (${OTHER.slice(0, 12)}) at a\\u000ab\n`
    )
    expect((await text).code).toBe(0)
    expect(
      (await json).stdout
        .trim()
        .split('\n')
        .map((line) => (JSON.parse(line) as { kind: string }).kind)
    ).toEqual(['trust', 'evidence', 'record'])
  })
  test('doctor: what is wrong first, with what to do; exit code 1', async () => {
    const { home, node } = await startNode()
    expect(await cli(home, ['doctor'])).toMatchObject({ code: 0, stderr: '', stdout: 'Nothing is wrong.\n' })
    node.report = {
      healthy: false,
      checks: [
        { check: 'disk', ok: true, detail: 'enough', next: null },
        { check: 'keys', ok: true, detail: 'beside', next: 'Move.' },
        { check: 'ledger evil\u001b[2J', ok: false, detail: 'NO_PEERS', next: 'Connect.' }
      ]
    }
    expect(await cli(home, ['doctor'])).toMatchObject({
      code: 1,
      stderr: '',
      stdout:
        '1 thing is wrong:\n✗ ledger evil\\u001b[2J: NO_PEERS\n  → Connect.\n\nAdvice:\n! keys: beside\n  → Move.\n\nIn order:\n✓ disk: enough\n'
    })
    expect(JSON.parse((await cli(home, ['doctor', '--json'])).stdout)).toEqual(node.report)
  })
  test('doctor without a node: exit code 2, and what to do', async () => {
    const home = await temporaryHome()
    expect(await cli(home, ['doctor'])).toMatchObject({
      code: 2,
      stdout: expect.stringMatching(/there is no node in [^]*ledgermesh init/)
    })
    await mkdir(home, { recursive: true })
    await writeFile(join(home, 'ledger.key'), '')
    await writeFile(join(home, 'next.key'), '')
    expect(await cli(home, ['doctor'])).toMatchObject({
      code: 2,
      stdout: expect.stringMatching(/no node answers at [^]*ledgermesh start[^]*Move next.key[^]*disk/)
    })
    expect(JSON.parse((await cli(home, ['doctor', '--json'])).stdout)).toMatchObject({
      healthy: false,
      checks: [{ check: 'node', ok: false }, { check: 'disk' }, { check: 'keys' }]
    })
  })
  test('stop returns when the node has stopped', async () => {
    const { home, stopped } = await startNode()
    expect(await cli(home, ['stop'])).toMatchObject({ code: 0, stdout: 'Stopped.\n' })
    await stopped
    expect(await cli(home, ['stop'])).toMatchObject({ code: 2 })
  })
})

test('follow and trust attest of an id that nobody is known to have: done, with a warning', async () => {
  const { home, node } = await startNode()
  node.ledgers = async () => []
  const follow = node.follow.bind(node)
  node.follow = async (...args) => ({ ...(await follow(...args)), size: 0, peers: 0 })
  expect(await cli(home, ['follow', OTHER])).toMatchObject({
    code: 0,
    stderr: expect.stringMatching(
      /^Warning: nothing of bmj6kx34.* is held here, and no node that has it is known: check the id\./
    )
  })
})

describe('exit codes', () => {
  test('1: refused by the node, with what to do next', async () => {
    const { home } = await startNode()
    expect(await cli(home, ['get', 'nowhere'])).toMatchObject({
      code: 1,
      stdout: '',
      stderr: expect.stringMatching(/no entry with .*NOT_FOUND[^]*Next: Check the id/)
    })
    const { stderr } = await cli(home, ['--json', 'get', 'nowhere'])
    expect(JSON.parse(stderr)).toMatchObject({
      error: { kind: 'NOT_FOUND', retryable: true, next: expect.any(String) }
    })
  })
  test('2: not reachable, and how to start it', async () => {
    const home = await temporaryHome()
    expect(await cli(home, ['status'])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('Start it with `npx ledgermesh start`')
    })
    expect(JSON.parse((await cli(home, ['head', '--json'])).stderr)).toMatchObject({
      error: { kind: 'NODE_UNREACHABLE' }
    })
  })
  test.each([
    [['no-such-command']],
    [[]],
    [['append']],
    [['get']],
    [['follow']],
    [['follow', 'x']],
    [['query', '--limit', 'many']],
    [['query', '--limit', '5000']],
    [['head', '--no-such-flag']],
    [['append', '--stream', 's', '--type', 't', '--payload', 'hello']],
    [['append', '--stream', 's', '--type', 't', '--payload', '{"a":1,"a":2}']],
    [['import', 'no-such-file']],
    [['import', '-', '--wait', 'soon']],
    [['import', '-', '--ledger', 'x=y']],
    [['rpc', 'ledger.head', '{"x":1}']]
  ])('3: usage %j', async (args) => {
    const { home } = await startNode()
    const said: string[] = []
    const spies = [
      vi.spyOn(console, 'error').mockImplementation((text: string) => {
        said.push(text)
      }),
      vi.spyOn(process.stderr, 'write').mockImplementation(() => true)
    ]
    const error: unknown = await (
      await makeProgram()
    )
      .parseAsync(['node', 'ledgermesh', '--home', home, '--json', ...args])
      .catch((thrown: unknown) => thrown)
    const code = reportFailure(error, { json: true, command: args[0] ?? '' })
    for (const spy of spies) spy.mockRestore()
    expect([code, said.length]).toEqual([3, 1])
    expect(JSON.parse(said[0]!)).toMatchObject({
      error: { kind: expect.any(String), message: expect.any(String), next: expect.any(String) }
    })
  })
  test('3: in words', async () => {
    const { home } = await startNode()
    expect(await cli(home, ['follow', 'x'])).toMatchObject({
      code: 3,
      stdout: '',
      stderr: expect.stringMatching(/"x" is no ledger id.*\nNext: /)
    })
    expect(JSON.parse((await cli(home, ['--json'])).stderr)).toMatchObject({ error: { kind: 'USAGE' } })
    expect(await cli(home, ['folow'])).toMatchObject({
      code: 3,
      stdout: '',
      stderr: expect.stringMatching(/unknown command 'folow'[^]*follow[^]*Next: /)
    })
  })
  test('--json: one JSON object on stdout', async () => {
    const { home } = await startNode()
    expect(await cliJson(home, ['status'])).toMatchObject({ node: { ledger: OWN }, ledgers: [{ ledger: OTHER }] })
    expect(await cliJson(home, ['id'])).toMatchObject({ ledger: OWN })
    expect(await cliJson(home, ['verify'])).toMatchObject({ valid: true })
  })
  test('0: help and version', async () => {
    const home = await temporaryHome()
    const help = await cli(home, ['--help'])
    expect(help.code).toBe(0)
    for (const name of [
      'init',
      'start',
      'stop',
      'status',
      'append',
      'import',
      'get',
      'query',
      'follow',
      'unfollow',
      'ledgers',
      'peers',
      'connect',
      'id'
    ])
      expect(help.stdout).toMatch(new RegExp(`^ +${name}\\b`, 'm'))
    expect(await cli(home, ['--version'])).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/)
    })
    expect((await cli(home, ['append', '--help'])).stdout).toMatch(/--issuer-oid <text>[^]*--allow-unresolved/)
  })
  test('the home of the environment, and a socket path that is too long', async () => {
    const { home } = await startNode()
    expect(await finish(spawnNode(MAIN, ['head'], { LEDGERMESH_HOME: home }), '')).toMatchObject({ code: 0 })
    const long = join(home, 'x'.repeat(100))
    await mkdir(long)
    expect(await cli(long, ['head'])).toMatchObject({ code: 3, stderr: expect.stringContaining('limit is 107') })
  })
})
