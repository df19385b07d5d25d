import type { Command } from 'commander'
import { RELOADED_KEYS } from '../../config/settings.js'
import { checkSocketPath } from '../../rpc/socket-path-length.js'
import { daemonOptions, declareDaemonFlags } from '../daemon-flags.js'
import { startDetached } from '../detach.js'
import { failureOf } from '../failure.js'
import { globalsOf, type Globals } from '../globals.js'
import { showStarted } from '../views/started-view.js'
import { answer } from '../print.js'

const SIGNALS = `
Signals:
  SIGINT, SIGTERM, SIGQUIT  stop in order; a second one ends the process at once
  SIGHUP                    in the foreground: stop in order. With --background or --detach: read config.json and the bootstrap file
                            again; what counts at once is ${RELOADED_KEYS.join(', ')} (allow only if there was a list before), the log says
                            what needs a restart`

interface StartFlags {
  detach?: boolean
  untilStdinEnds?: boolean
  background?: boolean
  logLevel?: string
}

/** Runs in the foreground until a signal, `ledgermesh stop`, or (--until-stdin-ends) the end of the parent process. */
export function addStartCommand(program: Command): void {
  const command = program
    .command('start')
    .description('Run a node. The first time it makes the home folder, the keys and the ledger.')
  declareDaemonFlags(command, true)
  command
    .option('--detach', 'Run in the background; return when the node answers.')
    .option(
      '--background',
      'No terminal is behind it, as under systemd or in a container: SIGHUP reads the settings again, and all that is said is a log line on stderr.'
    )
    .option('--until-stdin-ends', 'Stop when standard input ends: together with the program that started it.')
    .addHelpText('after', SIGNALS)
  command.action(async () => {
    const globals = globalsOf(command)
    const { detach = false, background = false } = command.opts<StartFlags>()
    if (detach) {
      const started = await startDetached(globals)
      answer(globals.json, started, () => showStarted(started))
    } else if (background) await runInBackground(command, globals)
    else await run(command, globals)
  })
}

async function run(command: Command, globals: Globals): Promise<void> {
  const { untilStdinEnds = false, background = false, logLevel } = command.opts<StartFlags>()
  checkSocketPath(globals.paths.socket)
  const { startDaemon, daemonConfig } = await import('../../node/start-daemon.js')
  const { VERSION } = await import('../../node/runtime/version.js')
  const { makeLog } = await import('../log.js')
  const { runDaemon } = await import('../run-daemon.js')
  const { collectOwnGarbage } = await import('../collect-garbage.js')
  const { systemClock } = await import('../../node/runtime/system.js')
  const options = daemonOptions(command, globals)
  const log = makeLog(daemonConfig(options).config.logLevel, logLevel !== undefined)
  collectOwnGarbage(systemClock)
  await runDaemon({
    start: () => startDaemon(options, log),
    log,
    tell: (started) => {
      if (background)
        log.info({ event: 'daemon.started', version: VERSION, pid: process.pid, ...started }, 'the node answers')
      else answer(globals.json, started, () => showStarted(started))
    },
    untilStdinEnds,
    background
  })
}

/** One format for all that is said: whoever reads the log sees why it ended, too. */
async function runInBackground(command: Command, globals: Globals): Promise<void> {
  try {
    await run(command, globals)
  } catch (thrown) {
    const { makeLog } = await import('../log.js')
    const { error, next, exit } = failureOf(thrown, 'start')
    makeLog('error', true).error(
      { event: 'daemon.failed', code: error.code, error: error.message, next },
      'the node ended by an error'
    )
    process.exitCode = exit
  }
}
