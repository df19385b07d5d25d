/** The unix socket. Start it only while the node's store is open: its lock decides who runs. */
import { createServer, type Server, type Socket } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { LedgermeshError } from '../core/errors.js'
import type { Node } from '../node/api.js'
import type { Log } from '../ports.js'
import { errorLine } from './answer.js'
import { Connection } from './connection.js'
import { INCOMPLETE_IDLE_MS, LINGER_MS, MAX_CONNECTIONS, STOP_GRACE_MS } from './limits.js'
import { prepareSocketPath } from './socket-path.js'

export interface RpcServerOptions {
  /** Path of the socket, at most 107 bytes. */
  socket: string
  node: Node
  /** A client asked the node to stop; its answer has been written. */
  onStop: () => void
  log: Log
  /** @default INCOMPLETE_IDLE_MS */
  incompleteIdleMs?: number
  /** @default LINGER_MS */
  lingerMs?: number
  /** @default MAX_CONNECTIONS */
  maxConnections?: number
}

export interface RpcServer {
  readonly socket: string
  /** Takes no more calls, answers the pending ones (for at most STOP_GRACE_MS), removes the socket file. */
  close: () => Promise<void>
}

export async function startRpcServer (options: RpcServerOptions): Promise<RpcServer> {
  const { socket: path, node, log, onStop, incompleteIdleMs = INCOMPLETE_IDLE_MS, lingerMs = LINGER_MS, maxConnections = MAX_CONNECTIONS } = options
  await prepareSocketPath(path)
  const connections = new Set<Connection>()
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    if (connections.size >= maxConnections) {
      refuse(socket, maxConnections, lingerMs)
      return
    }
    const connection = new Connection({ socket, node, log, onStop, incompleteIdleMs, lingerMs })
    connections.add(connection)
    void connection.closed.then(() => connections.delete(connection))
  })
  await listen(server, path)
  server.on('error', (error) => log.error({ err: error }, 'the RPC socket failed'))
  return { socket: path, close: () => close(server, connections) }
}

/** The mask is set before the socket exists, so there is no moment in which others could open it. */
async function listen (server: Server, path: string): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    const mask = process.umask(0o177)
    try {
      server.listen(path, () => {
        server.off('error', reject)
        resolve()
      })
    } finally {
      process.umask(mask)
    }
  })
}

/** Even then the answer is JSON. */
function refuse (socket: Socket, maxConnections: number, lingerMs: number): void {
  socket.on('error', () => socket.destroy())
  socket.resume()
  socket.end(`${errorLine(null, new LedgermeshError('OVERLOADED', `all ${maxConnections} connections are in use`))}\n`)
  const linger = setTimeout(() => socket.destroy(), lingerMs).unref()
  socket.once('close', () => clearTimeout(linger))
}

async function close (server: Server, connections: Set<Connection>): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()))
  for (const connection of connections) connection.finish()
  const answered = Promise.all([...connections].map((connection) => connection.closed))
  await Promise.race([answered, delay(STOP_GRACE_MS, undefined, { ref: false })])
  for (const connection of connections) connection.destroy()
  await closed
}
