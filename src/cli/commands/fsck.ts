import { existsSync } from 'node:fs'
import type { Command } from 'commander'
import { SingleBar, Presets } from 'cli-progress'
import { LedgermeshError } from '../../core/errors.js'
import { EXIT_REFUSED } from '../failure.js'
import { globalsOf } from '../globals.js'
import { showFsck } from '../views/fsck-view.js'
import { answer } from '../print.js'

/** Local: the node must be stopped. */
export function addFsckCommand(program: Command): void {
  const command = program
    .command('fsck')
    .description(
      'Check everything that is stored, while the node is stopped: every kind of damage is named. Exit code 1: something is wrong.'
    )
    .option(
      '--rebuild',
      'Rebuild derived data (indexes, tree, state), and remove damaged entries from mirrors: sync pulls them again.'
    )
  command.action(async () => {
    const { json, paths } = globalsOf(command)
    const { rebuild = false } = command.opts<{ rebuild?: boolean }>()
    if (!existsSync(paths.db)) throw new LedgermeshError('NO_LEDGER', `there is no ledger in ${paths.home}`)
    const { runFsck } = await import('../../ledger/fsck/run-fsck.js')
    const { silentLog } = await import('../../node/runtime/system.js')
    const bar =
      json || !process.stderr.isTTY
        ? null
        : new SingleBar(
            { format: '{bar} {value}/{total} entries, {duration_formatted}', hideCursor: true, stream: process.stderr },
            Presets.shades_classic
          )
    bar?.start(0, 0)
    const report = await runFsck(paths.db, {
      log: silentLog,
      markFile: paths.signer,
      rebuild,
      onProgress: ({ done, total }) => {
        bar?.setTotal(total)
        bar?.update(done)
      }
    }).finally(() => bar?.stop())
    answer(json, report, () => showFsck(report))
    if (!report.clean) process.exitCode = EXIT_REFUSED
  })
}
