/**
 * Strangers flood a real daemon below its protocols: frames, streams, negotiations. At full length, with more of them:
 * scripts/soak/abuse.ts.
 */
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { AbusedDaemon } from '../../scripts/soak/abused-daemon.js'
import { AttackerProcess } from '../../scripts/soak/attacker-process.js'
import { LINE_ATTACKS } from '../../scripts/soak/attacks/index.js'
import { HonestPeer } from '../../scripts/soak/honest-peer.js'
import { trial, type Players } from '../../scripts/soak/trial.js'
import { NETWORK } from '../core/author.js'
import { stopAll } from '../network/fixture.js'

vi.setConfig({ testTimeout: 120_000, hookTimeout: 60_000 })

const SECONDS = 2
/** At most: it goes on as soon as the memory is given back. */
const SETTLE_MS = 60_000
/**
 * Those that are over with a packet or two; of the others, a busy machine takes fewer in this time than are too many
 * (test/network/line.test.ts).
 */
const DROPPED = ['pings', 'deaf', '4 GiB']

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

test.each(Object.keys(LINE_ATTACKS))('%s', async (name) => {
  const outcome = await trial(
    players,
    name,
    { connections: 0, streams: 0, records: 0, forged: 0, crowd: 1, seconds: SECONDS },
    SETTLE_MS
  )
  const stayed = DROPPED.some((one) => name.endsWith(one)) && Number(/(\d+) dropped/.exec(outcome.done)?.[1] ?? 0) === 0
  expect({ ...outcome, stayed }).toMatchObject({ broken: [], stayed: false })
})
