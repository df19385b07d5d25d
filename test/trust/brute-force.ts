/**
 * DESIGN §7 once more, as plainly as it can be said: all simple paths, all statements. For comparing on small graphs.
 */
import type { LedgerId } from '../../src/core/ledger-id.js'
import type { AttestationStatement, TrustStatement } from '../../src/trust/attestation.js'
import type { LedgerState } from '../../src/trust/graph.js'

export interface Plain {
  states: LedgerState[]
  statements: TrustStatement[]
}
export interface PlainAnswer {
  level_milli: number
  kind: string | null
  path: string[]
}

const NONE: PlainAnswer = { level_milli: 0, kind: null, path: [] }

export function liveAttestations({ states, statements }: Plain, now: number): AttestationStatement[] {
  const counted = statements.filter(({ issuer, seq }) =>
    states.some((state) => state.ledger === issuer && !state.evidence && seq < state.size)
  )
  const attestations = counted.filter((statement) => statement.type === 'trust.attestation')
  return attestations.filter(
    (a) =>
      (a.expires === null || a.expires > now) &&
      !attestations.some((b) => b.issuer === a.issuer && b.subject === a.subject && b.seq > a.seq) &&
      !counted.some(
        (b) => b.type === 'trust.revocation' && b.issuer === a.issuer && b.attestation === a.hash && b.seq > a.seq
      )
  )
}

export function bruteForce(plain: Plain, from: LedgerId, to: LedgerId, now: number): PlainAnswer {
  const state = (ledger: LedgerId): LedgerState | undefined => plain.states.find((known) => known.ledger === ledger)
  if (state(to)?.evidence === true || state(from)?.evidence === true) return NONE
  if (from === to) return { level_milli: 1000, kind: 'full', path: [] }
  const live = liveAttestations(plain, now)
  const direct = live.find(({ issuer, subject }) => issuer === from && subject === to)
  if (direct !== undefined) return { level_milli: direct.level_milli, kind: direct.kind, path: [direct.hash] }

  let best: AttestationStatement[] = []
  let bestLevel = 0
  const walk = (path: AttestationStatement[]): void => {
    const end = path.at(-1)?.subject ?? from
    if (end === to) {
      const level = levelOf(path)
      if (allowed(path, state) && level > 0 && (level > bestLevel || (level === bestLevel && before(path, best))))
        [best, bestLevel] = [path, level]
    } else if (path.length < 4) {
      for (const next of live) {
        if (next.issuer === end && next.subject !== from && !path.some(({ subject }) => subject === next.subject))
          walk([...path, next])
      }
    }
  }
  walk([])
  return bestLevel === 0
    ? NONE
    : { level_milli: bestLevel, kind: best.at(-1)!.kind, path: best.map(({ hash }) => hash) }
}

function levelOf(path: AttestationStatement[]): number {
  let level = path[0]!.level_milli
  for (const { level_milli } of path.slice(1)) {
    level = Math.floor((level * level_milli) / 1000)
    level = Math.floor((level * 900) / 1000)
  }
  return level
}

function allowed(path: AttestationStatement[], state: (ledger: LedgerId) => LedgerState | undefined): boolean {
  return path.every(({ kind, depth, subject }, i) => {
    const after = path.length - 1 - i
    return state(subject)?.evidence !== true && (after === 0 || (kind === 'full' && depth >= after))
  })
}

function before(path: AttestationStatement[], other: AttestationStatement[]): boolean {
  if (path.length !== other.length) return path.length < other.length
  const differs = path.findIndex(({ subject }, i) => subject !== other[i]!.subject)
  return path[differs]!.subject < other[differs]!.subject
}

/**
 * The most that can flow over attestations from the asker to the attesters, by trying every cut of the network (at most
 * 2^12).
 */
export function smallestCut(
  arcs: { tail: string; head: string; capacity: number }[],
  source: string,
  sink: string
): number {
  const inner = [...new Set(arcs.flatMap(({ tail, head }) => [tail, head]))].filter(
    (vertex) => vertex !== source && vertex !== sink
  )
  let smallest = Infinity
  for (let choice = 0; choice < 2 ** inner.length; choice++) {
    const near = new Set([source, ...inner.filter((_, i) => (choice >> i) % 2 === 1)])
    let cut = 0
    for (const { tail, head, capacity } of arcs) if (near.has(tail) && !near.has(head)) cut += capacity
    smallest = Math.min(smallest, cut)
  }
  return smallest
}
