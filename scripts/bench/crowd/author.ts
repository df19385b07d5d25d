/**
 * A process: an author whose ledger many follow. Arguments: folder, milliseconds that it takes longer to hand out
 * anything. Says what it has sent.
 */
import { channel } from 'node:diagnostics_channel'
import type { Socket } from 'node:net'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { createLedger } from '../../../src/node/create-ledger.js'
import { ServeHello } from '../../../src/node/sessions/serve-hello.js'
import { interoperabilityPlugin } from '../../../src/node/plugins/interoperability-plugin.js'
import { ServePull } from '../../../src/node/sessions/serve-pull.js'
import { syncPlugin } from '../../../src/node/plugins/sync-plugin.js'
import { appendConcurrently } from '../append.js'
import { readRecords } from '../records.js'

export type ToCrowdAuthor = { burst: number } | { sent: true }
export interface CrowdAuthorReady {
  ledger: string
  addr: string
}
/** `startedNs`: the monotonic clock of the machine, before the first append. */
export interface Burst {
  startedNs: string
  appendMs: number
  entryBytes: number
}
export interface Sent {
  bytes: number
}

const [folder, slowMs] = [process.argv[2]!, Number(process.argv[3])]

const sockets = new Set<Socket>()
for (const name of ['net.server.socket', 'net.client.socket'])
  channel(name).subscribe((message) => {
    sockets.add((message as { socket: Socket }).socket)
  })

/** From now on each call waits before it begins. */
function slowDown(prototype: object, name: string): void {
  const method = Reflect.get(prototype, name) as (...args: unknown[]) => Promise<unknown>
  Reflect.set(prototype, name, async function (this: object, ...args: unknown[]) {
    await wait(slowMs)
    return await method.apply(this, args)
  })
}

if (slowMs > 0) {
  slowDown(ServePull.prototype, 'range')
  slowDown(ServeHello.prototype, 'entries')
}

const ledger = await createLedger({
  dataDir: join(folder, 'author'),
  name: 'crowd',
  listen: ['/ip4/127.0.0.1/tcp/0'],
  plugins: [interoperabilityPlugin(), syncPlugin()]
})

async function burst(count: number): Promise<Burst> {
  const records = await readRecords(count)
  const { own } = ledger.parts.ledgers
  const before = own.size
  const startedNs = String(process.hrtime.bigint())
  const started = performance.now()
  await appendConcurrently(ledger, records)
  const appendMs = performance.now() - started
  const entries = await own.range(before, { count: own.size - before, bytes: Number.MAX_SAFE_INTEGER })
  return {
    startedNs,
    appendMs,
    entryBytes: entries.reduce(
      (sum, { header, signature, payload }) => sum + header.length + signature.length + (payload?.length ?? 0),
      0
    )
  }
}

function sent(): Sent {
  let bytes = 0
  for (const socket of sockets) bytes += socket.bytesWritten
  return { bytes }
}

process.on('message', (message: ToCrowdAuthor) => {
  if ('sent' in message) process.send!(sent())
  else
    burst(message.burst).then(
      (result) => {
        process.send!(result)
      },
      (error: unknown) => {
        throw error
      }
    )
})
process.on('disconnect', () => {
  process.exit()
})
process.send!({ ledger: ledger.id, addr: ledger.parts.peerNetwork!.host.addrs()[0]! } satisfies CrowdAuthorReady)
