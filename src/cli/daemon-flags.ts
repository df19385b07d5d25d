/** The flags of `init` and `start`, made from the settings: each overrides its variable, which overrides config.json. */
import { Option, type Command } from 'commander'
import { fromFlags } from '../config/layers.js'
import { SETTINGS, type Setting } from '../config/settings.js'
import type { DaemonOptions } from '../node/start-daemon.js'
import type { Globals } from './globals.js'

/** What a new ledger is made with: all that `init` takes. */
const OF_A_NEW_LEDGER = ['network', 'name', 'access']
/** These stand first in the help; all others are under a heading of their own. */
const COMMON = [...OF_A_NEW_LEDGER, 'listen', 'bootstrap', 'bootstrapFile', 'logLevel']
const OTHERS = 'Settings, as in config.json, or as LEDGERMESH_… in the environment:'

export function declareDaemonFlags(command: Command, network: boolean): void {
  const taken = network ? SETTINGS : SETTINGS.filter(({ key }) => OF_A_NEW_LEDGER.includes(key))
  for (const setting of taken.toSorted((a, b) => Number(isOther(a)) - Number(isOther(b))))
    command.addOption(flagFor(setting))
  if (network)
    command.option(
      '--offline',
      'For this start: you confirm that nothing was signed after the stored entries. No peer is asked first.'
    )
}

function isOther({ key }: Setting): boolean {
  return !COMMON.includes(key)
}

function flagFor(setting: Setting): Option {
  const { flag, value, what, kind, choices } = setting
  const option = new Option(`${flag} <${value}${kind === 'texts' ? '...' : ''}>`, `${what}${defaultOf(setting)}`)
  if (choices.length > 0) option.choices([...choices])
  return isOther(setting) ? option.helpGroup(OTHERS) : option
}

/** Where the words say it already, or where it is nothing, it is not said. */
function defaultOf({ byDefault, what }: Setting): string {
  if (byDefault === undefined || byDefault === null || what.includes('Default')) return ''
  if (Array.isArray(byDefault) && byDefault.length === 0) return ''
  return ` Default: ${typeof byDefault === 'string' ? byDefault : JSON.stringify(byDefault)}.`
}

export function daemonOptions(command: Command, { paths }: Globals): DaemonOptions {
  const given = command.opts<Record<string, string | string[] | undefined>>()
  const { offline } = command.opts<{ offline?: boolean }>()
  return {
    ...fromFlags((setting) => given[flagFor(setting).attributeName()]),
    home: paths.home,
    env: process.env,
    ...(offline === undefined ? {} : { offline })
  }
}
