/** Worker thread: grows indexes, and audits them (index-thread.ts). In: a step, an audit, or null for the end. */
import { getPriority, setPriority } from 'node:os'
import { parentPort, workerData } from 'node:worker_threads'
import { isCoded } from '../../core/errors.js'
import { KeyMemo } from '../../core/lmx1/posting.js'
import type { Log } from '../../ports.js'
import { openBeside } from '../../store/store.js'
import { EntryReader } from '../read/entry-reader.js'
import { auditIndex } from './audit-index.js'
import { growIndex, type GrowState, type SlotRow } from './grow-index.js'
import type { AuditMessage, StepMessage, ThreadReply } from './index-thread.js'
import { MapTop } from './map-top.js'
import { SlotSizes } from './slot-sizes.js'

/** Appends come first. Only Linux has a priority for each thread; nobody may raise one. */
const NICE = 15
if (process.platform === 'linux') setPriority(Math.max(NICE, getPriority()))

const untold = (): void => undefined
/** What fails here is said by the other thread. */
const log: Log = { debug: untold, info: untold, warn: untold, error: untold }
const port = parentPort!
const opening = openBeside(workerData as string, { log })
const memo = new KeyMemo()
/** What is in memory, and the rows that the step before has made needless: whoever reads has the newer ones by now. */
let state: (GrowState & { gone: SlotRow[] }) | null = null

async function step({ ledgerNumber, from, to, pinned, state: copy }: StepMessage): Promise<ThreadReply> {
  const store = await opening
  const sizes = copy === null ? state!.sizes : new SlotSizes(copy.sizes)
  if (sizes.pinned !== pinned) sizes.pin(pinned)
  const old = copy === null ? state!.gone : []
  const now: GrowState = { size: from, top: copy === null ? state!.top : new MapTop(copy), sizes }
  state = null
  const reader = new EntryReader(store, log, ledgerNumber, false)
  const { root, slots, places, gone } = await growIndex({ store, ledgerNumber, reader, memo }, now, to, {
    old,
    keeps: true
  })
  state = { ...now, size: to, gone }
  return { stepped: { root, slots: Uint16Array.from(slots), nodes: now.top.nodes(places) } }
}

async function audit({ audit: ledgerNumber }: AuditMessage): Promise<ThreadReply> {
  const store = await opening
  const reader = new EntryReader(store, log, ledgerNumber, false)
  return { wrong: await auditIndex(store, ledgerNumber, reader) }
}

async function answer(message: StepMessage | AuditMessage | null): Promise<void> {
  if (message === null) {
    await (await opening).close()
    port.close()
    return
  }
  try {
    const reply = await ('audit' in message ? audit(message) : step(message))
    const parts = 'stepped' in reply ? [reply.stepped.slots, ...Object.values(reply.stepped.nodes)] : []
    const transfer = parts.map(({ buffer }) => buffer)
    port.postMessage(reply, transfer)
  } catch (error) {
    if (!isCoded(error)) throw error
    const { code, message: what, details } = error
    port.postMessage({ failed: { code, message: what, details } } satisfies ThreadReply)
  }
}

port.on('message', (message: StepMessage | AuditMessage | null) => {
  void answer(message)
})
