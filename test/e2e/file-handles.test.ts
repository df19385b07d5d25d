/**
 * A daemon that gets no more file handles from the system while it signs: the outcome of the append is unknown, is
 * called so, and is found out.
 */
import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { LedgerClient } from '../../src/rpc/client.js'
import { temporaryFolder } from '../helpers/temporary-folder.js'
import { startDaemon } from './daemon.js'

const PRLIMIT = ['/usr/bin/prlimit', '/bin/prlimit'].find((path) => existsSync(path))
if (PRLIMIT === undefined)
  console.warn('a daemon without file handles is not tried: there is no prlimit on this machine')

/** The lowest number that the next file of a process gets. */
function lowestFree(pid: number): number {
  const used = new Set(readdirSync(`/proc/${pid}/fd`).map(Number))
  let free = 0
  while (used.has(free)) free++
  return free
}

function limit(pid: number, handles: number): void {
  execFileSync(PRLIMIT!, ['--pid', String(pid), `--nofile=${handles}:`])
}

async function once<T>(socket: string, use: (client: LedgerClient) => Promise<T>): Promise<T> {
  const client = await LedgerClient.connect(socket)
  try {
    return await use(client)
  } finally {
    await client.close()
  }
}

test.skipIf(PRLIMIT === undefined)(
  'an append at EMFILE',
  async () => {
    const {
      client,
      socket,
      process: { pid },
      stop
    } = await startDaemon(join(await temporaryFolder(), 'home'))
    const entry = { stream: 's', type: 't', payload: 1 }
    await client.call('ledger.append', { ...entry, id: 'before' })
    limit(pid!, lowestFree(pid!))
    const said = await client.call('ledger.append', { ...entry, id: 'during' }).catch((error: unknown) => error)
    expect(said).toMatchObject({ code: 'STORE_FAILED', message: expect.stringMatching(/too many open files|EMFILE/i) })
    expect((said as Error).message).toMatch(/not known|unknown/)
    // the same id again, until the node has found out (it opens its store anew, and connections close then): not twice,
    // whichever it was
    limit(pid!, 1024)
    await expect
      .poll(
        async () =>
          await once(socket, (again) => again.call('ledger.append', { ...entry, id: 'during' })).then(
            () => 'taken',
            ({ code }: { code: string }) => code
          ),
        { timeout: 60_000 }
      )
      .toBe('taken')
    const { entries } = await once(socket, (again) => again.call('ledger.query', { stream: 's' }))
    expect(entries.map(({ id }) => id)).toEqual(['before', 'during'])
    expect(await once(socket, (again) => again.call('ledger.verifyChain', {}))).toMatchObject({ valid: true })
    await stop()
  },
  90_000
)
