import type { ChainVerification, EntryVerification, VerifiedCopy, VerifiedReference } from '../../node/api/node.js'
import { showCount } from '../format.js'
import { showTable } from '../table.js'
import { showPairs } from '../pairs.js'
import { visible } from '../visible.js'
import type { EvidenceSummary } from '../../node/api/evidence.js'

export function showChain(chain: ChainVerification): string {
  const { payloads } = chain
  const states = Object.entries(payloads)
    .filter(([, count]) => count > 0)
    .map(([state, count]) => (state === 'none' ? `${count} entries without one` : `${count} ${state}`))
  const pairs: [string, string][] = [
    ['ledger', chain.ledger],
    [
      'verdict',
      chain.problem === null
        ? 'valid'
        : `INVALID at seq ${chain.problem.seq}: ${chain.problem.message} (${chain.problem.code})`
    ],
    [
      'checked',
      `${showCount(chain.entries, 'entry')} from seq ${chain.from}, ${showCount(chain.signatures, 'signature')}`
    ],
    ['payloads', states.length === 0 ? 'none' : states.join(', ')]
  ]
  if (chain.timestampsGoingBack > 0)
    pairs.push(['warning', `${showCount(chain.timestampsGoingBack, 'timestamp')} before that of the entry before`])
  return showPairs(pairs)
}

export function showVerification({ ledger, seq, hash, problem, references, copy }: EntryVerification): string {
  return showPairs([
    ['ledger', ledger],
    ['seq', String(seq)],
    ['hash', hash],
    ['verdict', problem === null ? 'valid' : `INVALID: ${problem.message} (${problem.code})`],
    ...(copy === null ? [] : [['copy', showCopy(copy)] as [string, string]]),
    ...references.map((reference): [string, string] => ['refers', showReference(reference)])
  ])
}

function showCopy({ source, originalId, state, differs }: VerifiedCopy): string {
  const original = `of ${visible(originalId)} of ${source}: `
  switch (state) {
    case 'verified':
      return `${original}the original is held here and is equal`
    case 'disputed':
      return `${original}DISPUTED: the original is held here and is equal, and there is evidence against its ledger from there on`
    case 'voided':
      return `${original}VOIDED: another branch of its ledger has replaced the original`
    case 'unverified':
      return `${original}the original is not held here: this author's claim`
    case 'false':
      return `${original}FALSE: what is held here has another ${differs.join(', ')}`
  }
}

function showReference({ ledgerId, entryId, referenceType, state, checked, held }: VerifiedReference): string {
  const target = `${referenceType} ${visible(entryId)} of ${ledgerId}: `
  switch (state) {
    case 'resolved':
      return target + (checked ? 'resolved' : "that ledger is not held here: its hash is the author's claim")
    case 'unresolved':
      return `${target}unresolved, not held here`
    case 'contradicted':
      return `${target}CONTRADICTED: what is held here is ${visible(held!.entryId)} of ${held!.ledgerId}, hash ${held!.entryHash}`
  }
}

export function showEvidence(evidence: EvidenceSummary[]): string {
  if (evidence.length === 0) return 'No evidence against any ledger.'
  return showTable(
    ['LEDGER', 'KIND', 'FROM SEQ', 'FREEZES', 'ID'],
    evidence.map(({ ledger, kind, seq, freezes, id }) => [ledger, kind, String(seq), freezes ? 'yes' : 'no', id])
  )
}
