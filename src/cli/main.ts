/** The entry of the `ledgermesh` command. */
import { reportFailure } from './failure.js'
import { flushOutput } from './print.js'
import { makeProgram } from './program.js'

// `ledgermesh query --all | head` ends when head does.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0)
})

const program = makeProgram()
try {
  await program.parseAsync()
} catch (error) {
  process.exitCode = reportFailure(error, program.opts<{ json?: boolean }>().json === true || process.argv.includes('--json'))
}
await flushOutput()
// A timer of a library must not keep us here.
process.exit()
