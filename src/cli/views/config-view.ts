import type { Origin } from '../../config/layers.js'
import type { Reloaded } from '../../node/api/node.js'
import { showJson } from '../format.js'
import { showTable } from '../table.js'
import { visible } from '../visible.js'

export interface Shown {
  key: string
  value: unknown
  /** Absent: it was not asked for. */
  origin?: Origin
}

/** `running`: what the node that runs says; null: none does. */
export interface Checked {
  file: string | null
  left: string[]
  reloads: string[]
  running: Reloaded | null
}

export function showSettings(settings: Shown[]): string {
  const origins = settings.some(({ origin }) => origin !== undefined)
  return showTable(
    ['SETTING', 'VALUE', ...(origins ? ['FROM'] : [])],
    settings.map(({ key, value, origin }) => [
      key,
      value === null ? '' : typeof value === 'string' ? value : showJson(value),
      ...(origin === undefined ? [] : [origin.from === 'default' ? 'default' : origin.name])
    ])
  )
}

export function showChecked({ file, left, reloads, running }: Checked): string {
  const parts = [
    file === null ? 'The settings are in order; there is no config.json.' : `The settings are in order, with ${file}.`,
    ...left.map((problem) => `! ${visible(problem)}`),
    `A running node takes over ${reloads.join(', ')} when it reads them again (SIGHUP, \`ledgermesh config reload\`); all others need a restart.`
  ]
  if (running === null) return [...parts, 'No node runs here.'].join('\n')
  return [...parts, showDifferences(running, 'counts as soon as it reads the settings again')].join('\n')
}

export function showReloaded(reloaded: Reloaded): string {
  return [showDifferences(reloaded, 'counts now'), ...reloaded.left.map((problem) => `! ${visible(problem)}`)].join(
    '\n'
  )
}

function showDifferences({ changed, later }: Reloaded, counts: string): string {
  if (changed.length + later.length === 0) return 'The running node has these settings.'
  return [
    ...(changed.length === 0 ? [] : [`Changed, and ${counts}: ${changed.join(', ')}.`]),
    ...(later.length === 0 ? [] : [`Changed, and needs a restart: ${later.join(', ')}.`])
  ].join('\n')
}
