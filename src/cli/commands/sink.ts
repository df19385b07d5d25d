import { setTimeout as wait } from 'node:timers/promises'
import type { Command } from 'commander'
import { BATCH, POLL_MS } from '../../sink/limits.js'
import { PostgresSink, type FeedSource } from '../../sink/postgres-sink.js'
import { makeStreamView } from '../../sink/schema.js'
import { connectSql, type SqlClient } from '../../sink/sql-client.js'
import { verifyRows, type VerifiedRows } from '../../sink/verify-rows.js'
import type { LedgerClient } from '../../rpc/client.js'
import { EXIT_REFUSED } from '../failure.js'
import { showCount } from '../format.js'
import { globalsOf, type Globals } from '../globals.js'
import { answer, remark } from '../print.js'
import { withClient } from '../with-client.js'

interface Flags {
  schema: string
  private?: boolean
  once?: boolean
  view?: string[]
}

const SCHEMA = ['--schema <name>', 'The schema that the tables are in.', 'ledgermesh'] as const

/** Follows this node into a database, until it is stopped. */
export function addSinkCommand(program: Command): void {
  const sink = program.command('sink').description('Follow this node into a database.')
  const postgres = sink
    .command('postgres')
    .description(
      'Copy what this node shows into PostgreSQL, and follow it: PGHOST, PGDATABASE, PGUSER and PGPASSFILE say where.'
    )
    .option(...SCHEMA)
    .option('--private', 'Private ledgers too, where this node may read them. Default: public ones alone.')
    .option('--view <stream...>', 'Make a view of each of these streams, named like it.')
    .option('--once', 'End when there is nothing new.')
  postgres.action(async () => {
    const globals = globalsOf(postgres)
    const flags = postgres.opts<Flags>()
    const ended = new AbortController()
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => ended.abort())
    const { schema, private: includePrivate = false } = flags
    await withSql(globals, async (sql, peer, client) => {
      const target = await PostgresSink.open(sql, { schema, peer, includePrivate })
      for (const stream of flags.view ?? []) await makeStreamView(sql, target.schema, stream)
      const source = feedOf(client)
      if (!globals.json) remark(`Following into the schema ${flags.schema}.`)
      while (!ended.signal.aborted) {
        if (await target.step(source)) continue
        if (flags.once === true) break
        await wait(POLL_MS, undefined, { signal: ended.signal }).catch((error: unknown) => {
          if (!ended.signal.aborted) throw error
        })
      }
    })
    answer(globals.json, { schema: flags.schema, stopped: true }, () => 'Stopped; the next run goes on from here.')
  })
  const verify = sink
    .command('verify')
    .description('Check every row of this node in PostgreSQL against what the authors signed.')
    .option(...SCHEMA)
  verify.action(async () => {
    const globals = globalsOf(verify)
    const { schema } = verify.opts<{ schema: string }>()
    const checked = await withSql(globals, async (sql, peer) => await verifyRows(sql, schema, peer))
    answer(globals.json, { valid: checked.problems.length === 0, ...checked }, () => showRows(checked))
    if (checked.problems.length > 0) process.exitCode = EXIT_REFUSED
  })
}

/** Both: this node, and the database. */
async function withSql<Result>(
  globals: Globals,
  use: (sql: SqlClient, peer: string, client: LedgerClient) => Promise<Result>
): Promise<Result> {
  return await withClient(globals, async (client) => {
    const { peerId } = await client.call('node.status', {})
    const sql = await connectSql()
    try {
      return await use(sql, peerId, client)
    } finally {
      await sql.end()
    }
  })
}

function feedOf(client: LedgerClient): FeedSource {
  return {
    snapshot: async (cursor) =>
      await client.call('feed.snapshot', { limit: BATCH, ...(cursor !== undefined && { cursor }) }),
    read: async (after) => await client.call('feed.read', { after, limit: BATCH })
  }
}

function showRows({ ledgers, entries, payloads, problems }: VerifiedRows): string {
  return [
    `${problems.length === 0 ? 'valid' : 'NOT VALID'}: ${showCount(entries, 'entry')} of ${showCount(ledgers, 'ledger')}, ${showCount(payloads, 'payload')}, as their authors signed them`,
    ...problems.map(({ ledger, seq, problem }) => `${ledger}  entry ${seq}: ${problem}`)
  ].join('\n')
}
