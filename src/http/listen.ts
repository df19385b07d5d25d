/** Where HTTP is served: this machine's own addresses, or a unix socket that a proxy opens. Nothing else by mistake. */
import { chmod } from 'node:fs/promises'
import type { Server } from 'node:http'
import { dirname, isAbsolute } from 'node:path'
import { LedgermeshError } from '../core/errors.js'
import { checkSocketPath } from '../rpc/socket-path-length.js'
import { clearSocketPath, openToGroup, prepareGroupFolder, prepareOwnFolder } from '../rpc/socket-path.js'
import type { Own } from './guard.js'

export interface HttpSettings {
  /** `127.0.0.1:7480`, `[::1]:7480`, or the absolute path of a unix socket. */
  listen?: string | undefined
  /** Who may open the unix socket beside its owner: a group's name or number. */
  group?: string | undefined
  /** How others call this server, when a proxy stands before it: `https://ledger.example.org`. */
  publicUrl?: string | undefined
  /** In place of `listen`: any address, for a container, where the network outside says who reaches it. */
  containerListen?: string | undefined
}

export type Place = { path: string; group: string | undefined } | { host: string; port: number }

const LOOPBACK = /^(?:127(?:\.\d{1,3}){3}|::1)$/
const ADDRESS = /^(?:\[([0-9a-f:]+)\]|(\d{1,3}(?:\.\d{1,3}){3})):(\d{1,5})$/i

/** Throws BAD_CONFIG, with what was given. */
export function placeOf({ listen, group, containerListen }: HttpSettings): Place {
  if ((listen === undefined) === (containerListen === undefined))
    throw new LedgermeshError('BAD_CONFIG', 'http takes listen, or in a container containerListen')
  if (listen !== undefined && isAbsolute(listen)) return { path: listen, group }
  const given = (listen ?? containerListen)!
  const [, six, four, digits] = ADDRESS.exec(given) ?? []
  const host = six ?? four
  const port = Number(digits)
  if (host === undefined || port > 65_535)
    throw new LedgermeshError('BAD_CONFIG', `${given} is no address: write 127.0.0.1:7480, or the path of a socket`)
  if (group !== undefined) throw new LedgermeshError('BAD_CONFIG', 'http.group is for a unix socket')
  if (listen !== undefined && !LOOPBACK.test(host))
    throw new LedgermeshError(
      'BAD_CONFIG',
      `${listen} can be reached from other machines, unencrypted: let a proxy with TLS pass requests on to a unix socket (http.listen: its path)`
    )
  return { host, port }
}

/** Throws BAD_CONFIG, BAD_FILE or NOT_PERMITTED, or what the system says. */
export async function listenAt(server: Server, place: Place): Promise<void> {
  if ('host' in place) {
    await listening(server, () => server.listen({ host: place.host, port: place.port, exclusive: true }))
    return
  }
  const { path, group } = place
  checkSocketPath(path)
  const gid = group === undefined ? null : await prepareGroupFolder(dirname(path), group)
  if (gid === null) await prepareOwnFolder(dirname(path))
  await clearSocketPath(path)
  const mask = process.umask(0o177)
  try {
    await listening(server, () => server.listen(path))
  } finally {
    process.umask(mask)
  }
  if (gid === null) await chmod(path, 0o600)
  else await openToGroup(path, gid)
}

async function listening(server: Server, listen: () => void): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  server.once('error', reject)
  server.once('listening', resolve)
  listen()
  try {
    await promise
  } finally {
    server.off('error', reject)
    server.off('listening', resolve)
  }
}

/** How requests for this server name it, by the port that it got. */
export function namesOf(server: Server, publicUrl: string | undefined): Own & { url: string | null } {
  const hosts = new Set<string>()
  const origins = new Set<string>()
  const address = server.address()
  let url: string | null = null
  if (typeof address === 'object' && address !== null) {
    for (const host of ['127.0.0.1', '[::1]', 'localhost']) {
      hosts.add(`${host}:${address.port}`)
      origins.add(`http://${host}:${address.port}`)
    }
    url = `http://${address.family === 'IPv6' ? `[${address.address}]` : address.address}:${address.port}`
  } else hosts.add('localhost')
  if (publicUrl !== undefined) {
    const { host, origin } = new URL(publicUrl)
    hosts.add(host.toLowerCase())
    origins.add(origin)
  }
  return { hosts, origins, url }
}
