/** HTTP beside the socket, the feed beside the appends, and what appends and sync lose while HTTP is called without a pause. */
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createLedger } from '../../src/node/create-ledger.js'
import { nodeOf } from '../../src/node/daemon-node.js'
import { AccessTokens } from '../../src/node/home/access-tokens.js'
import { interoperabilityPlugin } from '../../src/node/plugins/interoperability-plugin.js'
import { syncPlugin } from '../../src/node/plugins/sync-plugin.js'
import { silentLog, systemClock, systemRandom } from '../../src/node/runtime/system.js'
import { startHttpServer } from '../../src/http/server.js'
import { startRpcServer } from '../../src/rpc/server.js'
import type { CallerTask } from './http-caller.js'
import { medianAnd95, summary, timed } from './measure.js'
import type { Row } from './row.js'

const CALLER = fileURLToPath(new URL('./http-caller.js', import.meta.url))
/** Programs that call at once. */
const CALLERS = 8
/** Calls whose time is measured, one after the other. */
const CALLS = 400
const BATCH = 500
/** Of the load, before anything is measured beside it. */
const WARM_MS = 1_000
/** Of figure beside the same without HTTP: HANDS asks for a loss of at most 5 %. */
const KEPT = { atLeast: 0.95 }

type Open = Awaited<ReturnType<typeof openNode>>

export async function measureHttp({
  folder,
  entries,
  rounds,
  say
}: {
  folder: string
  entries: number
  rounds: number
  say: (what: string) => void
}): Promise<Row[]> {
  say('HTTP beside the socket')
  const node = await openNode(join(folder, 'http'))
  try {
    await append(node, BATCH)
    const times: number[][] = []
    const rates: number[] = []
    for (const at of [node.http, node.socket]) {
      times.push(JSON.parse(await outputOf({ ...at, what: 'times', calls: CALLS })) as number[])
      rates.push(Number(await outputOf({ ...at, what: 'rate', calls: CALLS / 2 })))
    }
    const rows: Row[] = [
      {
        what: 'a call over HTTP (10 entries), p50',
        figure: medianAnd95(times[0]!),
        unit: 'ms',
        limit: { what: 'the same over the socket', value: medianAnd95(times[1]!).median }
      },
      {
        what: `calls over HTTP, ${CALLERS} callers`,
        figure: summary([rates[0]!]),
        unit: 'ops/s',
        limit: { what: 'the same over the socket', value: rates[1]! }
      }
    ]
    const alone = { append: [] as number[], sync: [] as number[] }
    const loaded = { append: [] as number[], sync: [] as number[], feed: [] as number[], calls: [] as number[] }
    for (let round = 0; round < rounds; round++) {
      say(`appends and sync, without HTTP and with it, round ${round + 1} of ${rounds}`)
      alone.append.push(await append(node, entries))
      alone.sync.push(await catchUp(node, join(folder, `sync-${round}`)))
      const { position } = await node.ledger.feed.snapshot({ limit: 1 })
      const load = start({ ...node.http, what: 'load', calls: 0 })
      const consumer = start({ ...node.http, what: 'feed', calls: 0, after: position })
      await new Promise((resolve) => setTimeout(resolve, WARM_MS))
      const from = performance.now()
      loaded.append.push(await append(node, entries))
      await consumer.said((told) => told >= entries)
      loaded.feed.push((entries / (performance.now() - from)) * 1000)
      loaded.sync.push(await catchUp(node, join(folder, `loaded-${round}`)))
      await consumer.end()
      loaded.calls.push(Number(await load.end()) / ((performance.now() - from) / 1000))
    }
    rows.push(
      {
        what: 'entries told to a consumer of the feed (server-sent events), while they are appended',
        figure: summary(loaded.feed),
        unit: 'entries/s',
        limit: { what: 'the appends', value: summary(loaded.append).median }
      },
      {
        what: `durable append, batches of ${BATCH}, with a consumer and full HTTP load`,
        figure: summary(loaded.append),
        unit: 'entries/s',
        limit: { what: 'without both', value: summary(alone.append).median },
        goal: KEPT
      },
      {
        what: 'catch-up of another node, with a consumer and full HTTP load',
        figure: summary(loaded.sync),
        unit: 'entries/s',
        limit: { what: 'without both', value: summary(alone.sync).median },
        goal: KEPT
      },
      { what: `  calls answered meanwhile, ${CALLERS} callers`, figure: summary(loaded.calls), unit: 'ops/s' }
    )
    return rows
  } finally {
    await node.close()
  }
}

async function openNode(dataDir: string): Promise<{
  ledger: Awaited<ReturnType<typeof makeLedger>>
  http: Pick<CallerTask, 'at' | 'token'>
  socket: Pick<CallerTask, 'at'>
  close: () => Promise<void>
}> {
  const ledger = await makeLedger(dataDir)
  const tokens = new AccessTokens({
    path: join(dataDir, 'http-tokens.json'),
    clock: systemClock,
    random: systemRandom,
    log: silentLog
  })
  const node = nodeOf(ledger, Date.now(), { tokens })
  const { token } = await tokens.create({ name: 'bench', scopes: ['read', 'private'] })
  const server = await startHttpServer({
    settings: { listen: '127.0.0.1:0' },
    node,
    tokens,
    log: silentLog,
    now: Date.now
  })
  const path = join(dataDir, 'rpc', 'node.sock')
  const rpc = await startRpcServer({ socket: path, node, log: silentLog, onStop: () => undefined })
  return {
    ledger,
    http: { at: server.url!, token },
    socket: { at: path },
    close: async () => {
      await server.close()
      await rpc.close()
      await ledger.close()
    }
  }
}

function makeLedger(dataDir: string) {
  return createLedger({
    dataDir,
    listen: ['/ip4/127.0.0.1/tcp/0'],
    dht: false,
    log: silentLog,
    plugins: [interoperabilityPlugin({}), syncPlugin({})]
  })
}

/** Entries per second. */
async function append({ ledger }: Open, entries: number): Promise<number> {
  const inputs = Array.from({ length: BATCH }, (_, at) => ({
    stream: 's',
    type: 't',
    payload: { at, text: 'x'.repeat(600) }
  }))
  const ms = await timed(async () => {
    for (let done = 0; done < entries; done += BATCH) await ledger.appendBatch(inputs.slice(0, entries - done))
  })
  return (entries / ms) * 1000
}

/** Entries per second, of all that there are. */
async function catchUp({ ledger }: Open, dataDir: string): Promise<number> {
  const other = await makeLedger(dataDir)
  try {
    const { size } = ledger.parts.ledgers.own
    const ms = await timed(async () => {
      await other.plugins.interoperability.connect(ledger.plugins.interoperability.addresses()[0]!)
      await other.plugins.sync.follow(ledger.id)
      while ((other.parts.ledgers.get(ledger.id)?.size ?? 0) < size)
        await new Promise((resolve) => setTimeout(resolve, 5))
    })
    return (size / ms) * 1000
  } finally {
    await other.close()
  }
}

interface Running {
  /** Waits for a number on its output. */
  said: (enough: (number: number) => boolean) => Promise<void>
  /** Its whole output, when it has ended. */
  end: () => Promise<string>
}

function start(task: Omit<CallerTask, 'callers'>): Running {
  const child = spawn(process.execPath, [CALLER, JSON.stringify({ callers: CALLERS, ...task })], {
    stdio: ['pipe', 'pipe', 'inherit']
  })
  let text = ''
  child.stdout.on('data', (chunk: Buffer) => {
    text += chunk.toString()
  })
  const closed = new Promise((resolve) => child.once('close', resolve))
  return {
    said: async (enough) => {
      while (!enough(Number(text.trimEnd().split('\n').at(-1)))) await new Promise((resolve) => setTimeout(resolve, 5))
    },
    end: async () => {
      child.stdin.end()
      await closed
      return text
    }
  }
}

async function outputOf(task: Omit<CallerTask, 'callers'>): Promise<string> {
  return await start(task).end()
}
