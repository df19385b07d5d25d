import { Command } from 'commander'
import { readFileSync } from 'node:fs'
import { addAccessCommand } from './commands/access.js'
import { addDoctorCommand } from './commands/doctor.js'
import { addEventsCommand } from './commands/events.js'
import { addBackupCommand } from './commands/backup.js'
import { addEvidenceCommand } from './commands/evidence.js'
import { addExportCommand } from './commands/export.js'
import { addFollowCommand } from './commands/follow.js'
import { addFsckCommand } from './commands/fsck.js'
import { addIdCommand } from './commands/id.js'
import { addImportCommand } from './commands/import.js'
import { addInitCommand } from './commands/init.js'
import { addKeysCommand } from './commands/keys.js'
import { addQueryCommand } from './commands/query.js'
import { addRemoteCommand } from './commands/remote.js'
import { REMOTE_COMMANDS } from './commands/remote-table.js'
import { addRpcCommand } from './commands/rpc.js'
import { addStartCommand } from './commands/start.js'
import { addStatusCommand } from './commands/status.js'
import { addStopCommand } from './commands/stop.js'
import { addTopologyCommand } from './commands/topology.js'
import { addVerifyCommand } from './commands/verify.js'

export function makeProgram (): Command {
  const { version } = JSON.parse(readFileSync(new URL('../../../package.json', import.meta.url), 'utf8')) as { version: string }
  const program = new Command('ledgermesh')
    .description('A node in a network of signed, append-only ledgers.')
    .version(version)
    .option('--home <folder>', 'Where this node keeps everything. Default: $LEDGERMESH_HOME, else ~/.ledgermesh.')
    .option('--json', 'Machine-readable output; errors as JSON on stderr.')
    .addHelpText('after', '\nExit codes: 0 ok, 1 refused by the node, 2 node not reachable, 3 usage.')
    // Errors are thrown to main, which knows how to say them.
    .exitOverride()
    .configureOutput({
      outputError: () => undefined,
      writeErr: (text) => { if (!process.argv.includes('--json')) process.stderr.write(text) }
    })
  for (const add of [
    addInitCommand, addStartCommand, addStopCommand, addStatusCommand, addIdCommand, addFollowCommand, addImportCommand,
    addQueryCommand, addRpcCommand, addTopologyCommand, addDoctorCommand, addEventsCommand, addAccessCommand, addExportCommand,
    addVerifyCommand, addEvidenceCommand, addFsckCommand, addBackupCommand, addKeysCommand
  ]) add(program)
  for (const command of REMOTE_COMMANDS) addRemoteCommand(program, command)
  return program
}
