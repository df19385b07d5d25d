import { Option, type Command } from 'commander'
import type { DaemonOptions } from '../node/start-daemon.js'
import type { Globals } from './globals.js'

/** The flags of `init` and `start`; each overrides config.json. */
export function declareDaemonFlags(command: Command, network: boolean): void {
  command
    .option('--network <name>', 'The network to join. Default: main.')
    .option('--name <name>', 'The name of a new ledger: public and permanent. An existing ledger must have this name.')
    .addOption(
      new Option('--access <who>', 'Who may read a new ledger; an existing one must match. Default: public.').choices([
        'public',
        'private'
      ])
    )
  if (!network) return
  command
    .option('--listen <multiaddr...>', 'Where to listen. Default: /ip4/0.0.0.0/tcp/7440.')
    .option('--bootstrap <multiaddr...>', 'Nodes to join through, beside those of the bootstrap file.')
    .option('--bootstrap-file <file>', 'Default: the bootstrap-nodes.json that ships with ledgermesh.')
    .option(
      '--offline',
      'For this start: you confirm that nothing was signed after the stored entries. No peer is asked first.'
    )
    .addOption(
      new Option('--log-level <level>', 'Log lines on stderr.').choices(['debug', 'info', 'warn', 'error', 'silent'])
    )
}

export function daemonOptions(command: Command, { paths }: Globals): DaemonOptions {
  const { network, name, access, listen, bootstrap, bootstrapFile, logLevel, offline } = command.opts<DaemonOptions>()
  const given = { network, name, access, listen, bootstrap, bootstrapFile, logLevel, offline }
  return { home: paths.home, ...Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) }
}
