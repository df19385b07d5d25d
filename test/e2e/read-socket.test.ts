/** S12: `readSocket` in the config.json of a real daemon. */
import { execFile } from 'node:child_process'
import { mkdir, stat, writeFile } from 'node:fs/promises'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { LedgerClient } from '../../src/rpc/client.js'
import { paths } from '../../src/config/paths.js'
import { temporaryFolder } from '../helpers/temporary-folder.js'
import { BIN, startDaemon } from './daemon.js'

const GROUP = String(process.getgid!())

async function homeWith(config: object): Promise<{ folder: string; home: string }> {
  const folder = await temporaryFolder()
  const home = join(folder, 'home')
  await mkdir(home, { mode: 0o700 })
  await writeFile(join(home, 'config.json'), JSON.stringify(config).replaceAll('$FOLDER', folder))
  return { folder, home }
}

const readSocket = (members: object): object => ({
  readSocket: { path: '$FOLDER/read/node.sock', group: GROUP, ...members }
})

test('a reading method answers, a writing one is READING_ONLY, and payloads of the private ledger are withheld; it goes with the node', async () => {
  const { folder, home } = await homeWith({ access: 'private', ...readSocket({}) })
  const daemon = await startDaemon(home)
  const path = join(folder, 'read', 'node.sock')
  const reader = await LedgerClient.connect(path)
  onTestFinished(() => reader.close())
  expect([(await stat(path)).mode & 0o777, (await stat(join(folder, 'read'))).mode & 0o777]).toEqual([0o660, 0o750])

  const { entry } = await daemon.client.call('ledger.append', {
    stream: 's',
    type: 't',
    id: 'e-1',
    payload: { secret: 1 }
  })
  expect(await reader.call('ledger.get', { id: 'e-1' })).toMatchObject({
    entry: { hash: entry.hash, payload: null, payload_state: 'withheld' }
  })
  expect(await reader.call('node.status', {})).toMatchObject({ ledger: daemon.ledger, access: 'private' })
  for (const [method, params] of [
    ['ledger.append', { stream: 's', type: 't' }],
    ['ledger.erase', { hashes: [entry.hash] }],
    ['node.stop', {}]
  ] as const) {
    await expect(reader.call(method, params as never)).rejects.toMatchObject({ code: 'READING_ONLY' })
  }
  expect(await daemon.client.call('ledger.head', {})).toMatchObject({ size: 2 })
  await daemon.stop()
  await reader.closed
  expect([existsSync(path), existsSync(daemon.socket)]).toEqual([false, false])
}, 60_000)

test.each<[string, object, string, RegExp]>([
  [
    'a group that there is not',
    readSocket({ group: 'no-such-group-here' }),
    'BAD_CONFIG',
    /config\.json: readSocket\.group: cannot give .*no-such-group-here/
  ],
  [
    'a folder that is a file',
    readSocket({ path: '$FOLDER/home/../file/node.sock' }),
    'BAD_FILE',
    /config\.json: readSocket\.path: .*file is not a folder/
  ],
  [
    'a folder above it that is not there',
    readSocket({ path: '$FOLDER/not/there/node.sock' }),
    'BAD_CONFIG',
    /config\.json: readSocket\.path: cannot make/
  ],
  [
    'a path that is too long',
    readSocket({ path: `$FOLDER/${'x'.repeat(120)}/node.sock` }),
    'BAD_CONFIG',
    /config\.json: readSocket\.path: the socket path has \d+ bytes; the limit is 107$/
  ]
])(
  '%s: the start fails, names the key, and leaves no socket',
  async (_what, config, kind, message) => {
    const { folder, home } = await homeWith(config)
    await writeFile(join(folder, 'file'), 'x')
    const { code, stderr } = await new Promise<{ code: number; stderr: string }>((resolve) => {
      const args = [BIN, '--home', home, '--json', 'start', '--listen', '/ip4/127.0.0.1/tcp/0']
      execFile(process.execPath, args, { timeout: 30_000, killSignal: 'SIGKILL' }, (error, _stdout, said) => {
        resolve({ code: Number(error?.code ?? 0), stderr: said })
      })
    })
    const { error } = JSON.parse(stderr.trim().split('\n').at(-1)!) as { error: { kind: string; message: string } }
    expect({ code, ...error }).toMatchObject({ code: 3, kind, message: expect.stringMatching(message) })
    expect(existsSync(paths(home).socket)).toBe(false)
  },
  60_000
)
