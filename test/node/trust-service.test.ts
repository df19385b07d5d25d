/** What counts as trust when ledgers are held on disk: hostile histories first, then the acts of the own ledger. */
import { describe, expect, test } from 'vitest'
import type { JsonObject } from '../../src/core/canonical.js'
import type { Entry } from '../../src/core/entry.js'
import type { LedgerId } from '../../src/core/ledger-id.js'
import type { Ledger } from '../../src/ledger/ledger.js'
import { TrustService } from '../../src/node/trust/trust-service.js'
import { MAX_LIVE_ATTESTATIONS } from '../../src/trust/limits.js'
import { Author, openNode, type Node } from '../ledger/support.js'
import { acceptBranch, freezeAt } from '../helpers/freeze-at.js'

const NOBODY = 'b' + 'a'.repeat(52)

async function serve(node: Node): Promise<TrustService> {
  return await TrustService.load({ ledgers: node.ledgers, clock: node.clock, log: node.log })
}

function attestation(subject: LedgerId, changes: JsonObject = {}): { stream: string; type: string; meta: JsonObject } {
  return {
    stream: 'trust',
    type: 'trust.attestation',
    meta: { subject, level_milli: 800, kind: 'full', depth: 2, expires: null, ...changes }
  }
}

/** Stores and audits what is new of an author. */
async function hold(node: Node, trust: TrustService, author: Author): Promise<Ledger> {
  const mirror = await node.ledgers.mirror(author.id)
  await mirror.ingest(author.entries.slice(mirror.size))
  await mirror.setAudited(mirror.size)
  await trust.caughtUp()
  return mirror
}

/** The own ledger trusts an author with 900 milli, for three more hops. */
async function setup(): Promise<{ node: Node; trust: TrustService; me: LedgerId; friend: Author }> {
  const node = await openNode()
  const trust = await serve(node)
  const friend = await Author.create('friend')
  await trust.acts.attest({ ledger: friend.id, levelMilli: 900, kind: 'full', depth: 3 })
  return { node, trust, me: node.ledgers.own.id, friend }
}

describe('hostile', () => {
  test('an attestation counts only once it was audited, and only when its ledger is held from the first entry on', async () => {
    const { node, trust, me, friend } = await setup()
    await friend.add(attestation(NOBODY))
    const mirror = await node.ledgers.mirror(friend.id)
    await mirror.ingest(friend.entries)
    await trust.caughtUp()
    expect(trust.level(me, NOBODY).level_milli).toBe(0)
    await mirror.setAudited(mirror.size)
    await trust.caughtUp()
    // 900 × 800 × 0.9
    expect(trust.level(me, NOBODY)).toEqual({ level_milli: 648, kind: 'full' })
  })

  test('a forged one, and one replayed into another ledger, are refused by the chain; the level stays 0', async () => {
    const { node, trust, me, friend } = await setup()
    const mallory = await Author.create('mallory')
    const forged = await friend.next(attestation(mallory.id), null, mallory.key)
    const mirror = await hold(node, trust, friend)
    await expect(mirror.ingest([forged])).rejects.toMatchObject({ code: 'KEY_NOT_IN_FORCE' })
    const genuine = await friend.add(attestation(NOBODY))
    await hold(node, trust, friend)
    // somebody else's entry, and its meta written again: it is then the word of whoever wrote it
    const copy = await hold(node, trust, mallory)
    await expect(copy.ingest([genuine])).rejects.toMatchObject({ code: 'WRONG_LEDGER' })
    await mallory.add({ ...attestation(NOBODY), meta: genuine.header.meta })
    await hold(node, trust, mallory)
    expect(trust.list({ subject: NOBODY }).map(({ issuer }) => issuer)).toEqual([friend.id, mallory.id].toSorted())
    expect(trust.level(me, mallory.id).level_milli).toBe(0)
  })

  test('a key that was retired attests nothing', async () => {
    const { node, trust, friend } = await setup()
    const retired = friend.key
    await friend.rotate()
    const mirror = await hold(node, trust, friend)
    const late = await friend.next(attestation(NOBODY), null, retired)
    await expect(mirror.ingest([late])).rejects.toMatchObject({ code: 'KEY_NOT_IN_FORCE' })
    expect(trust.list({ subject: NOBODY })).toEqual([])
  })

  test.each<[string, JsonObject]>([
    ['1001', { level_milli: 1001 }],
    ['below 0', { level_milli: -1 }],
    ['a text', { level_milli: '800' }],
    ['depth 4', { depth: 4 }],
    ['an unknown kind', { kind: 'boss' }],
    ['no ledger', { subject: 'somebody' }],
    ['one member more', { note: 'x' }],
    ['expires at -1', { expires: -1 }]
  ])('out of range (%s): the entry is held and says nothing', async (_what, change) => {
    const { node, trust, me, friend } = await setup()
    await friend.add(attestation(NOBODY, change))
    const mirror = await hold(node, trust, friend)
    expect(mirror.audited).toBe(2)
    expect(trust.list({ issuer: friend.id })).toEqual([])
    expect(trust.level(me, NOBODY).level_milli).toBe(0)
  })

  test('self-attestation says nothing, a circle raises nobody', async () => {
    const { node, trust, me, friend } = await setup()
    const other = await Author.create('other')
    await friend.add(attestation(friend.id, { level_milli: 1000 }))
    await friend.add(attestation(other.id, { level_milli: 500, depth: 3 }))
    await friend.add(attestation(me, { level_milli: 1000, depth: 3 }))
    await other.add(attestation(friend.id, { level_milli: 1000, depth: 3 }))
    await other.add(attestation(me, { level_milli: 1000, depth: 3 }))
    await hold(node, trust, friend)
    await hold(node, trust, other)
    expect(trust.level(me, friend.id).level_milli).toBe(900)
    expect(trust.level(me, other.id).level_milli).toBe(405)
    expect(trust.list({ issuer: friend.id }).map(({ subject }) => subject)).not.toContain(friend.id)
    await expect(trust.acts.attest({ ledger: me, levelMilli: 1000 })).rejects.toMatchObject({ code: 'INVALID_PARAMS' })
  })

  test("a revocation by somebody else ends nothing; the issuer's does, and again after it is attested again", async () => {
    const { node, trust, me, friend } = await setup()
    const mallory = await Author.create('mallory')
    const { hash } = await friend.add(attestation(NOBODY))
    await mallory.add({ stream: 'trust', type: 'trust.revocation', meta: { attestation: hash } })
    await hold(node, trust, friend)
    await hold(node, trust, mallory)
    expect(trust.level(me, NOBODY).level_milli).toBe(648)
    await friend.add({ stream: 'trust', type: 'trust.revocation', meta: { attestation: hash } })
    await hold(node, trust, friend)
    expect(trust.level(me, NOBODY).level_milli).toBe(0)
    await friend.add(attestation(NOBODY, { level_milli: 100 }))
    await friend.add({ stream: 'trust', type: 'trust.revocation', meta: { attestation: hash } })
    await hold(node, trust, friend)
    expect(trust.level(me, NOBODY).level_milli).toBe(81)
  })

  test('evidence makes a ledger worth 0, as a subject and as a voucher; without it again it counts again', async () => {
    const { node, trust, me, friend } = await setup()
    await friend.add(attestation(NOBODY))
    const mirror = await hold(node, trust, friend)
    await freezeAt(mirror, 1, Buffer.from('evidence'))
    await trust.caughtUp()
    expect(trust.level(me, friend.id).level_milli).toBe(0)
    expect(trust.explain(me, friend.id).reason).toBe('EVIDENCE')
    expect(trust.level(me, NOBODY).level_milli).toBe(0)
    await friend.add({ type: 'note' })
    await acceptBranch(mirror, friend.entries.slice(1, 2))
    await hold(node, trust, friend)
    expect(trust.level(me, NOBODY).level_milli).toBe(648)
  })

  test('a ledger that is no longer held vouches for nobody', async () => {
    const { node, trust, me, friend } = await setup()
    await friend.add(attestation(NOBODY))
    await hold(node, trust, friend)
    await node.ledgers.remove(friend.id)
    await trust.caughtUp()
    expect(trust.level(me, NOBODY).level_milli).toBe(0)
    expect(trust.level(me, friend.id).level_milli).toBe(900)
    await hold(node, trust, friend)
    expect(trust.level(me, NOBODY).level_milli).toBe(648)
  })

  test('an issuer with more attestations than count keeps the newest; the others cost nothing', async () => {
    const { node, trust, friend } = await setup()
    const subjects: Entry[] = []
    for (let i = 0; i < MAX_LIVE_ATTESTATIONS + 3; i++) subjects.push(await friend.add(attestation(subjectNumber(i))))
    await hold(node, trust, friend)
    const live = trust.list({ issuer: friend.id })
    expect(live).toHaveLength(MAX_LIVE_ATTESTATIONS)
    expect(live.map(({ subject }) => subject)).not.toContain(subjectNumber(0))
  }, 20_000)
})

describe('the own ledger', () => {
  test('acts are entries, count at once, and are there after a restart', async () => {
    const { node, trust, me, friend } = await setup()
    const changes: LedgerId[] = []
    trust.onChange(({ ledger }) => {
      changes.push(ledger)
    })
    await friend.add(attestation(me))
    await hold(node, trust, friend)
    const about = trust.list({ subject: me })[0]!
    expect(about).toMatchObject({ issuer: friend.id, accepted: false, usable: true, expired: false })
    await trust.acts.accept(about.hash)
    expect(trust.list({ subject: me })[0]).toMatchObject({ accepted: true })
    const entry = await trust.acts.attest({ ledger: NOBODY, levelMilli: 0, expires: node.clock.now() + 1000 })
    expect(entry).toMatchObject({
      stream: 'trust',
      type: 'trust.attestation',
      payload: null,
      meta: { subject: NOBODY, level_milli: 0, kind: 'partial', depth: 0 }
    })
    expect(trust.explain(me, NOBODY)).toMatchObject({
      level_milli: 0,
      direct: true,
      reason: 'ATTESTED_ZERO',
      validUntil: node.clock.now() + 1000
    })
    expect(changes).toEqual([friend.id, me, me])

    await trust.stop()
    const again = await serve(await node.reopen())
    expect(again.list({ subject: me })[0]).toMatchObject({ issuer: friend.id, accepted: true })
    expect(again.explain(me, friend.id)).toMatchObject({
      level_milli: 900,
      kind: 'full',
      direct: true,
      ledgers: [{ ledger: me, size: 4, age: 0 }]
    })
  })

  test('refuses what would say nothing', async () => {
    const { node, trust, me, friend } = await setup()
    const mine = trust.list({ issuer: me })[0]!.hash
    const { hash } = await friend.add(attestation(NOBODY))
    const note = await friend.add()
    await hold(node, trust, friend)
    const refused = (promise: Promise<unknown>, code: string): Promise<void> =>
      expect(promise).rejects.toMatchObject({ code })
    await refused(trust.acts.attest({ ledger: friend.id, levelMilli: 1001 }), 'INVALID_PARAMS')
    await refused(trust.acts.attest({ ledger: friend.id, levelMilli: 0.5 }), 'INVALID_PARAMS')
    await refused(trust.acts.attest({ ledger: 'friend', levelMilli: 500 }), 'INVALID_PARAMS')
    await refused(trust.acts.attest({ ledger: friend.id, levelMilli: 500, kind: 'full', depth: 4 }), 'INVALID_PARAMS')
    await refused(
      trust.acts.attest({ ledger: friend.id, levelMilli: 500, kind: 'partial', depth: 1 }),
      'INVALID_PARAMS'
    )
    await refused(
      trust.acts.attest({ ledger: friend.id, levelMilli: 500, expires: node.clock.now() }),
      'INVALID_PARAMS'
    )
    await refused(trust.acts.accept(hash), 'INVALID_PARAMS') // about another ledger
    await refused(trust.acts.accept(note.hash), 'INVALID_PARAMS') // no attestation
    await refused(trust.acts.accept('0'.repeat(64)), 'NOT_FOUND')
    await refused(trust.acts.verify(mine, true), 'INVALID_PARAMS') // its own word
    await refused(trust.acts.revoke({ attestation: hash }), 'NOT_FOUND') // another's
    await refused(trust.acts.revoke({ ledger: NOBODY }), 'NOT_FOUND')
    expect(node.ledgers.own.size).toBe(2)
    await trust.acts.revoke({ ledger: friend.id })
    expect(trust.explain(me, friend.id)).toMatchObject({ level_milli: 0, reason: 'REVOKED' })
    await refused(trust.acts.revoke({ attestation: mine }), 'NOT_FOUND')
  })

  test('verifies as a third ledger, and takes it back', async () => {
    const { node, trust, friend } = await setup()
    const { hash } = await friend.add(attestation(NOBODY))
    await hold(node, trust, friend)
    await trust.acts.verify(hash, true)
    expect(trust.list({ issuer: friend.id })[0]!.verifiedBy).toEqual([node.ledgers.own.id])
    await trust.acts.verify(hash, false)
    expect(trust.list({ issuer: friend.id })[0]!.verifiedBy).toEqual([])
  })
})

/** Ledger ids of ledgers that need not exist. */
function subjectNumber(n: number): LedgerId {
  const digits = 'abcdefghijklmnopqrstuvwxyz234567'
  return `b${digits[n >> 10]!}${digits[(n >> 5) & 31]!}${digits[n & 31]!}${'b'.repeat(48)}a`
}
