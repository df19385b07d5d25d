/** What strangers, pages of other sites and slow or huge requests get, as bytes on the wire: the hostile side first. */
import { stat } from 'node:fs/promises'
import { connect } from 'node:net'
import { join } from 'node:path'
import { expect, onTestFinished, test, vi } from 'vitest'
import { MAX_BODY_BYTES, MAX_HEAD_BYTES } from '../../src/http/limits.js'
import { placeOf } from '../../src/http/listen.js'
import { openApiDocument } from '../../src/http/open-api.js'
import { startHttpServer } from '../../src/http/server.js'
import { SAFE_HEADERS } from '../../src/http/writer.js'
import { MAX_MESSAGE_DEPTH } from '../../src/rpc/limits.js'
import { temporaryFolder } from '../helpers/temporary-folder.js'
import { kindOf, parsed, restOf, startHttp, type Answered } from './rig.js'

const PING = { jsonrpc: '2.0', id: 1, method: 'rpc.ping', params: {} }

function expectSafe(answer: Answered): void {
  for (const [name, value] of Object.entries(SAFE_HEADERS))
    expect([name, answer.headers.get(name.toLowerCase())]).toEqual([name, value])
  expect([...answer.headers.keys()].filter((name) => name.startsWith('access-control'))).toEqual([])
}

test('without a token every path is refused before anything is done, but the two that say one word', async () => {
  const rig = await startHttp()
  const { paths } = openApiDocument('0')
  const answered: string[][] = []
  const methods = Object.keys(paths).filter((path) => path.startsWith('/rpc/'))
  // all methods go one way
  for (const path of methods.filter((_path, at) => at % 12 !== 0)) delete paths[path]
  for (const [path, verbs] of Object.entries(paths))
    for (const verb of Object.keys(verbs)) {
      const answer = await rig.ask(`${verb.toUpperCase()} ${path}`, {}, verb === 'post' ? '{}' : '')
      expectSafe(answer)
      answered.push([
        path,
        answer.status === 200
          ? answer.body
          : [answer.status, kindOf(answer), answer.headers.get('www-authenticate')].join(' ')
      ])
    }
  expect(answered).toEqual(
    answered.map(([path]) => [
      path,
      path === '/livez' || path === '/readyz' ? 'ok\n' : '401 NOT_PERMITTED Bearer realm="ledgermesh"'
    ])
  )
  expect(answered.length).toBeGreaterThan(20)
  expect(rig.node.calls).toEqual([])
  rig.node.report = { healthy: false, checks: [{ check: 'x', ok: false, detail: 'of a private ledger', next: null }] }
  rig.clock.pass(1_000)
  expect(await rig.get('/readyz')).toMatchObject({ status: 503, body: 'no\n' })
})

test('asked for another host, however it is written, it says nothing', async () => {
  const rig = await startHttp({ settings: { listen: '127.0.0.1:0', publicUrl: 'https://ledger.example.org' } })
  for (const host of [
    'evil.example',
    '127.0.0.1',
    'localhost',
    `127.0.0.1:${rig.port + 1}`,
    `localhost.:${rig.port}`,
    `127.0.0.2:${rig.port}`,
    `${rig.host}@evil.example`,
    `evil.example#${rig.host}`,
    'ledger.example.org:443',
    'ledger.example.org.',
    `[::ffff:127.0.0.1]:${rig.port}`
  ])
    expect([host, (await rig.ask('GET /livez', { Host: host })).status]).toEqual([host, 421])
  expect(parsed(await rig.raw('GET /livez HTTP/1.1\r\nConnection: close\r\n\r\n')).status).toBe(400)
  expect(parsed(await rig.raw('GET /livez HTTP/1.0\r\n\r\n')).status).toBe(421)
  const twice = `GET /livez HTTP/1.1\r\nHost: ${rig.host}\r\nHost: evil.example\r\nConnection: close\r\n\r\n`
  expect(parsed(await rig.raw(twice)).status).toBe(400)
  const forwarded = { Host: 'evil.example', 'X-Forwarded-Host': rig.host, Forwarded: `host="${rig.host}"` }
  expect((await rig.ask('GET /livez', forwarded)).status).toBe(421)
  for (const url of [`http://${rig.host}/livez`, `//${rig.host}/livez`, 'http://evil.example/livez', '*', 'livez'])
    expect([url, (await rig.ask(`GET ${url}`)).status]).toEqual([url, 400])
  for (const host of [rig.host, `LOCALHOST:${rig.port}`, `[::1]:${rig.port}`, 'ledger.example.org'])
    expect([host, (await rig.ask('GET /livez', { Host: host })).status]).toEqual([host, 200])
})

test('pages of other sites get nothing: no origin but its own, no preflight, no header that would let them read', async () => {
  const rig = await startHttp({ settings: { listen: '127.0.0.1:0', publicUrl: 'https://ledger.example.org' } })
  const token = await rig.token(['read', 'append'])
  for (const headers of [
    { Origin: 'https://evil.example' },
    { Origin: 'null' },
    { Origin: `https://${rig.host}` },
    { Origin: `http://127.0.0.1:${rig.port + 1}` },
    { Origin: `http://${rig.host}.evil.example` },
    { Origin: 'http://ledger.example.org' },
    { 'Sec-Fetch-Site': 'cross-site' },
    { 'Sec-Fetch-Site': 'same-site' }
  ]) {
    const answer = await rig.ask('POST /rpc', { ...headers, Authorization: `Bearer ${token}` }, JSON.stringify(PING))
    expect([headers, answer.status, kindOf(answer)]).toEqual([headers, 403, 'NOT_PERMITTED'])
    expectSafe(answer)
  }
  const preflight = { 'Access-Control-Request-Method': 'POST', 'Access-Control-Request-Headers': 'authorization' }
  for (const origin of ['https://evil.example', `http://${rig.host}`]) {
    const answer = await rig.ask('OPTIONS /rpc', { Origin: origin, ...preflight })
    expect(answer.status).toBeGreaterThanOrEqual(400)
    expectSafe(answer)
  }
  for (const origin of [`http://${rig.host}`, 'https://ledger.example.org']) {
    const headers = { Origin: origin, 'Sec-Fetch-Site': 'same-origin', Authorization: `Bearer ${token}` }
    const answer = await rig.ask('POST /rpc', headers, JSON.stringify(PING))
    expect(answer.status).toBe(200)
    expectSafe(answer)
  }
})

test('a token where others can see it is refused, and so is all that is no token', async () => {
  const rig = await startHttp()
  const token = await rig.token()
  for (const [line, headers] of [
    [`GET /metrics?token=${token}`, {}],
    ['GET /metrics?access_token=x', {}],
    [`GET /metrics?a=${token}`, {}],
    [`GET /metrics?a=%6cmt_${token.slice(4)}`, {}],
    ['GET /metrics', { Cookie: `session=${token}` }]
  ] as const) {
    const answer = await rig.ask(line, { ...headers, Authorization: `Bearer ${token}` })
    expect([line, answer.status]).toEqual([line, 400])
    expect(answer.body).not.toContain(token.slice(4, 20))
  }
  // cookies of other programs on this host come along with everything
  expect((await rig.ask('GET /metrics', { Cookie: 'sid=1', Authorization: `Bearer ${token}` })).status).toBe(200)
  for (const given of [
    token,
    `Basic ${token}`,
    `Bearer`,
    `Bearer ${token} ${token}`,
    `Bearer "${token}"`,
    `Token ${token}`
  ]) {
    rig.clock.pass(60_000)
    expect([given, (await rig.ask('GET /metrics', { Authorization: given })).status]).toEqual([given, 401])
  }
  const twice = `GET /metrics HTTP/1.1\r\nHost: ${rig.host}\r\nAuthorization: Bearer ${token}\r\nAuthorization: Bearer ${token}\r\nConnection: close\r\n\r\n`
  expect(parsed(await rig.raw(twice)).status).toBe(400)
  expect(JSON.stringify(rig.log.lines)).not.toContain(token.slice(4, 20))
})

test('who guesses is told to wait; who has a token never is', async () => {
  const rig = await startHttp()
  const token = await rig.token()
  const wrong = async (): Promise<number> => (await rig.get('/metrics', `lmt_${'0'.repeat(64)}`)).status
  for (let tries = 0; tries < 10; tries++) expect(await wrong()).toBe(401)
  for (let tries = 0; tries < 3; tries++) expect(await wrong()).toBe(429)
  expect((await rig.get('/metrics', token)).status).toBe(200)
  // what shows no token guesses nothing
  expect((await rig.get('/metrics')).status).toBe(401)
  rig.clock.pass(1_000)
  expect([await wrong(), await wrong()]).toEqual([401, 429])
  expect(rig.log.lines.filter(({ level }) => level !== 'info')).toEqual([])
})

test('other verbs, paths that climb, bodies where none belongs', async () => {
  const rig = await startHttp()
  const token = await rig.token(['read', 'private', 'operate', 'ask-network'])
  const authorized = { Authorization: `Bearer ${token}` }
  for (const verb of ['HEAD', 'PUT', 'DELETE', 'PATCH', 'OPTIONS', 'TRACE'])
    expect([verb, (await rig.ask(`${verb} /metrics`, authorized)).status]).toEqual([verb, 405])
  expect((await rig.ask('GET /rpc', authorized)).headers.get('allow')).toBe('POST')
  expect((await rig.ask('POST /network/ledgers', authorized, '{}')).status).toBe(405)
  for (const [path, status] of [
    ['/../../etc/passwd', 400],
    ['/metrics/%2e%2e/x', 400],
    ['/metrics\\..', 400],
    ['/rpc//ledger.get', 400],
    ['/metrics/', 404],
    ['/rpc/__proto__', 404],
    ['/rpc/constructor', 404],
    ['/METRICS', 404],
    ['/', 404]
  ] as const)
    expect([path, (await rig.ask(`GET ${path}`, authorized)).status]).toEqual([path, status])
  expect((await rig.ask('GET /metrics', authorized, '{}')).status).toBe(400)
  // GET is never a way to write, to dial or to ask
  for (const path of ['/network/connect?address=x', '/network/trust', '/ledger/sync/push', '/rpc/network.connect'])
    expect([path, (await rig.ask(`GET ${path}`, authorized)).status]).toEqual([path, 405])
  expect(rig.node.calls).toEqual([])
})

test('a body is JSON that says so, one text, not too deep; nothing else is read', async () => {
  const rig = await startHttp()
  const token = await rig.token()
  const send = async (body: string, headers: Record<string, string> = {}): Promise<Answered> =>
    await rig.ask('POST /rpc', { Authorization: `Bearer ${token}`, ...headers }, body)
  const text = JSON.stringify(PING)
  for (const type of [
    'text/plain',
    'application/x-www-form-urlencoded',
    'multipart/form-data',
    'application/json-rpc',
    ''
  ])
    expect([type, (await send(text, { 'Content-Type': type })).status]).toEqual([type, 415])
  for (const encoding of ['gzip', 'br', 'identity, gzip'])
    expect((await send(text, { 'Content-Encoding': encoding })).status).toBe(415)
  for (const body of ['{', '[1', `${text}${text}`, `${text} x`, '"\\ud800"x', '{"a":1,}', ' '])
    expect([body, (await send(body)).status]).toEqual([body, 400])
  const nested = (depth: number): string =>
    `{"jsonrpc":"2.0","id":1,"method":"rpc.ping","params":${'['.repeat(depth)}${']'.repeat(depth)}}`
  expect(JSON.parse((await send(nested(MAX_MESSAGE_DEPTH - 1))).body)).toMatchObject({
    error: { data: { kind: 'INVALID_PARAMS' } }
  })
  expect(kindOf(await send(nested(MAX_MESSAGE_DEPTH)))).toBe('MALFORMED')
  expect((await send(text, { 'Content-Type': 'application/json; charset=utf-8' })).status).toBe(200)
  expect((await rig.ask('POST /rpc', { Authorization: `Bearer ${token}` })).status).toBe(415)
  const empty = { 'Content-Type': 'application/json', 'Content-Length': '0', Authorization: `Bearer ${token}` }
  expect((await rig.ask('POST /rpc', empty)).status).toBe(400)
})

test('the largest head and body that are allowed, and the next larger: refused unread', async () => {
  const rig = await startHttp()
  const token = await rig.token()
  const head = (more: number): string =>
    `GET /livez HTTP/1.1\r\nHost: ${rig.host}\r\nConnection: close\r\nX: ${'x'.repeat(more)}\r\n\r\n`
  expect(parsed(await rig.raw(head(MAX_HEAD_BYTES - 200))).status).toBe(200)
  const over = parsed(await rig.raw(head(MAX_HEAD_BYTES + 200)))
  expect([over.status, kindOf(over)]).toEqual([431, 'INVALID_REQUEST'])
  expectSafe(over)
  const many = `GET /livez HTTP/1.1\r\nHost: ${rig.host}\r\n${'a:b\r\n'.repeat(MAX_HEAD_BYTES / 4)}\r\n`
  expect(parsed(await rig.raw(many)).status).toBe(431)
  const text = JSON.stringify(PING)
  const padded = `${text.slice(0, -1)}${' '.repeat(MAX_BODY_BYTES - text.length)}}`
  expect((await rig.ask('POST /rpc', { Authorization: `Bearer ${token}` }, padded)).status).toBe(200)
  const announced = {
    Authorization: `Bearer ${token}`,
    'Content-Type': 'application/json',
    'Content-Length': String(MAX_BODY_BYTES + 1)
  }
  expect((await rig.ask('POST /rpc', announced)).status).toBe(413)
  const chunk = `10000\r\n${' '.repeat(0x1_00_00)}\r\n`
  const chunked = `POST /rpc HTTP/1.1\r\nHost: ${rig.host}\r\nAuthorization: Bearer ${token}\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n`
  const socket = await rig.open()
  const rest = restOf(socket)
  socket.write(chunked)
  for (let sent = 0; sent <= MAX_BODY_BYTES && socket.writable; sent += 0x1_00_00) socket.write(chunk)
  expect(parsed(await rest).status).toBe(413)
  // a stranger is not even let to send its body
  const stranger = `POST /rpc HTTP/1.1\r\nHost: ${rig.host}\r\nContent-Type: application/json\r\nContent-Length: 1000000\r\nExpect: 100-continue\r\n\r\n`
  const unheard = await rig.raw(stranger)
  expect(unheard).not.toContain('100 Continue')
  expect(parsed(unheard).status).toBe(401)
})

test('two lengths, or none that counts, is no request: nothing is smuggled in behind one', async () => {
  const rig = await startHttp()
  const token = await rig.token()
  const start = `POST /rpc HTTP/1.1\r\nHost: ${rig.host}\r\nAuthorization: Bearer ${token}\r\nContent-Type: application/json\r\n`
  for (const rest of [
    'Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /metrics HTTP/1.1\r\n\r\n',
    'Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}x',
    'Content-Length: +2\r\n\r\n{}',
    'Transfer-Encoding: chunked, identity\r\n\r\n{}',
    'Transfer-Encoding: chunked\r\n\r\nzz\r\n',
    'X : y\r\nContent-Length: 2\r\n\r\n{}',
    'X: a\r\n b: c\r\nContent-Length: 2\r\n\r\n{}',
    'X: a\0b\r\nContent-Length: 2\r\n\r\n{}'
  ]) {
    const text = await rig.raw(start + rest)
    expect([rest, parsed(text).status, text.match(/HTTP\/1\.1 /g)?.length]).toEqual([rest, 400, 1])
  }
  for (const text of ['\x16\x03\x01\x02\x00\x01\x00', '{"jsonrpc":"2.0"}\n', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'])
    expect([text, parsed(await rig.raw(text)).status]).toEqual([text, 400])
  for (const text of [
    `CONNECT example.org:443 HTTP/1.1\r\nHost: ${rig.host}\r\n\r\n`,
    `GET /livez HTTP/1.1\r\nHost: ${rig.host}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n`
  ])
    expect(await rig.raw(text)).not.toContain('101')
})

test('who sends a byte now and then, or none, is cut off; so is a body that stops', async () => {
  const rig = await startHttp({ headMs: 200, requestMs: 400 })
  const token = await rig.token()
  const slow = await rig.open()
  const drip = setInterval(() => slow.write('X'), 20)
  const [dripped, silent] = await Promise.all([
    (slow.write(`GET /livez HTTP/1.1\r\nHost: ${rig.host}\r\n`), restOf(slow)),
    rig.raw('')
  ])
  clearInterval(drip)
  expect(parsed(dripped)).toMatchObject({ status: 408 })
  expect(kindOf(parsed(dripped))).toBe('OVERLOADED')
  expect(silent).not.toContain('200')
  const half = `POST /rpc HTTP/1.1\r\nHost: ${rig.host}\r\nAuthorization: Bearer ${token}\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{`
  expect(parsed(await rig.raw(half)).status).toBe(408)
  expect((await rig.get('/livez')).status).toBe(200)
})

test('connections are bounded, and a place that gets free is given again', async () => {
  const rig = await startHttp({ maxConnections: 2 })
  const [first] = [await rig.open(), await rig.open()]
  expect(await rig.raw(`GET /livez HTTP/1.1\r\nHost: ${rig.host}\r\n\r\n`)).toBe('')
  first.destroy()
  await vi.waitFor(async () => {
    expect((await rig.get('/livez')).status).toBe(200)
  })
})

test("who asks and does not read is cut off: its place is another one's", async () => {
  const rig = await startHttp({ stallMs: 100, maxConnections: 1 })
  const token = await rig.token()
  rig.node.metrics = async () => '# x\n'.repeat(8 * 1024 * 1024)
  const socket = await rig.open()
  socket.pause()
  const closed = new Promise((resolve) => socket.once('close', resolve))
  socket.write(`GET /metrics HTTP/1.1\r\nHost: ${rig.host}\r\nAuthorization: Bearer ${token}\r\n\r\n`)
  await vi.waitFor(
    async () => {
      expect((await rig.get('/livez')).status).toBe(200)
    },
    { timeout: 20_000 }
  )
  socket.resume()
  await closed
  expect(socket.bytesRead).toBeLessThan(32 * 1024 * 1024)
})

test.each([
  [{ listen: '0.0.0.0:7480' }, 'reached from other machines'],
  [{ listen: '[::]:7480' }, 'reached from other machines'],
  [{ listen: '192.168.1.1:7480' }, 'reached from other machines'],
  [{ listen: '128.0.0.1:7480' }, 'reached from other machines'],
  [{ listen: '127.0.0.1' }, 'is no address'],
  [{ listen: '127.0.0.1:99999' }, 'is no address'],
  [{ listen: 'localhost:7480' }, 'is no address'],
  [{ listen: '7480' }, 'is no address'],
  [{ listen: '127.0.0.1:7480', group: 'www' }, 'for a unix socket'],
  [{ listen: '127.0.0.1:7480', containerListen: '0.0.0.0:7480' }, 'takes listen, or'],
  [{}, 'takes listen, or']
])('not served at %j', (settings, why) => {
  expect(() => placeOf(settings)).toThrow(why)
})

test('an address in use is told as a setting that is wrong', async () => {
  const rig = await startHttp()
  await expect(startHttp({ settings: { listen: rig.host } })).rejects.toMatchObject({ code: 'BAD_CONFIG' })
})

test.each([
  [undefined, 0o700, 0o600],
  [String(process.getgid!()), 0o750, 0o660]
])('a unix socket for a proxy, of the group %s: its folder %o, itself %o', async (group, folderMode, mode) => {
  const folder = join(await temporaryFolder(), 'web')
  const path = join(folder, 'http.sock')
  const { tokens, node, log } = await startHttp()
  const settings = { listen: path, group, publicUrl: 'https://ledger.example.org' }
  const server = await startHttpServer({ settings, node, tokens, log, now: () => 0 })
  onTestFinished(() => server.close())
  expect([server.url, (await stat(folder)).mode & 0o777, (await stat(path)).mode & 0o777]).toEqual([
    null,
    folderMode,
    mode
  ])
  const ask = async (host: string): Promise<number> => {
    const socket = connect(path)
    socket.write(`GET /livez HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`)
    return parsed(await restOf(socket)).status
  }
  expect([await ask('localhost'), await ask('ledger.example.org'), await ask('evil.example')]).toEqual([200, 200, 421])
})
