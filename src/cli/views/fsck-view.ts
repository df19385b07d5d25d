import type { Findings, FsckReport } from '../../ledger/fsck/run-fsck.js'
import type { Damage } from '../../ledger/fsck/damage.js'
import { showCount } from '../format.js'
import { showTable } from '../table.js'
import { visible } from '../visible.js'

export function showFsck({ clean, ledgers, found, left }: FsckReport): string {
  const entries = ledgers.reduce((sum, ledger) => sum + ledger.entries, 0)
  const looked = `${showCount(ledgers.length, 'ledger')}, ${showCount(entries, 'entry')}`
  if (found.total === 0) return `Clean: ${looked}.`
  if (left === null)
    return `${showFindings(found)}\n\n${showCount(found.total, 'problem')} in ${looked}.${nextSteps(found.damage)}`
  if (clean)
    return `${showFindings(found)}\n\nRepaired: ${showCount(found.total, 'problem')} in ${looked}. Entries removed from mirrors are pulled again when the node runs.`
  return `${showFindings(found)}\n\nLeft after the rebuild:\n${showFindings(left)}\n${nextSteps(left.damage)}`
}

function showFindings({ damage, counts }: Findings): string {
  const rows = damage.map(({ kind, ledger, seq, detail }) => [
    kind,
    ledger ?? '',
    seq === null ? '' : String(seq),
    detail
  ])
  const hidden = counts
    .map(({ kind, ledger, count }) => ({
      kind,
      count: count - damage.filter((one) => one.kind === kind && one.ledger === ledger).length
    }))
    .filter(({ count }) => count > 0)
  return [
    showTable(['DAMAGE', 'LEDGER', 'SEQ', ''], rows),
    ...hidden.map(({ kind, count }) => `… and ${count} more of ${kind}`)
  ].join('\n')
}

/** Each advice once. */
function nextSteps(damage: Damage[]): string {
  const advice = new Set(damage.map((one) => one.advice).filter((text) => text !== null))
  if (damage.some(({ repair }) => repair !== 'operator'))
    advice.add('`npx ledgermesh fsck --rebuild` rebuilds derived data; damaged entries of mirrors are pulled again.')
  return [...advice].map((text) => `\nNext: ${visible(text)}`).join('')
}
