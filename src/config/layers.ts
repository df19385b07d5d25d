/** What flags and variables say, put over config.json: setting by setting, and where each of them comes from. */
import { resolve } from 'node:path'
import { parseText, type Json } from '../core/canonical.js'
import { LedgermeshError } from '../core/errors.js'
import { isObject } from '../core/grammar.js'
import { SETTINGS, type Setting } from './settings.js'

/** `name`: the flag, the variable or the file; of a default the empty text. */
export interface Origin {
  from: 'flag' | 'environment' | 'file' | 'default'
  name: string
}

/** Variables that are no settings. */
const OTHER_VARIABLES = ['LEDGERMESH_HOME', 'LEDGERMESH_SOCKET']
/** Between the items of a list. */
const BETWEEN = /[\s,]+/

/**
 * The settings that variables give, nested as in config.json. An empty variable is none. Throws BAD_CONFIG for a
 * `LEDGERMESH_*` that there is not.
 */
export function fromEnvironment(env: Readonly<Record<string, string | undefined>>): object {
  const unknown = Object.keys(env).filter(
    (name) =>
      name.startsWith('LEDGERMESH_') && !OTHER_VARIABLES.includes(name) && !SETTINGS.some((one) => one.env === name)
  )
  if (unknown.length > 0)
    throw new LedgermeshError(
      'BAD_CONFIG',
      `${unknown.join(', ')} in the environment: there is no such setting; \`ledgermesh config show\` lists them`
    )
  return nested(SETTINGS.map((setting) => [setting, env[setting.env] === '' ? undefined : env[setting.env]]))
}

/** The settings that flags give, nested likewise. `given`: what was written behind each flag. */
export function fromFlags(given: (setting: Setting) => string | string[] | undefined): object {
  return nested(SETTINGS.map((setting) => [setting, given(setting)]))
}

function nested(given: [Setting, string | string[] | undefined][]): object {
  const values = {}
  for (const [setting, text] of given) if (text !== undefined) put(values, setting.path, read(setting, text))
  return values
}

/** What cannot be read stays a text: then the schema says what it takes. */
function read({ kind, choices, file }: Setting, text: string | string[]): unknown {
  if (Array.isArray(text)) return text
  if (file) return resolve(text)
  if (kind === 'texts') return text.startsWith('[') ? json(text) : text.split(BETWEEN).filter((item) => item !== '')
  if (kind === 'json' || kind === 'number' || choices.includes('true')) return json(text)
  return text
}

function json(text: string): Json {
  try {
    return parseText(text)
  } catch {
    return text // not JSON: what it is instead, the schema's own message shows
  }
}

function put(values: object, [key, ...rest]: readonly string[], value: unknown): void {
  const inside = values as Record<string, unknown>
  if (rest.length === 0) inside[key!] = value
  else put((inside[key!] ??= {}) as object, rest, value)
}

/** The value at a path; undefined: none. */
export function valueAt(values: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>(
    (inside, key) => (isObject(inside) && Object.hasOwn(inside, key) ? inside[key] : undefined),
    values
  )
}

/** `over` counts setting by setting: `{push: {accept}}` leaves `push.limits` as it was. Neither is changed. */
export function merged(under: object, over: object, path: readonly string[] = []): object {
  const both: Record<string, unknown> = { ...under }
  for (const [key, value] of Object.entries(over)) {
    const below = both[key]
    const here = [...path, key]
    if (value === undefined) continue
    both[key] = isGroup(here) && isObject(value) && isObject(below) ? merged(below, value, here) : value
  }
  return both
}

/** Are there settings below it? */
function isGroup(path: readonly string[]): boolean {
  return SETTINGS.some(
    (setting) => setting.path.length > path.length && path.every((key, at) => setting.path[at] === key)
  )
}
