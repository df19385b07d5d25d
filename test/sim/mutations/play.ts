/**
 * One probe, in a process of its own: `node play.js <probe> <seed>`. Ends with CAUGHT when it found something wrong,
 * and says what.
 */
import { CAUGHT, PROBES, type Probe } from './probes.js'

const [, , probe, seed] = process.argv
try {
  await PROBES[probe as Probe](Number(seed))
} catch (error) {
  console.log((error as Error).message.split('\n', 1)[0])
  process.exitCode = CAUGHT
}
