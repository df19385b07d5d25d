/**
 * Strangers abuse the DHT of a real daemon, in every form. At full length, with more of them: scripts/soak/abuse.ts.
 */
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { AbusedDaemon } from '../../scripts/soak/abused-daemon.js'
import { AttackerProcess } from '../../scripts/soak/attacker-process.js'
import { DHT_ATTACKS } from '../../scripts/soak/attacks/index.js'
import { HonestPeer } from '../../scripts/soak/honest-peer.js'
import { trial, type Players } from '../../scripts/soak/trial.js'
import { NETWORK } from '../core/author.js'
import { stopAll } from '../network/fixture.js'

vi.setConfig({ testTimeout: 120_000, hookTimeout: 60_000 })

const SECONDS = 2
/** At most: it goes on as soon as the memory is given back. */
const SETTLE_MS = 60_000
/**
 * Knocks at a door that strangers chose, in these seconds; bytes of an answer about a key that many ids of one host
 * provide.
 */
const MAX_KNOCKS = 12
const MAX_ANSWER_BYTES = 8 * 1024

let players: Players

beforeAll(async () => {
  const [daemon, attacker] = await Promise.all([AbusedDaemon.start(NETWORK), AttackerProcess.start()])
  await daemon.client.call('ledger.append', { stream: 's', type: 't', payload: 'asked for' })
  players = { daemon, attacker, honest: await HonestPeer.start(daemon) }
})

afterAll(async () => {
  await stopAll()
  await players.attacker.stop()
  await players.daemon.stop()
})

test.each(Object.keys(DHT_ATTACKS))('%s', async (name) => {
  const outcome = await trial(
    players,
    name,
    { connections: 0, streams: 0, records: 0, forged: 0, crowd: 1, seconds: SECONDS },
    SETTLE_MS
  )
  expect(outcome).toMatchObject({ broken: [] })
  expect(Number(/; (\d+) knocks/.exec(outcome.done)?.[1] ?? 0)).toBeLessThanOrEqual(MAX_KNOCKS)
  expect(Number(/has (\d+) bytes/.exec(outcome.done)?.[1] ?? 0)).toBeLessThanOrEqual(MAX_ANSWER_BYTES)
})
