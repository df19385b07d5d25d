import { pino } from 'pino'
import type { Log } from '../ports.js'

/**
 * JSON lines on stderr. On a terminal people read what `start` says, so there only warnings are shown unless `wanted` says otherwise.
 * A stderr that is gone (the starter ended) never ends the node.
 */
export function makeLog (level: string, wanted: boolean): Log {
  const quiet = process.stderr.isTTY && !wanted && (level === 'info' || level === 'debug')
  const destination = pino.destination({ dest: 2, sync: true })
  destination.on('error', () => undefined)
  return pino({ level: quiet ? 'warn' : level, base: null }, destination)
}
