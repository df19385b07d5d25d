/**
 * The demo with all its records, `node dist/scripts/soak/demo.js`: `npm test` runs it with a part of them. Ends with 1
 * when it fails, or what it says is not what its files hold.
 */
import { runDemo, said, WHOLE } from '../../test/e2e/demo-run.js'

const stdout = await runDemo(WHOLE)
console.log(stdout)
const missing = said(WHOLE).filter((words) => !words.test(stdout))
for (const words of missing) console.error(`it does not say: ${words.source}`)
process.exitCode = missing.length === 0 ? 0 : 1
