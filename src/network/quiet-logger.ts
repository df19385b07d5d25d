import type { ComponentLogger, Logger } from '@libp2p/interface'

/**
 * A logger for libp2p, which makes one for each stream and connection. Its usual loggers read the terminal and the
 * environment each time: a fifth of the cost of a stream. The events that matter are in our own log.
 */
export const quietLogger: ComponentLogger = { forComponent: () => quiet }

const quiet: Logger = Object.assign(() => {}, {
  enabled: false,
  trace: () => {},
  error: () => {},
  newScope: (): Logger => quiet
})
