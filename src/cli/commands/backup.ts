import { resolve } from 'node:path'
import type { Command } from 'commander'
import { EXIT_REFUSED } from '../failure.js'
import { showBytes, showCount, showTime } from '../format.js'
import { globalsOf } from '../globals.js'
import { showFsck } from '../views/fsck-view.js'
import { withClient } from '../with-client.js'
import { answer } from '../print.js'

export function addBackupCommand(program: Command): void {
  const backup = program.command('backup').description('Copies of all that a node holds.')
  const create = backup
    .command('create')
    .description(
      'Write a consistent copy to a new folder, while the node runs. Without keys, unless --with-keys is given.'
    )
    .argument('<folder>', "A folder that does not exist yet, on the node's machine.")
    .option('--with-keys', 'Copy ledger.key and peer.key too. next.key never is.')
  create.action(async (folder: string) => {
    const globals = globalsOf(create)
    const { withKeys = false } = create.opts<{ withKeys?: boolean }>()
    const report = await withClient(globals, (client) =>
      client.call('node.backup', { folder: resolve(folder), withKeys })
    )
    const entries = report.ledgers.reduce((sum, ledger) => sum + ledger.entries, 0)
    answer(
      globals.json,
      report,
      () =>
        `${showCount(report.ledgers.length, 'ledger')}, ${showCount(entries, 'entry')}, ${showBytes(report.bytes)} in ${report.folder} (${showTime(report.createdAt)})${report.keys ? ', with keys: keep it safe' : ', without keys'}.`
    )
  })
  const verify = backup
    .command('verify')
    .description('Check a backup offline: everything in it, and that it is complete.')
    .argument('<folder>')
  verify.action(async (folder: string) => {
    const { json } = globalsOf(verify)
    const { verifyBackup } = await import('../../node/home/backup.js')
    const { silentLog } = await import('../../node/runtime/system.js')
    const checked = await verifyBackup(resolve(folder), { log: silentLog })
    answer(json, checked, () =>
      [...checked.missing.map((what) => `INCOMPLETE: ${what}`), showFsck(checked.report)].join('\n')
    )
    if (!checked.valid) process.exitCode = EXIT_REFUSED
  })
}
