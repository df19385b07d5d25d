/**
 * Abuses a real daemon, one way after the other, while an honest peer goes on asking and publishing:
 * `node dist/scripts/soak/abuse.js [--connections 2000 --streams 5000 --records 1000000 --forged 100000 --seconds 60 --only <attack>]`.
 * Prints what the honest peer waited at worst and what the daemon needed. Ends with 1 when a bound is broken.
 */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { fetchRange, pull } from '../../protocols/pull/index.js'
import { Author, NETWORK } from '../../test/core/author.js'
import { TestPeer } from '../../test/helpers/test-peer.js'
import { random, stopAll, within } from '../../test/network/fixture.js'
import { AbusedDaemon } from './abused-daemon.js'
import { attack, ATTACKS, type Target } from './attacks.js'

/** ms for an answer to the honest peer; MiB of the daemon; ms that its event loop is late. */
const MAX_SERVED_MS = 10_000
const MAX_RSS_MIB = 1024
const MAX_DELAY_MS = 5_000
/** Random bytes in each of the entries that slow readers ask for. */
const PAYLOAD_BYTES = 256 * 1024
const ENTRIES = 24
const PAUSE_MS = 50

const { values } = parseArgs({ options: {
  connections: { type: 'string', default: '2000' }, streams: { type: 'string', default: '5000' }, records: { type: 'string', default: '1000000' },
  forged: { type: 'string', default: '100000' }, seconds: { type: 'string', default: '60' }, only: { type: 'string' }, attack: { type: 'string' }, target: { type: 'string' }
} })

if (values.attack !== undefined) {
  console.log(await attack(values.attack, JSON.parse(values.target!) as Target))
  process.exit(0)
}
process.exit(await main())

async function main (): Promise<number> {
  const daemon = await AbusedDaemon.start(NETWORK)
  for (let i = 0; i < ENTRIES; i++) await daemon.client.call('ledger.append', { stream: 's', type: 't', payload: Buffer.from(random.bytes(PAYLOAD_BYTES)).toString('hex') })
  const author = await Author.create()
  const honest = await TestPeer.start({ authors: [author] })
  await honest.connect(daemon.addr)
  await daemon.client.call('sync.follow', { ledger: author.ledger })
  let broken = 0
  for (const name of Object.keys(ATTACKS).filter((one) => values.only === undefined || one === values.only)) {
    const target: Target = {
      addr: daemon.addr, peerId: daemon.addr.split('/').at(-1)!, ledger: daemon.ledger, connections: Number(values.connections), streams: Number(values.streams),
      records: Number(values.records), forged: Number(values.forged), seconds: Number(values.seconds)
    }
    let worst = 0
    let done = ''
    const seen = await daemon.watch(async () => {
      const child = fork(fileURLToPath(import.meta.url), ['--attack', name, '--target', JSON.stringify(target)], { stdio: ['ignore', 'pipe', 'inherit', 'ipc'] })
      child.stdout!.setEncoding('utf8').on('data', (chunk: string) => { done += chunk })
      const gone = once(child, 'exit')
      while (child.exitCode === null && child.signalCode === null) worst = Math.max(worst, await served(daemon, honest, author))
      await gone
    })
    const ok = worst <= MAX_SERVED_MS && seen.rssPeak <= MAX_RSS_MIB && seen.delayMs <= MAX_DELAY_MS && done !== ''
    if (!ok) broken++
    console.log(`${ok ? 'ok    ' : 'BROKEN'} ${name}: ${done.trim() || 'the attacker failed'}; honest peer at worst ${Math.round(worst)} ms; RSS ${seen.rssBefore} -> ${seen.rssPeak} -> ${seen.rssAfter} MiB; event loop p99 ${seen.delayMs} ms late; ${seen.logged} KiB of log`)
  }
  await stopAll()
  await daemon.stop()
  return broken === 0 ? 0 : 1
}

/** A question, a pull, and a new entry that the daemon takes over: ms until all is done. */
async function served (daemon: AbusedDaemon, honest: TestPeer, author: Author): Promise<number> {
  const start = performance.now()
  const marks: number[] = []
  const signal = within(2 * MAX_SERVED_MS)
  const peerId = daemon.addr.split('/').at(-1)!
  try {
    await honest.sessions.get(peerId)!.askHeads([{ ledger: daemon.ledger, size: 0 }], { signal })
    marks.push(performance.now())
    const stream = await honest.host.open(peerId, pull, signal)
    await fetchRange(stream, { ledger: daemon.ledger, from: 0, count: 1, want: 'full' }, { signal })
    marks.push(performance.now())
    await author.append()
    honest.sessions.get(peerId)!.tellHeads([honest.head(author.ledger)])
    for (let size = 0; size < author.size;) {
      signal.throwIfAborted()
      size = (await daemon.client.call('sync.status', { ledger: author.ledger })).ledgers[0]!.size
      await new Promise((resolve) => { setTimeout(resolve, 10) })
    }
  } catch (error) {
    console.error(`the honest peer was not served after ${Math.round(performance.now() - start)} ms, marks ${marks.length}: ${(error as Error).stack}`)
    return Math.max(2 * MAX_SERVED_MS, performance.now() - start)
  }
  const took = performance.now() - start
  if (took > 1000) console.error(`slow: asked ${Math.round(marks[0]! - start)} pulled ${Math.round(marks[1]! - start)} followed ${Math.round(took)}`)
  await new Promise((resolve) => { setTimeout(resolve, PAUSE_MS) })
  return took
}
