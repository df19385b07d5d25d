/** The daemon: a node and its socket, from start to orderly end. */
import type { Node } from '../node/api.js'
import type { Log } from '../ports.js'
import { startRpcServer } from '../rpc/server.js'
import type { Started } from './views/started-view.js'

export interface RunOptions {
  start: () => Promise<{ node: Node, paths: { home: string, socket: string }, created: boolean }>
  log: Log
  /** Called once, when the socket serves. */
  tell: (started: Started) => void
  untilStdinEnds: boolean
}

/** Exit code of a process that a second signal ended. */
const EXIT_INTERRUPTED = 130

/** Returns when the node has stopped. */
export async function runDaemon ({ start, log, tell, untilStdinEnds }: RunOptions): Promise<void> {
  const { promise: stopped, resolve } = Promise.withResolvers<string>()
  // Before anything else: whoever asks for the end while the node starts is heard too.
  watchSignals(resolve)
  if (untilStdinEnds) watchStdin(resolve)
  const { node, paths, created } = await start()
  try {
    const server = await startRpcServer({ socket: paths.socket, node, log, onStop: () => resolve('ledgermesh stop') })
    const { ledger, name, network, peerId, addrs } = await node.status()
    // Whoever reads this may go away: that ends other commands, but not this one.
    process.stdout.removeAllListeners('error').on('error', (error) => log.debug({ err: error }, 'nobody reads what the node says'))
    tell({ ledger, name, network, peerId, addrs, home: paths.home, socket: paths.socket, created })
    log.info({ why: await stopped }, 'stopping')
    await server.close(() => node.close())
  } catch (error) {
    await node.close()
    throw error
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
