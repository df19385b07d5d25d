/**
 * What push costs beside a plain catch-up, how soon an offer is decided and an entry confirmed, and what questions about
 * the state of sync and for absent entries take. All nodes are in this process: they share its cores, on both sides of
 * each comparison.
 */
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { offer, push } from '../../protocols/push/index.js'
import type { AppendInput } from '../../src/node/api/ledger.js'
import { createLedger, type MeshLedger } from '../../src/node/create-ledger.js'
import { interoperabilityPlugin } from '../../src/node/plugins/interoperability-plugin.js'
import { syncPlugin, type SyncPluginOptions } from '../../src/node/plugins/sync-plugin.js'
import { ExceptionBook } from '../../src/node/sync-state/exception-book.js'
import { StateApi } from '../../src/node/sync-state/state-api.js'
import { outboundFlow } from '../../src/node/sync-state/state-flow.js'
import { systemClock } from '../../src/node/runtime/system.js'
import { MAX_EXCEPTIONS } from '../../src/sync/exceptions/limits.js'
import { STATE_STATUSES } from '../../src/sync/exceptions/state.js'
import { medianAnd95, summary, timed } from './measure.js'
import type { Row } from './row.js'

/** Entries that are pushed, and with --large. */
const ENTRIES = 6_000
const ENTRIES_LARGE = 100_000
const BATCH = 1_000
/** Offers, and questions, that are timed. */
const ASKED = 40
/** Milliseconds between two appends: a session with a remote begins 100 ms after the one before it. */
const APPEND_EVERY_MS = 150
const POLL_MS = 2
const TIMEOUT_MS = 60_000
const BUDGET_MS = 100

export interface PushBench {
  folder: string
  rounds: number
  latencies: number
  /** More than none: a longer ledger, too. */
  sizes: number[]
  /** One echo of 64 bytes, in ms: measured in the pauses between offers. */
  echo: () => Promise<number>
  /** Milliseconds of an echo of 64 bytes, and of an fsync. */
  echoMs: number
  syncMs: number
  say: (what: string) => void
}

const plugins = (options: SyncPluginOptions) => [interoperabilityPlugin(), syncPlugin(options)] as const
type BenchNode = MeshLedger<ReturnType<typeof plugins>>

async function start(folder: string, name: string, options: SyncPluginOptions = {}): Promise<BenchNode> {
  return await createLedger({ dataDir: join(folder, name), name, dht: false, plugins: plugins(options) })
}

export async function measurePush(options: PushBench): Promise<Row[]> {
  const { folder, rounds, latencies, echo, echoMs, syncMs, say } = options
  const entries = options.sizes.length > 0 ? ENTRIES_LARGE : ENTRIES
  const pusher = await start(folder, 'pusher', { autoPull: { budgetMs: BUDGET_MS } })
  for (let from = 0; from < entries; from += BATCH)
    await pusher.appendBatch(
      Array.from({ length: BATCH }, (_, i): AppendInput => ({
        id: `entry-${from + i}`,
        stream: 'notes',
        type: 'note',
        payload: { text: 'x'.repeat(400), number: from + i }
      }))
    )
  const rates = { pushed: [] as number[], pulled: [] as number[] }
  let receiver: BenchNode | null = null
  for (let round = 0; round < rounds; round++) {
    say(`push beside a catch-up, round ${round + 1} of ${rounds}`)
    await receiver?.close()
    receiver = await start(folder, `receiver-${round}`, { push: { accept: 'anyone' } })
    const { id } = receiver
    const pushTo = async (by: BenchNode): Promise<void> => {
      rates.pushed.push(
        await fetched(pusher, by, async () => {
          await pusher.plugins.sync.push(id)
        })
      )
    }
    // Whoever comes first has the disk and the compactions of the one before: they take turns.
    if (round % 2 === 0) await pushTo(receiver)
    const follower = await start(folder, `plain-follower-${round}`)
    rates.pulled.push(
      await fetched(pusher, follower, async () => {
        await follower.plugins.sync.follow(pusher.id)
      })
    )
    await follower.close()
    if (round % 2 === 1) await pushTo(receiver)
  }
  await pusher.plugins.sync.addRemote(receiver!.id, { syncDirection: 'push' })
  say('offers and receipts')
  const offers = await offerTimes(await start(folder, 'offerer', { autoSync: false }), receiver!, echo)
  const receipts = await receiptTimes(pusher, receiver!, latencies)
  say(`states among ${MAX_EXCEPTIONS} exceptions`)
  const pages = await pageTimes(pusher)
  const gets = await getTimes(pusher)
  await receiver!.close()
  await pusher.close()
  const stored = medianAnd95(receipts.stored)
  return [
    {
      what: `push of ${entries.toLocaleString('en')} entries, stored`,
      figure: summary(rates.pushed),
      unit: 'entries/s',
      limit: { what: 'catch-up of the same, in alternation', value: summary(rates.pulled).median },
      goal: { atLeast: 0.95 }
    },
    {
      what: 'offer → decision, nothing new',
      figure: medianAnd95(offers.decided),
      unit: 'ms',
      limit: { what: 'an echo of 64 B + 2 ms, at the same pace', value: medianAnd95(offers.echoes).median + 2 },
      goal: { atMost: 1 }
    },
    {
      what: 'append → durable receipt, p50',
      figure: medianAnd95(receipts.confirmed),
      unit: 'ms',
      limit: { what: 'append → stored there + fsync + echo', value: stored.median + syncMs + echoMs },
      goal: { atMost: 1 }
    },
    {
      what: 'first page of states, 100,000 exceptions',
      figure: medianAnd95(pages),
      unit: 'ms',
      limit: { what: 'five milliseconds', value: 5 },
      goal: { atMost: 1 }
    },
    {
      what: 'get with autoPull, held here',
      figure: medianAnd95(gets.hits),
      unit: 'ms',
      limit: { what: 'without, + 0.05 ms', value: medianAnd95(gets.plain).median + 0.05 },
      goal: { atMost: 1 }
    },
    {
      what: 'get with autoPull, nowhere',
      figure: medianAnd95(gets.misses),
      unit: 'ms',
      limit: { what: 'its budget + 10 ms', value: BUDGET_MS + 10 },
      goal: { atMost: 1 }
    }
  ]
}

/** Entries per second until all of the pusher's ledger is stored, from the moment that `begin` is called. */
async function fetched(pusher: BenchNode, by: BenchNode, begin: () => Promise<void>): Promise<number> {
  await by.plugins.interoperability.connect(pusher.parts.peerNetwork!.host.addrs()[0]!)
  await until(() => pusher.parts.peerNetwork!.connections.peers().some(({ ledger }) => ledger === by.id))
  const { size } = pusher.parts.ledgers.own
  const ms = await timed(async () => {
    await begin()
    await until(() => (by.parts.ledgers.get(pusher.id)?.size ?? 0) >= size)
  })
  return (size / ms) * 1000
}

/** From the offer that is sent to the decision that is read, on a stream that is open; and echoes between. */
async function offerTimes(
  offerer: BenchNode,
  receiver: BenchNode,
  echo: () => Promise<number>
): Promise<{ decided: number[]; echoes: number[] }> {
  await offerer.plugins.interoperability.connect(receiver.parts.peerNetwork!.host.addrs()[0]!)
  await until(() => receiver.parts.peerNetwork!.connections.peers().some(({ ledger }) => ledger === offerer.id))
  const { host } = offerer.parts.peerNetwork!
  const head = offerer.parts.ledgers.own.head()!
  const times = { decided: [] as number[], echoes: [] as number[] }
  // The first one is accepted, and ends when all of it is durable.
  for (let i = 0; i <= ASKED; i++) {
    const { signal } = new AbortController()
    const stream = await host.open(receiver.parts.peerNetwork!.host.peerId, push, signal)
    const began = performance.now()
    for await (const { kind } of offer(
      stream,
      { offers: [{ ledger: offerer.id, ...head, mode: 'either' }] },
      { signal }
    ))
      if (kind === 'decision' && i > 0) times.decided.push(performance.now() - began)
    await wait(APPEND_EVERY_MS)
    times.echoes.push(await echo())
  }
  await offerer.close()
  return times
}

/** From the append call until the receiver has stored the entry, and until the pusher knows that it is on its disk. */
async function receiptTimes(
  pusher: BenchNode,
  receiver: BenchNode,
  count: number
): Promise<{ stored: number[]; confirmed: number[] }> {
  const times = { stored: [] as number[], confirmed: [] as number[] }
  const mirror = receiver.parts.ledgers.get(pusher.id)!
  for (let i = 0; i < count; i++) {
    const { promise, resolve } = Promise.withResolvers<number>()
    const { size } = pusher.parts.ledgers.own
    const end = receiver.parts.ledgers.on('stored', () => {
      if (mirror.size > size) resolve(performance.now())
    })
    const began = performance.now()
    const { entry } = await pusher.append({ stream: 'receipts', type: 'number', payload: i })
    const { confirmed } = await pusher.plugins.sync.replicas(entry.seq, 1, TIMEOUT_MS)
    times.confirmed.push(performance.now() - began)
    if (confirmed.length === 0) throw new Error('nobody confirmed the entry')
    times.stored.push((await promise) - began)
    end()
    await wait(APPEND_EVERY_MS)
  }
  return times
}

/** The first page of each status, in turn. */
async function pageTimes({ parts: { store, ledgers } }: BenchNode): Promise<number[]> {
  const { own } = ledgers
  const book = new ExceptionBook({ store, clock: systemClock, onDue: () => undefined })
  const flow = outboundFlow(
    {
      ledger: own.id,
      remote: own.id,
      size: own.size,
      durable: own.size,
      status: 'synced',
      code: null,
      explanation: null,
      attempts: 0,
      last: null,
      next: null
    },
    own.ledgerNumber,
    2 ** 32 - 1
  )
  const hash = own.headHash!
  await book.note(
    flow.place,
    await Promise.all(
      Array.from({ length: MAX_EXCEPTIONS }, async (_, seq) => ({
        seq,
        hash: (seq < own.size ? await own.hashAt(seq) : null) ?? hash,
        status: 'failed' as const,
        code: 'ID_TAKEN' as const
      }))
    )
  )
  const api = new StateApi({
    book,
    open: ledgers.openConflicts,
    voided: async () => await Promise.resolve([]),
    store,
    ledgerOf: (id) => ledgers.get(id),
    flows: () => [flow],
    again: () => undefined
  })
  const times: number[] = []
  for (let i = 0; i < ASKED; i++)
    times.push(
      await timed(async () => {
        await api.page({ status: STATE_STATUSES[i % STATE_STATUSES.length]! })
      })
    )
  return times
}

async function getTimes(node: BenchNode): Promise<{ hits: number[]; plain: number[]; misses: number[] }> {
  const times = { hits: [] as number[], plain: [] as number[], misses: [] as number[] }
  const { own } = node.parts.ledgers
  for (let i = 0; i < ASKED; i++) {
    const id = `entry-${(i * 7_919) % ENTRIES}`
    await own.read({ id })
    times.plain.push(await timed(async () => await own.read({ id })))
    times.hits.push(await timed(async () => await node.get(id)))
    times.misses.push(await timed(async () => await node.get(`nowhere-${i}`)))
  }
  return times
}

async function until(isDone: () => boolean): Promise<void> {
  const began = performance.now()
  while (!isDone()) {
    if (performance.now() - began > TIMEOUT_MS) throw new Error('it took too long')
    await wait(POLL_MS)
  }
}
