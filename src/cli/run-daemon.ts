/** The daemon: a node and its socket, from start to orderly end. */
import { setTimeout as delay } from 'node:timers/promises'
import type { Node } from '../node/api/node.js'
import type { Log } from '../ports.js'
import { startRpcServer, type RpcServer } from '../rpc/server.js'
import type { Config } from '../config/config.js'
import type { AccessTokens } from '../node/home/access-tokens.js'
import { systemClock } from '../node/runtime/system.js'
import { startGroupSockets, type GroupSockets } from './group-sockets.js'
import { startHttp } from './http-of-config.js'
import { watchSignals } from './signals.js'
import type { Started } from './views/started-view.js'

export interface Running {
  node: Node
  config: GroupSockets & Pick<Config, 'http'>
  tokens: AccessTokens
  paths: { home: string; socket: string; config: string }
  created: boolean
  reopen: Promise<void>
  reload: () => void
}

export interface RunOptions {
  start: () => Promise<Running>
  log: Log
  /** Called once, when the socket serves. */
  tell: (started: Started) => void
  untilStdinEnds: boolean
  /** No terminal is behind it: SIGHUP means to read the settings again, not that the terminal is gone. */
  background: boolean
}

/** Between two attempts to start anew after the store failed, in ms. */
const START_AGAIN_MS = 5_000
/** A start that is asked to end is waited for so long, in ms; then it is left as a crash would leave it. */
const START_END_MS = 5_000

/** Returns when the node has stopped. */
export async function runDaemon({ start, log, tell, untilStdinEnds, background }: RunOptions): Promise<void> {
  // Before anything else: a signal that arrives while the node starts must stop it too.
  const { promise: stopped, resolve } = Promise.withResolvers<string>()
  let running: Running | null = null
  watchSignals({
    stop: resolve,
    reload: background
      ? () => {
          reload(running, log)
        }
      : null
  })
  if (untilStdinEnds) watchStdin(resolve)
  running = await startUnlessStopped(start(), stopped)
  for (let first = true; running !== null; first = false) {
    const why = await serve(running, { log, resolve, stopped, tell: first ? tell : () => {} })
    running = why !== null ? null : await startAgain({ start, log, stopped })
  }
}

interface Serving {
  log: Log
  resolve: (why: string) => void
  stopped: Promise<string>
  tell: (started: Started) => void
}

/** Returns why it was asked to stop; null: the store is to be opened anew. */
async function serve(
  { node, config, tokens, paths, created, reopen }: Running,
  { log, resolve, stopped, tell }: Serving
): Promise<string | null> {
  const servers: RpcServer[] = []
  try {
    const onStop = (): void => resolve('ledgermesh stop')
    servers.push(await startRpcServer({ socket: paths.socket, node, log, onStop }))
    servers.push(...(await startGroupSockets(config, paths.config, { node, log, onStop })))
    const http = await startHttp(config, paths.config, { node, tokens, log, now: () => systemClock.now() })
    const { ledger, name, access, network, peerId, addrs } = await node.status()
    // The reader of stdout may close it: that ends other commands, but not this one.
    process.stdout
      .removeAllListeners('error')
      .on('error', (error) => log.debug({ event: 'daemon.stdout-closed', error }, 'stdout reader closed'))
    tell({ ledger, name, access, network, peerId, addrs, home: paths.home, socket: paths.socket, created })
    const why = await Promise.race([stopped, reopen.then(() => null)])
    log.info({ event: 'daemon.stopping', why: why ?? 'the store is opened anew' }, 'stopping')
    await http?.close()
    await closeAll(servers, () => node.close())
    return why
  } catch (error) {
    await closeAll(servers, () => node.close())
    throw error
  }
}

/** Whoever asked the node to stop, at whichever of them, sees the end of the connection when the node has stopped. */
async function closeAll([first, ...others]: RpcServer[], andThen: () => Promise<void>): Promise<void> {
  await (first === undefined ? andThen() : first.close(() => closeAll(others, andThen)))
}

/** Null: it was asked to stop before it had started, and has ended since. A start that hangs is not waited for. */
async function startUnlessStopped(starting: Promise<Running>, stopped: Promise<string>): Promise<Running | null> {
  const first = await Promise.race([starting, stopped.then(() => null)])
  if (first !== null) return first
  const late = await Promise.race([starting.catch(() => null), delay(START_END_MS, null)])
  await late?.node.close()
  return null
}

function reload(running: Running | null, log: Log): void {
  try {
    running?.reload()
  } catch (error) {
    log.error(
      { event: 'config.reload-failed', error: (error as Error).message },
      'settings could not be reloaded; nothing changed'
    )
  }
}

/** The disk may be full again by now. Null: it was asked to stop meanwhile. */
async function startAgain({
  start,
  log,
  stopped
}: {
  start: () => Promise<Running>
  log: Log
  stopped: Promise<string>
}): Promise<Running | null> {
  for (;;) {
    try {
      return await start()
    } catch (error) {
      log.error({ event: 'daemon.restart-failed', error }, 'the node could not be restarted')
    }
    if ((await Promise.race([stopped, delay(START_AGAIN_MS, null)])) !== null) return null
  }
}

function watchStdin(stop: (why: string) => void): void {
  for (const event of ['end', 'close', 'error']) process.stdin.once(event, () => stop('standard input ended'))
  process.stdin.resume()
}
