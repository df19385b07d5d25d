/** Health checks that need no running node. */
import { existsSync } from 'node:fs'
import { statfs } from 'node:fs/promises'
import type { Paths } from '../../config/paths.js'
import type { HealthReport } from '../api/node.js'

type Check = HealthReport['checks'][number]

/** With fewer free bytes an append may soon fail. */
const LOW_DISK_BYTES = 256 * 1024 * 1024

/** Throws when there is no home folder. */
export async function homeChecks(paths: Paths): Promise<Check[]> {
  return [await disk(paths), nextKey(paths)]
}

async function disk({ home }: Paths): Promise<Check> {
  const { bavail, bsize } = await statfs(home)
  const free = bavail * bsize
  const ok = free >= LOW_DISK_BYTES
  return {
    check: 'disk',
    ok,
    detail: `${Math.floor(free / 2 ** 20)} MiB free`,
    next: ok ? null : 'Free disk space: appends fail when it is full.'
  }
}

/** A thief of both keys can take the ledger over; a thief of the live key alone cannot. */
function nextKey({ ledgerKey, nextKey: next }: Paths): Check {
  return existsSync(next) && existsSync(ledgerKey)
    ? {
        check: 'keys',
        ok: true,
        detail: `${next} is stored beside the live key: anyone who copies both can take over the ledger for good`,
        next: 'Move next.key to a safe place off this machine; the node does not need it.'
      }
    : { check: 'keys', ok: true, detail: 'next.key is not beside the live key', next: null }
}
