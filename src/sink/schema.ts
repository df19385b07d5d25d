/**
 * The tables. Signed bytes are the truth (`header`, `signature`, `payload`); all other columns are read out of them, so that
 * they can be asked for. A row belongs to the nodes that show it: one that takes it back does not take it from the others.
 */
import { LedgermeshError } from '../core/errors.js'
import { MAX_IDENTIFIER_BYTES } from './limits.js'
import { transaction, type SqlClient } from './sql-client.js'

export const SCHEMA_VERSION = 1

/** As PostgreSQL quotes it. Throws INVALID_PARAMS for what cannot be a name there. */
export function quoteName(name: string): string {
  if (name === '' || name.includes('\0') || !name.isWellFormed() || Buffer.byteLength(name) > MAX_IDENTIFIER_BYTES)
    throw new LedgermeshError('INVALID_PARAMS', `${JSON.stringify(name)} cannot be a name in PostgreSQL`)
  return `"${name.replaceAll('"', '""')}"`
}

function tables(schema: string): string {
  return `
    CREATE SCHEMA IF NOT EXISTS ${schema};
    CREATE TABLE ${schema}.version (version integer NOT NULL);
    INSERT INTO ${schema}.version VALUES (${SCHEMA_VERSION});
    CREATE TABLE ${schema}.nodes (
      id smallint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
      peer text NOT NULL UNIQUE,
      -- where the feed of this node goes on; null: a snapshot is not complete
      position text,
      private boolean NOT NULL DEFAULT false,
      updated timestamptz NOT NULL DEFAULT now());
    CREATE TABLE ${schema}.entries (
      ledger text COLLATE "C" NOT NULL, seq bigint NOT NULL, hash bytea NOT NULL,
      header bytea NOT NULL, signature bytea NOT NULL, payload bytea,
      id text NOT NULL, stream text NOT NULL, type text NOT NULL, issuer_oid text, subject_oid text,
      "timestamp" bigint NOT NULL, meta jsonb, payload_json jsonb,
      -- why meta or payload_json is null although there is one
      json_problem text,
      payload_state text NOT NULL,
      nodes smallint[] NOT NULL,
      PRIMARY KEY (ledger, seq, hash));
    CREATE INDEX ON ${schema}.entries (ledger, stream, seq);
    CREATE INDEX ON ${schema}.entries (subject_oid) WHERE subject_oid IS NOT NULL;
    -- never removed: a node that is behind must not bring a payload back
    CREATE TABLE ${schema}.tombstones (
      ledger text COLLATE "C" NOT NULL, hash bytea NOT NULL, at timestamptz NOT NULL DEFAULT now(),
      PRIMARY KEY (ledger, hash));
    CREATE TABLE ${schema}.holdings (
      node smallint NOT NULL REFERENCES ${schema}.nodes, ledger text COLLATE "C" NOT NULL,
      access text NOT NULL, size bigint NOT NULL, frozen_from bigint, audited bigint NOT NULL DEFAULT 0,
      evidence text, right_ended bigint,
      PRIMARY KEY (node, ledger));
    -- what is shown: below the lowest freeze that any node knows of
    CREATE VIEW ${schema}.current AS
      SELECT e.ledger, e.seq, e.hash, e.id, e.stream, e.type, e.issuer_oid, e.subject_oid,
        to_timestamp(e."timestamp" / 1000.0) AS at, e.meta, e.payload_json AS payload, e.payload_state, e.json_problem,
        EXISTS (SELECT FROM ${schema}.entries o WHERE o.ledger = e.ledger AND o.seq = e.seq AND o.hash <> e.hash) AS contested
      FROM ${schema}.entries e
      WHERE NOT EXISTS (SELECT FROM ${schema}.holdings h WHERE h.ledger = e.ledger AND h.frozen_from <= e.seq);`
}

/** Makes the tables where there are none. Throws BAD_CONFIG when a newer version made them. */
export async function prepareSchema(client: SqlClient, name: string): Promise<string> {
  const schema = quoteName(name)
  await transaction(client, async () => {
    // two sinks that start at the same time
    await client.query('SELECT pg_advisory_xact_lock(hashtext($1))', [`ledgermesh ${name}`])
    const { rows } = await client.query('SELECT to_regclass($1) AS there', [`${schema}.version`])
    if (rows[0]!.there === null) await client.query(tables(schema))
    const version = Number((await client.query(`SELECT version FROM ${schema}.version`)).rows[0]?.version)
    if (version !== SCHEMA_VERSION)
      throw new LedgermeshError(
        'BAD_CONFIG',
        `the schema ${name} has version ${version}, and this program knows ${SCHEMA_VERSION}`
      )
  })
  return schema
}

/** A view of one stream, by its name. */
export async function makeStreamView(client: SqlClient, schema: string, stream: string): Promise<void> {
  const literal = `'${stream.replaceAll("'", "''")}'`
  if (stream.includes('\\') || stream.includes('\0'))
    throw new LedgermeshError('INVALID_PARAMS', 'no view of a stream with a backslash in its name')
  await client.query(
    `CREATE OR REPLACE VIEW ${schema}.${quoteName(stream)} AS SELECT * FROM ${schema}.current WHERE stream = ${literal}`
  )
}
