/** The second socket, for reading, as config.json describes it. */
import type { Config } from '../config/config.js'
import { isCoded, LedgermeshError } from '../core/errors.js'
import { fileError } from '../core/system-error.js'
import { reader } from '../rpc/principal.js'
import { startRpcServer, type RpcServer, type RpcServerOptions } from '../rpc/server.js'
import { tooLongForSocket } from '../rpc/socket-path-length.js'

/** null: none is configured. Throws BAD_CONFIG, BAD_FILE or NOT_PERMITTED, with the file and the key. */
export async function startReadSocket(
  { readSocket }: Pick<Config, 'readSocket'>,
  file: string,
  serving: Pick<RpcServerOptions, 'node' | 'log' | 'onStop'>
): Promise<RpcServer | null> {
  if (readSocket === undefined) return null
  const { path, group, privatePayloads } = readSocket
  const problem = tooLongForSocket(path)
  if (problem !== null) throw new LedgermeshError('BAD_CONFIG', `${file}: readSocket.path: ${problem}`)
  try {
    return await startRpcServer({ ...serving, socket: path, group, principal: reader(privatePayloads) })
  } catch (error) {
    const known = fileError(error, `cannot serve at ${path}`)
    if (!isCoded(known)) throw known
    throw new LedgermeshError(
      known.code,
      `${file}: readSocket.${known.details?.group === undefined ? 'path' : 'group'}: ${known.message}`,
      known.details,
      { cause: error }
    )
  }
}
