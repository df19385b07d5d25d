/** How a daemon merges: by field, or by a command. */
import type { JsonObject } from '../core/canonical.js'
import { LedgermeshError } from '../core/errors.js'
import { hasExactly, isObject } from '../core/grammar.js'
import { MAX_ARGUMENT_CHARS, MAX_COMMAND_ARGUMENTS, MAX_MERGE_FIELDS } from './limits.js'

/**
 * `union`: of arrays, without what one side took out of the base. `max`, `min`: of numbers. `changed`: the value that
 * differs from the base, when there is only one such value. `manual`: a person decides. All of them only where the
 * siblings differ.
 */
export const FIELD_MERGES = ['union', 'max', 'min', 'changed', 'manual'] as const
/** How one field is merged. */
export type FieldMerge = (typeof FIELD_MERGES)[number]

/**
 * `fields`: JSON pointers (RFC 6901) and `*` for all others. `command`: an absolute path and its arguments; no shell.
 */
export type MergeMethod = { fields: Record<string, FieldMerge> } | { command: string[] }

/** Throws INVALID_PARAMS. */
export function readMergeMethod(given: JsonObject): MergeMethod {
  const { command, fields: named } = given
  if (hasExactly(given, ['command'])) {
    const isArgument = (one: unknown): boolean =>
      typeof one === 'string' && one.length <= MAX_ARGUMENT_CHARS && !one.includes('\0')
    if (
      !Array.isArray(command) ||
      command.length === 0 ||
      command.length > MAX_COMMAND_ARGUMENTS ||
      !command.every(isArgument)
    )
      throw invalid('command is a list of texts')
    if (!(command[0] as string).startsWith('/')) throw invalid('command begins with an absolute path')
    return { command: command as string[] }
  }
  if (Object.keys(given).length !== 1 || !isObject(named))
    throw invalid('merge is {fields: {pointer: how}} or {command: [path, …]}')
  const fields = Object.entries(named)
  if (fields.length > MAX_MERGE_FIELDS) throw invalid(`at most ${MAX_MERGE_FIELDS} fields`)
  for (const [pointer, how] of fields) {
    if (pointer !== '*' && !/^(?:\/(?:[^~/]|~[01])*)+$/.test(pointer))
      throw invalid(`${JSON.stringify(pointer)} is no JSON pointer`)
    if (!FIELD_MERGES.includes(how as FieldMerge)) throw invalid(`fields are merged by ${FIELD_MERGES.join(', ')}`)
  }
  return { fields: Object.fromEntries(fields) as Record<string, FieldMerge> }
}

function invalid(what: string): LedgermeshError {
  return new LedgermeshError('INVALID_PARAMS', `rule: ${what}`)
}
