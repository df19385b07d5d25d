import type { ChainVerification, EntryVerification, EvidenceSummary, HealthReport } from '../../node/api.js'
import { showCount, showTable, showPairs } from '../format.js'

export function showChain (chain: ChainVerification): string {
  const { payloads } = chain
  const states = Object.entries(payloads).filter(([, count]) => count > 0).map(([state, count]) => state === 'none' ? `${count} entries without one` : `${count} ${state}`)
  const pairs: [string, string][] = [
    ['ledger', chain.ledger],
    ['verdict', chain.problem === null ? 'valid' : `INVALID at seq ${chain.problem.seq}: ${chain.problem.message} (${chain.problem.code})`],
    ['checked', `${showCount(chain.entries, 'entry')} from seq ${chain.from}, ${showCount(chain.signatures, 'signature')}`],
    ['payloads', states.length === 0 ? 'none' : states.join(', ')]
  ]
  if (chain.timestampsGoingBack > 0) pairs.push(['warning', `${showCount(chain.timestampsGoingBack, 'timestamp')} before that of the entry before`])
  return showPairs(pairs)
}

export function showVerification ({ ledger, seq, hash, problem }: EntryVerification): string {
  return showPairs([['ledger', ledger], ['seq', String(seq)], ['hash', hash], ['verdict', problem === null ? 'valid' : `INVALID: ${problem.message} (${problem.code})`]])
}

export function showHealth ({ healthy, checks }: HealthReport): string {
  const rows = checks.map(({ check, ok, detail, next }) => [ok ? 'ok' : 'NOT OK', check, next === null ? detail : `${detail}\nNext: ${next}`])
  return `${healthy ? 'Healthy.' : 'Not healthy.'}\n${rows.length === 0 ? '' : showTable(['', 'CHECK', 'DETAIL'], rows)}`
}

export function showEvidence (evidence: EvidenceSummary[]): string {
  if (evidence.length === 0) return 'No evidence against any ledger.'
  return showTable(['LEDGER', 'KIND', 'FROM SEQ', 'FREEZES', 'ID'], evidence.map(({ ledger, kind, seq, freezes, id }) => [ledger, kind, String(seq), freezes ? 'yes' : 'no', id]))
}
