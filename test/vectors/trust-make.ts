/** The trust vectors: statements, what is held, questions, and the answers to the digit. */
import { sha256Text } from '../../src/core/hash.js'
import { ledgerIdOf, type LedgerId } from '../../src/core/ledger-id.js'
import type { JsonObject } from '../../src/core/canonical.js'
import type { AttestationMeta, TrustStatement } from '../../src/trust/attestation.js'
import { TrustGraph, type LedgerState } from '../../src/trust/graph.js'
import { weigh } from '../../src/trust/max-flow.js'
import { explainTrust } from '../../src/trust/paths.js'

const NOW = 1_700_000_000_000

interface Question {
  from: LedgerId
  to: LedgerId
  now: number
}
interface Answer {
  level_milli: number
  kind: string | null
  direct: boolean
  path: string[]
  valid_until: number | null
  reason: string | null
}

export interface TrustCase {
  name: string
  ledgers: (Omit<LedgerState, 'asOf'> & { as_of: number })[]
  statements: { ledger: LedgerId; seq: number; hash: string; type: string; meta: JsonObject }[]
  levels: (Question & { expect: Answer })[]
  weights: {
    from: LedgerId
    attesters: LedgerId[]
    now: number
    expect: { total_milli: number; split: { ledger: LedgerId; weight_milli: number }[] }
  }[]
}

export interface TrustVectors {
  about: string[]
  cases: TrustCase[]
}

/** The ledgers of all cases: "a" has the lowest LedgerId, "b" the next one … */
const BY_ORDER = Array.from({ length: 10 }, (_, i) => ledgerIdOf(sha256Text(`trust vector ${i}`))).sort()
const named = (name: string): LedgerId => BY_ORDER[name.charCodeAt(0) - 97]!

type Line = [from: string, to: string, level: number, more?: Partial<AttestationMeta>] | [from: string, revokes: number]

interface Draft {
  lines: Line[]
  /** Pairs as "ab". */
  ask: string[]
  at?: number[]
  held?: Record<string, { size?: number; evidence?: boolean }>
  weigh?: [from: string, attesters: string][]
}

const DRAFTS: Record<string, Draft> = {
  'four hops, rounded down after each product; five are too many': {
    lines: [
      ['a', 'b', 950],
      ['b', 'c', 951],
      ['c', 'd', 952],
      ['d', 'e', 953],
      ['e', 'f', 954]
    ],
    ask: ['ab', 'ac', 'ad', 'ae', 'af', 'aa']
  },
  'the first hop has no decay, and what is rounded to 0 is no path': {
    lines: [
      ['a', 'b', 1],
      ['b', 'c', 1000],
      ['d', 'b', 34],
      ['b', 'e', 33],
      ['b', 'f', 34]
    ],
    ask: ['ab', 'ac', 'dc', 'de', 'df']
  },
  'a direct attestation wins, also when it is lower, also 0': {
    lines: [
      ['a', 'b', 1000],
      ['b', 'c', 1000],
      ['b', 'd', 1000],
      ['a', 'c', 5],
      ['a', 'd', 0, { expires: NOW + 1 }],
      ['d', 'e', 1000]
    ],
    ask: ['ac', 'ad', 'ae'],
    at: [NOW, NOW + 1]
  },
  'a longer path may be better': {
    lines: [
      ['a', 'b', 500],
      ['b', 'c', 500],
      ['a', 'd', 1000],
      ['d', 'e', 1000],
      ['e', 'c', 1000]
    ],
    ask: ['ac']
  },
  'ties: the shorter path': {
    lines: [
      ['a', 'c', 1000],
      ['c', 'd', 810],
      ['a', 'b', 900],
      ['b', 'e', 1000],
      ['e', 'd', 1000]
    ],
    ask: ['ad']
  },
  'ties: the lower LedgerIds from the first hop on, also when rounding makes levels meet': {
    lines: [
      ['a', 'b', 500],
      ['a', 'c', 501],
      ['b', 'd', 1000],
      ['c', 'd', 1000],
      ['d', 'e', 1000],
      ['c', 'f', 1000],
      ['b', 'g', 1000],
      ['f', 'h', 1000],
      ['g', 'h', 1000]
    ],
    ask: ['ad', 'ae', 'ah']
  },
  'depth: the edge i of n needs n - 1 - i': {
    lines: [
      ['a', 'b', 1000, { depth: 2 }],
      ['b', 'c', 1000, { depth: 1 }],
      ['c', 'd', 1000, { depth: 0 }],
      ['d', 'e', 1000, { depth: 3 }],
      ['f', 'a', 1000, { depth: 3 }],
      ['g', 'a', 1000, { depth: 0 }]
    ],
    ask: ['ac', 'ad', 'ae', 'fd', 'fe', 'ga', 'gb']
  },
  'depth: reached better directly, but only the worse way may go on': {
    lines: [
      ['a', 'b', 1000, { depth: 1 }],
      ['a', 'c', 600],
      ['c', 'b', 1000],
      ['b', 'd', 1000],
      ['d', 'e', 1000]
    ],
    ask: ['ab', 'ad', 'ae']
  },
  'kinds: only full in the middle, any at the end': {
    lines: [
      ['a', 'b', 1000],
      ['b', 'c', 900, { kind: 'partial' }],
      ['b', 'd', 900, { kind: 'query-only' }],
      ['b', 'e', 900, { kind: 'sync-only' }],
      ['c', 'f', 1000],
      ['d', 'f', 1000],
      ['e', 'f', 1000]
    ],
    ask: ['ac', 'ad', 'ae', 'af', 'cf'],
    weigh: [['a', 'bcdef']]
  },
  'expiry: holds before, not at': {
    lines: [
      ['a', 'b', 900, { expires: NOW + 10 }],
      ['b', 'c', 900, { expires: NOW + 5 }]
    ],
    ask: ['ab', 'ac', 'bc'],
    at: [NOW + 4, NOW + 5, NOW + 10]
  },
  'revocation, of the own attestation only': {
    lines: [
      ['a', 'b', 900],
      ['a', 'c', 900],
      ['b', 'c', 900],
      ['a', 0],
      ['b', 1]
    ],
    ask: ['ab', 'ac', 'bc']
  },
  'the newest attestation ends those before for good': {
    lines: [
      ['a', 'b', 900],
      ['a', 'b', 200],
      ['c', 'b', 900],
      ['c', 'b', 200],
      ['c', 3],
      ['d', 'b', 900],
      ['d', 'b', 200, { expires: NOW }]
    ],
    ask: ['ab', 'cb', 'db']
  },
  'only what is held without a gap': {
    lines: [
      ['a', 'b', 900],
      ['b', 'c', 900],
      ['b', 'd', 900],
      ['e', 'd', 900]
    ],
    ask: ['ac', 'ad', 'ed'],
    held: { b: { size: 2 }, e: { size: 0 } }
  },
  evidence: {
    lines: [
      ['a', 'b', 1000],
      ['b', 'c', 1000],
      ['a', 'd', 500],
      ['d', 'c', 1000]
    ],
    ask: ['ab', 'ac', 'bc', 'bb'],
    held: { b: { evidence: true } },
    weigh: [
      ['a', 'bcd'],
      ['b', 'c']
    ]
  },
  circles: {
    lines: [
      ['a', 'b', 1000],
      ['b', 'c', 1000],
      ['c', 'a', 1000],
      ['c', 'b', 1000],
      ['b', 'a', 1000],
      ['a', 'd', 700]
    ],
    ask: ['ac', 'bd', 'cd']
  },
  'weights share the edges that they come through': {
    lines: [
      ['a', 'b', 600],
      ['b', 'c', 600],
      ['b', 'd', 600],
      ['b', 'e', 600],
      ['a', 'f', 100],
      ['f', 'e', 1000],
      ['e', 'g', 1000],
      ['a', 'h', 800, { depth: 0 }],
      ['h', 'g', 1000]
    ],
    ask: ['ac', 'ae', 'ag'],
    weigh: [
      ['a', 'cde'],
      ['a', 'cdefgh'],
      ['a', 'gi'],
      ['i', 'a']
    ]
  },
  'weights: an attestation without depth left adds no room': {
    lines: [
      ['a', 'b', 600],
      ['b', 'c', 1000],
      ['b', 'd', 1000],
      ['a', 'e', 1000, { depth: 0 }],
      ['e', 'c', 1000]
    ],
    ask: ['ac', 'ad'],
    weigh: [
      ['a', 'cd'],
      ['a', 'c'],
      ['a', 'd']
    ]
  },
  'weights: who was served first makes way where he can come another way': {
    lines: [
      ['a', 'b', 500],
      ['b', 'c', 1000],
      ['b', 'd', 900],
      ['a', 'e', 1000],
      ['e', 'f', 1000],
      ['f', 'c', 500]
    ],
    ask: ['ac', 'ad'],
    weigh: [
      ['a', 'cd'],
      ['a', 'cdf']
    ]
  }
}

export function makeTrustVectors(): TrustVectors {
  return {
    about: [
      'Levels are integers, 0 to 1000. `statements` are entries of stream "trust" without payload; `ledger` is the ledger they are in. `ledgers` says how many entries are held from 0 on without a gap.',
      "The level of a path: the first attestation's; then for each further one floor(level * its level / 1000), then floor(that * 900 / 1000). At most 4 attestations.",
      'Ties: the fewest attestations, then the lowest LedgerIds (ASCII order) of the ledgers along the path. An attestation holds at `now` if expires is null or now < expires.',
      'A newer attestation of the same pair ends the older one for good. `path` lists the hashes of the attestations. A ledger asked about itself has 1000 unless there is evidence.',
      'weights: a maximum flow over the `full` attestations that hold, capacity = level, of which an attestation is usable if a path from the asker reaches it within 4 hops and within the depths along it;',
      'out of each attester flows at most its own level over paths of `full` attestations only (a direct attestation decides; of another kind it is 0). Served by level downwards, then by LedgerId; each as much as possible without taking from those before.'
    ],
    cases: Object.entries(DRAFTS).map(([name, draft]) => makeCase(name, draft))
  }
}

function makeCase(name: string, { lines, ask, at = [NOW], held = {}, weigh: weights = [] }: Draft): TrustCase {
  const sizes = new Map<string, number>()
  const hashes = lines.map((_, i) => sha256Text(`${name} ${i}`))
  const statements = lines.map((line, i) => {
    const seq = sizes.get(line[0]) ?? 1
    sizes.set(line[0], seq + 1)
    const base = { ledger: named(line[0]), seq, hash: hashes[i]! }
    if (line.length === 2) return { ...base, type: 'trust.revocation', meta: { attestation: hashes[line[1]]! } }
    return {
      ...base,
      type: 'trust.attestation',
      meta: { subject: named(line[1]), level_milli: line[2], kind: 'full', depth: 3, expires: null, ...line[3] }
    }
  })
  const all = new Set(lines.flatMap((line) => (line.length === 2 ? [line[0]] : [line[0], line[1]])))
  const ledgers = [...all].sort().map((letter) => ({
    ledger: named(letter),
    size: held[letter]?.size ?? sizes.get(letter) ?? 1,
    as_of: NOW,
    evidence: held[letter]?.evidence ?? false
  }))
  const graph = graphOfCase({ ledgers, statements })
  return {
    name,
    ledgers,
    statements,
    levels: at.flatMap((now) =>
      ask.map((pair) => {
        const question = { from: named(pair[0]!), to: named(pair[1]!), now }
        return { ...question, expect: answer(graph, question) }
      })
    ),
    weights: weights.map(([from, attesters]) => {
      const question = { from: named(from), attesters: attesters.split('').map(named), now: NOW }
      return { ...question, expect: weightsOf(graph, question) }
    })
  }
}

export function graphOfCase({ ledgers, statements }: Pick<TrustCase, 'ledgers' | 'statements'>): TrustGraph {
  const graph = new TrustGraph()
  for (const { ledger: issuer, seq, hash, type, meta } of statements)
    graph.add({ issuer, seq, hash, timestamp: NOW, type, ...meta } as unknown as TrustStatement)
  for (const { as_of: asOf, ...state } of ledgers) graph.setLedger({ ...state, asOf })
  return graph
}

export function answer(graph: TrustGraph, { from, to, now }: Question): Answer {
  const { level_milli, kind, direct, path, validUntil, reason } = explainTrust(graph, from, to, now)
  return {
    level_milli,
    kind,
    direct,
    path: path.map(({ attestation }) => attestation),
    valid_until: validUntil,
    reason
  }
}

export function weightsOf(
  graph: TrustGraph,
  { from, attesters, now }: { from: LedgerId; attesters: LedgerId[]; now: number }
): TrustCase['weights'][number]['expect'] {
  const { total_milli, attesters: split } = weigh(graph, from, attesters, now)
  return { total_milli, split: split.map(({ ledger, weight_milli }) => ({ ledger, weight_milli })) }
}
