/** Trust decides whose entries are pulled. */
import { afterEach, expect, test } from 'vitest'
import { createLedger } from '../../src/node/create-ledger.js'
import { interoperabilityPlugin } from '../../src/node/plugins/interoperability-plugin.js'
import { syncPlugin, type SyncPluginOptions } from '../../src/node/plugins/sync-plugin.js'
import type { Clock } from '../../src/ports.js'
import { systemClock } from '../../src/node/runtime/system.js'
import { temporaryFolder } from '../helpers/temporary-folder.js'

type Started = Awaited<ReturnType<typeof start>>
const open: { close: () => Promise<void> }[] = []
afterEach(async () => {
  await Promise.all(open.splice(0).map((ledger) => ledger.close()))
})

async function start(name: string, options: SyncPluginOptions = {}, dataDir?: string, clock: Clock = systemClock) {
  const ledger = await createLedger({
    dataDir: dataDir ?? (await temporaryFolder()),
    name,
    clock,
    plugins: [interoperabilityPlugin({ trust: { minTrustLevel: 0.7 } }), syncPlugin(options)]
  })
  open.push(ledger)
  return ledger
}

/** Real time, but what is due in more than ten minutes waits for a jump. */
class JumpClock implements Clock {
  #ahead = 0
  readonly #late = new Set<() => void>()

  now(): number {
    return systemClock.now() + this.#ahead
  }

  after(delayMs: number, callback: () => void): () => void {
    if (delayMs < 600_000) return systemClock.after(delayMs, callback)
    this.#late.add(callback)
    return () => {
      this.#late.delete(callback)
    }
  }

  jump(ms: number): void {
    this.#ahead += ms
    const due = [...this.#late]
    this.#late.clear()
    for (const callback of due) callback()
  }
}

const address = (ledger: Started): string => ledger.parts.peerNetwork!.host.addrs()[0]!
const statusOf = async (here: Started, of: Started) => (await here.plugins.sync.status(of.id))[0]!

test('a level that is none is refused when the plugin is made', () => {
  for (const minTrustLevel of [-0.1, 1.1, Number.NaN]) {
    expect(() => syncPlugin({ filterByTrust: true, minTrustLevel })).toThrow(
      expect.objectContaining({ code: 'INVALID_PARAMS' })
    )
    expect(() => interoperabilityPlugin({ trust: { minTrustLevel } })).toThrow(
      expect.objectContaining({ code: 'INVALID_PARAMS' })
    )
  }
})

test('a stranger is not followed; who is attested is, until that is revoked; headers alone may always be followed', async () => {
  const dataDir = await temporaryFolder()
  const me = await start('me', { filterByTrust: true, minTrustLevel: 0.7 }, dataDir)
  const friend = await start('friend')
  const stranger = await start('stranger')
  for (const other of [friend, stranger]) await me.plugins.interoperability.connect(address(other))

  await expect(me.plugins.sync.follow(stranger.id)).rejects.toMatchObject({
    code: 'UNTRUSTED',
    details: { level: 0, wanted: 700, reason: 'NO_PATH' }
  })
  expect(me.parts.ledgers.get(stranger.id)).toBeUndefined()
  // too little, and of a kind that does not sync
  const { trust } = me.plugins.interoperability
  await trust.attest({ ledger: friend.id, levelMilli: 699 })
  await expect(me.plugins.sync.follow(friend.id)).rejects.toMatchObject({ code: 'UNTRUSTED', details: { level: 699 } })
  await trust.attest({ ledger: friend.id, levelMilli: 1000, kind: 'query-only' })
  await expect(me.plugins.sync.follow(friend.id)).rejects.toMatchObject({ code: 'UNTRUSTED' })
  await trust.attest({ ledger: friend.id, levelMilli: 700, kind: 'sync-only' })
  await me.plugins.sync.follow(friend.id)
  await expect.poll(() => statusOf(me, friend), { timeout: 10_000 }).toMatchObject({ status: 'synced' })
  expect((await me.plugins.interoperability.findLedgers({})).map(({ name }) => name)).not.toContain('stranger')

  await me.plugins.sync.follow(stranger.id, { headers: true })
  await expect
    .poll(() => statusOf(me, stranger), { timeout: 10_000 })
    .toMatchObject({ status: 'synced', headers: true })
  await expect(me.plugins.sync.follow(stranger.id)).rejects.toMatchObject({ code: 'UNTRUSTED' })
  expect(await statusOf(me, stranger)).toMatchObject({ headers: true })

  await trust.revoke({ ledger: friend.id })
  await expect
    .poll(() => statusOf(me, friend), { timeout: 5_000 })
    .toMatchObject({ status: 'stalled', stall: { code: 'UNTRUSTED', next: null } })
  await friend.append({ stream: 's', type: 't', payload: 'unseen' })
  // The operator's word is another thing: it neither hides nor lifts the rule.
  await me.plugins.sync.pause(friend.id)
  expect(await statusOf(me, friend)).toMatchObject({ stall: { code: 'PAUSED' } })
  await me.plugins.sync.resume(friend.id)
  expect(await statusOf(me, friend)).toMatchObject({ size: 1, stall: { code: 'UNTRUSTED' } })

  // The same after a restart.
  await me.close()
  open.splice(open.indexOf(me), 1)
  const again = await start('me', { filterByTrust: true, minTrustLevel: 0.7 }, dataDir)
  await again.plugins.interoperability.connect(address(friend))
  await expect
    .poll(() => statusOf(again, friend))
    .toMatchObject({ status: 'stalled', size: 1, stall: { code: 'UNTRUSTED' } })
  await again.plugins.interoperability.trust.attest({ ledger: friend.id, levelMilli: 900 })
  await expect.poll(() => statusOf(again, friend), { timeout: 10_000 }).toMatchObject({ status: 'synced', size: 2 })
}, 60_000)

test('trust over a path: the voucher is followed by its headers, and when the attestation has expired nothing more is pulled', async () => {
  const clock = new JumpClock()
  const me = await start('me', { filterByTrust: true, minTrustLevel: 0.5 }, undefined, clock)
  const voucher = await start('voucher')
  const author = await start('author')
  for (const other of [voucher, author]) await me.plugins.interoperability.connect(address(other))
  const { trust, getTrustLevel, verifyTrustChain } = me.plugins.interoperability
  await trust.attest({ ledger: voucher.id, levelMilli: 900, kind: 'full', depth: 1 })
  const expires = Date.now() + 3_600_000
  await voucher.plugins.interoperability.trust.attest({ ledger: author.id, levelMilli: 800, expires })
  await expect(me.plugins.sync.follow(author.id)).rejects.toMatchObject({ code: 'UNTRUSTED' })
  await me.plugins.sync.follow(voucher.id, { headers: true })
  await expect.poll(() => getTrustLevel(me.id, author.id), { timeout: 10_000 }).toBe(0.648)
  expect(await verifyTrustChain(me.id, author.id)).toBe(true)
  expect(await trust.explain({ to: author.id })).toMatchObject({
    fromName: 'me',
    level_milli: 648,
    direct: false,
    validUntil: expires,
    path: [{ to: voucher.id }, { from: voucher.id, to: author.id, accepted: false }],
    ledgers: [
      { name: 'me', age: 0 },
      { name: 'voucher', size: 2 }
    ]
  })
  await me.plugins.sync.follow(author.id)
  await expect.poll(() => statusOf(me, author), { timeout: 10_000 }).toMatchObject({ status: 'synced' })
  clock.jump(3_600_000)
  await expect.poll(() => statusOf(me, author), { timeout: 5_000 }).toMatchObject({ stall: { code: 'UNTRUSTED' } })
  expect((await trust.explain({ to: author.id })).reason).toMatchObject({ code: 'NO_PATH' })
}, 30_000)
