/** HTTP as config.json describes it. */
import type { Config } from '../config/config.js'
import { isCoded, LedgermeshError } from '../core/errors.js'
import { fileError } from '../core/system-error.js'
import { startHttpServer, type HttpServer, type HttpServerOptions } from '../http/server.js'
import type { AccessTokens } from '../node/home/access-tokens.js'

/** null: none is configured. Throws BAD_CONFIG, BAD_FILE or NOT_PERMITTED, with the file and the key. */
export async function startHttp(
  { http: settings }: Pick<Config, 'http'>,
  file: string,
  { tokens, ...serving }: Pick<HttpServerOptions, 'node' | 'log' | 'now'> & { tokens: AccessTokens }
): Promise<HttpServer | null> {
  if (settings === undefined) return null
  await tokens.load()
  try {
    return await startHttpServer({ ...serving, tokens, settings })
  } catch (error) {
    const known = fileError(error, 'cannot serve HTTP')
    if (!isCoded(known)) throw known
    throw new LedgermeshError(known.code, `${file}: http: ${known.message}`, known.details, { cause: error })
  }
}
