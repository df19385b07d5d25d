import type { Findings, FsckReport } from '../../ledger/run-fsck.js'
import type { Damage } from '../../ledger/damage.js'
import { plain, shorten, showCount, showTable } from '../format.js'

/** Characters of a ledger's id that tell it apart. */
const ID_CHARS = 12

export function showFsck ({ clean, ledgers, found, left }: FsckReport): string {
  const entries = ledgers.reduce((sum, ledger) => sum + ledger.entries, 0)
  const looked = `${showCount(ledgers.length, 'ledger')}, ${showCount(entries, 'entry')}`
  if (found.total === 0) return `Clean: ${looked}.`
  if (left === null) return `${showFindings(found)}\n\n${showCount(found.total, 'problem')} in ${looked}.${nextSteps(found.damage)}`
  if (clean) return `${showFindings(found)}\n\nRepaired: ${showCount(found.total, 'problem')} in ${looked}. What was taken out of mirrors is pulled again when the node runs.`
  return `${showFindings(found)}\n\nLeft after the rebuild:\n${showFindings(left)}\n${nextSteps(left.damage)}`
}

function showFindings ({ damage, counts }: Findings): string {
  const rows = damage.map(({ kind, ledger, seq, detail }) => [kind, ledger === null ? '' : shorten(ledger, ID_CHARS), seq === null ? '' : String(seq), detail])
  const hidden = counts.map(({ kind, ledger, count }) => ({ kind, count: count - damage.filter((one) => one.kind === kind && one.ledger === ledger).length })).filter(({ count }) => count > 0)
  return [showTable(['DAMAGE', 'LEDGER', 'SEQ', ''], rows), ...hidden.map(({ kind, count }) => `… and ${count} more of ${kind}`)].join('\n')
}

/** Each advice once. */
function nextSteps (damage: Damage[]): string {
  const advice = new Set(damage.map((one) => one.advice).filter((text) => text !== null))
  if (damage.some(({ repair }) => repair !== 'operator')) advice.add('`npx ledgermesh fsck --rebuild` makes anew what is derived; what is damaged in a mirror is pulled again.')
  return [...advice].map((text) => `\nNext: ${plain(text)}`).join('')
}
