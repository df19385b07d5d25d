/** The sink against Debian's PostgreSQL. Left out, with a word, where there is none. */
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest'
import { PostgresSink } from '../../src/sink/postgres-sink.js'
import { makeStreamView, prepareSchema, quoteName } from '../../src/sink/schema.js'
import { connectSql, type SqlClient, type SqlResult } from '../../src/sink/sql-client.js'
import { verifyRows } from '../../src/sink/verify-rows.js'
import { Author } from '../core/author.js'
import { FakeFeed } from './fake-feed.js'
import { noPostgres, startPostgres, type Database } from './postgres.js'

const START_TIMEOUT_MS = 110_000
let database: Database | null = null
let one: Author
let two: Author
let fork: Author

beforeAll(async () => {
  if (noPostgres !== null) {
    console.warn(`the sink is not tried: ${noPostgres}`)
    return
  }
  database = await startPostgres()
  for (const [name, value] of Object.entries(database.env)) vi.stubEnv(name, value)
  one = await Author.create(1)
  two = await Author.create(50)
  while (one.size < 20) await one.appendPayload({ at: one.size, [`k${one.size % 3}`]: [{ b: 1.5, a: 1e21 }, null] })
  fork = one.fork()
  fork.entries.length = 12
  while (fork.size < 16) await fork.append({ id: `fork-${fork.size}` })
  await two.append({ stream: 'o"rders', subject_oid: "x'y" })
  await two.appendPayload({ nul: 'a\u0000b', '\\u0000': 'no' })
  await two.appendPayload({ text: 'a\\u0000b' })
}, START_TIMEOUT_MS)

afterAll(async () => {
  vi.unstubAllEnvs()
  await database?.stop()
})

let schemas = 0
async function connect(): Promise<SqlClient> {
  const sql = await connectSql()
  onTestFinished(() => sql.end().catch(() => undefined))
  return sql
}
const newSchema = (): string => `s"ink ${schemas++}`
const open = async (sql: SqlClient, schema: string, peer = 'p1', includePrivate = false): Promise<PostgresSink> =>
  await PostgresSink.open(sql, { schema, peer, includePrivate })

async function follow(sink: PostgresSink, feed: FakeFeed): Promise<void> {
  while (await sink.step(feed));
}

/** What the tables say of a node, beside what its feed shows. */
async function compare(sql: SqlClient, schema: string, feed: FakeFeed, peer = 'p1'): Promise<void> {
  const { rows } = await sql.query(
    `SELECT ledger, seq::int, encode(hash, 'hex') AS hash, payload FROM ${quoteName(schema)}.entries
     WHERE nodes @> ARRAY[(SELECT id FROM ${quoteName(schema)}.nodes WHERE peer = $1)] ORDER BY ledger, seq, hash`,
    [peer]
  )
  const shown = [...feed.ledgers]
    .filter(([, { access }]) => access === 'public')
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([ledger, { entries, absent }]) =>
      entries.map(({ header, hash, raw }) => ({
        ledger,
        seq: header.seq,
        hash,
        payload: absent.has(header.seq) ? null : raw.payload
      }))
    )
  expect(rows).toEqual(shown)
  expect((await verifyRows(sql, schema, peer)).problems).toEqual([])
}

/** A history with everything in it; `pause` after each step. */
async function history(feed: FakeFeed, pause: () => Promise<void>): Promise<void> {
  const [a, b] = [one.ledger, two.ledger]
  feed.show(a, one.entries.slice(0, 9), { missing: [5, 6] })
  feed.show(b, two.entries)
  await pause()
  feed.show(a, one.entries.slice(9, 15))
  feed.fill(a, 5)
  feed.erase(a, 3)
  feed.erase(a, 6)
  await pause()
  feed.takeBack(a, 'frozen', 12)
  await pause()
  feed.thaw(a)
  feed.show(a, one.entries.slice(12, 14))
  feed.takeBack(a, 'voided', 12)
  feed.show(a, fork.entries.slice(12))
  feed.audited(a, 16)
  await pause()
  feed.remove(b)
  feed.takeBack(a, 'cut', 14)
  await pause()
  feed.reset()
  feed.show(b, two.entries.slice(0, 2))
  feed.erase(a, 9)
  await pause()
}

describe.skipIf(noPostgres !== null)('against PostgreSQL', () => {
  test('snapshot, tail, freezes, voids, erasures, removals, a new epoch: the tables are what the node shows', async () => {
    const sql = await connect()
    const schema = newSchema()
    const feed = new FakeFeed()
    const sink = await open(sql, schema)
    await history(feed, async () => {
      await follow(sink, feed)
      await compare(sql, schema, feed)
    })
    const { rows } = await sql.query(`SELECT count(*)::int AS buried FROM ${quoteName(schema)}.tombstones`)
    expect(rows[0]!.buried).toBe(3)
  })

  test('killed at every statement, its database connection or all of it: each event counts once', async () => {
    const sql = await connect()
    let killed = 0
    for (let at = 3; ; at += 17) {
      const schema = newSchema()
      const feed = new FakeFeed()
      let left = at
      let kills = 0
      let sink: PostgresSink | null = null
      let line: SqlClient | null = null
      const dying = async (): Promise<SqlClient> => {
        const inner = await connectSql()
        return {
          query: async (text, values): Promise<SqlResult> => {
            if (left-- !== 0) return await inner.query(text, values)
            kills++
            left = Number.POSITIVE_INFINITY
            // the answer to a commit may be lost, or the commit
            if (at % 2 === 0) await inner.query(text, values)
            await inner.end()
            throw new Error('killed')
          },
          end: async () => await inner.end()
        }
      }
      await history(feed, async () => {
        for (let done = false; !done;) {
          try {
            line ??= await dying()
            sink ??= await open(line, schema)
            await follow(sink, feed)
            done = true
          } catch (error) {
            if ((error as Error).message !== 'killed') throw error
            ;[sink, line] = [null, null]
          }
        }
      })
      await compare(sql, schema, feed)
      await (line as SqlClient | null)?.end()
      if (kills === 0) break
      killed++
    }
    expect(killed).toBeGreaterThan(5)
  }, 60_000)

  test('two nodes on one database: neither takes what the other shows, nor brings back what was erased', async () => {
    const [sql, other] = [await connect(), await connect()]
    const schema = newSchema()
    const [first, second] = [new FakeFeed(), new FakeFeed()]
    const [a, b] = [await open(sql, schema, 'p1'), await open(other, schema, 'p2')]
    const { ledger } = one
    first.show(ledger, one.entries.slice(0, 15))
    second.show(ledger, one.entries.slice(0, 10))
    await follow(a, first)
    first.erase(ledger, 4)
    await follow(a, first)
    await follow(b, second) // is behind, and still has the payload
    await compare(sql, schema, first)
    const state = async (): Promise<unknown> =>
      (
        await sql.query(
          `SELECT payload IS NULL AND payload_json IS NULL AS gone, payload_state FROM ${quoteName(schema)}.entries WHERE seq = 4`
        )
      ).rows
    expect(await state()).toEqual([{ gone: true, payload_state: 'erased' }])
    second.reset()
    await follow(b, second)
    expect(await state()).toEqual([{ gone: true, payload_state: 'erased' }])

    // one follows the other branch: what is shown says so, and below the lowest freeze only
    first.takeBack(ledger, 'voided', 12)
    first.show(ledger, fork.entries.slice(12))
    second.show(ledger, one.entries.slice(10, 14))
    await Promise.all([follow(a, first), follow(b, second)])
    await compare(sql, schema, first)
    const current = async (): Promise<[number, boolean][]> =>
      (await sql.query(`SELECT seq::int, contested FROM ${quoteName(schema)}.current ORDER BY seq, hash`)).rows.map(
        ({ seq, contested }) => [seq as number, contested as boolean]
      )
    expect(await current()).toHaveLength(18)
    expect((await current()).filter(([, contested]) => contested).map(([seq]) => seq)).toEqual([12, 12, 13, 13])
    second.takeBack(ledger, 'frozen', 12)
    await follow(b, second)
    expect((await current()).at(-1)).toEqual([11, false])
    await compare(sql, schema, first)
    second.remove(ledger)
    await follow(b, second)
    await compare(sql, schema, first)
    await expect(open(await connect(), schema, 'p1')).rejects.toMatchObject({ code: 'ALREADY_RUNNING' })
  })

  test('hostile texts are values, not SQL; what jsonb refuses is null with the reason, and the bytes are there', async () => {
    const sql = await connect()
    const schema = newSchema()
    const feed = new FakeFeed()
    const sink = await open(sql, schema)
    feed.show(two.ledger, two.entries)
    await follow(sink, feed)
    await makeStreamView(sql, sink.schema, 'o"rders')
    await makeStreamView(sql, sink.schema, "x'; DROP TABLE entries; --")
    await expect(makeStreamView(sql, sink.schema, 'x'.repeat(64))).rejects.toMatchObject({ code: 'INVALID_PARAMS' })
    expect((await sql.query(`SELECT subject_oid FROM ${sink.schema}."o""rders"`)).rows).toEqual([
      { subject_oid: "x'y" }
    ])
    const { rows } = await sql.query(
      `SELECT payload_json, json_problem, payload FROM ${sink.schema}.entries WHERE seq > 1 ORDER BY seq`
    )
    expect(rows[0]).toMatchObject({ payload_json: null, json_problem: expect.stringContaining('U+0000') })
    expect((rows[0]!.payload as Buffer).equals(two.entries[2]!.raw.payload!)).toBe(true)
    expect(rows[1]).toMatchObject({ payload_json: { text: 'a\\u0000b' }, json_problem: null })
    await compare(sql, schema, feed)
  })

  test('rows that somebody changed are found; a newer schema and other rights are noticed', async () => {
    const sql = await connect()
    const schema = newSchema()
    const name = quoteName(schema)
    const feed = new FakeFeed()
    feed.show(one.ledger, one.entries)
    const hidden = await Author.create(70)
    feed.show(hidden.ledger, hidden.entries, { access: 'private' })
    await follow(await open(sql, schema), feed)
    const problem = async (change: string): Promise<string | undefined> => {
      await sql.query(`CREATE TEMP TABLE kept AS SELECT * FROM ${name}.entries`)
      await sql.query(change)
      const { problems } = await verifyRows(sql, schema, 'p1')
      await sql.query(`DELETE FROM ${name}.entries; INSERT INTO ${name}.entries SELECT * FROM kept; DROP TABLE kept`)
      return problems[0]?.problem
    }
    expect(await problem('SELECT 1')).toBeUndefined()
    expect(await problem(`UPDATE ${name}.entries SET stream = 'other' WHERE seq = 3`)).toContain('column stream')
    expect(await problem(`UPDATE ${name}.entries SET payload_json = '{"at": 0}' WHERE seq = 3`)).toContain(
      'payload_json'
    )
    expect(await problem(`UPDATE ${name}.entries SET payload = 'x' WHERE seq = 3`)).toBeDefined()
    expect(await problem(`DELETE FROM ${name}.entries WHERE seq = 3`)).toBeDefined()
    expect(await problem(`DELETE FROM ${name}.entries WHERE seq = 19`)).toContain('should have 20')
    expect(
      await problem(`INSERT INTO ${name}.tombstones SELECT ledger, hash FROM ${name}.entries WHERE seq = 7`)
    ).toContain('erased')

    const count = async (): Promise<unknown> =>
      (await sql.query(`SELECT count(DISTINCT ledger)::int AS count FROM ${name}.holdings`)).rows[0]!.count
    expect(await count()).toBe(1)
    // the lock is the session's: the same one may open it again
    await follow(await open(sql, schema, 'p1', true), feed)
    expect(await count()).toBe(2)
    await follow(await open(sql, schema, 'p1', false), feed)
    expect(await count()).toBe(1)
    await sql.query(`UPDATE ${name}.version SET version = 2`)
    await expect(prepareSchema(sql, schema)).rejects.toMatchObject({ code: 'BAD_CONFIG' })
    await expect(verifyRows(sql, schema, 'nobody')).rejects.toMatchObject({ code: 'NOT_FOUND' })
  })
})
