import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { Paths } from '../../../src/config/paths.js'
import { peerIdOf } from '../../../src/core/peer-key.js'
import type { CheckedRecord } from '../../../src/node/peers/check-record.js'
import { SignerDriver, type SignerDriverInit } from '../../../src/node/signer/signer-driver.js'
import { CHANGED_MS, JUMP_MS } from '../../../src/sync/signer/limits.js'
import { Author, temporaryFolder, TestClock, TestLog, testKey } from '../../ledger/support.js'

const author = await Author.create('own')
for (let n = 0; n < 3; n++) await author.add()
const SELF = peerIdOf(testKey('self').publicKey)
const PEER = peerIdOf(testKey('peer').publicKey)
const HASH = 'ab'.repeat(32)

interface Some {
  made?: boolean
  identity?: 'boot' | 'same' | 'changed'
  offline?: boolean
  /** Does anybody know of anybody? */
  alone?: boolean
  mayHear?: boolean
  /** Own entries that are here. */
  size?: number
}

async function setup({
  made = false,
  identity = 'same',
  offline = false,
  alone = false,
  mayHear = true,
  size = author.entries.length
}: Some = {}) {
  const folder = await temporaryFolder()
  const clock = new TestClock()
  const log = new TestLog()
  const holds: (string | null)[] = []
  const told: string[] = []
  const asked: string[] = []
  const state = {
    /** What peers show of the own ledger: so many entries; null: none. */
    shown: null as number | null,
    silent: false,
    issued: new Set<string>(),
    noted: 0,
    looked: 0,
    /** ms that the clock which nobody sets is behind. */
    slept: 0
  }
  let watch!: { look: () => void; lacking: (entry: unknown) => void; restored: () => void }
  let sawRecord!: (checked: CheckedRecord, from: string) => void
  const driver = await SignerDriver.open({
    paths: { witnesses: join(folder, 'witnesses.json') } as Paths,
    ledgers: {
      madeOwn: made,
      own: {
        id: author.id,
        size,
        signer: 'ready',
        chain: { key: author.key.publicKey },
        hold: (hold: { code: string } | null) => holds.push(hold?.code ?? null),
        watchSigner: (given: typeof watch) => {
          watch = given
        },
        heldHash: async (seq: number) => author.entries[seq]?.hash ?? null
      }
    },
    machine: {
      compare: async () => identity,
      countStart: async () => undefined,
      offlineStarts: 1,
      note: async () => {
        state.noted++
      },
      idle: async () => {}
    },
    issued: { has: (hash: string) => state.issued.has(hash), idle: async () => {} },
    events: { publish: ({ state: signer }: { state: string }) => told.push(signer) },
    clock,
    steady: () => clock.now() - state.slept,
    log,
    random: { next: () => 0.5, bytes: (length: number) => new Uint8Array(length) },
    isNamed: () => false,
    offline
  } as unknown as SignerDriverInit)
  const proofs: string[] = []
  const network = {
    host: { peerId: SELF },
    bootstrap: alone ? [`/ip4/203.0.113.7/tcp/1/p2p/${SELF}`] : [`/ip4/203.0.113.7/tcp/1/p2p/${PEER}`],
    stopping: new AbortController().signal,
    directory: { list: () => [], get: () => null, provenLedger: () => null },
    rights: { mayHear: () => mayHear },
    requests: {
      askHeadBlind: async (peer: string) => {
        asked.push(peer)
        if (state.silent) throw new Error('it hung up')
        if (state.shown === null) return null
        const { header, signature } = author.entries[state.shown - 1]!.raw
        return { ledger: author.id, header, signature, checkpoint: null, evidence: null, earliest: 0 }
      }
    },
    connections: { connectTo: async () => undefined, isConnected: () => true },
    finder: { findLedger: async () => [] },
    record: {
      renewed: async () => undefined,
      byPeerKey: async () => ({ body: Buffer.of(1), signature: Buffer.of(2) })
    },
    disclosure: { review: () => undefined },
    sessions: { of: (peer: string) => ({ tellRecord: () => proofs.push(peer) }) },
    use: () => undefined,
    onRecordChecked: (listener: typeof sawRecord) => {
      sawRecord = listener
    }
  }
  await driver.attach(network as never)
  driver.useHeads(async () => {
    state.looked++
  })
  const turn = async (): Promise<void> => {
    for (let n = 0; n < 5; n++) await new Promise(setImmediate)
  }
  const pass = async (ms: number): Promise<void> => {
    clock.pass(ms)
    await turn()
  }
  const record = (some: Partial<CheckedRecord['record']>, hash = HASH): void => {
    const { time } = clock
    sawRecord(
      {
        hash,
        record: { key: 'other', peer_id: PEER, issued: time, expires: time + 1_000_000, ...some }
      } as CheckedRecord,
      PEER
    )
  }
  return {
    driver,
    clock,
    log,
    holds,
    told,
    asked,
    state,
    proofs,
    folder,
    turn,
    pass,
    record,
    watch: () => watch,
    held: () => holds.at(-1)
  }
}

test('a ledger that was just made is signed at once; one that was there before is held from the first moment (R3)', async () => {
  expect((await setup({ made: true })).holds).toEqual([null])
  const { driver, held } = await setup()
  expect([held(), driver.state.phase, driver.next]).toEqual(['CONFIRMING', 'starting', null])
})

test('nobody is there who could know of more: it is signed; with no network and witnesses, not', async () => {
  const alone = await setup({ alone: true })
  alone.driver.onReady()
  expect(alone.held()).toBe(null)
  const closed = await setup()
  closed.driver.closed()
  expect(closed.held(), 'nobody was noted').toBe(null)
})

test('a peer is asked without naming size or hash, and what it shows confirms; then the machine is noted', async () => {
  const { driver, held, asked, state, turn, pass, told } = await setup()
  driver.onReady()
  expect([held(), driver.next]).toEqual(['CONFIRMING', expect.any(Number)])
  state.shown = 4
  driver.onPeer(PEER)
  await turn()
  expect(asked).toEqual([PEER])
  await pass(30_000)
  expect([held(), driver.state.phase, state.noted, told.length]).toEqual([null, 'ready', 1, 3])
  await driver.stop()
})

test('who may not hear of a private ledger is not asked about it', async () => {
  const { driver, asked, turn, log } = await setup({ mayHear: false })
  driver.onReady()
  driver.onPeer(PEER)
  await turn()
  expect([asked, log.lines.map(({ fields }) => fields.event)]).toEqual([
    [],
    expect.arrayContaining(['signer.ask-failed'])
  ])
  await driver.stop()
})

test('a peer that is silent confirms nothing: on another machine it is waited as long as if nobody were there', async () => {
  const { driver, state, asked, turn, pass } = await setup({ identity: 'changed' })
  state.silent = true
  driver.onReady()
  driver.onPeer(PEER)
  await turn()
  await pass(CHANGED_MS - 1)
  expect([asked, driver.state.phase]).toEqual([[PEER], 'confirming'])
  await pass(1)
  expect(driver.state).toEqual({ phase: 'ready', by: 'peers' })
  await driver.stop()
})

test('a head that is not ours is looked at by whoever makes evidence of it; one that is held is not', async () => {
  const { driver, state, turn } = await setup()
  state.shown = 4
  driver.onReady()
  driver.onPeer(PEER)
  await turn()
  expect(state.looked).toBe(0)
  const ahead = await setup({ size: 2 })
  ahead.state.shown = 4
  ahead.driver.onReady()
  ahead.driver.onPeer(PEER)
  await ahead.turn()
  expect(ahead.state.looked).toBe(1)
  await driver.stop()
  await ahead.driver.stop()
})

test('a record by our key that this home did not issue is a twin: nothing is signed, and it is called (R4)', async () => {
  const { driver, held, record, turn, log, pass, folder } = await setup({ made: true })
  driver.onReady()
  await pass(1)
  record({ key: author.key.publicKey })
  await turn()
  expect([held(), driver.state.phase]).toEqual(['TWIN', 'twin'])
  expect(log.lines.some(({ level, fields }) => level === 'error' && fields.code === 'TWIN')).toBe(true)
  await driver.stop()
  expect(JSON.parse(await readFile(join(folder, 'witnesses.json'), 'utf8'))).toMatchObject({ twin: { peer: PEER } })
})

test('a record that this home issued, or by another key, is none; one that names our peer id gets a proof, now and then', async () => {
  const { driver, state, record, proofs, turn, clock, held } = await setup({ made: true })
  driver.onReady()
  state.issued.add(HASH)
  record({ key: author.key.publicKey })
  record({}, 'cd'.repeat(32))
  await turn()
  expect([held(), proofs]).toEqual([null, []])
  for (let n = 0; n < 5; n++) record({ peer_id: SELF }, `${n}${n}`.repeat(32))
  await turn()
  expect([held(), proofs]).toEqual([null, [PEER]])
  clock.time += 5_000
  record({ peer_id: SELF }, 'ef'.repeat(32))
  await turn()
  expect(proofs).toHaveLength(2)
  await driver.stop()
})

test('the operator’s word ends it, and is said', async () => {
  const { driver, held, record, log, pass, turn } = await setup({ made: true })
  driver.onReady()
  await pass(1)
  record({ key: author.key.publicKey })
  await turn()
  expect(held()).toBe('TWIN')
  await driver.override()
  expect([held(), driver.since]).toEqual([null, expect.any(Number)])
  expect(log.lines.map(({ fields }) => fields.event)).toContain('signer.assumed-complete')
  await driver.stop()
})

test('a start without asking is the operator’s word, and is said', async () => {
  const { driver, held, log } = await setup({ offline: true })
  driver.onReady()
  expect([held(), driver.offlineStarts]).toEqual([null, 1])
  expect(log.lines.map(({ fields }) => fields.event)).toContain('signer.offline-start')
  await driver.stop()
})

test('a clock that jumped means that this process was asleep: others are asked anew', async () => {
  const { driver, state, watch, held, turn, asked } = await setup({ made: true })
  driver.onReady()
  driver.onPeer(PEER)
  await turn()
  state.slept = JUMP_MS
  watch().look()
  expect([held(), asked.length]).toEqual([null, 1])
  state.slept = 3 * JUMP_MS
  watch().look()
  await turn()
  expect([held(), asked.length]).toEqual(['CONFIRMING', 2])
  await driver.stop()
})

test('after the end nothing is decided', async () => {
  const { driver, record, holds, turn } = await setup({ made: true })
  driver.onReady()
  await driver.stop()
  const { length } = holds
  record({ key: author.key.publicKey })
  driver.onPeer(PEER)
  await turn()
  expect(holds).toHaveLength(length)
})
