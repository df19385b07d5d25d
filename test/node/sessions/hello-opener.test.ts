import { expect, test } from 'vitest'
import { WireError } from '../../../protocols/wire.js'
import { NetworkError } from '../../../src/network/network-error.js'
import { HelloOpener, type HelloOpenerInit } from '../../../src/node/sessions/hello-opener.js'
import { TestClock, TestLog, testRandom } from '../../ledger/support.js'

const PEER = '12D3KooWPeer'

function setup(fails: () => Error) {
  const clock = new TestClock()
  const log = new TestLog()
  const stop = new AbortController()
  const done: string[] = []
  const state = { greeted: false }
  const opener = new HelloOpener({
    host: {
      open: async (peer: string) => {
        done.push(`open ${peer}`)
        throw fails()
      },
      openOn: async (peer: string, connection: string) => {
        done.push(`open ${peer} on ${connection}`)
        throw fails()
      },
      drop: (peer: string) => {
        done.push(`drop ${peer}`)
      }
    },
    source: () => ({}),
    isGreeted: () => state.greeted,
    clock,
    random: testRandom(),
    log,
    stopping: stop.signal
  } as unknown as HelloOpenerInit)
  const failures = (): number => log.lines.filter(({ fields }) => fields['event'] === 'hello.failed').length
  return { opener, clock, stop, done, state, failures, log }
}

test('a peer that does not answer is asked again, later and later', async () => {
  const { opener, clock, done, failures } = setup(() => new WireError('TIMEOUT', 'no answer'))
  opener.add(PEER)
  const waits: number[] = []
  for (let times = 1; times <= 4; times++) {
    await expect.poll(failures).toBe(times)
    let waited = 0
    while (done.length === times) {
      clock.pass(250)
      waited += 250
    }
    waits.push(waited)
  }
  expect(waits.at(-1)).toBeGreaterThan(waits[0]! * 2)
  expect(done).toEqual(Array(5).fill(`open ${PEER}`))
})

test('who refuses, or does not know the protocol, is of another network: dropped, and not asked again', async () => {
  for (const error of [new WireError('DENIED', 'no'), new NetworkError('UNSUPPORTED', 'no hello')]) {
    const { opener, clock, done } = setup(() => error)
    opener.add(PEER)
    await expect.poll(() => done).toEqual([`open ${PEER}`, `drop ${PEER}`])
    clock.pass(600_000)
    expect(done).toHaveLength(2)
  }
})

test('nobody is asked who has introduced himself, is gone, or at the stop', async () => {
  const { opener, clock, stop, done, state, failures } = setup(() => new WireError('CLOSED', 'gone'))
  opener.add(PEER)
  await expect.poll(failures).toBe(1)
  state.greeted = true
  clock.pass(60_000)
  state.greeted = false
  opener.again(PEER)
  opener.remove(PEER)
  clock.pass(60_000)
  stop.abort()
  opener.add(PEER)
  expect(done).toEqual([`open ${PEER}`])
})

test('hello on one more connection that fails changes nothing', async () => {
  const { opener, done, log } = setup(() => new WireError('CLOSED', 'gone'))
  opener.also(PEER, 'second')
  await expect.poll(() => log.lines).toMatchObject([{ level: 'debug', fields: { event: 'hello.extra-failed' } }])
  expect(done).toEqual([`open ${PEER} on second`])
})
