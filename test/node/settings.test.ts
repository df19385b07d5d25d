/** Mistakes in the settings, and what a running node takes over of new ones. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { reloader } from '../../src/node/home/reload-settings.js'
import { silentLog } from '../../src/node/runtime/system.js'
import { daemonConfig, type DaemonOptions } from '../../src/node/start-daemon.js'

const PEER = '12D3KooWK99VoVxNE7XzyBwXEzW7xhK7Gpv85r9F3V3fyKSUKPH5'
const OTHER = '12D3KooWNvSZnPi3RrhrTwEY4LuuBeB6K6facKUCJcyWG1aoDd2p'
const GOOD = `/ip4/127.0.0.1/tcp/7440/p2p/${PEER}`
const ALSO_GOOD = `/ip4/127.0.0.1/tcp/7441/p2p/${OTHER}`

let home: string
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'lm-settings-'))
  onTestFinished(() => {
    rmSync(home, { recursive: true, force: true })
  })
})

function config(text: string | object | Buffer): void {
  writeFileSync(
    join(home, 'config.json'),
    typeof text === 'string' || Buffer.isBuffer(text) ? text : JSON.stringify(text)
  )
}

function problem(options: Partial<DaemonOptions> = {}): string {
  try {
    daemonConfig({ home, ...options })
    return 'none'
  } catch (error) {
    return `${(error as { code: string }).code}: ${(error as Error).message.replaceAll(home, '~')}`
  }
}

describe('config.json', () => {
  test.each([
    ['{"lissten": []}', /BAD_CONFIG: ~\/config\.json: there is no setting "lissten"; the settings are network, name,/],
    [
      '{"members": {"issuers": [], "x": 1}}',
      /~\/config\.json: (there is no setting "members\.x"|members\.issuers is \[\]: it has fewer than 1)/
    ],
    ['{"listen": "/ip4/127.0.0.1/tcp/0"}', /~\/config\.json: listen is "\/ip4\/127.0.0.1\/tcp\/0": it takes a list/],
    ['{"listen": [7440]}', /~\/config\.json: listen\[1\] is 7440: it takes a text/],
    ['{"dht": "no"}', /~\/config\.json: dht is "no": it takes true or false/],
    ['{"minTrustMilli": 0.5}', /~\/config\.json: minTrustMilli is 0\.5: it takes a whole number/],
    ['{"minTrustMilli": 1001}', /minTrustMilli is 1001: it is more than 1000/],
    ['{"logLevel": "loud"}', /logLevel is "loud": it takes "debug" or "info"/],
    ['{"network": "Main"}', /network is "Main": a network name is/],
    ['{"allow": ["x"]}', /allow\[1\] is "x": it takes peer ids/],
    [
      '{"capabilities": ["dns:a.example", "query"]}',
      /~\/config\.json: capabilities\[2\] is "query": sync, query, cross-ref, registry are added by the node itself, while it serves them/
    ],
    [
      '{"readSocket": {"path": "read/node.sock", "group": "0"}}',
      /~\/config\.json: readSocket\.path is "read\/node\.sock": an absolute path/
    ],
    ['{"readSocket": {"path": "/x/node.sock"}}', /~\/config\.json: readSocket\.group is missing: it takes a text/],
    [
      '{"readSocket": {"path": "/x/node.sock", "group": ""}}',
      /~\/config\.json: readSocket\.group is "": it has fewer than 1/
    ],
    [
      '{"readSocket": {"path": "/x/node.sock", "group": "0", "write": true}}',
      /~\/config\.json: there is no setting "readSocket\.write"/
    ],
    ['{"psk": ""}', /psk is "": it has fewer than 1/],
    ['[]', /~\/config\.json: not a JSON object/],
    ['{"name": "a", "name": "b"}', /~\/config\.json: duplicate key "name"/],
    ['{"name": "a",}', /~\/config\.json: not JSON/],
    [Buffer.from('\ufeff{}', 'utf16le'), /~\/config\.json: UTF-16 text/],
    [Buffer.from([0x1f, 0x8b, 8, 0]), /~\/config\.json: a gzip archive/],
    [
      JSON.stringify({ dnsServers: ['ns.example.org'] }),
      /~\/config\.json: dnsServers: a DNS server is an ip or ip:port/
    ],
    [JSON.stringify({ registries: ['http://example.org'] }), /~\/config\.json: registries: not a multiaddr/],
    [JSON.stringify({ bootstrap: ['nonsense'] }), /~\/config\.json: bootstrap: not a multiaddr: "nonsense"/],
    [
      JSON.stringify({ listen: ['localhost:80'] }),
      /~\/config\.json: listen: not a multiaddr: "localhost:80"; did you mean \/dns\/localhost\/tcp\/80\?/
    ]
  ])('%j names the file and the key', (text, expected) => {
    config(text)
    expect(problem()).toMatch(expected)
  })
  test('the read socket is not in the home', () => {
    config({ readSocket: { path: join(home, 'read', 'node.sock'), group: '0' } })
    expect(problem()).toMatch(/BAD_CONFIG: ~\/config\.json: readSocket\.path is in the home/)
  })
  test('a byte order mark is no mistake', () => {
    config('\ufeff{"name":"acme"}')
    expect(daemonConfig({ home }).config.name).toBe('acme')
  })
  test('what a flag overrides is still checked', () => {
    config({ listen: 'x' })
    expect(problem({ listen: ['/ip4/127.0.0.1/tcp/0'] })).toMatch(/config\.json: listen is "x"/)
  })
})

describe('flags', () => {
  test.each<[Partial<DaemonOptions>, RegExp]>([
    [
      { listen: ['127.0.0.1:7440'] },
      /BAD_CONFIG: --listen: not a multiaddr: "127.0.0.1:7440"; did you mean \/ip4\/127.0.0.1\/tcp\/7440\?/
    ],
    [{ listen: ['[::1]:7440'] }, /did you mean \/ip6\/::1\/tcp\/7440\?/],
    [{ listen: [':7440'] }, /did you mean \/ip4\/0.0.0.0\/tcp\/7440\?/],
    [{ listen: ['/ip4/127.0.0.1/udp/0'] }, /--listen: only TCP/],
    [{ listen: ['/ip4/127.0.0.1'] }, /--listen: only TCP/],
    [{ listen: ['/ip4/127.0.0.1/tcp/65536'] }, /--listen: /],
    [{ listen: ['/ip4/127.0.0.1/tcp/0', ''] }, /--listen: /],
    [{ listen: [`/ip4/127.0.0.1/tcp/0/p2p/${PEER}`] }, /--listen: only TCP/],
    [{ bootstrap: ['/dnsaddr/example.org'] }, /--bootstrap: the address does not end in \/p2p\//],
    [{ network: 'my network' }, /--network is "my network": a network name is/],
    [{ name: 'a\u0007b' }, /--name is "a\\u0007b": a name has/],
    [
      { bootstrapFile: '/nowhere/nodes.json' },
      /BAD_CONFIG: \/nowhere\/nodes\.json: there is no such file or folder \(ENOENT\)/
    ]
  ])('%j names the flag', (options, expected) => {
    expect(problem(options)).toMatch(expected)
  })
})

test('one bad bootstrap entry is named, and the good ones are used', () => {
  config({ bootstrap: ['nonsense', GOOD] })
  writeFileSync(join(home, 'nodes.json'), JSON.stringify({ main: [ALSO_GOOD, '/ip4/127.0.0.1/tcp/1'] }))
  const { config: read, left } = daemonConfig({ home, bootstrapFile: join(home, 'nodes.json') })
  expect(read.bootstrap).toEqual([GOOD, ALSO_GOOD])
  expect(left.map((one) => one.replaceAll(home, '~'))).toEqual([
    '~/config.json: bootstrap: not a multiaddr: "nonsense" (left out)',
    '~/nodes.json: main: the address does not end in /p2p/<peer id>: "/ip4/127.0.0.1/tcp/1" (left out)'
  ])
})

describe('read again', () => {
  const joined: (readonly string[])[] = []
  const allowed: (readonly string[])[] = []
  const log = { ...silentLog, level: 'info' }
  function begin(): ReturnType<typeof reloader> {
    joined.length = allowed.length = 0
    return reloader({
      host: {
        joinThrough: (list) => {
          joined.push(list)
        }
      },
      admission: {
        allow: (list) => {
          allowed.push(list)
        }
      },
      config: daemonConfig({ home }).config,
      read: () => daemonConfig({ home }),
      log
    })
  }
  test('what can change while it runs, changes; the rest is named', () => {
    config({ allow: [], bootstrap: [GOOD], logLevel: 'info', name: 'acme' })
    const reload = begin()
    config({ allow: [PEER], bootstrap: [GOOD, ALSO_GOOD], logLevel: 'debug', name: 'other', dht: false })
    const found = { changed: ['bootstrap', 'allow', 'logLevel'], later: ['name', 'dht'], left: [] }
    expect(reload({ dryRun: true })).toEqual(found)
    expect([joined, log.level]).toEqual([[], 'info'])
    expect(reload()).toEqual(found)
    expect(log.level).toBe('debug')
    expect([joined, allowed]).toEqual([[[GOOD, ALSO_GOOD]], [[PEER]]])
    expect(reload()).toMatchObject({ changed: [], later: ['name', 'dht'] })
    expect(joined).toHaveLength(1)
  })
  test('a network does not become closed, or open, by it', () => {
    const reload = begin()
    config({ allow: [PEER] })
    expect(reload()).toMatchObject({ changed: [], later: ['allow'] })
    expect(allowed).toEqual([])
  })
  test('a mistake changes nothing', () => {
    config({ bootstrap: [GOOD] })
    const reload = begin()
    config({ bootstrap: [ALSO_GOOD], logLevel: 'loud' })
    expect(reload).toThrow(expect.objectContaining({ code: 'BAD_CONFIG' }))
    expect(joined).toEqual([])
  })
})
