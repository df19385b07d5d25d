/** The settings one by one, as flags and variables name them: each leaf of the schema, made from it. */
import { z } from 'zod'
import type { Json } from '../core/canonical.js'
import { schema } from './schema.js'

/** What is written in a flag or a variable. */
export type SettingKind = 'text' | 'number' | 'choice' | 'texts' | 'json'

export interface Setting {
  /** `push.limits.bytes`. */
  key: string
  path: readonly string[]
  /** `--push-limits-bytes`. */
  flag: string
  /** `LEDGERMESH_PUSH_LIMITS_BYTES`. */
  env: string
  kind: SettingKind
  /** What there is to choose from, as it is written; of other kinds none. */
  choices: readonly string[]
  /** What a flag calls its value. */
  value: string
  what: string
  /** undefined: absent means something else than any value. */
  byDefault: Json | undefined
  /** A running node can take over a new value. */
  reloads: boolean
  /** It names a file, from the working folder where a flag or a variable says it. */
  file: boolean
}

interface Shape {
  type?: string
  properties?: Record<string, Shape>
  anyOf?: Shape[]
  items?: Shape
  enum?: string[]
  default?: Json
  description?: string
  value?: string
  reloads?: boolean
  file?: boolean
}

const PREFIX = 'LEDGERMESH'
/** What a flag calls the value of a setting that has no word of its own. */
const VALUES: Record<SettingKind, string> = {
  text: 'text',
  number: 'number',
  choice: 'which',
  texts: 'text',
  json: 'json'
}

/** In the order of the schema. */
export const SETTINGS: readonly Setting[] = leavesOf(
  z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as Shape,
  []
)

/** Top-level keys of which a running node takes over new values. */
export const RELOADED_KEYS: readonly string[] = [
  ...new Set(SETTINGS.filter(({ reloads }) => reloads).map(({ path }) => path[0]!))
]

function leavesOf(shape: Shape, path: readonly string[]): Setting[] {
  if (shape.properties === undefined) return [settingOf(shape, path)]
  return Object.entries(shape.properties).flatMap(([key, member]) => leavesOf(member, [...path, key]))
}

function settingOf(shape: Shape, path: readonly string[]): Setting {
  const words = path.flatMap(wordsOf)
  const kind = kindOf(shape)
  const choices = shape.type === 'boolean' ? ['true', 'false'] : (shape.enum ?? [])
  return {
    key: path.join('.'),
    path,
    flag: `--${words.join('-')}`,
    env: [PREFIX, ...words].join('_').toUpperCase(),
    kind,
    choices,
    value: shape.value ?? (shape.type === 'boolean' ? 'true|false' : VALUES[kind]),
    what: shape.description ?? '',
    byDefault: shape.default,
    reloads: shape.reloads ?? false,
    file: shape.file ?? false
  }
}

/** `inKiBps` has two words: the unit is one. */
function wordsOf(key: string): string[] {
  return key
    .replace('KiBps', 'Kibps')
    .replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
    .split('-')
}

function kindOf({ type, anyOf = [], items, enum: values }: Shape): SettingKind {
  if (type === 'boolean' || values !== undefined) return 'choice'
  if (type === 'string') return 'text'
  if (type === 'integer' || anyOf[0]?.type === 'integer') return 'number'
  return type === 'array' && items?.type === 'string' ? 'texts' : 'json'
}
