import { existsSync } from 'node:fs'
import { dirname, relative, resolve } from 'node:path'
import { z } from 'zod'
import { LedgermeshError } from '../core/errors.js'
import { isObject } from '../core/grammar.js'
import { configProblem } from './config-problem.js'
import { fromEnvironment, merged, valueAt, type Origin } from './layers.js'
import { readJsonFile } from './read-json-file.js'
import { schema, type Config, type ConfigInput } from './schema.js'
import { SETTINGS, type Setting } from './settings.js'

export type { Config, ConfigInput } from './schema.js'

export interface Settings {
  config: Config
  /** Where the value of a setting comes from. */
  originOf: (setting: Pick<Setting, 'path' | 'flag' | 'env'>) => Origin
}

/** Variables by name: `process.env`. */
export type Environment = Readonly<Record<string, string | undefined>>

/**
 * Flags over variables over config.json over defaults, setting by setting. Throws BAD_CONFIG with the flag, the
 * variable, or the file and the key.
 */
export function loadConfig(file: string, flags: ConfigInput, env: Environment = {}): Settings {
  const stored = readFile(file)
  const variables = fromEnvironment(env)
  const originOf: Settings['originOf'] = ({ path, flag, env: variable }) => {
    if (valueAt(flags, path) !== undefined) return { from: 'flag', name: flag }
    if (valueAt(variables, path) !== undefined) return { from: 'environment', name: variable }
    return valueAt(stored, path) === undefined ? { from: 'default', name: '' } : { from: 'file', name: file }
  }
  checked(stored, file, () => ({ from: 'file', name: file })) // what a flag overrides counts again without the flag
  return { config: checked(merged(merged(stored, variables), flags), file, originOf), originOf }
}

function readFile(file: string): object {
  const stored = existsSync(file) ? readJsonFile(file, 'BAD_CONFIG') : {}
  if (!isObject(stored)) throw new LedgermeshError('BAD_CONFIG', `${file}: not a JSON object, {"<key>": …}`)
  for (const { path } of SETTINGS.filter((setting) => setting.file)) {
    const [key] = path
    const value = stored[key!]
    if (typeof value === 'string' && value !== '') stored[key!] = resolve(dirname(file), value)
  }
  return stored
}

function checked(values: object, file: string, originOf: Settings['originOf']): Config {
  const result = schema.safeParse(values)
  if (!result.success)
    throw new LedgermeshError(
      'BAD_CONFIG',
      configProblem(result.error.issues[0]!, values, { file, keys: Object.keys(schema.shape), whereOf })
    )
  for (const key of ['readSocket', 'adminSocket'] as const) {
    const path = result.data[key]?.path
    if (path !== undefined && !relative(dirname(file), path).startsWith('..'))
      throw new LedgermeshError(
        'BAD_CONFIG',
        `${whereOf([key, 'path']) ?? file}: ${key}.path is in the home, where nobody else may enter: choose a folder of its own elsewhere`
      )
  }
  return result.data

  function whereOf(path: readonly PropertyKey[]): string | null {
    const setting = SETTINGS.find((one) => one.path.every((key, at) => path[at] === key))
    const origin = setting === undefined ? null : originOf(setting)
    return origin?.from === 'flag' || origin?.from === 'environment' ? origin.name : null
  }
}

const bootstrapSchema = z.record(z.string(), z.array(z.string()))

/** The addresses that a bootstrap-nodes.json ({"<network>": [multiaddr…]}) names for a network. Throws BAD_CONFIG. */
export function loadBootstrapFile(file: string, network: string): string[] {
  const result = bootstrapSchema.safeParse(readJsonFile(file, 'BAD_CONFIG'))
  if (!result.success)
    throw new LedgermeshError('BAD_CONFIG', `${file}: expected {"<network>": ["/ip4/…/tcp/…/p2p/…"]}`)
  return Object.hasOwn(result.data, network) ? result.data[network]! : [] // "constructor" is a network's name too
}
