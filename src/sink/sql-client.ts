/** What the sink needs of a connection to PostgreSQL: the package `pg` has it, and is loaded only when it is used. */
import { LedgermeshError } from '../core/errors.js'

export interface SqlResult {
  rows: Record<string, unknown>[]
  rowCount: number | null
}

export interface SqlClient {
  query: (text: string, values?: unknown[]) => Promise<SqlResult>
  end: () => Promise<void>
}

interface Driver {
  Client: new (options: { application_name: string }) => SqlClient & { connect: () => Promise<void> }
}

/**
 * Connects as libpq's variables say (PGHOST, PGDATABASE, PGUSER …); the password comes from PGPASSFILE. Throws BAD_CONFIG
 * when `pg` is not installed, or the database does not answer.
 */
export async function connectSql(): Promise<SqlClient> {
  const client = new (await loadDriver()).Client({ application_name: 'ledgermesh sink' })
  try {
    await client.connect()
  } catch (error) {
    const said = error instanceof Error ? error.message : String(error)
    throw new LedgermeshError(
      'BAD_CONFIG',
      `PostgreSQL does not let us in (PGHOST, PGDATABASE, PGUSER, PGPASSFILE say where): ${said}`,
      undefined,
      { cause: error }
    )
  }
  return client
}

async function loadDriver(): Promise<Driver> {
  const name = 'pg' // not a dependency: only a sink needs it
  try {
    return ((await import(name)) as { default: Driver }).default
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_MODULE_NOT_FOUND') throw error
    throw new LedgermeshError(
      'BAD_CONFIG',
      'the package pg is not installed: `npm install pg` beside ledgermesh',
      undefined,
      { cause: error }
    )
  }
}

/** All of it or nothing. */
export async function transaction<T>(client: SqlClient, run: () => Promise<T>): Promise<T> {
  await client.query('BEGIN')
  try {
    const result = await run()
    await client.query('COMMIT')
    return result
  } catch (error) {
    // where the connection is gone, so is the transaction: the first error says more
    await client.query('ROLLBACK').catch(() => undefined)
    throw error
  }
}
