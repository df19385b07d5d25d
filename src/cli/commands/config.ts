import { existsSync } from 'node:fs'
import type { Command } from 'commander'
import { valueAt } from '../../config/layers.js'
import { RELOADED_KEYS, SETTINGS } from '../../config/settings.js'
import { readKeyFile } from '../../config/key-file.js'
import { isCoded, LedgermeshError } from '../../core/errors.js'
import { tooLongForSocket } from '../../rpc/socket-path-length.js'
import { daemonOptions, declareDaemonFlags } from '../daemon-flags.js'
import { globalsOf } from '../globals.js'
import { answer } from '../print.js'
import { showChecked, showReloaded, showSettings, type Checked, type Shown } from '../views/config-view.js'
import { withClient } from '../with-client.js'

const GIVEN = 'Flags are those of `start`: with them it says what such a start would use.'

/** The settings as a start would find them here, before anything is started. */
export function addConfigCommand(program: Command): void {
  const config = program
    .command('config')
    .description('Settings: flags over LEDGERMESH_… in the environment over config.json over defaults.')
    // `--network` and the like belong to the commands below
    .enablePositionalOptions()
  addShow(config)
  addCheck(config)
  config
    .command('reload')
    .description('Have the running node read config.json and the bootstrap file again, as SIGHUP does.')
    .action(async (_options: unknown, command: Command) => {
      const globals = globalsOf(command)
      const reloaded = await withClient(globals, (client) => client.call('node.reload', {}))
      answer(globals.json, reloaded, () => showReloaded(reloaded))
    })
}

function addShow(config: Command): void {
  const command = config
    .command('show')
    .description(`All settings that a start here would use. ${GIVEN}`)
    .option('--origin', 'Also where each comes from.')
  declareDaemonFlags(command, true)
  command.action(async () => {
    const globals = globalsOf(command)
    const { origin = false } = command.opts<{ origin?: boolean }>()
    const { daemonConfig } = await import('../../node/start-daemon.js')
    const { config: values, originOf } = daemonConfig(daemonOptions(command, globals))
    const settings = SETTINGS.map((setting): Shown => ({
      key: setting.key,
      value: valueAt(values, setting.path) ?? null,
      ...(origin ? { origin: originOf(setting) } : {})
    }))
    answer(globals.json, { settings }, () => showSettings(settings))
  })
}

function addCheck(config: Command): void {
  const command = config
    .command('check')
    .description(
      `Is everything right in the settings that a start here would use? A running node is asked what of them waits for a restart. ${GIVEN}`
    )
  declareDaemonFlags(command, true)
  command.action(async () => {
    const globals = globalsOf(command)
    const { daemonConfig } = await import('../../node/start-daemon.js')
    const { config: values, left, paths } = daemonConfig(daemonOptions(command, globals))
    if (values.psk !== undefined) checkKey(values.psk)
    for (const [key, socket] of Object.entries({ readSocket: values.readSocket, adminSocket: values.adminSocket })) {
      const problem = socket === undefined ? null : tooLongForSocket(socket.path)
      if (problem !== null) throw new LedgermeshError('BAD_CONFIG', `${key}.path: ${problem}`)
    }
    const running = await withClient(globals, (client) => client.call('node.reload', { dryRun: true })).catch(
      (error: unknown) => {
        if (isCoded(error, 'NODE_UNREACHABLE')) return null
        throw error
      }
    )
    const checked: Checked = {
      file: existsSync(paths.config) ? paths.config : null,
      left,
      reloads: [...RELOADED_KEYS],
      running
    }
    answer(globals.json, checked, () => showChecked(checked))
  })
}

/** Throws BAD_CONFIG. */
function checkKey(file: string): void {
  try {
    readKeyFile(file)
  } catch (error) {
    if (!isCoded(error, 'BAD_FILE')) throw error
    throw new LedgermeshError('BAD_CONFIG', `psk: ${error.message}`, undefined, { cause: error })
  }
}
