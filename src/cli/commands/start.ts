import { Option, type Command } from 'commander'
import { RELOADED_KEYS, type Reloaded } from '../../node/home/reload-settings.js'
import { checkSocketPath } from '../../rpc/socket-path-length.js'
import { daemonOptions, declareDaemonFlags } from '../daemon-flags.js'
import { startDetached } from '../detach.js'
import { globalsOf } from '../globals.js'
import type { LevelledLog } from '../log.js'
import type { Running } from '../run-daemon.js'
import { showStarted, type Started } from '../views/started-view.js'
import { answer } from '../print.js'

const SIGNALS = `
Signals:
  SIGINT, SIGTERM, SIGQUIT  stop in order; a second one ends the process at once
  SIGHUP                    in the foreground: stop in order. With --detach: read config.json and the bootstrap file again; what counts
                            at once is ${RELOADED_KEYS.join(', ')} (allow only if there was a list before), the log says what needs a restart`

/** Runs in the foreground until a signal, `ledgermesh stop`, or (--until-stdin-ends) the end of the parent process. */
export function addStartCommand(program: Command): void {
  const command = program
    .command('start')
    .description('Run a node. The first time it makes the home folder, the keys and the ledger.')
  declareDaemonFlags(command, true)
  command
    .option('--detach', 'Run in the background; return when the node answers.')
    .option('--until-stdin-ends', 'Stop when standard input ends: together with the program that started it.')
    .addOption(new Option('--background').hideHelp())
    .addHelpText('after', SIGNALS)
  command.action(async () => {
    const globals = globalsOf(command)
    const {
      detach = false,
      untilStdinEnds = false,
      background = false
    } = command.opts<{ detach?: boolean; untilStdinEnds?: boolean; background?: boolean }>()
    checkSocketPath(globals.paths.socket)
    const tell = (started: Started): void => answer(globals.json, started, () => showStarted(started))
    if (detach) {
      tell(await startDetached(globals))
      return
    }
    const { startDaemon, daemonConfig } = await import('../../node/start-daemon.js')
    const { makeLog } = await import('../log.js')
    const { runDaemon } = await import('../run-daemon.js')
    const { collectOwnGarbage } = await import('../collect-garbage.js')
    const { systemClock } = await import('../../node/runtime/system.js')
    const options = daemonOptions(command, globals)
    const log = makeLog(
      daemonConfig(options).config.logLevel,
      command.opts<{ logLevel?: string }>().logLevel !== undefined
    )
    const start = async (): Promise<Running> => {
      const daemon = await startDaemon(options, log)
      return {
        ...daemon,
        reload: () => {
          takeOver(daemon.reload(), log)
        }
      }
    }
    collectOwnGarbage(systemClock)
    await runDaemon({ start, log, tell, untilStdinEnds, background })
  })
}

function takeOver({ config, changed, later, left }: Reloaded, log: LevelledLog): void {
  if (changed.includes('logLevel')) log.level = config.logLevel
  log.info({ event: 'config.reloaded', changed, later, left }, 'settings reloaded; those under `later` need a restart')
}
