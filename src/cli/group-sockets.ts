/** The sockets for members of a group, as the settings describe them: one for reading, one with all rights. */
import type { Config } from '../config/config.js'
import { isCoded, LedgermeshError } from '../core/errors.js'
import { fileError } from '../core/system-error.js'
import { OWNER, reader, type Principal } from '../rpc/principal.js'
import { startRpcServer, type RpcServer, type RpcServerOptions } from '../rpc/server.js'
import { tooLongForSocket } from '../rpc/socket-path-length.js'

export type GroupSockets = Pick<Config, 'readSocket' | 'adminSocket'>

type Serving = Pick<RpcServerOptions, 'node' | 'log' | 'onStop'>

/** Throws BAD_CONFIG, BAD_FILE or NOT_PERMITTED, with the file and the key; then none of them serves. */
export async function startGroupSockets(
  { readSocket, adminSocket }: GroupSockets,
  file: string,
  serving: Serving
): Promise<RpcServer[]> {
  const servers: RpcServer[] = []
  try {
    if (readSocket !== undefined)
      servers.push(
        await startOne(`${file}: readSocket`, { ...readSocket, principal: reader(readSocket.privatePayloads) }, serving)
      )
    if (adminSocket !== undefined)
      servers.push(await startOne(`${file}: adminSocket`, { ...adminSocket, principal: OWNER }, serving))
  } catch (error) {
    await Promise.all(servers.map((server) => server.close()))
    throw error
  }
  return servers
}

async function startOne(
  where: string,
  { path, group, principal }: { path: string; group: string; principal: Principal },
  serving: Serving
): Promise<RpcServer> {
  const problem = tooLongForSocket(path)
  if (problem !== null) throw new LedgermeshError('BAD_CONFIG', `${where}.path: ${problem}`)
  try {
    return await startRpcServer({ ...serving, socket: path, group, principal })
  } catch (error) {
    const known = fileError(error, `cannot serve at ${path}`)
    if (!isCoded(known)) throw known
    throw new LedgermeshError(
      known.code,
      `${where}.${known.details?.group === undefined ? 'path' : 'group'}: ${known.message}`,
      known.details,
      { cause: error }
    )
  }
}
