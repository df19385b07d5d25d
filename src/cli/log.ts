import { pino, stdSerializers } from 'pino'
import type { Log } from '../ports.js'
import { visibleLines } from './visible.js'

/** `level` may be changed. */
export type LevelledLog = Log & { level: string }

/**
 * JSON lines on stderr. On a terminal people read what `start` says, so there only warnings are shown unless `wanted`
 * says otherwise.
 * A stderr that is gone (the starter ended) never ends the node.
 */
export function makeLog(level: string, wanted: boolean): LevelledLog {
  const quiet = process.stderr.isTTY && !wanted && (level === 'info' || level === 'debug')
  const destination = pino.destination({ dest: 2, sync: true })
  destination.on('error', () => undefined)
  // What strangers call themselves stands in log lines too; inside JSON the escaped text is the same.
  return pino(
    {
      level: quiet ? 'warn' : level,
      formatters: { level: (label) => ({ level: label }) },
      base: null,
      serializers: { error: stdSerializers.err },
      hooks: { streamWrite: visibleLines }
    },
    destination
  )
}
