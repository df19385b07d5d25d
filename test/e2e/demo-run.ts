import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

const run = promisify(execFile)
const TIMEOUT_MS = 230_000

/** What must come of the demo. */
export interface DemoFigures {
  /** Option of the demo; null: all. */
  each: number | null
  records: number
  references: number
  /** References from one ledger to another. */
  between: number
  /** References of the node that is killed. */
  killed: number
}

/** Everything that it has: `node dist/scripts/soak/demo.js` */
export const WHOLE: DemoFigures = { each: null, records: 18_642, references: 81_149, between: 35_598, killed: 35_055 }
/** So much in `npm test`. */
export const PART: DemoFigures = { each: 300, records: 1_290, references: 5_146, between: 1_416, killed: 1_342 }

/** The demo as a newcomer runs it, and what it says; it throws when it ends with another code than 0. */
export async function runDemo({ each }: DemoFigures): Promise<string> {
  const args = ['dist/scripts/demo/main.js', '--exit', ...(each === null ? [] : ['--records', String(each)])]
  const { stdout } = await run(process.execPath, args, {
    timeout: TIMEOUT_MS,
    killSignal: 'SIGKILL',
    maxBuffer: 16 * 1024 * 1024
  })
  return stdout
}

/** The sentences of which the demo must say each, for these figures. */
export function said({ records, references, between, killed }: DemoFigures): RegExp[] {
  return [
    RegExp(`${records} records imported and on all three nodes`),
    /References that could not be resolved: 0\. Lines refused: 0\./,
    RegExp(
      `References that are verified: all ${references}; ${between} of them from one ledger to another\\.\\s+All roots equal: yes\\.`
    ),
    // by a node that holds none of it
    /^ {2}applications +(included|proved), up to \d+ entries$/m,
    // after SIGKILL, from the entries alone
    RegExp(`${killed} of ${killed} are verified again`)
  ]
}
