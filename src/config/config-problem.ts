/** What is wrong with a setting, in words: which flag, variable, or key of which file, what it has, and what it takes. */
import type { z } from 'zod'

export interface Sources {
  file: string
  /** All keys that there are. */
  keys: readonly string[]
  /** The flag or the variable that gives the value at a path; null: the file does. */
  whereOf: (path: readonly PropertyKey[]) => string | null
}

/** Characters of a value that are shown. */
const SHOWN_CHARS = 80

const KINDS: Record<string, string> = {
  string: 'a text',
  array: 'a list',
  object: 'an object',
  boolean: 'true or false',
  int: 'a whole number',
  number: 'a number'
}

type Issue = z.core.$ZodIssue

export function configProblem(issue: Issue, values: object, { file, keys, whereOf }: Sources): string {
  if (issue.code === 'unrecognized_keys') return unknownKeys(issue, file, keys)
  const value = issue.path.reduce<unknown>((inside, part) => (inside as Record<PropertyKey, unknown>)[part], values)
  const where =
    whereOf(issue.path) ??
    `${file}: ${issue.path.map((part, index) => (typeof part === 'number' ? `[${part + 1}]` : index === 0 ? String(part) : `.${String(part)}`)).join('')}`
  return `${where} is ${show(value)}: ${expected(issue)}`
}

function unknownKeys(
  issue: Extract<Issue, { code: 'unrecognized_keys' }>,
  file: string,
  keys: readonly string[]
): string {
  const unknown = issue.keys.map((key) => show([...issue.path, key].join('.'))).join(', ')
  const rest = issue.path.length > 0 ? '' : `; the settings are ${keys.join(', ')}`
  return `${file}: there is no setting ${unknown}${rest}`
}

function expected(issue: Issue): string {
  switch (issue.code) {
    case 'invalid_type':
      return `it takes ${KINDS[issue.expected] ?? issue.expected}`
    case 'invalid_value':
      return `it takes ${issue.values.map((value) => JSON.stringify(value)).join(' or ')}`
    case 'too_small':
      return issue.origin === 'array' || issue.origin === 'string'
        ? `it has fewer than ${issue.minimum}`
        : `it is less than ${issue.minimum}`
    case 'too_big':
      return issue.origin === 'array' || issue.origin === 'string'
        ? `it has more than ${issue.maximum}`
        : `it is more than ${issue.maximum}`
    default:
      return issue.message
  }
}

export function show(value: unknown): string {
  const text = JSON.stringify(value) ?? 'missing'
  return text.length > SHOWN_CHARS ? `${text.slice(0, SHOWN_CHARS)}…` : text
}
