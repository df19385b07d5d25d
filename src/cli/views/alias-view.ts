import type { Alias, AliasSet } from '../../node/api/handles.js'
import { showTable } from '../table.js'

export function showAliasSet({ alias, ledger, replaced, shadows }: AliasSet): string {
  const lines = [`${alias} now means ${ledger}`]
  if (replaced !== null && replaced !== ledger) lines.push(`Before, it meant ${replaced}`)
  for (const other of shadows)
    lines.push(`Another ledger that is followed here has this name, too: ${other}\nThe alias goes first.`)
  return lines.join('\n')
}

export function showAliases(aliases: Alias[]): string {
  if (aliases.length === 0) return 'No aliases. Give one with `npx ledgermesh alias set <alias> <ledger>`.'
  return showTable(
    ['ALIAS', 'LEDGER', 'ITS OWN NAME'],
    aliases.map(({ alias, ledger, name }) => [alias, ledger, name ?? '-'])
  )
}
