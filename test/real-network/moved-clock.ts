/**
 * Loaded into a daemon before its own code (`node --import`): with each SIGUSR2 the wall clock is moved to what the
 * file says (ms from the true time). Timers do not move, as on a machine that slept: they go by the time awake.
 */
import { readFileSync } from 'node:fs'

const RealDate = Date
let shiftMs = 0

globalThis.Date = class extends RealDate {
  constructor(...args: [] | ConstructorParameters<DateConstructor>) {
    if (args.length === 0) super(RealDate.now() + shiftMs)
    else super(...(args as ConstructorParameters<DateConstructor>))
  }

  static override now(): number {
    return RealDate.now() + shiftMs
  }
} as DateConstructor

process.on('SIGUSR2', () => {
  shiftMs = Number(readFileSync(process.env.CLOCK_SHIFT_FILE!, 'utf8'))
})
