/** The daemon: a node and its socket, from start to orderly end. */
import { setTimeout as delay } from 'node:timers/promises'
import type { Node } from '../node/api.js'
import type { Log } from '../ports.js'
import { startRpcServer } from '../rpc/server.js'
import type { Started } from './views/started-view.js'

export interface Running { node: Node, paths: { home: string, socket: string }, created: boolean, reopen: Promise<void> }

export interface RunOptions {
  start: () => Promise<Running>
  log: Log
  /** Called once, when the socket serves. */
  tell: (started: Started) => void
  untilStdinEnds: boolean
}

/** Between two attempts to start anew after the store failed, in ms. */
const START_AGAIN_MS = 5_000
/** Exit code of a process that a second signal ended. */
const EXIT_INTERRUPTED = 130

/** Returns when the node has stopped. */
export async function runDaemon ({ start, log, tell, untilStdinEnds }: RunOptions): Promise<void> {
  const { promise: stopped, resolve } = Promise.withResolvers<string>()
  // Before anything else: whoever asks for the end while the node starts is heard too.
  watchSignals(resolve)
  if (untilStdinEnds) watchStdin(resolve)
  let running: Running | null = await start()
  for (let first = true; running !== null; first = false) {
    const why = await serve(running, { log, resolve, stopped, tell: first ? tell : () => {} })
    running = why !== null ? null : await startAgain({ start, log, stopped })
  }
}

interface Serving { log: Log, resolve: (why: string) => void, stopped: Promise<string>, tell: (started: Started) => void }

/** Returns why it was asked to stop; null: the store is to be opened anew. */
async function serve ({ node, paths, created, reopen }: Running, { log, resolve, stopped, tell }: Serving): Promise<string | null> {
  try {
    const server = await startRpcServer({ socket: paths.socket, node, log, onStop: () => resolve('ledgermesh stop') })
    const { ledger, name, network, peerId, addrs } = await node.status()
    // Whoever reads this may go away: that ends other commands, but not this one.
    process.stdout.removeAllListeners('error').on('error', (error) => log.debug({ err: error }, 'nobody reads what the node says'))
    tell({ ledger, name, network, peerId, addrs, home: paths.home, socket: paths.socket, created })
    const why = await Promise.race([stopped, reopen.then(() => null)])
    log.info({ why: why ?? 'the store is opened anew' }, 'stopping')
    await server.close(() => node.close())
    return why
  } catch (error) {
    await node.close()
    throw error
  }
}

/** The disk may be full again by now. Null: it was asked to stop meanwhile. */
async function startAgain ({ start, log, stopped }: { start: () => Promise<Running>, log: Log, stopped: Promise<string> }): Promise<Running | null> {
  for (;;) {
    try {
      return await start()
    } catch (error) {
      log.error({ err: error }, 'the node could not be started again')
    }
    if (await Promise.race([stopped, delay(START_AGAIN_MS, null)]) !== null) return null
  }
}

function watchSignals (stop: (why: string) => void): void {
  let asked = false
  const onSignal = (signal: string): void => {
    if (asked) process.exit(EXIT_INTERRUPTED)
    asked = true
    stop(signal)
  }
  process.on('SIGINT', onSignal)
  process.on('SIGTERM', onSignal)
}

function watchStdin (stop: (why: string) => void): void {
  for (const event of ['end', 'close', 'error']) process.stdin.once(event, () => stop('standard input ended'))
  process.stdin.resume()
}
