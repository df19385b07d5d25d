import type { Command } from 'commander'
import { checkSocketPath } from '../../rpc/socket-path.js'
import { daemonOptions, declareDaemonFlags } from '../daemon-flags.js'
import { startDetached } from '../detach.js'
import { globalsOf } from '../globals.js'
import { showStarted, type Started } from '../views/started-view.js'

/** In the foreground until a signal, `ledgermesh stop`, or with --until-stdin-ends the end of whoever started it. */
export function addStartCommand (program: Command): void {
  const command = program.command('start').description('Run a node. The first time it makes the home folder, the keys and the ledger.')
  declareDaemonFlags(command, true)
  command
    .option('--detach', 'Run in the background; return when the node answers.')
    .option('--until-stdin-ends', 'Stop when standard input ends: together with the program that started it.')
  command.action(async () => {
    const globals = globalsOf(command)
    const { detach = false, untilStdinEnds = false } = command.opts<{ detach?: boolean, untilStdinEnds?: boolean }>()
    checkSocketPath(globals.paths.socket)
    const tell = (started: Started): void => console.log(globals.json ? JSON.stringify(started) : showStarted(started))
    if (detach) {
      tell(await startDetached(globals))
      return
    }
    const { startDaemon, daemonConfig } = await import('../../node/start-daemon.js')
    const { makeLog } = await import('../log.js')
    const { runDaemon } = await import('../run-daemon.js')
    const options = daemonOptions(command, globals)
    const log = makeLog(daemonConfig(options).config.logLevel, command.opts<{ logLevel?: string }>().logLevel !== undefined)
    await runDaemon({ start: () => startDaemon(options, log), log, tell, untilStdinEnds })
  })
}
