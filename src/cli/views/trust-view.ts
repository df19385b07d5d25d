import { showCount, showSpan, showTime } from '../format.js'
import { visible } from '../visible.js'
import { showTable } from '../table.js'
import type { TrustAnswer, TrustLevelAnswer, AttestationHint, Attestation } from '../../node/api/trust.js'

/** Characters of a ledger id in a list. */
const ID_CHARS = 12

function showLevel(milli: number): string {
  return (milli / 1000).toFixed(3)
}

export function showTrustLevel({ from, to, level_milli: level, kind }: TrustLevelAnswer): string {
  return `${from.slice(0, ID_CHARS)} trusts ${to.slice(0, ID_CHARS)}: ${showLevel(level)}${kind === null ? '' : ` (${kind})`}`
}

/** The level, hop by hop, then what it rests on. */
export function showExplanation(answer: TrustAnswer): string {
  const names = new Map<string, string | null>([
    [answer.from, answer.fromName],
    [answer.to, answer.toName]
  ])
  for (const { ledger, name } of answer.ledgers) names.set(ledger, name)
  const called = (ledger: string): string => visible(names.get(ledger) ?? ledger.slice(0, ID_CHARS))
  const lines = [
    `${called(answer.from)} trusts ${called(answer.to)}: ${showLevel(answer.level_milli)}${answer.kind === null ? '' : ` (${answer.kind}${answer.direct ? ', direct' : ''})`}`
  ]
  if (answer.reason !== null) lines.push(`${answer.reason.code}: ${answer.reason.explanation}`)
  for (const [index, step] of answer.path.entries()) {
    const remarks = [
      step.kind,
      ...(step.kind === 'full' ? [`depth ${step.depth}`] : []),
      step.accepted ? 'accepted' : 'not accepted'
    ]
    if (step.verifiedBy.length > 0) remarks.push(`verified by ${step.verifiedBy.map(called).join(', ')}`)
    if (step.expires !== null) remarks.push(`until ${showTime(step.expires)}`)
    lines.push(
      `  ${index + 1}. ${called(step.from)} attests ${called(step.to)} ${showLevel(step.level_milli)} (${remarks.join(', ')})`,
      `     entry ${step.seq}, ${step.attestation}`
    )
  }
  if (answer.path.length > 1)
    lines.push(
      `  = ${answer.path.map(({ level_milli: level }) => showLevel(level)).join(' × ')}, and × 0.900 for each hop after the first, rounded down`
    )
  for (const { ledger, size, age } of answer.ledgers)
    lines.push(
      `  read: ${called(ledger)}, ${showCount(size, 'entry')}, ${age < 1000 ? 'up to date' : `as of ${showSpan(age)} ago`}`
    )
  lines.push(
    answer.validUntil === null
      ? '  valid until one of these ledgers changes its statements'
      : `  valid until ${showTime(answer.validUntil)}, or until one of these ledgers changes its statements`
  )
  return lines.join('\n')
}

export function showHints(hints: AttestationHint[]): string {
  if (hints.length === 0) return 'The connected peers know of none.'
  return showTable(
    ['FROM', 'ABOUT', 'LEVEL', 'KIND', 'STATE', 'SHOWN BY'],
    hints.map(({ issuer, subject, level_milli: level, kind, accepted, counts, peers }) => [
      issuer,
      subject,
      showLevel(level),
      kind,
      [counts ? 'counts here' : 'a hint: follow its issuer by headers', ...(accepted ? ['accepted'] : [])].join(', '),
      showCount(peers.length, 'peer')
    ])
  )
}

export function showAttestations(attestations: Attestation[]): string {
  if (attestations.length === 0) return 'No attestations.'
  return showTable(
    ['FROM', 'ABOUT', 'LEVEL', 'KIND', 'STATE', 'HASH'],
    attestations.map((one) => [
      one.issuer,
      one.subject,
      showLevel(one.level_milli),
      one.kind === 'full' ? `full, depth ${one.depth}` : one.kind,
      [
        one.expired ? 'expired' : one.usable ? 'counts' : 'does not count',
        ...(one.accepted ? ['accepted'] : []),
        ...(one.verifiedBy.length > 0 ? [`verified by ${one.verifiedBy.length}`] : [])
      ].join(', '),
      one.hash
    ])
  )
}
