import type { ComponentLogger, Logger } from '@libp2p/interface'

/**
 * For libp2p, which makes a logger of its own for each stream and connection. Its usual ones look at the terminal and
 * the environment each time: a fifth of what a stream costs. What matters of it is told in our own log.
 */
export const quietLogger: ComponentLogger = { forComponent: () => quiet }

const quiet: Logger = Object.assign(() => {}, {
  enabled: false,
  trace: () => {},
  error: () => {},
  newScope: (): Logger => quiet
})
