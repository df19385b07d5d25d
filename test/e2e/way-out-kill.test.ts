/**
 * kill -9 at points of the ways into a freeze and out of it (R1): after it the home is as before or as after, and goes
 * on. FAULTS=all: at every point.
 */
import { spawnSync } from 'node:child_process'
import { cp, mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, expect, test } from 'vitest'
import { paths } from '../../src/config/paths.js'
import { readKeyFile } from '../../src/config/key-file.js'
import { decodeEntry } from '../../src/core/entry.js'
import { encodeEvidence, sameSeqEvidence } from '../../src/core/evidence.js'
import { signingKeyFromSeed } from '../../src/core/keys.js'
import { verifySignature } from '../../src/core/signature.js'
import { verifyEvidence } from '../../src/core/verify-evidence.js'
import { runFsck } from '../../src/ledger/fsck/run-fsck.js'
import { createLedger } from '../../src/node/create-ledger.js'
import { rotateKeys } from '../../src/node/home/rotate-keys.js'
import { silentLog } from '../../src/node/runtime/system.js'
import { Author, NETWORK } from '../core/author.js'
import { temporaryFolder } from '../helpers/temporary-folder.js'
import { TestPeer } from '../helpers/test-peer.js'
import { stopAll } from '../network/fixture.js'
import { startDaemon } from './daemon.js'
import { courtOf, ENVIRONMENT, opened, robbed } from './way-out-child.js'

afterEach(stopAll)

const WAIT = { timeout: 20_000, interval: 50 }
/** Points that are tried in npm test: every so many. */
const EVERY = process.env.FAULTS === 'all' ? { resolve: 1, rotate: 1 } : { resolve: 9, rotate: 4 }
const CHILD = fileURLToPath(new URL('./way-out-child.js', import.meta.url))

/** Its own ledger is frozen at 1 by a thief of its key, and one that it follows at 5. */
async function frozenHome(): Promise<string> {
  const home = join(await temporaryFolder(), 'home')
  const ledger = await createLedger({ dataDir: home, network: NETWORK })
  for (const id of ['a', 'b']) await ledger.append({ stream: 's', type: 't', id })
  await ledger.close()
  const { owner, thief, evidence } = await robbed()
  await opened(home, async (ledgers) => {
    const { own } = ledgers
    const entries = (await own.range(0, { count: 9, bytes: 1 << 20 })).map(decodeEntry)
    const twin = Object.assign(Object.create(Author.prototype) as Author, {
      entries: entries.slice(0, 1),
      signer: signingKeyFromSeed(readKeyFile(paths(home).ledgerKey))
    })
    const other = await twin.append({ id: 'stolen' })
    const mirror = await ledgers.mirror(owner.ledger)
    await mirror.ingest(thief.entries)
    for (const [one, bytes] of [
      [
        own,
        encodeEvidence(
          sameSeqEvidence(
            { network: NETWORK, ledger: own.id, keyEntries: [{ ...entries[0]!.raw, seq: 0 }] },
            1,
            entries[1]!.raw,
            other.raw
          )
        )
      ],
      [mirror, evidence]
    ] as const) {
      await courtOf().hear(one, await verifyEvidence(bytes, { verify: verifySignature, network: NETWORK }))
    }
  })
  return home
}

/** What a start finds. */
async function stateOf(home: string): Promise<{ own: unknown; mirror: unknown }> {
  return await opened(home, async (ledgers) => {
    const found = await Promise.all(
      ledgers.list().map(async (ledger) => {
        await courtOf().review(ledger)
        expect(await ledger.allEvidence()).toHaveLength(1)
        expect((await ledger.verifyChain()).valid).toBe(true)
        return {
          own: ledger.own,
          size: ledger.size,
          visible: ledger.visible,
          frozenAt: ledger.frozenAt,
          voided: (await ledger.voided()).map(({ from, entries }) => ({ from, entries }))
        }
      })
    )
    const of = (own: boolean): unknown => found.find((one) => one.own === own)
    return { own: of(true), mirror: of(false) }
  })
}

/** At each point of the child's work, in a copy of the home. */
async function killed(home: string, way: 'rotate' | 'resolve', look: (copy: string) => Promise<void>): Promise<number> {
  for (let at = 1, kills = 0; ; at += EVERY[way], kills++) {
    const copy = join(await temporaryFolder(), 'home')
    await cp(home, copy, { recursive: true })
    const { status, signal, stderr } = spawnSync(process.execPath, [CHILD, copy, way, String(at)], { encoding: 'utf8' })
    if (signal === null && status !== 0) throw new Error(`the child ended with ${String(status)}: ${stderr}`)
    if (signal === null) return kills
    await look(copy)
    const { found } = await runFsck(paths(copy).db, { log: silentLog, markFile: paths(copy).signer, rebuild: false })
    expect({ at, damage: found.damage }).toEqual({ at, damage: [] })
  }
}

const BEFORE = { own: { size: 3, frozenAt: 1 }, mirror: { size: 12, visible: 5, frozenAt: 5, voided: [] } }

test("the operator's resolve: the thief's branch, or the owner's", { timeout: 240_000 }, async () => {
  const home = await frozenHome()
  expect(await stateOf(home)).toMatchObject(BEFORE)
  const seen = new Set<number>()
  const kills = await killed(home, 'resolve', async (copy) => {
    const { own, mirror } = await stateOf(copy)
    expect(own).toMatchObject(BEFORE.own)
    const { size } = mirror as { size: number }
    expect(mirror).toMatchObject(
      size === 12 ? BEFORE.mirror : { size: 8, visible: 8, frozenAt: null, voided: [{ from: 5, entries: 7 }] }
    )
    seen.add(size)
  })
  console.log(`resolve: killed ${kills} times`)
  expect(seen).toEqual(new Set([12, 8]))
})

test("the owner's rotation: not there, or there with its files; then it signs", { timeout: 240_000 }, async () => {
  const home = await frozenHome()
  const seen = new Set<number>()
  const kills = await killed(home, 'rotate', async (copy) => {
    // As an owner does who does not know whether it came through.
    const { size } = (await stateOf(copy)).own as { size: number }
    seen.add(size)
    if (size === 3) await rotateKeys({ ...ENVIRONMENT, home: copy })
    const ledger = await createLedger({ dataDir: copy, network: NETWORK, offline: true })
    try {
      const { own } = ledger.parts.ledgers
      await courtOf().review(own)
      expect((await ledger.append({ stream: 's', type: 't', id: 'c' })).entry.seq).toBe(4)
      expect((await own.heldChain())!.keys.map(({ from }) => from)).toEqual([0, 3])
    } finally {
      await ledger.close()
    }
  })
  console.log(`rotation: killed ${kills} times`)
  expect(seen).toEqual(new Set([3, 4]))
})

test(
  'a daemon that heard evidence before it held anything, and was killed: it is frozen as soon as the ledger arrives',
  { timeout: 90_000 },
  async () => {
    const { thief, evidence } = await robbed()
    const { ledger } = thief
    const home = join(await temporaryFolder(), 'home')
    await mkdir(home, { mode: 0o700 })
    await writeFile(join(home, 'config.json'), JSON.stringify({ network: NETWORK }))
    const daemon = await startDaemon(home)
    await daemon.client.call('sync.follow', { ledger })
    const gossip = await TestPeer.start()
    ;(await gossip.connect(daemon.addr)).tellEvidence(ledger, evidence)
    await expect
      .poll(async () => (await daemon.client.call('evidence.list', {})).evidence, WAIT)
      .toMatchObject([{ ledger, freezes: false, state: 'none' }])
    await daemon.kill()
    const again = await startDaemon(home)
    const holder = await TestPeer.start({ authors: [thief] })
    await holder.connect(again.addr)
    await expect
      .poll(async () => (await again.client.call('sync.status', { ledger })).ledgers, WAIT)
      .toMatchObject([{ status: 'stalled', stall: { code: 'FROZEN' }, evidence: 'freezes' }])
    expect((await again.client.call('sync.conflicts', { ledger })).conflicts).toMatchObject([{ frozenAt: 5 }])
    await again.stop()
  }
)
