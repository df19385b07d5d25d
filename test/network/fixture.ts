import { randomBytes } from 'node:crypto'
import { MemoryDatastore } from 'datastore-core'
import type { Clock, Log, Random } from '../../src/ports.js'
import type { Protocol } from '../../protocols/protocol.js'
import { createHost, type Datastore, type Host, type HostOptions, type HostTuning } from '../../src/network/host.js'

export const clock: Clock = {
  now: () => Date.now(),
  after: (delayMs, callback) => {
    const timer = setTimeout(callback, delayMs).unref()
    return () => {
      clearTimeout(timer)
    }
  }
}

export const random: Random = { bytes: (length) => new Uint8Array(randomBytes(length)), next: () => Math.random() }

export interface Line {
  level: string
  fields: Record<string, unknown>
  message: string
}

/** A log whose lines a test can read. */
export function collectLog(): Log & { lines: Line[] } {
  const lines: Line[] = []
  const at =
    (level: string) =>
    (fields: Record<string, unknown>, message: string): void => {
      lines.push({ level, fields, message })
    }
  return { lines, debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') }
}

/** Waits that suit a test; everything else as in production. */
export const QUICK: Partial<HostTuning> = {
  minBackoffMs: 100,
  maxBackoffMs: 400,
  watchdogTickMs: 100,
  watchdogGraceMs: 1_500,
  selfQueryMs: 100,
  selfQueryEveryMs: 500,
  dialTimeoutMs: 5_000
}

export interface TestHost {
  host: Host
  log: ReturnType<typeof collectLog>
  events: string[]
  datastore: Datastore
  peerKey: Uint8Array
}

const running = new Set<Host>()

/** A host on loopback with a free port, not started; every one is stopped by `stopAll`. */
export async function makeHost(options: Partial<HostOptions> = {}): Promise<TestHost> {
  const log = collectLog()
  const events: string[] = []
  const datastore = options.datastore ?? new MemoryDatastore()
  const peerKey = options.peerKey ?? random.bytes(32)
  const host = await createHost({
    network: 'test',
    listen: ['/ip4/127.0.0.1/tcp/0'],
    bootstrap: [],
    agent: 'ledgermesh-test/1',
    log,
    clock,
    random,
    protocols: [],
    callbacks: {
      onConnect: (peer) => {
        events.push(`+${peer}`)
      },
      onDisconnect: (peer) => {
        events.push(`-${peer}`)
      }
    },
    ...options,
    datastore,
    peerKey,
    tuning: { ...QUICK, ...options.tuning }
  })
  running.add(host)
  return { host, log, events, datastore, peerKey }
}

export async function startHost(options: Partial<HostOptions> = {}): Promise<TestHost> {
  const made = await makeHost(options)
  await made.host.start()
  return made
}

export async function stopAll(): Promise<void> {
  await Promise.all(
    [...running].map(async (host) => {
      await host.stop()
    })
  )
  running.clear()
}

export function addrOf({ host }: TestHost): string {
  const [addr] = host.addrs()
  if (addr === undefined) throw new Error('the host does not listen')
  return addr
}

export const within = (ms: number): AbortSignal => AbortSignal.timeout(ms)

const limits = { maxInboundStreams: 4, maxOutboundStreams: 4, maxFrameBytes: 1024 * 1024 }

/** Sends every frame back until the remote closes its side. */
export const echo: Protocol<{ served: number }> = {
  name: 'echo',
  version: 1,
  limits,
  serve: async (stream, _peer, source, signal) => {
    for await (const frame of stream.frames({ signal })) await stream.write(frame, { signal })
    source.served++
  }
}

export async function codeOf(attempt: Promise<unknown>): Promise<string> {
  try {
    await attempt
  } catch (error) {
    return (error as { code?: string }).code ?? `uncoded ${String(error)}`
  }
  return 'no error'
}
