/** Do the rows of a node still say what the authors signed? Every link, every signature, and every column read out of them. */
import { extendChain, startChain, type ChainState } from '../core/chain.js'
import { decodeEntry, verifyEntrySignature } from '../core/entry.js'
import { isCoded, LedgermeshError } from '../core/errors.js'
import { toHex } from '../core/hash.js'
import { decodePayload } from '../core/payload.js'
import { verifySignature } from '../core/signature.js'
import { MAX_PROBLEMS, VERIFIED_ROWS } from './limits.js'
import { quoteName } from './schema.js'
import { transaction, type SqlClient } from './sql-client.js'

export interface VerifiedRows {
  ledgers: number
  entries: number
  payloads: number
  problems: { ledger: string; seq: number; problem: string }[]
}

/**
 * The rows of the node with that peer id, as they are at one moment; at most 100 problems: a ledger is read up to its first
 * one. Throws NOT_FOUND when nothing came from it.
 */
export async function verifyRows(client: SqlClient, name: string, peer: string): Promise<VerifiedRows> {
  const schema = quoteName(name)
  const { rows } = await client.query('SELECT to_regclass($1) AS there', [`${schema}.nodes`])
  const found =
    rows[0]!.there === null ? null : await client.query(`SELECT id FROM ${schema}.nodes WHERE peer = $1`, [peer])
  if (found?.rowCount !== 1) throw new LedgermeshError('NOT_FOUND', `nothing of this node is in the schema ${name}`)
  const node = Number(found.rows[0]!.id)
  return await transaction(client, async () => {
    await client.query('SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY')
    const report: VerifiedRows = { ledgers: 0, entries: 0, payloads: 0, problems: [] }
    const held = await client.query(`SELECT ledger, size FROM ${schema}.holdings WHERE node = $1 ORDER BY ledger`, [
      node
    ])
    for (const { ledger, size } of held.rows as { ledger: string; size: string }[]) {
      report.ledgers++
      const problem = await verifyLedger(client, { schema, node, ledger, size: Number(size) }, report)
      if (problem !== null && report.problems.length < MAX_PROBLEMS) report.problems.push(problem)
    }
    return report
  })
}

interface Row {
  seq: string
  hash: Buffer
  header: Buffer
  signature: Buffer
  payload: Buffer | null
  id: string
  stream: string
  type: string
  issuer_oid: string | null
  subject_oid: string | null
  timestamp: string
  meta: unknown
  payload_json: unknown
  json_problem: string | null
  payload_state: string
  buried: boolean
}

async function verifyLedger(
  client: SqlClient,
  of: { schema: string; node: number; ledger: string; size: number },
  report: VerifiedRows
): Promise<{ ledger: string; seq: number; problem: string } | null> {
  let chain: ChainState | null = null
  for (let next = 0; ;) {
    const { rows } = await client.query(
      `SELECT e.*, t.hash IS NOT NULL AS buried FROM ${of.schema}.entries e
       LEFT JOIN ${of.schema}.tombstones t ON t.ledger = e.ledger AND t.hash = e.hash
       WHERE e.ledger = $1 AND e.seq >= $2 AND e.nodes @> ARRAY[$3::smallint] ORDER BY e.seq LIMIT ${VERIFIED_ROWS}`,
      [of.ledger, next, of.node]
    )
    for (const row of rows as unknown as Row[]) {
      try {
        const entry = decodeEntry({ header: row.header, signature: row.signature, payload: row.payload })
        chain = chain === null ? startChain(of.ledger, entry) : extendChain(chain, entry)
        if (!(await verifyEntrySignature(entry, verifySignature))) throw wrong('it is not signed by its key')
        const differs = differing(row, entry.header, entry.hash)
        if (differs !== null) throw wrong(`the column ${differs} is not what was signed`)
        if (row.buried && row.payload !== null) throw wrong('its payload was erased, and is there')
      } catch (error) {
        if (!isCoded(error)) throw error
        return { ledger: of.ledger, seq: next, problem: error.message }
      }
      next++
      report.entries++
      if (row.payload !== null) report.payloads++
    }
    if (rows.length < VERIFIED_ROWS)
      return next === of.size ? null : { ledger: of.ledger, seq: next, problem: `it should have ${of.size} entries` }
  }
}

/** The first column that says something else than the bytes. */
function differing(row: Row, header: ReturnType<typeof decodeEntry>['header'], hash: string): string | null {
  const wanted: Record<string, unknown> = {
    hash,
    id: header.id,
    stream: header.stream,
    type: header.type,
    issuer_oid: header.issuer_oid,
    subject_oid: header.subject_oid,
    timestamp: header.timestamp
  }
  const there: Record<string, unknown> = { ...row, hash: toHex(row.hash), timestamp: Number(row.timestamp) }
  for (const [name, value] of Object.entries(wanted)) if (there[name] !== value) return name
  const problem = row.json_problem ?? ''
  if (!problem.includes('meta') && !same(row.meta, header.meta)) return 'meta'
  const shown = row.payload !== null && row.payload_state === 'present' ? decodePayload(row.payload).payload : null
  return !problem.includes('payload') && !same(row.payload_json, shown) ? 'payload_json' : null
}

/** As jsonb has it: members in any order, numbers by their value. */
function same(a: unknown, b: unknown): boolean {
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return a === b
  const [one, other] = [Object.entries(a), new Map(Object.entries(b))]
  return (
    Array.isArray(a) === Array.isArray(b) &&
    one.length === other.size &&
    one.every(([key, value]) => other.has(key) && same(value, other.get(key)))
  )
}

function wrong(what: string): LedgermeshError {
  return new LedgermeshError('STORE_DAMAGED', what)
}
