import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { LedgerClient } from '../../../src/rpc/client.js'
import { answer, end } from '../../bench/answer.js'
import { calls } from './calls.js'
import type { NodeReady, Sample } from './node.js'
import type { PeerReady } from './peer.js'
import { MIN_POINTS, slopeOf, type Slope } from './slope.js'

export interface SoakResult {
  passed: boolean
  /** MiB per minute. */
  heap: Slope
  /** ms; the median over the samples. */
  loopP99Ms: number
  requests: number
  kills: number
  first: Sample
  last: Sample
}

const MIB = 1024 * 1024
const MS_PER_MINUTE = 60_000
const PEERS = 2
/** Part of the time before the slope counts: caches fill and code is compiled. */
const WARM_UP = 0.25
const MAX_SLOPE = 1
/** Milliseconds between two samples, at most; shorter where too few would be taken. */
const SAMPLE_MS = 5_000
const SAY_MS = 30_000
const KILL_MS = 30_000
/** Milliseconds between two calls. */
const PAUSE_MS = 20

export interface SoakOptions {
  folder: string
  minutes: number
  /** It goes on until so many were answered, and so many peers killed, however slow the machine is. Default 0. */
  leastRequests?: number
  leastKills?: number
  killMs?: number
  say: (line: string) => void
}

export async function soak({
  folder,
  minutes,
  leastRequests = 0,
  leastKills = 0,
  killMs = KILL_MS,
  say
}: SoakOptions): Promise<SoakResult> {
  const started = performance.now()
  const elapsed = (): number => performance.now() - started
  const total = minutes * MS_PER_MINUTE
  let [requests, kills] = [0, 0]
  const processes = new Set<ChildProcess>()
  const start = (name: string, args: string[], execArgv: string[] = []): ChildProcess => {
    const child = fork(fileURLToPath(new URL(`./${name}.js`, import.meta.url)), args, { execArgv })
    processes.add(child)
    child.once('exit', () => {
      processes.delete(child)
    })
    return child
  }
  try {
    const node = start('node', [join(folder, 'node')], ['--expose-gc'])
    const { ledger, addr, socket } = await answer<NodeReady>(node)
    const peer = async (i: number): Promise<{ child: ChildProcess; ledger: string }> => {
      const child = start('peer', [join(folder, `peer-${i}`), addr, ledger])
      return { child, ...(await answer<PeerReady>(child)) }
    }
    const peers = await Promise.all(Array.from({ length: PEERS }, (_, i) => peer(i)))
    const client = await LedgerClient.connect(socket)
    for (const one of peers) await client.call('sync.follow', { ledger: one.ledger })

    const samples: { atMs: number; sample: Sample }[] = []
    const counted = (): typeof samples => samples.filter(({ atMs }) => atMs > total * WARM_UP)
    // on a busy machine samples come late: it goes on until there are enough to say anything
    const isOver = (): boolean =>
      elapsed() >= total && counted().length >= MIN_POINTS && requests >= leastRequests && kills >= leastKills
    const kinds = calls(
      socket,
      peers.map((one) => one.ledger)
    )
    const load = async (): Promise<void> => {
      for (; !isOver(); requests++) {
        await kinds[requests % kinds.length]!(client, Math.floor(requests / kinds.length))
        await wait(PAUSE_MS)
      }
    }
    const churn = async (): Promise<void> => {
      while (elapsed() + killMs < total || kills < leastKills) {
        await wait(killMs)
        const gone = once(peers[0]!.child, 'exit')
        peers[0]!.child.kill('SIGKILL')
        await gone
        peers[0] = await peer(0)
        kills++
      }
    }
    const every = Math.min(SAMPLE_MS, (total * (1 - WARM_UP)) / (3 * MIN_POINTS))
    const watch = async (): Promise<void> => {
      let said = 0
      while (!isOver()) {
        await wait(every)
        node.send('sample')
        const sample = await answer<Sample>(node)
        samples.push({ atMs: elapsed(), sample })
        if (elapsed() - said < SAY_MS) continue
        said = elapsed()
        say(`${(elapsed() / MS_PER_MINUTE).toFixed(1).padStart(5)} min  ${requests} requests, ${line(sample)}`)
      }
    }
    await Promise.all([load(), churn(), watch()])
    await client.close()

    const points = counted()
    const heap = slopeOf(points.map(({ atMs, sample }) => ({ x: atMs / MS_PER_MINUTE, y: sample.heapBytes / MIB })))
    const p99s = points.map(({ sample }) => sample.loopP99Ms).toSorted((a, b) => a - b)
    const loopP99Ms = p99s[Math.floor(p99s.length / 2)]!
    const passed = heap.low <= 0 || heap.high < MAX_SLOPE
    const [first, last] = [points[0]!.sample, points.at(-1)!.sample]
    say(
      `${passed ? 'passed' : 'FAILED'}: ${minutes} min, ${requests} requests, ${points.length} samples after the warm-up`
    )
    say(
      `heap: ${heap.slope.toFixed(3)} MiB/min, 95 % interval ${heap.low.toFixed(3)} to ${heap.high.toFixed(3)} (limit: includes 0, or under ${MAX_SLOPE})`
    )
    say(`event loop: p99 late by ${loopP99Ms.toFixed(1)} ms (median of the samples)`)
    say(`first: ${line(first)}`)
    say(`last:  ${line(last)}`)
    return { passed, heap, loopP99Ms, requests, kills, first, last }
  } finally {
    await Promise.all([...processes].map(end))
  }
}

function line({ heapBytes, rssBytes, loopP99Ms, loopMaxMs, handles }: Sample): string {
  const open = Object.entries(handles)
    .map(([name, count]) => `${name} ${count}`)
    .join(', ')
  return `heap ${(heapBytes / MIB).toFixed(1)} MiB, RSS ${(rssBytes / MIB).toFixed(0)} MiB, loop p99 ${loopP99Ms.toFixed(1)} max ${loopMaxMs.toFixed(0)} ms, open: ${open}`
}
