import { Command } from 'commander'
import { readFileSync } from 'node:fs'
import { groupCommands, HELP_END, HELP_STYLE } from './help.js'
import { remarkColumns, screenColumns } from './layout.js'

type Add = (program: Command) => void

/**
 * The commands by their first word. A command is loaded when it is meant: most of the time that a short command takes
 * is loading code, and what describes all methods is the largest part of it.
 */
const LOCAL_COMMANDS: Record<string, () => Promise<Add>> = {
  init: async () => (await import('./commands/init.js')).addInitCommand,
  start: async () => (await import('./commands/start.js')).addStartCommand,
  stop: async () => (await import('./commands/stop.js')).addStopCommand,
  status: async () => (await import('./commands/status.js')).addStatusCommand,
  id: async () => (await import('./commands/id.js')).addIdCommand,
  doctor: async () => (await import('./commands/doctor.js')).addDoctorCommand,
  import: async () => (await import('./commands/import.js')).addImportCommand,
  query: async () => (await import('./commands/query.js')).addQueryCommand,
  ledgers: async () => (await import('./commands/ledgers.js')).addLedgersCommand,
  topology: async () => (await import('./commands/topology.js')).addTopologyCommand,
  events: async () => (await import('./commands/events.js')).addEventsCommand,
  follow: async () => (await import('./commands/follow.js')).addFollowCommand,
  push: async () => (await import('./commands/push.js')).addPushCommand,
  conflicts: async () => (await import('./commands/conflicts.js')).addConflictsCommand,
  resolve: async () => (await import('./commands/resolve.js')).addResolveCommand,
  access: async () => (await import('./commands/access.js')).addAccessCommand,
  verify: async () => (await import('./commands/verify.js')).addVerifyCommand,
  export: async () => (await import('./commands/export.js')).addExportCommand,
  publish: async () => (await import('./commands/publish.js')).addPublishCommand,
  sink: async () => (await import('./commands/sink.js')).addSinkCommand,
  evidence: async () => (await import('./commands/evidence.js')).addEvidenceCommand,
  backup: async () => (await import('./commands/backup.js')).addBackupCommand,
  fsck: async () => (await import('./commands/fsck.js')).addFsckCommand,
  keys: async () => (await import('./commands/keys.js')).addKeysCommand,
  wait: async () => (await import('./commands/wait.js')).addWaitCommand,
  config: async () => (await import('./commands/config.js')).addConfigCommand,
  rpc: async () => (await import('./commands/rpc.js')).addRpcCommand
}

/** Without arguments: the program with all commands; with those of a call: with the commands that the call can mean. */
export async function makeProgram(args?: string[]): Promise<Command> {
  const { version } = JSON.parse(readFileSync(new URL('../../../package.json', import.meta.url), 'utf8')) as {
    version: string
  }
  const program = new Command('ledgermesh')
    .description('A node in a network of signed, append-only ledgers.')
    .version(version)
    .option('--home <folder>', 'Where this node keeps everything. Default: $LEDGERMESH_HOME, else ~/.ledgermesh.')
    .option(
      '--socket <path>',
      'The socket of the node to speak to. Default: $LEDGERMESH_SOCKET, else rpc/node.sock in its home.'
    )
    .option('--json', 'Machine-readable output; errors as JSON on stderr.')
    .addHelpText('after', HELP_END)
    .configureHelp(HELP_STYLE)
    // Errors are thrown to main, which knows how to say them.
    .exitOverride()
    .configureOutput({
      outputError: () => undefined,
      getOutHelpWidth: () => screenColumns(),
      getErrHelpWidth: () => remarkColumns() ?? screenColumns(),
      writeErr: (text) => {
        if (!process.argv.includes('--json')) process.stderr.write(text)
      }
    })
  const word = args === undefined ? undefined : commandWord(args)
  if (word === VERSION_FLAG) return program
  if (word !== undefined && Object.hasOwn(LOCAL_COMMANDS, word)) {
    ;(await LOCAL_COMMANDS[word]!())(program)
    return program
  }
  const { REMOTE_COMMANDS } = await import('./commands/remote-table.js')
  const { addRemoteCommand } = await import('./commands/remote.js')
  const meant = REMOTE_COMMANDS.filter(({ name }) => name.split(' ')[0] === word)
  if (meant.length === 0) for (const load of Object.values(LOCAL_COMMANDS)) (await load())(program)
  for (const command of meant.length === 0 ? REMOTE_COMMANDS : meant) addRemoteCommand(program, command)
  if (meant.length === 0) groupCommands(program)
  return program
}

const VERSION_FLAG = '--version'
const SHORT_VERSION_FLAG = '-V'

/**
 * The first word that is no option, or `--version` where that stands first. undefined: all commands are needed to tell.
 */
function commandWord(args: string[]): string | undefined {
  for (let index = 0; index < args.length; index++) {
    const arg = args[index]!
    if (arg === VERSION_FLAG || arg === SHORT_VERSION_FLAG) return VERSION_FLAG
    if (arg === '--home' || arg === '--socket') index++
    else if (!arg.startsWith('-')) return arg
    else if (arg !== '--json' && !/^--(?:home|socket)=/.test(arg)) return undefined
  }
  return undefined
}
