/** The entry of the `ledgermesh` command. */
import { LedgermeshError } from '../core/errors.js'
import { commandOf } from './command-of.js'
import { reportFailure, type Told } from './failure.js'
import { flushOutput } from './print.js'
import { makeProgram } from './program.js'

const program = await makeProgram(process.argv.slice(2))
const told = (): Told => ({
  json: program.opts<{ json?: boolean }>().json === true || process.argv.includes('--json'),
  command: commandOf(program, process.argv.slice(2))
})

// `ledgermesh query --all | head` ends when head does; on a full disk what was asked for is not all there.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  process.exit(
    error.code === 'EPIPE'
      ? 0
      : reportFailure(new LedgermeshError('BAD_FILE', `cannot write to standard output: ${error.message}`), told())
  )
})

try {
  await program.parseAsync()
} catch (error) {
  process.exitCode = reportFailure(error, told())
}
await flushOutput()
// A timer of a library must not keep us here.
process.exit()
