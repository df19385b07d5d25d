/** The records that the demo imports: all of them, or the first of each file with what they need. */
import { readFileSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'

/** An issuer of whom each of the three ledgers has one entry. */
export const ISSUER = 'oid:debian:maintainer:0ec408285b4438f7'
/** It refers into languages, and what it refers to there into libraries. */
export const START = 'deb:2vcard@0.6-4'

interface DemoRecord {
  id: string
  issuer_oid: string
  references?: { ledger: string; entryId: string }[]
}

/** The file with all records of one ledger. */
export function recordsOf(name: string): string {
  return join('scripts', 'demo', 'data', `${name}.jsonl.gz`)
}

/**
 * Writes for each ledger a file with its first `count` records, with those that the demo asks for, and with all that
 * these refer to, in whichever ledger: no reference leads out of it. The paths, by ledger.
 */
export async function writePart(names: readonly string[], count: number, folder: string): Promise<Map<string, string>> {
  const lines = new Map(names.map((name) => [name, readLines(recordsOf(name))]))
  const byId = new Map(
    names.map((name) => [name, new Map(lines.get(name)!.map((line) => [line.record.id, line.record]))])
  )
  const chosen = new Set<DemoRecord>()
  const left = [...lines.values()].flatMap((all) =>
    all
      .filter(({ record }, at) => at < count || record.issuer_oid === ISSUER || record.id === START)
      .map(({ record }) => record)
  )
  for (let record = left.pop(); record !== undefined; record = left.pop()) {
    if (chosen.has(record)) continue
    chosen.add(record)
    left.push(...(record.references ?? []).map(({ ledger, entryId }) => byId.get(ledger)!.get(entryId)!))
  }
  const files = new Map(names.map((name) => [name, join(folder, `${name}.jsonl`)]))
  for (const [name, file] of files) {
    const part = lines.get(name)!.filter(({ record }) => chosen.has(record))
    await writeFile(file, part.map(({ line }) => `${line}\n`).join(''))
  }
  return files
}

function readLines(file: string): { line: string; record: DemoRecord }[] {
  const bytes = readFileSync(file)
  const text = (file.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString()
  return text
    .trim()
    .split('\n')
    .map((line) => ({ line, record: JSON.parse(line) as DemoRecord }))
}

/** References from one ledger to another, in the records that are imported. */
export function betweenLedgers(files: ReadonlyMap<string, string>): number {
  let sum = 0
  for (const [name, file] of files)
    sum += readLines(file)
      .flatMap(({ record: { references = [] } }) => references)
      .filter(({ ledger }) => ledger !== name).length
  return sum
}
