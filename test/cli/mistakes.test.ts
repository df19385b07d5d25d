/**
 * Mistakes of a first hour: each ends soon, in a coded error that names the flag, file, key or line, and says nothing
 * that is not the case.
 */
import { spawn, type ChildProcess } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { gzipSync } from 'node:zlib'
import { commandOf } from '../../src/cli/command-of.js'
import { reportFailure } from '../../src/cli/failure.js'
import { makeProgram } from '../../src/cli/program.js'
import { paths } from '../../src/config/paths.js'
import { startRpcServer, type RpcServer } from '../../src/rpc/index.js'
import { FakeNode } from '../rpc/fake-node.js'
import { silent } from '../rpc/raw-client.js'
import { FAKE_DAEMON } from './run-cli.js'

/** Milliseconds in which every mistake ends. */
const SOON_MS = 10_000
const PEER = '12D3KooWK99VoVxNE7XzyBwXEzW7xhK7Gpv85r9F3V3fyKSUKPH5'

let folder: string
/**
 * A home with a node that answers, one without anything, one whose node is stopped by a signal, one where something
 * else listens.
 */
let running: string
let server: RpcServer
let hung: ChildProcess
const others = createServer((socket) => {
  socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')
})
const file = (name: string): string => join(folder, name)

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'lm-mistakes-'))
  running = file('running')
  for (const home of ['running', 'empty', 'hung', 'foreign', 'keyed', 'psk']) mkdirSync(file(home), { mode: 0o700 })
  server = await startRpcServer({
    socket: paths(running).socket,
    node: new FakeNode(),
    log: silent,
    onStop: () => undefined
  })
  hung = spawn(process.execPath, [FAKE_DAEMON, file('hung')], { stdio: ['ignore', 'pipe', 'ignore'] })
  await new Promise((resolve) => {
    hung.stdout!.once('data', resolve)
  })
  hung.kill('SIGSTOP')
  mkdirSync(paths(file('foreign')).rpcDir, { mode: 0o700 })
  await new Promise<void>((resolve) => {
    others.listen(paths(file('foreign')).socket, resolve)
  })
  writeFileSync(file('a-file'), 'x')
  writeFileSync(file('text'), 'one\ntwo\nthree\n')
  writeFileSync(file('table.csv'), 'id,stream\n1,s\n2,s\n')
  writeFileSync(file('array.json'), '[{"stream":"s","type":"t"}]')
  writeFileSync(file('utf16.jsonl'), Buffer.from('\ufeff{"stream":"s","type":"t"}\n', 'utf16le'))
  writeFileSync(file('cut.gz'), gzipSync('{"stream":"s","type":"t"}\n'.repeat(100)).subarray(0, 30))
  writeFileSync(file('zeros'), Buffer.alloc(2000))
  writeFileSync(file('empty.json'), '')
  writeFileSync(file('line.jsonl'), '{"stream":"s","type":"t"}\n{"stream":"s","typo":"t"}\n')
  writeFileSync(file('keyed/ledger.key'), 'not a key', { mode: 0o600 })
  writeFileSync(file('keyed/next.key'), 'f'.repeat(64), { mode: 0o600 })
  writeFileSync(file('psk/config.json'), '{"psk": "nowhere.key"}')
  symlinkSync(file('loop'), file('loop'))
})

afterAll(async () => {
  hung.kill('SIGKILL')
  others.close()
  await server.close()
  rmSync(folder, { recursive: true, force: true })
})

interface Told {
  kind: string
  message: string
  next: string
  code: number
  ms: number
}

async function run(home: string, args: string[]): Promise<Told> {
  const words = [
    '--home',
    home.startsWith('/') ? home : file(home),
    '--json',
    ...args.map((arg) => arg.replace('~', folder))
  ]
  const said: string[] = []
  const started = performance.now()
  const spies = [
    vi.spyOn(console, 'error').mockImplementation((text: string) => {
      said.push(text)
    }),
    vi.spyOn(console, 'log').mockImplementation(() => undefined),
    vi.spyOn(process.stderr, 'write').mockImplementation(() => true)
  ]
  try {
    const program = await makeProgram(words)
    const thrown: unknown = await program.parseAsync(['node', 'ledgermesh', ...words]).catch((one: unknown) => one)
    const ms = performance.now() - started
    if (thrown === program) {
      const problem = said.map((text) => JSON.parse(text) as Told & { line: number })[0]
      return {
        kind: 'NONE',
        message: '',
        next: '',
        code: Number(process.exitCode ?? 0),
        ms,
        ...(problem === undefined
          ? {}
          : { kind: 'LINE', message: `line ${problem.line}: ${problem.message}`, next: 'listed.' })
      }
    }
    const code = reportFailure(thrown, { json: true, command: commandOf(program, words) })
    return { ...(JSON.parse(said.at(-1)!) as { error: Told }).error, code, ms }
  } finally {
    for (const spy of spies) spy.mockRestore()
    process.exitCode = undefined
  }
}

const START = ['start', '--listen', '/ip4/127.0.0.1/tcp/0']

const MISTAKES: [home: string, args: string[], kind: string, names: RegExp][] = [
  // flags and commands
  ['running', ['stattus'], 'USAGE', /stattus/],
  ['running', ['status', '--jsn'], 'USAGE', /--jsn/],
  ['running', ['append'], 'USAGE', /--stream/],
  ['running', ['append', '--stream', 's'], 'USAGE', /--type/],
  ['running', ['append', '--stream'], 'USAGE', /--stream/],
  ['running', ['append', '--stream', 's', '--type', 't', '--payload', 'hello'], 'INVALID_PARAMS', /payload/],
  ['running', ['append', '--stream', 's', '--type', 't', '--payload', '{"a":1,"a":2}'], 'MALFORMED', /payload.*"a"/],
  [
    'running',
    ['append', '--stream', 's', '--type', 't', '--payload', '@~/nowhere.json'],
    'INVALID_PARAMS',
    /payload.*nowhere\.json/
  ],
  ['running', ['append', '--stream', 's', '--type', 't', '--payload', '@~/zeros'], 'INVALID_PARAMS', /payload/],
  ['running', ['append', '--stream', '', '--type', 't'], 'INVALID_PARAMS', /stream/],
  ['running', ['append', '--stream', 's', '--type', 'ledger.erase'], 'RESERVED_TYPE', /ledger\.erase/],
  ['running', ['append', '--stream', 's', '--type', 't', '--timestamp', 'soon'], 'INVALID_PARAMS', /timestamp/],
  ['running', ['append', '--stream', 's', '--type', 't', '--meta', '[1]'], 'INVALID_PARAMS', /meta/],
  ['running', ['query', '--limit', 'many'], 'INVALID_PARAMS', /limit/],
  ['running', ['query', '--limit', '0'], 'INVALID_PARAMS', /limit/],
  ['running', ['query', '--limit', '5000'], 'INVALID_PARAMS', /limit/],
  ['running', ['query', '--order', 'up'], 'INVALID_PARAMS', /order/],
  ['running', ['get'], 'INVALID_PARAMS', /exactly one of id, hash and seq/],
  ['running', ['get', 'nowhere'], 'NOT_FOUND', /nowhere/],
  ['running', ['get', 'a', 'b'], 'USAGE', /too many arguments/],
  ['running', ['trust'], 'USAGE', /command/],
  ['running', ['rpc', 'ledger.hed'], 'METHOD_NOT_FOUND', /ledger\.hed/],
  ['running', ['rpc', 'ledger.head', '{"x":1}'], 'INVALID_PARAMS', /"x"/],
  ['running', ['rpc', 'ledger.head', 'x'], 'MALFORMED', /JSON/],
  ['running', ['rpc', 'ledger.head', '5'], 'INVALID_PARAMS', /object or an array/],
  ['running', ['start', '--log-level', 'loud'], 'USAGE', /--log-level/],
  ['running', ['start', '--access', 'secret'], 'USAGE', /--access/],
  // files of every wrong sort
  ['running', ['import', '~/nowhere.jsonl'], 'BAD_FILE', /nowhere\.jsonl: there is no such file/],
  ['running', ['import', '~'], 'BAD_FILE', /it is a folder/],
  ['running', ['import', '~/table.csv'], 'BAD_FILE', /table\.csv is a table of 2 columns \(CSV\)/],
  ['running', ['import', '~/array.json'], 'BAD_FILE', /array\.json is a JSON array/],
  ['running', ['import', '~/utf16.jsonl'], 'BAD_FILE', /utf16\.jsonl is UTF-16 text/],
  ['running', ['import', '~/zeros'], 'BAD_FILE', /zeros is a binary file/],
  ['running', ['import', '~/text'], 'BAD_FILE', /text is text without JSON objects/],
  ['running', ['import', '~/cut.gz'], 'BAD_FILE', /cut\.gz: unexpected end of file \(nothing was taken\)/],
  ['running', ['import', '~/loop'], 'BAD_FILE', /loop.*too many symbolic links/],
  ['running', ['import', '~/line.jsonl'], 'LINE', /line 2: .*typ/],
  ['running', ['import', '~/line.jsonl', '--wait', 'soon'], 'INVALID_PARAMS', /--wait "soon"/],
  ['running', ['import', '~/line.jsonl', '--list', 'all'], 'INVALID_PARAMS', /--list "all"/],
  ['running', ['import', '~/line.jsonl', '--ledger', 'x=y'], 'INVALID_PARAMS', /--ledger "x=y"/],
  ['empty', ['verify', '~/nowhere.json'], 'BAD_FILE', /nowhere\.json/],
  ['empty', ['verify', '~/text'], 'BAD_FILE', /text is neither a proof/],
  ['empty', ['verify', '~/empty.json'], 'BAD_FILE', /empty\.json is neither/],
  ['empty', ['verify', '~/utf16.jsonl'], 'BAD_FILE', /utf16\.jsonl is UTF-16 text/],
  ['empty', ['verify', '~/zeros'], 'BAD_FILE', /zeros is a binary file/],
  ['empty', ['verify', '~/cut.gz'], 'BAD_FILE', /cut\.gz/],
  // homes and permissions
  ['/proc/x', ['init'], 'BAD_FILE', /\/proc\/x: there is no such file or folder/],
  ['/proc/x', [...START], 'BAD_FILE', /\/proc\/x/],
  ['/proc/x', [...START, '--detach'], 'BAD_FILE', /\/proc\/x/],
  ['/dev/null', ['init'], 'BAD_FILE', /\/dev\/null/],
  ['/dev/null/deep', ['init'], 'BAD_FILE', /\/dev\/null/],
  ['a-file', ['init'], 'BAD_FILE', /a-file/],
  ['loop', ['init'], 'BAD_FILE', /loop/],
  [`/tmp/${'x'.repeat(300)}`, ['init'], 'BAD_FILE', /too long/],
  [`/tmp/${'x'.repeat(120)}`, [...START], 'BAD_CONFIG', /the socket path has \d+ bytes/],
  ['keyed', ['init'], 'BAD_FILE', /ledger\.key is not a key file/],
  ['psk', [...START], 'BAD_CONFIG', /config\.json: psk: .*nowhere\.key: there is no such file/],
  ['empty', ['id'], 'NO_LEDGER', /there is no ledger in .*empty/],
  ['empty', ['fsck'], 'NO_LEDGER', /there is no ledger in .*empty/],
  ['empty', ['keys', 'show'], 'NO_LEDGER', /there is no ledger in .*empty/],
  ['empty', ['keys', 'rotate'], 'NO_LEDGER', /there is no ledger in .*empty/],
  // addresses and settings
  [
    'empty',
    ['start', '--listen', '127.0.0.1:7440'],
    'BAD_CONFIG',
    /--listen: .*did you mean \/ip4\/127\.0\.0\.1\/tcp\/7440/
  ],
  ['empty', ['start', '--listen', '/ip4/127.0.0.1/udp/0'], 'BAD_CONFIG', /--listen: only TCP/],
  ['empty', [...START, '--bootstrap', 'nonsense'], 'BAD_CONFIG', /--bootstrap: .*"nonsense"/],
  ['empty', [...START, '--bootstrap', '/ip4/127.0.0.1/tcp/7440'], 'BAD_CONFIG', /--bootstrap: .*\/p2p\//],
  ['empty', [...START, '--bootstrap-file', '~/nowhere.json'], 'BAD_CONFIG', /nowhere\.json/],
  ['empty', [...START, '--bootstrap-file', '~/text'], 'BAD_CONFIG', /text: not JSON/],
  ['empty', [...START, '--network', 'My Net'], 'BAD_CONFIG', /--network is "My Net"/],
  ['empty', [...START, '--name', ''], 'BAD_CONFIG', /--name is ""/],
  // daemons that are down, hung, or something else
  ['empty', ['status'], 'NODE_UNREACHABLE', /no node answers at .*empty/],
  ['empty', ['import', '~/line.jsonl'], 'NODE_UNREACHABLE', /no node answers at .*empty/],
  ['empty', ['follow', PEER], 'NODE_UNREACHABLE', /no node answers at .*empty/],
  ['hung', ['status'], 'NO_ANSWER', /has not answered for 5 s/],
  ['foreign', ['status'], 'NO_ANSWER', /not a node: it did not answer in JSON/]
]

test(`there are at least 70, and each has an error of its own kind within ${SOON_MS / 1000} s`, async () => {
  expect(MISTAKES.length).toBeGreaterThanOrEqual(70)
  const wrong: unknown[] = []
  for (const [home, args, kind, names] of MISTAKES) {
    const told = await run(home, args)
    const right =
      told.kind === kind && names.test(told.message) && told.ms < SOON_MS && told.next.length > 5 && told.code > 0
    if (!right || told.kind === 'INTERNAL') wrong.push({ home, args, expected: kind, ...told })
  }
  expect(wrong).toEqual([])
}, 120_000)
