/** The two clients that ship, over the socket and over HTTP, held to the table: each call comes out the same. */
import { spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { expect, onTestFinished, test, vi } from 'vitest'
import { HttpClient, isCoded } from '../../src/client.js'
import { TOKEN_SCOPES } from '../../src/node/api/tokens.js'
import type { FeedNotice } from '../../src/node/api/feed.js'
import { LedgerClient } from '../../src/rpc/client.js'
import { METHODS, type MethodName } from '../../src/rpc/methods/index.js'
import { startRpcServer } from '../../src/rpc/index.js'
import { PYTHON_CLIENT } from '../../scripts/python-client.js'
import { noPython } from '../examples/no-python.js'
import { EXPIRED } from '../rpc/fake-feed.js'
import { FakeNode } from '../rpc/fake-node.js'
import { silent, startRig } from '../rpc/raw-client.js'
import { startHttp, type HttpRig } from './rig.js'

const NAMES = (Object.keys(METHODS) as MethodName[]).filter(
  (name) => METHODS[name].access !== 'socket-only' && !/\.(?:un)?subscribe$/.test(name)
)
const { after } = METHODS['feed.read'].example.params as { after: string }
const EVENTS = METHODS['feed.read'].example.result.events as never[]

/** What comes of the example of each method: its result, or the code. */
async function outcomes(client: Pick<LedgerClient, 'call'>): Promise<Record<string, unknown>> {
  const found: Record<string, unknown> = {}
  for (const name of NAMES) {
    const call = client.call.bind(client) as (name: MethodName, params: object) => Promise<unknown>
    found[name] = await call(name, METHODS[name].example.params).catch((error: unknown) =>
      isCoded(error) ? error.code : error
    )
  }
  return found
}

async function httpClient(rig: HttpRig): Promise<HttpClient> {
  const client = new HttpClient(rig.server.url!, { token: await rig.token(TOKEN_SCOPES) })
  onTestFinished(() => client.close())
  return client
}

async function overSocket(): Promise<LedgerClient> {
  const { path, close } = await startRig()
  onTestFinished(() => close())
  const client = await LedgerClient.connect(path)
  onTestFinished(() => client.close())
  return client
}

test.each([
  ['no address', 'nowhere', 'x'],
  ['another scheme', 'file:///etc/passwd', 'x'],
  ['a path', 'http://127.0.0.1:1/rpc', 'x'],
  ['a name and a password', 'http://a:b@127.0.0.1:1', 'x'],
  ['no token', 'http://127.0.0.1:1', 'secret'],
  ['a token that writes a header', 'http://127.0.0.1:1', `lmt_${'0'.repeat(64)}\r\nX: y`]
])('the client takes no %s', (_what, url, token) => {
  expect(() => new HttpClient(url, { token: token === 'x' ? `lmt_${'0'.repeat(64)}` : token })).toThrow(
    /^(a node is named|an access token is)/
  )
})

test('a server that is no node, answers nonsense, or sends elsewhere, gets no token twice and is told apart', async () => {
  const heard: (string | undefined)[] = []
  const answers = ['<html>', '{"a":1}{"b":2}', '[]', '{"jsonrpc":"2.0","id":1}']
  const server = createServer((request, response) => {
    heard.push(request.headers.authorization)
    const text = answers.shift()
    if (text === undefined) response.writeHead(307, { Location: 'http://127.0.0.1:9/elsewhere' }).end()
    else response.end(text)
  })
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  onTestFinished(() => void server.close())
  const { port } = server.address() as AddressInfo
  const client = new HttpClient(`http://127.0.0.1:${port}`, { token: `lmt_${'0'.repeat(64)}` })
  const code = async (): Promise<unknown> =>
    await client.call('rpc.ping', {}).then(
      (result) => result,
      (error: { code: string }) => error.code
    )
  expect([await code(), await code(), await code()]).toEqual(['NO_ANSWER', 'NO_ANSWER', 'INTERNAL'])
  expect(await code()).toBeUndefined()
  expect(await code()).toBe('NODE_UNREACHABLE')
  expect(heard).toHaveLength(5)
})

test('every method: over HTTP the client answers what it answers over the socket', async () => {
  const rig = await startHttp()
  const http = await httpClient(rig)
  expect(await outcomes(http)).toEqual(await outcomes(await overSocket()))
  const outcome = await http.batch([
    { method: 'ledger.append', params: { stream: 's', type: 't', id: 'a' } },
    { method: 'ledger.append', params: { stream: 's', type: 'ledger.erase' } }
  ])
  expect(outcome.map(({ result, error }) => [result?.entry.id, error?.code])).toEqual([
    ['a', undefined],
    [undefined, 'RESERVED_TYPE']
  ])
  await expect(http.call('node.status', { bogus: 1 } as object)).rejects.toMatchObject({ code: 'INVALID_PARAMS' })
  const wrong = new HttpClient(rig.server.url!, { token: `lmt_${'0'.repeat(64)}` })
  await expect(wrong.call('rpc.ping', {})).rejects.toMatchObject({ code: 'NOT_PERMITTED' })
  await http.close()
  await expect(http.call('rpc.ping', {})).rejects.toMatchObject({ code: 'CLOSED' })
})

test('the client follows the feed over HTTP, until it is told to stop, or the node goes', async () => {
  const rig = await startHttp()
  const client = await httpClient(rig)
  await expect(client.followFeed({ after: EXPIRED }, () => {})).rejects.toMatchObject({
    code: 'FEED_RESET',
    details: { floor: 7 }
  })
  const told: FeedNotice[] = []
  const stop = await client.followFeed({ after, streams: ['a', 'b'] }, (notice) => {
    told.push(notice)
  })
  expect(rig.node.calls).toMatchObject([{ args: [{ after, streams: ['a', 'b'] }] }])
  await rig.node.feed.tell({ events: EVENTS, last: after })
  await rig.node.feed.tell({ events: [], last: `${'x'.repeat(200_000)}` })
  await vi.waitFor(() => {
    expect(told).toHaveLength(2)
  })
  expect(told[0]).toEqual({ events: EVENTS, last: after })
  await stop()
  await rig.node.feed.tell({ events: [], last: 'late' })
  await client.followFeed({ after }, (notice) => {
    told.push(notice)
  })
  await rig.server.close()
  await vi.waitFor(() => {
    expect(told.slice(2)).toEqual([{ ended: 'NODE_UNREACHABLE' }])
  })
})

const WALK = `
import json, sys
from ledgermesh_client import Node, NodeError
home, url, token = sys.argv[1:4]
given = json.load(sys.stdin)
def walk(node):
    found = {}
    for name, params in given["calls"]:
        group, method = name.split(".")
        try:
            found[name] = getattr(getattr(node, group), method)(**params)
        except NodeError as error:
            found[name] = error.code
    return found
def wrong(call):
    try:
        call()
        return "taken"
    except (TypeError, AttributeError, NodeError) as error:
        return type(error).__name__ + " " + getattr(error, "code", "")
answer = {}
for way, node in (("socket", Node.socket(home)), ("http", Node.http(url, token))):
    with node:
        answer[way] = walk(node)
        answer[way + " wrong"] = [
            wrong(lambda: node.ledger.get(bogus=1)),
            wrong(lambda: node.ledger.nothing()),
            wrong(lambda: node.call("ledger.nothing")),
            wrong(lambda: node.nothing.get),
            wrong(lambda: next(node.follow_feed(given["expired"]))),
        ]
        answer[way + " entries"] = [entry["id"] for entry in node.entries(limit=2)]
print(json.dumps(answer))
node = Node.http(url, token)
print("following", flush=True)
for events, position in node.follow_feed(given["after"]):
    print(json.dumps([events, position]), flush=True)
    break
`

test.skipIf(noPython !== null)('every method from Python: over both ways what the socket answers', async () => {
  const node = new FakeNode()
  const rig = await startHttp({ node })
  const home = await mkdtemp(join(tmpdir(), 'lm-py-'))
  const server = await startRpcServer({ socket: join(home, 'rpc', 'node.sock'), node, log: silent, onStop: () => {} })
  onTestFinished(async () => {
    await server.close()
    await rm(home, { recursive: true })
  })
  const expected = await outcomes(await overSocket())
  const python = spawn('python3', ['-B', '-c', WALK, home, rig.server.url!, await rig.token(TOKEN_SCOPES)], {
    env: { ...process.env, PYTHONPATH: dirname(PYTHON_CLIENT) },
    stdio: ['pipe', 'pipe', 'inherit']
  })
  onTestFinished(() => void python.kill())
  let said = ''
  python.stdout.on('data', (chunk: Buffer) => {
    said += chunk.toString()
  })
  const calls = NAMES.map((name) => [name, METHODS[name].example.params])
  python.stdin.end(JSON.stringify({ calls, expired: EXPIRED, after }))
  await vi.waitFor(
    () => {
      expect(said).toContain('following\n')
    },
    { timeout: 20_000 }
  )
  const answer = JSON.parse(said.split('\n')[0]!) as Record<string, unknown>
  for (const way of ['socket', 'http']) {
    const { 'ledger.append': first, ...rest } = answer[way] as Record<string, unknown>
    const { 'ledger.append': own, ...others } = expected
    expect(Object.keys({ ...rest, 'ledger.append': first }).toSorted()).toEqual(NAMES.toSorted())
    expect(way === 'socket' ? [rest, first] : []).toEqual(way === 'socket' ? [others, own] : [])
    expect(answer[`${way} wrong`]).toEqual([
      'TypeError ',
      'AttributeError ',
      'TypeError ',
      'AttributeError ',
      'NodeError FEED_RESET'
    ])
    expect((answer[`${way} entries`] as string[]).length).toBe(node.entries.length)
  }
  await vi.waitFor(
    async () => {
      await node.feed.tell({ events: EVENTS, last: after })
      expect(JSON.parse(said.split('\n')[2] || 'null')).toEqual([EVENTS, after])
    },
    { timeout: 20_000 }
  )
})
