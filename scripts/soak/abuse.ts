/**
 * Abuses a real daemon, one way after the other, while an honest peer goes on asking and publishing:
 * `node dist/scripts/soak/abuse.js [--connections 2000 --streams 5000 --records 1000000 --forged 100000 --crowd 4
 * --seconds 60 --settle 60 --only <part of a name>]`.
 * Each attack meets a daemon of its own. Prints a table (docs/ABUSE.md shows one). Ends with 1 when a bound is broken.
 */
import { parseArgs } from 'node:util'
import { NETWORK } from '../../test/core/author.js'
import { random, stopAll } from '../../test/network/fixture.js'
import { AbusedDaemon } from './abused-daemon.js'
import { AttackerProcess } from './attacker-process.js'
import { ATTACKS } from './attacks/index.js'
import { HonestPeer } from './honest-peer.js'
import { trial, type Outcome } from './trial.js'

/** Random bytes in each of the entries that slow readers ask for. */
const PAYLOAD_BYTES = 256 * 1024
const ENTRIES = 24

const { values } = parseArgs({
  options: {
    connections: { type: 'string', default: '2000' },
    streams: { type: 'string', default: '5000' },
    records: { type: 'string', default: '1000000' },
    forged: { type: 'string', default: '100000' },
    crowd: { type: 'string', default: '4' },
    seconds: { type: 'string', default: '60' },
    settle: { type: 'string', default: '60' },
    only: { type: 'string', default: '' }
  }
})

process.exit(await main())

async function main(): Promise<number> {
  const amounts = {
    connections: Number(values.connections),
    streams: Number(values.streams),
    records: Number(values.records),
    forged: Number(values.forged),
    crowd: Number(values.crowd),
    seconds: Number(values.seconds)
  }
  console.log(
    '| attack | what was done | honest peer at worst | RSS before, peak, after | own memory before, after | event loop late (p99) | log |\n|---|---|---|---|---|---|---|'
  )
  let broken = 0
  for (const name of Object.keys(ATTACKS).filter((one) => one.includes(values.only))) {
    const daemon = await AbusedDaemon.start(NETWORK)
    for (let i = 0; i < ENTRIES; i++)
      await daemon.client.call('ledger.append', {
        stream: 's',
        type: 't',
        payload: Buffer.from(random.bytes(PAYLOAD_BYTES)).toString('hex')
      })
    const attacker = await AttackerProcess.start()
    const outcome = await trial(
      { daemon, honest: await HonestPeer.start(daemon), attacker },
      name,
      amounts,
      Number(values.settle) * 1000
    )
    await attacker.stop()
    await stopAll()
    await daemon.stop()
    console.log(row(outcome))
    if (outcome.broken.length === 0) continue
    broken++
    console.error(`BROKEN by ${name}: ${outcome.broken.join('; ')}`)
  }
  return broken === 0 ? 0 : 1
}

function row({
  name,
  done,
  servedMs,
  rssBefore,
  rssPeak,
  rssAfter,
  anonBefore,
  anonAfter,
  delayMs,
  logged
}: Outcome): string {
  return `| ${name} | ${done} | ${servedMs} ms | ${rssBefore}, ${rssPeak}, ${rssAfter} MiB | ${anonBefore}, ${anonAfter} MiB | ${delayMs} ms | ${logged} KiB |`
}
