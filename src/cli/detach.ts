/** `start --detach`: the same command as a process of its own, which is left alone as soon as it answers. */
import { spawn } from 'node:child_process'
import { closeSync, existsSync, fstatSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { ERRORS, isCoded, LedgermeshError, type ErrorCode } from '../core/errors.js'
import { isObject } from '../core/grammar.js'
import { LedgerClient } from '../rpc/client.js'
import { ANSWER_MS } from '../rpc/limits.js'
import { openToAppend } from '../store/open-no-link.js'
import { makeOwnFolder } from '../store/make-folder.js'
import type { Globals } from './globals.js'
import type { Started } from './views/started-view.js'

/** The log line of a node in the background that ended by an error. */
export const FAILED_EVENT = 'daemon.failed'

/** Milliseconds that a node has to answer. */
const START_TIMEOUT_MS = 60_000
/** Milliseconds between two looks. */
const POLL_MS = 100
/** Characters of the log that a failed start shows. */
const LOG_TAIL_CHARS = 2000
/** What the started process is told: then all that it says is in the format of the log. */
const IN_BACKGROUND = '--background'

/**
 * Throws NOT_PERMITTED (another user's home), BAD_FILE (its log), and what the node said when it ended before it
 * answered.
 */
export async function startDetached({ paths }: Pick<Globals, 'paths'>): Promise<Started> {
  makeOwnFolder(paths.home) // what is in another user's folder, that user has put there
  if ((await askStatus(paths.socket)) !== null)
    throw new LedgermeshError('ALREADY_RUNNING', `a node is running in ${paths.home}`)
  const created = !existsSync(paths.ledgerKey)
  const logFile = join(paths.home, 'node.log')
  const log = openToAppend(logFile)
  const before = fstatSync(log).size
  const child = spawn(
    process.execPath,
    [process.argv[1]!, ...process.argv.slice(2).filter((arg) => arg !== '--detach'), IN_BACKGROUND],
    { detached: true, stdio: ['ignore', log, log] }
  )
  closeSync(log)
  let ended = false
  child.once('exit', () => {
    ended = true
  })
  const deadline = Date.now() + START_TIMEOUT_MS
  for (;;) {
    const status = await askStatus(paths.socket)
    if (status !== null) {
      child.unref()
      return { ...status, home: paths.home, socket: paths.socket, created }
    }
    if (ended) throw failureIn(readFileSync(logFile).subarray(before).toString(), logFile)
    if (Date.now() > deadline)
      throw new LedgermeshError(
        'NO_ANSWER',
        `the node (process ${child.pid ?? '?'}) does not answer after ${START_TIMEOUT_MS / 1000} s; see ${logFile}`
      )
    await delay(POLL_MS)
  }
}

/** The error that ended the process, as it wrote it; else what it wrote last. */
function failureIn(said: string, logFile: string): LedgermeshError {
  const error = said
    .split('\n')
    .map(errorIn)
    .findLast((one) => one !== null)
  return (
    error ??
    new LedgermeshError('INTERNAL', `the node ended while it started; ${logFile} says:\n${said.slice(-LOG_TAIL_CHARS)}`)
  )
}

function errorIn(line: string): LedgermeshError | null {
  try {
    const said = JSON.parse(line) as unknown
    if (!isObject(said) || said.event !== FAILED_EVENT) return null
    const { code, error } = said
    if (typeof code !== 'string' || typeof error !== 'string' || !Object.hasOwn(ERRORS, code)) return null
    return new LedgermeshError(code as ErrorCode, error)
  } catch {
    return null // not JSON: Node's own words, or a line that was cut off
  }
}

async function askStatus(socket: string): Promise<Omit<Started, 'home' | 'socket' | 'created'> | null> {
  try {
    const client = await LedgerClient.connect(socket)
    try {
      await client.ping(ANSWER_MS)
      const { ledger, name, access, network, peerId, addrs } = await client.call('node.status', {})
      return { ledger, name, access, network, peerId, addrs }
    } finally {
      await client.close()
    }
  } catch (error) {
    if (isCoded(error, 'NODE_UNREACHABLE') || isCoded(error, 'CLOSED')) return null
    throw error
  }
}
