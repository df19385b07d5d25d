/** `start --detach`: the same command as a process of its own, which is left alone as soon as it answers. */
import { spawn } from 'node:child_process'
import { closeSync, existsSync, mkdirSync, openSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { isCoded, LedgermeshError } from '../core/errors.js'
import { LedgerClient } from '../rpc/client.js'
import type { Globals } from './globals.js'
import type { Started } from './views/started-view.js'

/** Milliseconds that a node has to answer. */
const START_TIMEOUT_MS = 60_000
/** Milliseconds between two looks. */
const POLL_MS = 100
/** Characters of the log that a failed start shows. */
const LOG_TAIL_CHARS = 2000

/** Throws what the node said when it ended before it answered. */
export async function startDetached ({ paths }: Globals): Promise<Started> {
  if (await askStatus(paths.socket) !== null) throw new LedgermeshError('ALREADY_RUNNING', `a node is running in ${paths.home}`)
  const created = !existsSync(paths.ledgerKey)
  mkdirSync(paths.home, { recursive: true, mode: 0o700 })
  const logFile = join(paths.home, 'node.log')
  const log = openSync(logFile, 'a', 0o600)
  const child = spawn(process.execPath, [process.argv[1]!, ...process.argv.slice(2).filter((arg) => arg !== '--detach')], { detached: true, stdio: ['ignore', log, log] })
  closeSync(log)
  let ended = false
  child.once('exit', () => { ended = true })
  const deadline = Date.now() + START_TIMEOUT_MS
  for (;;) {
    const status = await askStatus(paths.socket)
    if (status !== null) {
      child.unref()
      return { ...status, home: paths.home, socket: paths.socket, created }
    }
    if (ended) throw new LedgermeshError('CLOSED', `the node ended while it started; ${logFile} says:\n${readFileSync(logFile, 'utf8').slice(-LOG_TAIL_CHARS)}`)
    if (Date.now() > deadline) throw new LedgermeshError('TIMEOUT', `the node does not answer after ${START_TIMEOUT_MS / 1000} s; see ${logFile}`)
    await delay(POLL_MS)
  }
}

async function askStatus (socket: string): Promise<Omit<Started, 'home' | 'socket' | 'created'> | null> {
  try {
    const client = await LedgerClient.connect(socket)
    try {
      const { ledger, name, network, peerId, addrs } = await client.call('node.status', {})
      return { ledger, name, network, peerId, addrs }
    } finally {
      await client.close()
    }
  } catch (error) {
    if (isCoded(error, 'NODE_UNREACHABLE') || isCoded(error, 'CLOSED')) return null
    throw error
  }
}
