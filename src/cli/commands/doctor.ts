import { existsSync } from 'node:fs'
import type { Command } from 'commander'
import { isCoded } from '../../core/errors.js'
import type { HealthReport } from '../../node/api/node.js'
import { homeChecks } from '../../node/health/health-home.js'
import { EXIT_REFUSED, EXIT_NOT_REACHABLE } from '../failure.js'
import { globalsOf, type Globals } from '../globals.js'
import { answer } from '../print.js'
import { showDiagnosis } from '../views/doctor-view.js'
import { withClient } from '../with-client.js'

/** Also says something when no node runs. */
export function addDoctorCommand(program: Command): void {
  const command = program
    .command('doctor')
    .description(
      'What is wrong with this node, and what to do about it. Exit code 0: nothing; 1: something; 2: it does not run.'
    )
  command.action(async () => {
    const globals = globalsOf(command)
    const { report, running } = await diagnose(globals)
    answer(globals.json, report, () => showDiagnosis(report))
    if (!report.healthy) process.exitCode = running ? EXIT_REFUSED : EXIT_NOT_REACHABLE
  })
}

async function diagnose(globals: Globals): Promise<{ report: HealthReport; running: boolean }> {
  try {
    return { report: await withClient(globals, (client) => client.call('node.health', {})), running: true }
  } catch (error) {
    if (!isCoded(error, 'NODE_UNREACHABLE')) throw error
    return { report: { healthy: false, checks: await checksWithoutNode(globals) }, running: false }
  }
}

async function checksWithoutNode({ paths, socket }: Globals): Promise<HealthReport['checks']> {
  if (!existsSync(paths.ledgerKey))
    return [
      {
        check: 'home',
        ok: false,
        detail: `there is no node in ${paths.home}`,
        next: 'Make one with `npx ledgermesh init`, or name its folder with --home or $LEDGERMESH_HOME.'
      }
    ]
  return [
    {
      check: 'node',
      ok: false,
      detail: `no node answers at ${socket}`,
      next: 'Start it with `npx ledgermesh start`.'
    },
    ...(await homeChecks(paths))
  ]
}
