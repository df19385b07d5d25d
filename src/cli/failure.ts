/** How a command fails: an exit code, what went wrong, and what to do next. */
import { CommanderError } from 'commander'
import { ERRORS, LedgermeshError, nextStep, type ErrorCode } from '../core/errors.js'
import { fileError } from '../core/system-error.js'
import { listCandidates } from './candidates.js'
import { remark, remarkJson } from './print.js'

/** Refused by the node, or not everything could be done. */
export const EXIT_REFUSED = 1
export const EXIT_NOT_REACHABLE = 2
export const EXIT_USAGE = 3
/** As a shell says it of a process that Ctrl-C ended. */
export const EXIT_INTERRUPTED = 130

const EXITS: Partial<Record<ErrorCode, number>> = {
  NODE_UNREACHABLE: EXIT_NOT_REACHABLE,
  NO_ANSWER: EXIT_NOT_REACHABLE,
  INVALID_PARAMS: EXIT_USAGE,
  MALFORMED: EXIT_USAGE,
  BAD_CONFIG: EXIT_USAGE,
  BAD_FILE: EXIT_USAGE,
  AMBIGUOUS: EXIT_USAGE,
  NO_SUCH_NAME: EXIT_USAGE,
  SHORT_FORM: EXIT_USAGE,
  INTERRUPTED: EXIT_INTERRUPTED,
  NO_LEDGER: EXIT_USAGE,
  LEDGER_DIFFERS: EXIT_USAGE,
  NOT_PERMITTED: EXIT_USAGE
}

/** What was run: `trust attest`; empty: the program itself. */
export interface Told {
  json: boolean
  command: string
}

/** Says it on stderr, and gives the exit code. */
export function reportFailure(thrown: unknown, { json, command }: Told): number {
  if (thrown instanceof CommanderError) return reportUsage(thrown, { json, command })
  const { error, next, exit } = failureOf(thrown, command)
  if (json)
    say({
      kind: error.code,
      message: error.message,
      retryable: ERRORS[error.code].retryable,
      next,
      ...(error.details === undefined ? {} : { details: error.details })
    })
  else remark(`${error.message} (${error.code})${listCandidates(error.details)}\nNext: ${next}`)
  return exit
}

/** What went wrong, what to do next, and the exit code. */
export function failureOf(thrown: unknown, command: string): { error: LedgermeshError; next: string; exit: number } {
  const error = codedError(thrown)
  const next = nextStep(error.code, 'cli').replaceAll('<command>', command === '' ? '<command>' : command)
  return { error, next, exit: EXITS[error.code] ?? EXIT_REFUSED }
}

/** A file that the system refuses is the user's to correct; what else is not coded is a fault of ours. */
function codedError(thrown: unknown): LedgermeshError {
  if (thrown instanceof LedgermeshError) return thrown
  const path = thrown instanceof Error && 'path' in thrown && typeof thrown.path === 'string' ? thrown.path : null
  const error = path === null ? thrown : fileError(thrown, path)
  return error instanceof LedgermeshError
    ? error
    : new LedgermeshError('INTERNAL', error instanceof Error ? error.message : String(error), undefined, {
        cause: error
      })
}

/** --help and --version end with 0 and have said their text already. */
function reportUsage(error: CommanderError, { json, command }: Told): number {
  if (error.exitCode === 0) return 0
  // Without a command commander prints the help as its error.
  const message = error.code === 'commander.help' ? 'no command given' : error.message.replace(/^error: /, '')
  const next = command === '' ? 'See `npx ledgermesh --help`.' : `See \`npx ledgermesh ${command} --help\`.`
  if (json) say({ kind: 'USAGE', message, retryable: false, next })
  else remark(`${message}\nNext: ${next}`)
  return EXIT_USAGE
}

function say(error: Record<string, unknown>): void {
  remarkJson({ error })
}
