/** What a process is told from outside, and what it means to a daemon. */

/** Exit code of a process that a second signal ended. */
const EXIT_INTERRUPTED = 130

export interface SignalActions {
  stop: (why: string) => void
  /** What SIGHUP means; null: the terminal is gone, which ends what it started. */
  reload: (() => void) | null
}

export function watchSignals({ stop, reload }: SignalActions): void {
  let asked = false
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGQUIT'] as const) {
    process.on(signal, () => {
      if (asked) process.exit(EXIT_INTERRUPTED)
      asked = true
      stop(signal)
    })
  }
  // A terminal that closes sends it more than once (the kernel and the shell do): never a reason to hurry.
  process.on('SIGHUP', () => {
    if (reload === null) stop('SIGHUP')
    else reload()
  })
}
