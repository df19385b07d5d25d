import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { LedgerClient } from '../../../src/rpc/client.js'

const BIN = 'bin/ledgermesh.js'

/** Milliseconds from the command until the daemon on this home has answered a call on its socket. */
export async function startTime(home: string): Promise<number> {
  const started = performance.now()
  const child = spawn(
    process.execPath,
    [BIN, '--home', home, '--json', 'start', '--listen', '/ip4/127.0.0.1/tcp/0', '--until-stdin-ends'],
    { stdio: ['pipe', 'pipe', 'inherit'] }
  )
  const ended = once(child, 'exit')
  try {
    await Promise.race([
      once(createInterface({ input: child.stdout }), 'line'),
      ended.then(([code]) => {
        throw new Error(`the daemon ended with ${String(code)}`)
      })
    ])
    const client = await LedgerClient.connect(join(home, 'rpc', 'node.sock'))
    await client.call('node.status', {})
    const ms = performance.now() - started
    await client.close()
    return ms
  } finally {
    child.stdin.end()
    await ended
  }
}
