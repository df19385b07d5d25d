/** A PostgreSQL of Debian's for tests, in a folder of its own, reached by a socket; null: it cannot be had here. */
import { execFile, execFileSync, spawn, type ChildProcess } from 'node:child_process'
import { existsSync, globSync } from 'node:fs'
import { chown, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'

/** How long a server that was killed may take to let another one start, and how often that is tried, ms. */
const START_MS = 60_000
const LOOK_MS = 100
const BIN = globSync('/usr/lib/postgresql/*/bin').toSorted().at(-1)

export const noPostgres: string | null =
  BIN === undefined || !existsSync(join(BIN, 'initdb'))
    ? 'there is no PostgreSQL on this machine (Debian: postgresql)'
    : !existsSync('node_modules/pg')
      ? 'the package pg is not installed here'
      : null

export interface Database {
  /** As libpq's variables say it. */
  env: { PGHOST: string; PGUSER: string; PGDATABASE: string }
  /** SIGKILL, as a crash is; its data stays. */
  killAndStart: () => Promise<void>
  stop: () => Promise<void>
}

/** `safe`: what is committed is on the disk, as in real use; tests need not wait for that. */
export async function startPostgres({ safe = false } = {}): Promise<Database> {
  const folder = await mkdtemp(join(tmpdir(), 'lm-pg-'))
  // PostgreSQL refuses to run as root
  const user: Ids | null = process.getuid!() === 0 ? idsOf('postgres') : null
  if (user !== null) await chown(folder, user.uid, user.gid)
  const data = join(folder, 'data')
  const options = { cwd: '/', stdio: 'ignore' as const, ...user }
  execFileSync(
    join(BIN!, 'initdb'),
    ['-D', data, '-A', 'trust', '-U', 'test', '--no-sync', '-E', 'UTF8', '--locale=C'],
    options
  )
  const start = async (): Promise<ChildProcess> => {
    const server = spawn(
      join(BIN!, 'postgres'),
      ['-D', data, '-k', folder, '-c', 'listen_addresses=', ...settings(safe)],
      options
    )
    // it also answers while it recovers, with a refusal
    while (!(await answers(folder))) {
      if (server.exitCode !== null) throw new Error('PostgreSQL did not start')
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
    return server
  }
  let server = await start()
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    const ended = new Promise((resolve) => server.once('exit', resolve))
    server.kill(signal)
    await ended
  }
  return {
    env: { PGHOST: folder, PGUSER: 'test', PGDATABASE: 'postgres' },
    killAndStart: async () => {
      await end('SIGKILL')
      // its children notice, and have to be gone before the next one starts
      await rm(join(folder, '.s.PGSQL.5432'), { force: true })
      const tryUntil = Date.now() + START_MS
      for (;;) {
        try {
          server = await start()
          return
        } catch (error) {
          if (Date.now() > tryUntil) throw error
          await delay(LOOK_MS)
        }
      }
    },
    stop: async () => {
      await end('SIGINT')
      await rm(folder, { recursive: true, force: true })
    }
  }
}

function settings(safe: boolean): string[] {
  return ['-c', `fsync=${safe ? 'on' : 'off'}`, '-c', `shared_buffers=${safe ? 256 : 16}MB`]
}

async function answers(folder: string): Promise<boolean> {
  if (!existsSync(join(folder, '.s.PGSQL.5432'))) return false
  return await new Promise((resolve) => {
    execFile(join(BIN!, 'pg_isready'), ['-h', folder, '-q'], (error) => resolve(error === null))
  })
}

interface Ids {
  uid: number
  gid: number
}

function idsOf(name: string): Ids {
  const id = (flag: string): number => Number(execFileSync('id', [flag, name]).toString())
  return { uid: id('-u'), gid: id('-g') }
}
