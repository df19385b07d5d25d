import { describe, expect, test } from 'vitest'
import { LedgermeshError } from '../../src/core/errors.js'
import { sha256Text } from '../../src/core/hash.js'
import { MAX_LIVE_ATTESTATIONS } from '../../src/trust/limits.js'
import { explainTrust, getTrustLevel, verifyTrustChain } from '../../src/trust/paths.js'
import { TRUST_REASONS } from '../../src/trust/reasons.js'
import { chain, id, metaOf, names, NOW, World, worldOf, type Edge } from './ledgers.js'

const ALL = 'abcdefghijklmnop'.split('')

function ask(world: World, from: string, to: string, now = NOW): string {
  const { level_milli, kind, path, reason } = explainTrust(world.graph, id(from), id(to), now)
  expect(getTrustLevel(world.graph, id(from), id(to), now)).toEqual({ level_milli, kind })
  expect(reason === null).toBe(level_milli > 0)
  return reason === null ? `${level_milli} ${kind} ${names(path, ALL)}` : reason
}

describe('the arithmetic', () => {
  test('a direct attestation has no decay; each further hop is a product and nine tenths, both rounded down', () => {
    const world = worldOf(chain('a>b>c>d>e', 950))
    expect(ask(world, 'a', 'b')).toBe('950 full a>b')
    // 950·950/1000 = 902.5 → 902; ·0.9 = 811.8 → 811
    expect(ask(world, 'a', 'c')).toBe('811 full a>b>c')
    // 770.45 → 770 → 693
    expect(ask(world, 'a', 'd')).toBe('693 full a>b>c>d')
    // 658.35 → 658; 592.2 → 592
    expect(ask(world, 'a', 'e')).toBe('592 full a>b>c>d>e')
  })

  test('five hops are too many', () => {
    expect(ask(worldOf(chain('a>b>c>d>e>f', 1000)), 'a', 'f')).toBe('NO_PATH')
  })

  test('direct wins over a better path, also when it is lower, also 0', () => {
    for (const level of [1, 300])
      expect(ask(worldOf([...chain('a>b>c', 1000), { from: 'a', to: 'c', level }]), 'a', 'c')).toBe(`${level} full a>c`)
    const world = worldOf([...chain('a>b>c', 1000), { from: 'a', to: 'c', level: 0, expires: NOW + 1 }])
    expect(ask(world, 'a', 'c')).toBe('ATTESTED_ZERO')
    expect(explainTrust(world.graph, id('a'), id('c'), NOW)).toMatchObject({
      level_milli: 0,
      kind: 'full',
      direct: true,
      path: [{ level_milli: 0 }],
      validUntil: NOW + 1
    })
    expect(ask(world, 'a', 'c', NOW + 1)).toBe('900 full a>b>c')
  })

  test('the best path counts, also when it is longer', () => {
    const edges = [...chain('a>b>c', 500), ...chain('a>d>e>c', 1000)]
    expect(ask(worldOf(edges), 'a', 'c')).toBe('810 full a>d>e>c')
  })

  test('many paths are not a better one', () => {
    const edges = 'bcdefghij'.split('').flatMap((between) => chain(`a>${between}>k`, 500))
    expect(getTrustLevel(worldOf(edges).graph, id('a'), id('k'), NOW).level_milli).toBe(225)
  })

  test('what is rounded to 0 is no path', () => {
    expect(ask(worldOf(chain('a>b>c', 33)), 'a', 'c')).toBe('NO_PATH')
    expect(ask(worldOf([...chain('a>b', 1000), { from: 'b', to: 'c', level: 0 }]), 'a', 'c')).toBe('NO_PATH')
    expect(ask(worldOf([{ from: 'a', to: 'b', level: 0 }, ...chain('b>c', 1000)]), 'a', 'c')).toBe('NO_PATH')
  })

  test('the answer has the kind of the last attestation, whatever it is', () => {
    for (const kind of ['partial', 'query-only', 'sync-only'] as const) {
      const world = worldOf([
        ...chain('a>b', 1000),
        { from: 'b', to: 'c', level: 1000, kind, depth: 0 },
        ...chain('c>d', 1000)
      ])
      expect(ask(world, 'a', 'c')).toBe(`900 ${kind} a>b>c`)
      expect(ask(world, 'a', 'd')).toBe('NO_PATH')
      expect(ask(world, 'b', 'd')).toBe('NO_PATH')
    }
  })

  test('a ledger trusts itself, and attestations in a circle change nothing', () => {
    const world = worldOf(chain('a>b>c>a>d', 1000))
    expect(explainTrust(world.graph, id('a'), id('a'), NOW)).toMatchObject({
      level_milli: 1000,
      kind: 'full',
      path: [],
      direct: true,
      reason: null
    })
    expect(ask(world, 'a', 'c')).toBe('900 full a>b>c')
    expect(ask(world, 'b', 'd')).toBe('810 full b>c>a>d')
    expect(ask(worldOf(chain('b>c>b>c>b', 1000)), 'a', 'c')).toBe('ASKER_NOT_HELD')
  })
})

describe('depth', () => {
  test('edge i of n hops needs depth for the n - 1 - i after it', () => {
    const depths = (list: number[]): World =>
      worldOf(list.map((depth, i) => ({ from: ALL[i]!, to: ALL[i + 1]!, level: 1000, depth })))
    expect(ask(depths([3, 2, 1, 0]), 'a', 'e')).toBe('729 full a>b>c>d>e')
    for (const short of [
      [2, 2, 1, 0],
      [3, 1, 1, 0],
      [3, 2, 0, 0]
    ])
      expect(ask(depths(short), 'a', 'e')).toBe('NO_PATH')
    expect(ask(depths([2, 1, 0]), 'a', 'd')).toBe('810 full a>b>c>d')
    expect(ask(depths([0, 3]), 'a', 'c')).toBe('NO_PATH')
    expect(ask(depths([0, 3]), 'a', 'b')).toBe('1000 full a>b')
  })

  test('a ledger may be reached better, but with too little depth to go on', () => {
    const edges: Edge[] = [
      { from: 'a', to: 'b', level: 1000, depth: 1 },
      ...chain('a>c', 600),
      ...chain('c>b', 1000),
      ...chain('b>d>e', 1000)
    ]
    expect(ask(worldOf(edges), 'a', 'd')).toBe('900 full a>b>d')
    expect(ask(worldOf(edges), 'a', 'e')).toBe('437 full a>c>b>d>e')
  })
})

describe('ties', () => {
  test('the shorter path', () => {
    // 1·1 and 1·1·1 in tenths: 900·900/1000·0.9 = 729 both ways
    const edges: Edge[] = [
      ...chain('a>b', 1000),
      { from: 'b', to: 'd', level: 810 },
      ...chain('a>c>e>d', 1000).map((edge) => ({ ...edge, level: edge.from === 'a' ? 900 : 1000 }))
    ]
    expect(ask(worldOf(edges), 'a', 'd')).toBe('729 full a>b>d')
  })

  test('the lower LedgerIds, from the first hop on, also where a better prefix meets a worse one by rounding', () => {
    const [low, high] = ['b', 'c'].sort((x, y) => (id(x) < id(y) ? -1 : 1)) as [string, string]
    expect(ask(worldOf([...chain(`a>${high}>d`, 700), ...chain(`a>${low}>d`, 700)]), 'a', 'd')).toBe(
      `441 full a>${low}>d`
    )
    // 500 and 501 both become 450: rounding
    const edges: Edge[] = [
      { from: 'a', to: high, level: 501 },
      { from: 'a', to: low, level: 500 },
      ...chain(`${high}>d`, 1000),
      ...chain(`${low}>d`, 1000)
    ]
    expect(ask(worldOf(edges), 'a', 'd')).toBe(`450 full a>${low}>d`)
    expect(ask(worldOf([...edges, ...chain('d>e', 1000)]), 'a', 'e')).toBe(`405 full a>${low}>d>e`)
  })
})

describe('what does not count', () => {
  test('expired at exactly now', () => {
    const world = worldOf([{ from: 'a', to: 'b', level: 800, expires: NOW }, ...chain('b>c', 1000)])
    expect(ask(world, 'a', 'b', NOW - 1)).toBe('800 full a>b')
    expect(ask(world, 'a', 'b')).toBe('EXPIRED')
    expect(ask(world, 'a', 'c', NOW - 1)).toBe('720 full a>b>c')
    expect(ask(world, 'a', 'c')).toBe('NO_PATH')
  })

  test('revoked; and revoked twice; and attested again', () => {
    const world = worldOf(chain('a>b', 1000))
    const first = world.attest({ from: 'a', to: 'b', level: 700 })
    world.revoke('a', first)
    expect(ask(world, 'a', 'b')).toBe('REVOKED')
    world.revoke('a', first)
    world.attest({ from: 'a', to: 'b', level: 600 })
    world.revoke('a', first)
    expect(ask(world, 'a', 'b')).toBe('600 full a>b')
  })

  test('superseded: the newer one ends the older for good, also when it is revoked or expires', () => {
    const world = worldOf(chain('a>b', 1000))
    const newest = world.attest({ from: 'a', to: 'b', level: 200, expires: NOW + 10 })
    expect(ask(world, 'a', 'b')).toBe('200 full a>b')
    expect(ask(world, 'a', 'b', NOW + 10)).toBe('EXPIRED')
    world.revoke('a', newest)
    expect(ask(world, 'a', 'b')).toBe('REVOKED')
  })

  test('a revocation by somebody else, or of nothing', () => {
    const world = worldOf([...chain('a>b', 1000), ...chain('b>a', 1000), ...chain('c>b', 1000)])
    const attestation = world.attest({ from: 'a', to: 'b', level: 900 })
    for (const name of ['b', 'c']) world.revoke(name, attestation)
    world.revoke('a', sha256Text('nothing'))
    expect(ask(world, 'a', 'b')).toBe('900 full a>b')
    expect(ask(world, 'c', 'b')).toBe('1000 full c>b')
  })

  test('a revocation that is older than what it names', () => {
    const world = new World()
    world.revoke('a', sha256Text('a/2'))
    expect(world.attest({ from: 'a', to: 'b', level: 900 })).toBe(sha256Text('a/2'))
    expect(ask(world, 'a', 'b')).toBe('900 full a>b')
  })

  test('self-attestation', () => {
    const world = worldOf([...chain('a>b', 100)])
    world.attest({ from: 'b', to: 'b', level: 1000 })
    expect([...world.graph.attestations({ subject: id('b') })].length).toBe(1)
    expect(ask(world, 'a', 'b')).toBe('100 full a>b')
  })

  test('beyond a gap in the headers: neither attestations nor revocations, and nothing of a ledger that is not held', () => {
    const world = worldOf(chain('a>b', 1000))
    const attestation = world.writeUnheld('b', 'trust.attestation', metaOf({ from: 'b', to: 'c', level: 1000 }))
    expect(ask(world, 'a', 'c')).toBe('NO_PATH')
    world.hold('b')
    expect(ask(world, 'a', 'c')).toBe('900 full a>b>c')
    world.writeUnheld('b', 'trust.revocation', { attestation })
    expect(ask(world, 'a', 'c')).toBe('900 full a>b>c')
    world.hold('b')
    expect(ask(world, 'a', 'c')).toBe('NO_PATH')
    world.writeUnheld('x', 'trust.attestation', metaOf({ from: 'x', to: 'c', level: 1000 }))
    expect(ask(world, 'x', 'c')).toBe('ASKER_NOT_HELD')
  })

  test('a statement that comes after the size that covers it: it was promised that there is none', () => {
    const world = worldOf(chain('a>b', 500))
    world.graph.setLedger({ ledger: id('a'), size: 50, asOf: NOW, evidence: false })
    world.writeUnheld('a', 'trust.attestation', metaOf({ from: 'a', to: 'b', level: 1000 }))
    world.hold('a', 60)
    expect(ask(world, 'a', 'b')).toBe('500 full a>b')
  })

  test('evidence: level 0 whatever is attested, and nothing that it says counts', () => {
    const world = worldOf(chain('a>b>c', 1000))
    world.hold('b', 1, true)
    expect(ask(world, 'a', 'b')).toBe('EVIDENCE')
    expect(ask(world, 'b', 'b')).toBe('EVIDENCE')
    expect(ask(world, 'a', 'c')).toBe('NO_PATH')
    expect(ask(world, 'b', 'c')).toBe('ASKER_EVIDENCE')
    // the evidence turned out to be settled: held on as before
    world.hold('b')
    expect(ask(world, 'a', 'c')).toBe('900 full a>b>c')
  })

  test('evidence against somebody who is not held', () => {
    const world = worldOf(chain('a>b>c', 1000))
    world.graph.setLedger({ ledger: id('c'), size: 0, asOf: NOW, evidence: true })
    expect(ask(world, 'a', 'c')).toBe('EVIDENCE')
  })

  test('a ledger that is forgotten, and one that goes back', () => {
    const world = worldOf(chain('a>b>c', 1000))
    expect(() => {
      world.hold('b', 1)
    }).toThrow(LedgermeshError)
    world.graph.forget(id('b'))
    expect(ask(world, 'a', 'c')).toBe('NO_PATH')
    expect(ask(world, 'a', 'b')).toBe('1000 full a>b')
    world.hold('b', 1)
    expect(ask(world, 'a', 'c')).toBe('NO_PATH')
    expect([...world.graph.attestations()].length).toBe(1)
  })

  test('the 1025th live attestation of an issuer ends its oldest; revoked ones take no place', () => {
    const world = new World()
    const name = (i: number): string => `subject ${i}`
    const hashes = Array.from({ length: MAX_LIVE_ATTESTATIONS }, (_, i) =>
      world.attest({ from: 'a', to: name(i), level: 500 })
    )
    const level = (i: number): number => getTrustLevel(world.graph, id('a'), id(name(i)), NOW).level_milli
    world.revoke('a', hashes[7]!)
    world.attest({ from: 'a', to: name(2000), level: 500 })
    // renewing one makes it the newest and needs no place
    world.attest({ from: 'a', to: name(0), level: 400 })
    expect([level(0), level(1), level(7), level(2000)]).toEqual([400, 500, 0, 500])
    world.attest({ from: 'a', to: name(2001), level: 500 })
    expect([level(0), level(1), level(2), level(2001)]).toEqual([400, 0, 500, 500])
    expect([...world.graph.attestations({ issuer: id('a') })].length).toBe(MAX_LIVE_ATTESTATIONS)
    expect(world.graph.node(id(name(1)))).toBeUndefined()
  })
})

describe('explaining', () => {
  test('names path, entries, sizes, ages and how long it holds', () => {
    const world = worldOf([
      { from: 'a', to: 'b', level: 900, expires: NOW + 500 },
      { from: 'b', to: 'c', level: 800, kind: 'partial', depth: 0, expires: NOW + 300 }
    ])
    const hash = sha256Text('b/1')
    world.write('c', 'trust.acceptance', { ledger: id('b'), attestation: hash })
    expect(verifyTrustChain(world.graph, id('a'), id('c'), NOW)).toEqual({
      valid: true,
      from: id('a'),
      to: id('c'),
      level_milli: 648,
      kind: 'partial',
      direct: false,
      reason: null,
      validUntil: NOW + 300,
      path: [
        {
          from: id('a'),
          to: id('b'),
          attestation: sha256Text('a/1'),
          seq: 1,
          level_milli: 900,
          kind: 'full',
          depth: 3,
          expires: NOW + 500,
          accepted: false,
          verifiedBy: []
        },
        {
          from: id('b'),
          to: id('c'),
          attestation: hash,
          seq: 1,
          level_milli: 800,
          kind: 'partial',
          depth: 0,
          expires: NOW + 300,
          accepted: true,
          verifiedBy: []
        }
      ],
      ledgers: [
        { ledger: id('a'), size: 2, age: 5000 },
        { ledger: id('b'), size: 2, age: 5000 }
      ]
    })
    expect(verifyTrustChain(world.graph, id('a'), id('c'), NOW + 300)).toMatchObject({
      valid: false,
      level_milli: 0,
      kind: null,
      path: [],
      validUntil: null,
      reason: 'NO_PATH',
      ledgers: [{ ledger: id('a') }]
    })
    for (const sentence of Object.values(TRUST_REASONS)) expect(sentence).toMatch(/\.$/)
  })

  test('accepted by the subject only, verified by usable third ledgers only, whose latest word counts', () => {
    const world = worldOf(chain('a>b', 1000))
    const attestation = sha256Text('a/1')
    const step = (): unknown => explainTrust(world.graph, id('a'), id('b'), NOW).path[0]
    const verify = (name: string, confirmed: boolean, ledger = 'a'): void => {
      world.write(name, 'trust.verification', { ledger: id(ledger), attestation, confirmed })
    }
    world.write('c', 'trust.acceptance', { ledger: id('a'), attestation })
    world.write('b', 'trust.acceptance', { ledger: id('c'), attestation })
    for (const name of ['a', 'b']) verify(name, true)
    verify('f', false)
    verify('g', true, 'c')
    expect(step()).toMatchObject({ accepted: false, verifiedBy: [] })
    world.write('b', 'trust.acceptance', { ledger: id('a'), attestation })
    for (const name of ['c', 'd', 'e']) verify(name, true)
    expect(step()).toMatchObject({ accepted: true, verifiedBy: ['c', 'd', 'e'].map(id).sort() })
    verify('c', false)
    world.hold('d', 1, true)
    expect(step()).toMatchObject({ verifiedBy: [id('e')] })
    world.graph.forget(id('e'))
    expect(step()).toMatchObject({ verifiedBy: [] })
  })
})
