/** How a command fails: an exit code, what went wrong, and what to do next. */
import { CommanderError } from 'commander'
import { ERRORS, LedgermeshError, type ErrorCode } from '../core/errors.js'

/** Refused by the node, or not everything could be done. */
export const EXIT_REFUSED = 1
export const EXIT_NOT_REACHABLE = 2
export const EXIT_USAGE = 3

const EXITS: Partial<Record<ErrorCode, number>> = {
  NODE_UNREACHABLE: EXIT_NOT_REACHABLE,
  INVALID_PARAMS: EXIT_USAGE,
  BAD_CONFIG: EXIT_USAGE,
  BAD_FILE: EXIT_USAGE
}

/** Says it on stderr, and gives the exit code. */
export function reportFailure (thrown: unknown, json: boolean): number {
  if (thrown instanceof CommanderError) return reportUsage(thrown, json)
  const error = thrown instanceof LedgermeshError ? thrown : new LedgermeshError('INTERNAL', thrown instanceof Error ? thrown.message : String(thrown))
  const { retryable, next } = ERRORS[error.code]
  if (json) say({ kind: error.code, message: error.message, retryable, next, ...(error.details === undefined ? {} : { details: error.details }) })
  else console.error(`${error.message} (${error.code})\nNext: ${next}`)
  return EXITS[error.code] ?? EXIT_REFUSED
}

/** --help and --version end with 0 and have said their text already. */
function reportUsage (error: CommanderError, json: boolean): number {
  if (error.exitCode === 0) return 0
  // Without a command commander prints the help as its error.
  const message = error.code === 'commander.help' ? 'no command given' : error.message.replace(/^error: /, '')
  const next = 'See `npx ledgermesh --help`, or `npx ledgermesh <command> --help`.'
  if (json) say({ kind: 'USAGE', message, retryable: false, next })
  else console.error(`${message}\nNext: ${next}`)
  return EXIT_USAGE
}

function say (error: Record<string, unknown>): void {
  console.error(JSON.stringify({ error }))
}
