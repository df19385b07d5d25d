/** The unix socket. Start it only while the node's store is open: its lock decides who runs. */
import { createServer, type Server, type Socket } from 'node:net'
import { dirname } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { LedgermeshError } from '../core/errors.js'
import type { Node } from '../node/api/node.js'
import type { Log } from '../ports.js'
import { Actor } from './actor.js'
import { errorLine } from './lines.js'
import { Connection } from './connection.js'
import { INCOMPLETE_IDLE_MS, LINGER_MS, MAX_CONNECTIONS, STOP_GRACE_MS } from './limits.js'
import { OperatorPlaces } from './operator-places.js'
import { OWNER, type Principal } from './principal.js'
import { checkSocketPath } from './socket-path-length.js'
import { clearSocketPath, openToGroup, prepareGroupFolder, prepareOwnFolder } from './socket-path.js'

export interface RpcServerOptions {
  /** Path of the socket, at most 107 bytes. */
  socket: string
  node: Node
  /** As whom its clients call. @default OWNER */
  principal?: Principal
  /**
   * Also members of this group (a name or a number) may open it: 0660 in a folder 0750. @default its owner alone: 0600
   * in a folder 0700
   */
  group?: string
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
  /**
   * Takes no more calls, removes the socket file, answers what is pending (for at most STOP_GRACE_MS), does `andThen`,
   * and only then ends the connections: whoever asked the node to stop sees the end of its connection when the node has
   * stopped.
   */
  close: (andThen?: () => Promise<void>) => Promise<void>
}

export async function startRpcServer(options: RpcServerOptions): Promise<RpcServer> {
  const {
    socket: path,
    node,
    principal = OWNER,
    group,
    log,
    onStop,
    incompleteIdleMs = INCOMPLETE_IDLE_MS,
    lingerMs = LINGER_MS,
    maxConnections = MAX_CONNECTIONS
  } = options
  checkSocketPath(path)
  const gid = group === undefined ? null : await prepareGroupFolder(dirname(path), group)
  if (gid === null) await prepareOwnFolder(dirname(path))
  await clearSocketPath(path)
  const actor = new Actor(node, principal)
  const connections = new Set<Connection>()
  const places = new OperatorPlaces()
  let ordinary = 0
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    const full = ordinary >= maxConnections ? `all ${maxConnections} connections are in use` : null
    if (full !== null && places.full) {
      refuse(socket, full, lingerMs)
      return
    }
    const connection: Connection = new Connection({
      socket,
      actor,
      log,
      onStop,
      operatorsOnly: full,
      incompleteIdleMs,
      lingerMs
    })
    if (full !== null) places.add(connection)
    else {
      ordinary++
      void connection.closed.then(() => {
        ordinary--
      })
    }
    connections.add(connection)
    void connection.closed.then(() => connections.delete(connection))
  })
  await listen(server, path)
  if (gid !== null) await openToGroup(path, gid)
  server.on('error', (error) => log.error({ event: 'rpc.socket-failed', error }, 'the RPC socket failed'))
  return { socket: path, close: (andThen) => close(server, connections, andThen) }
}

/** The mask is set before the socket exists, so there is no moment in which others could open it. */
async function listen(server: Server, path: string): Promise<void> {
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
function refuse(socket: Socket, why: string, lingerMs: number): void {
  socket.on('error', () => socket.destroy())
  socket.resume()
  socket.end(`${errorLine(null, new LedgermeshError('OVERLOADED', why))}\n`)
  const linger = setTimeout(() => socket.destroy(), lingerMs).unref()
  socket.once('close', () => clearTimeout(linger))
}

async function close(
  server: Server,
  connections: Set<Connection>,
  andThen: (() => Promise<void>) | undefined
): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()))
  for (const connection of connections) connection.finish()
  await Promise.race([
    Promise.all([...connections].map(({ drained: settled }) => settled)),
    delay(STOP_GRACE_MS, undefined, { ref: false })
  ])
  try {
    await andThen?.()
  } finally {
    for (const connection of connections) connection.end()
    await Promise.race([
      Promise.all([...connections].map((connection) => connection.closed)),
      delay(STOP_GRACE_MS, undefined, { ref: false })
    ])
    for (const connection of connections) connection.destroy()
    await closed
  }
}
