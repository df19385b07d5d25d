/**
 * FORMATS §10 as a reader of it would write it down: what the key (behind its family's byte) and the value of each row
 * must be.
 */
import { createHash } from 'node:crypto'

type Row = (key: Buffer, value: Buffer) => boolean

const CHECK_BYTES = 8
const SIGNATURE_BYTES = 64
const N_BYTES = 4
const SEQ_BYTES = 6
const TIME_BYTES = 6
const HASH_BYTES = 32
const TILE_BYTES = HASH_BYTES + 2 * TIME_BYTES
const RULE_BYTES = 2
/** Its rule, and the beginning of its id. */
const CONFLICT_BYTES = RULE_BYTES + 16
const LEDGER_BYTES = 53
/** Kind, flags, n, time, digest, at, count. */
const FEED_BYTES = 2 + N_BYTES + TIME_BYTES + CHECK_BYTES + SEQ_BYTES + 4
/** Direction, and the remote's number. */
const FLOW_BYTES = 5

export function isText(bytes: Buffer): boolean {
  return Buffer.from(bytes.toString()).equals(bytes)
}

const META: Record<string, RegExp> = {
  schema: /^\d+$/,
  incarnation: /^[0-9a-f]{32}$/,
  clean: /^1$/,
  'next-ledger': /^\d+$/,
  'next-remote': /^\d+$/,
  feed: /^\{"epoch":"[0-9a-f]{16}","first":\d+,"incarnation":"[0-9a-f]{32}"\}$/
}

const isLedger = (bytes: Buffer): boolean => /^b[a-z2-7]{51}[aq]$/.test(bytes.toString())

/** JSON with these members; those of `more` may be there. */
function json(key: (key: Buffer) => boolean, members: string[], more: string[] = []): Row {
  return (bytes, value) => {
    const names = Object.keys(JSON.parse(value.toString()) as object)
    return (
      key(bytes) &&
      members.every((name) => names.includes(name)) &&
      names.every((name) => [...members, ...more].includes(name))
    )
  }
}

function jsonOf(key: (key: Buffer) => boolean): Row {
  return (bytes, value) => key(bytes) && typeof JSON.parse(value.toString()) === 'object'
}

const isN = (key: Buffer): boolean => key.length === N_BYTES
const isSeq = (key: Buffer): boolean => key.length === N_BYTES + SEQ_BYTES
const seq =
  (value: (value: Buffer) => boolean): Row =>
  (key, bytes) =>
    isSeq(key) && value(bytes)
const isEmpty = (value: Buffer): boolean => value.length === 0
const sha256 = (...parts: Buffer[]): Buffer => createHash('sha256').update(Buffer.concat(parts)).digest()

function isEntry(value: Buffer): boolean {
  const [check, signature, header] = [
    value.subarray(0, CHECK_BYTES),
    value.subarray(CHECK_BYTES, CHECK_BYTES + SIGNATURE_BYTES),
    value.subarray(CHECK_BYTES + SIGNATURE_BYTES)
  ]
  return sha256(Buffer.of(0), header, signature).subarray(0, CHECK_BYTES).equals(check)
}

/** n, a text, NUL, seq. */
function isNamed(key: Buffer): boolean {
  return key[key.length - SEQ_BYTES - 1] === 0 && isText(key.subarray(N_BYTES, key.length - SEQ_BYTES - 1))
}

const posting: Row = (key, value) => isNamed(key) && (value.length === 0 || value.at(-1)! < 0x80)

export const ROWS: Record<string, Row> = {
  meta: (key, value) =>
    key.toString().startsWith('alias:') ? isLedger(value) : META[key.toString()]?.test(value.toString()) === true,
  ledger: json(isLedger, ['n', 'own'], ['removing', 'unmarked']),
  state: json(isN, ['chain', 'audited', 'durable', 'frozen']),
  follow: json(isN, ['filters', 'paused'], ['origin', 'adopt', 'restricted']),
  checkpoint: (key, value) => isN(key) && value.toString().startsWith('ledgermesh/'),
  evidence: (key, value) => /^[0-9a-f]{32}$/.test(key.toString('utf8', N_BYTES)) && isText(value),
  node: json(isText, ['record', 'shown', 'shownKey', 'name', 'software', 'lastSeen', 'sources'], ['heardSeq']),
  remote: jsonOf(isLedger),
  offer: jsonOf((key) => isLedger(key.subarray(0, LEDGER_BYTES)) && isText(key.subarray(LEDGER_BYTES))),
  light: json(isLedger, ['name', 'note', 'size', 'root', 'peers', 'byOwner', 'newestKey', 'seen', 'evidence']),
  plan: jsonOf(isLedger),
  job: jsonOf((key) => /^(?:in|out)\0b[a-z2-7]{52}\0b[a-z2-7]{52}$/.test(key.toString())),
  token: jsonOf((key) => /^[0-9a-f]{64}$/.test(key.toString())),
  adoption: jsonOf(isLedger),
  standing: json(isN, ['keyForks', 'pin', 'heard', 'firm', 'doubtedFrom', 'verdicts', 'shown']),
  accepted: json(isN, ['from', 'head', 'evidence', 'frozen', 'row']),
  rule: jsonOf((key) => key.length === RULE_BYTES),
  entry: seq(isEntry),
  payload: seq((value) => Object.keys(JSON.parse(value.toString()) as object).join() === 'payload,salt'),
  erased: seq((value) => value.length === SEQ_BYTES),
  missing: seq(isEmpty),
  keyEntry: seq(isEmpty),
  tile: (key, value) => key.length === N_BYTES + 1 + SEQ_BYTES && value.length === TILE_BYTES,
  voided: (key, value) => key.length === N_BYTES + 32 + SEQ_BYTES && isEntry(value),
  flow: jsonOf((key) => isText(key.subarray(N_BYTES))),
  syncState: (key, value) => key.length === N_BYTES + SEQ_BYTES + FLOW_BYTES && value.length === 36,
  storedAt: seq((value) => value.length === TIME_BYTES),
  quarantine: seq((value) => value[0]! <= 1 && isEntry(value.subarray(1))),
  awaited: seq(isEmpty),
  hash: (key, value) => key.length === CHECK_BYTES + N_BYTES + SEQ_BYTES && isEmpty(value),
  id: (key, value) => isNamed(key) && isEmpty(value),
  stream: posting,
  type: posting,
  issuer: posting,
  subject: posting,
  target: posting,
  refState: (key, value) =>
    isN(key)
      ? value.length === SEQ_BYTES
      : key.length === N_BYTES + SEQ_BYTES + 1 && value.length === 1 + 2 * TIME_BYTES,
  refWait: (key, value) =>
    isLedger(key.subarray(0, LEDGER_BYTES)) && key.at(-(N_BYTES + SEQ_BYTES + 2)) === 0 && isEmpty(value),
  indexNode: (key, value) => key.length === N_BYTES + 2 + SEQ_BYTES && value.length >= 30 + SEQ_BYTES + HASH_BYTES + 28,
  indexList: (key, value) =>
    key.length === N_BYTES + 16 + 1 + SEQ_BYTES &&
    (key[N_BYTES + 16] === 0 ? value.length % 28 === 0 : value.length === 44),
  indexRoot: (key, value) =>
    isN(key)
      ? value.length === SEQ_BYTES + 2 * HASH_BYTES
      : key.length === N_BYTES + 2 && value.length === 1 + HASH_BYTES,
  feed: (key, value) =>
    key.length === SEQ_BYTES && value.length >= FEED_BYTES && value[0]! < 12 && isText(value.subarray(FEED_BYTES)),
  cutting: json(isN, ['kind', 'from', 'withdrawn']),
  indexFault: (key, value) =>
    isLedger(key.subarray(0, LEDGER_BYTES)) &&
    (value.length === 0
      ? /^[0-9a-f]{32}p$/.test(key.toString('utf8', LEDGER_BYTES))
      : isText(value) && sha256(value).toString('hex').startsWith(key.toString('utf8', LEDGER_BYTES))),
  claim: (key, value) =>
    key.length === CONFLICT_BYTES + N_BYTES + SEQ_BYTES && [HASH_BYTES, 2 * HASH_BYTES].includes(value.length),
  conflict: (key, value) =>
    key.length === CONFLICT_BYTES && (value.length === N_BYTES || typeof JSON.parse(value.toString()) === 'object'),
  conflictByState: (key, value) => key.length === 1 + TIME_BYTES + CONFLICT_BYTES && value.length <= 1,
  seen: (key, value) =>
    key.length === CONFLICT_BYTES + HASH_BYTES + N_BYTES + SEQ_BYTES && [1, 1 + HASH_BYTES].includes(value.length),
  resolution: (key, value) => key.length === CONFLICT_BYTES + N_BYTES + SEQ_BYTES && isEmpty(value),
  syncByStatus: (key, value) => key.length === 2 * N_BYTES + 2 + SEQ_BYTES && isEmpty(value),
  syncDue: (key, value) => key.length === TIME_BYTES + N_BYTES + SEQ_BYTES + FLOW_BYTES && isEmpty(value),
  touched: (key, value) =>
    (key.length === 0 || key.length === N_BYTES + SEQ_BYTES + CONFLICT_BYTES) &&
    value.length % (SEQ_BYTES + CONFLICT_BYTES) === 0
}

/** Family → its byte, as the page's table has them. */
export function tableOf(page: string): Record<string, number> {
  const rows = [
    ...page.slice(page.indexOf('## 10.')).matchAll(/^\| ([a-zA-Z, ]+) \| ([0-9a-f]{2}(?:, [0-9a-f]{2})*) \|/gm)
  ]
  return Object.fromEntries(
    rows.flatMap(([, names, bytes]) => {
      const hex = bytes!.split(', ')
      return names!.split(', ').map((name, i) => [name, parseInt(hex[i]!, 16)])
    })
  )
}
