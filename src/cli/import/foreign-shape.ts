/** Is this JSON lines at all? What is something else is named in one sentence, instead of once a line. */
import { isObject } from '../../core/grammar.js'
import type { Line } from './read-lines.js'

/** Lines at the start that are looked at. */
const LOOK = 10
/** So many lines, and not one of them an object: then it is no single mistake. */
const ENOUGH = 3

/** null: it may well be; else what it is, and how it can be made what is needed. */
export function foreignShape(start: readonly Line[]): string | null {
  const lines = start.slice(0, LOOK).flatMap(({ bytes }) => (bytes === null ? [] : [bytes.toString()]))
  const [first, second = ''] = lines.map((line) => line.trim())
  if (first === undefined || lines.some(isObjectLine)) return null
  if (first.startsWith('[')) return "a JSON array: give one object a line (`jq -c '.[]'` makes that of it)"
  if (first.startsWith('{'))
    return first === '{' || (lines.length >= ENOUGH && /^"[^"]*":/.test(second))
      ? 'a JSON object over several lines: give each object on one line (`jq -c .` makes that of it)'
      : null
  const columns = columnsOf(first)
  if (columns > 1 && (second === '' || columnsOf(second) === columns))
    return `a table of ${columns} columns (CSV): give one JSON object a line`
  return lines.length >= ENOUGH ? 'text without JSON objects: give one JSON object a line' : null
}

function isObjectLine(line: string): boolean {
  try {
    return isObject(JSON.parse(line))
  } catch {
    return false // the line that is not JSON is reported when the lines are read one by one
  }
}

function columnsOf(line: string): number {
  return Math.max(...[',', ';', '\t'].map((separator) => line.split(separator).length))
}
