import type { LedgerEntry } from '../core/view.js'

/** In the order of the columns of `INSERT_ENTRIES`; one array a column, as `unnest` takes them. */
export type Columns = unknown[][]

/** JSON has it, jsonb refuses it: U+0000, escaped by an odd number of backslashes. */
const NUL = /(?<!\\)(?:\\\\)*\\u0000/

export function entryColumns(entries: readonly LedgerEntry[]): Columns {
  const rows = entries.map((entry) => {
    const { ledger, seq, hash, raw, id, stream, type, issuer_oid: issuer, subject_oid: subject, timestamp } = entry
    const meta = JSON.stringify(entry.meta)
    const payload = entry.payload_state === 'present' && raw.payload !== null ? JSON.stringify(entry.payload) : null
    const problem = [NUL.test(meta) ? 'meta' : null, payload !== null && NUL.test(payload) ? 'payload' : null].filter(
      (what) => what !== null
    )
    return [
      ledger,
      seq,
      bytes(hash, 'hex'),
      bytes(raw.header, 'utf8'),
      bytes(raw.signature, 'hex'),
      raw.payload === null ? null : bytes(raw.payload, 'utf8'),
      id,
      stream,
      type,
      issuer,
      subject,
      timestamp,
      problem.includes('meta') ? null : meta,
      problem.includes('payload') ? null : payload,
      problem.length === 0 ? null : `${problem.join(' and ')}: jsonb has no U+0000`,
      entry.payload_state
    ]
  })
  return rows.length === 0 ? [] : rows[0]!.map((_, column) => rows.map((row) => row[column]))
}

/** The node is `$17`. What is erased stays erased, whoever sends it. */
export function insertEntries(schema: string): string {
  return `
    INSERT INTO ${schema}.entries AS e (ledger, seq, hash, header, signature, payload, id, stream, type, issuer_oid,
      subject_oid, "timestamp", meta, payload_json, json_problem, payload_state, nodes)
    SELECT n.ledger, n.seq, n.hash, n.header, n.signature, CASE WHEN t.hash IS NULL THEN n.payload END, n.id, n.stream,
      n.type, n.issuer, n.subject, n.at, n.meta::jsonb, CASE WHEN t.hash IS NULL THEN n.json::jsonb END, n.problem,
      CASE WHEN t.hash IS NULL THEN n.state ELSE 'erased' END, ARRAY[$17::smallint]
    FROM unnest($1::text[], $2::bigint[], $3::bytea[], $4::bytea[], $5::bytea[], $6::bytea[], $7::text[], $8::text[],
      $9::text[], $10::text[], $11::text[], $12::bigint[], $13::text[], $14::text[], $15::text[], $16::text[])
      AS n(ledger, seq, hash, header, signature, payload, id, stream, type, issuer, subject, at, meta, json, problem, state)
    LEFT JOIN ${schema}.tombstones t ON t.ledger = n.ledger AND t.hash = n.hash
    ON CONFLICT (ledger, seq, hash) DO UPDATE SET
      nodes = CASE WHEN e.nodes @> excluded.nodes THEN e.nodes ELSE e.nodes || excluded.nodes END,
      -- another node may hold a payload that this one does not
      payload = CASE WHEN excluded.payload_state = 'erased' THEN NULL ELSE coalesce(excluded.payload, e.payload) END,
      payload_json = CASE WHEN excluded.payload_state = 'erased' THEN NULL ELSE coalesce(excluded.payload_json, e.payload_json) END,
      payload_state = CASE WHEN excluded.payload_state <> 'erased' AND e.payload IS NOT NULL AND excluded.payload IS NULL
        THEN e.payload_state ELSE excluded.payload_state END`
}

function bytes(text: string, encoding: 'hex' | 'utf8'): Buffer {
  return Buffer.from(text, encoding)
}
