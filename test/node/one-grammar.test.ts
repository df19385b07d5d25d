/**
 * One grammar at every door (FAULTS §1): arbitrary JSON goes in through the library, the socket, `append` and `import`.
 * What one takes all take, and then the follower holds it, the export, the proof and the backup check, and reading
 * gives what was given; what one refuses all refuse with the same code.
 */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, onTestFinished, test } from 'vitest'
import { exportLedger } from '../../src/cli/export-ledger.js'
import { runImport } from '../../src/cli/import/run-import.js'
import { valueOf } from '../../src/cli/param-option.js'
import type { JsonObject } from '../../src/core/canonical.js'
import { isCoded } from '../../src/core/errors.js'
import { verifyExport } from '../../src/core/export.js'
import { verifyProof } from '../../src/core/verify-proof.js'
import type { AppendInput } from '../../src/node/api/node.js'
import { nodeOf } from '../../src/node/daemon-node.js'
import { createBackup, verifyBackup } from '../../src/node/home/backup.js'
import { LedgerClient } from '../../src/rpc/client.js'
import { METHODS } from '../../src/rpc/methods/index.js'
import { readParams } from '../../src/rpc/read-params.js'
import { JSON_LIMITS, jsonText, type JsonText } from '../helpers/json-corners.js'
import { temporaryFolder } from '../helpers/temporary-folder.js'
import { signed, startNode, type TestNode } from '../helpers/test-node.js'
import { startRig, type Answer } from '../rpc/raw-client.js'
import { silentLog } from '../../src/node/runtime/system.js'

const SEED = Number(process.env.SEED ?? Date.now() % 2 ** 31)
const CASES = Number(process.env.CASES ?? 40)
const METHOD = METHODS['ledger.append']

/** Where the value goes: the payload, or a member of meta, whose grammar is narrower. */
type Place = 'payload' | 'meta'
interface Case extends JsonText {
  place: Place
  n: number
}
type Door = (one: Case, id: string) => Promise<string>

const membersOf = ({ place, text }: Case): string =>
  place === 'payload' ? `"payload":${text}` : `"meta":{"m":${text}}`
const inputOf = (one: Case, id: string): AppendInput => ({
  stream: 's',
  type: 't',
  id,
  ...(JSON.parse(`{${membersOf(one)}}`) as object)
})

async function codeOf(run: () => Promise<unknown>): Promise<string> {
  try {
    await run()
    return 'taken'
  } catch (error) {
    if (isCoded(error)) return error.code
    throw error
  }
}

async function openDoors(
  node: TestNode
): Promise<{ doors: Record<string, Door>; client: () => Promise<LedgerClient> }> {
  const rig = await startRig({ node: nodeOf(node.ledger, Date.now()) })
  onTestFinished(() => rig.close())
  const raw = await rig.connect()
  const client = async (): Promise<LedgerClient> => {
    const opened = await LedgerClient.connect(rig.path)
    onTestFinished(() => opened.close())
    return opened
  }
  const socket: Door = async (one, id) => {
    const answer: Answer = await raw
      .send(
        `{"jsonrpc":"2.0","id":"${id}","method":"ledger.append","params":{"stream":"s","type":"t","id":"${id}",${membersOf(one)}}}\n`
      )
      .answer()
    return answer.error?.data.kind ?? 'taken'
  }
  const appending = await client()
  const append: Door = async (one, id) =>
    await codeOf(async () => {
      // what the command does with its options, without a process for each
      const { place } = one
      const given = valueOf(
        METHOD.params.find(({ name }) => name === place)!,
        place === 'payload' ? one.text : `{"m":${one.text}}`
      )
      await appending.call('ledger.append', readParams(METHOD, { stream: 's', type: 't', id, [place]: given }) as never)
    })
  const library: Door = async (one, id) => await codeOf(async () => await node.ledger.append(inputOf(one, id)))
  return { doors: { socket, append, library }, client }
}

/** One file with a line for each; the codes by line. */
async function importAll(client: LedgerClient, cases: Case[]): Promise<string[]> {
  const file = join(await temporaryFolder(), 'lines.jsonl')
  await writeFile(
    file,
    cases.map((one) => `{"stream":"s","type":"t","id":"import-${one.n}",${membersOf(one)}}\n`).join('')
  )
  const codes = cases.map(() => 'taken')
  await runImport({
    client,
    file,
    ledgers: new Map(),
    waitMs: null,
    listed: Infinity,
    signal: new AbortController().signal,
    onProblem: ({ line, code }) => {
      codes[line - 1] = code
    },
    onStart: () => undefined
  })
  return codes
}

test(`arbitrary JSON at every door (SEED=${SEED})`, { timeout: 120_000 }, async () => {
  const [author, follower] = [await startNode(), await startNode()]
  const { doors, client } = await openDoors(author)
  const generated = fc
    .sample(fc.tuple(jsonText, fc.constantFrom<Place>('payload', 'payload', 'meta')), { seed: SEED, numRuns: CASES })
    .map(([value, place]) => ({ ...value, place }))
  const cases: Case[] = [
    ...generated,
    ...JSON_LIMITS.flatMap((value) => [
      { ...value, place: 'payload' as const },
      { ...value, place: 'meta' as const }
    ])
  ].map((one, n) => ({ ...one, n }))

  const imported = await importAll(await client(), cases)
  const lost: string[] = []
  const taken: { id: string; one: Case }[] = []
  for (const one of cases) {
    const codes: Record<string, string> = { import: imported[one.n]! }
    for (const [name, door] of Object.entries(doors)) {
      // a program that has read such a number has another one already
      if (name !== 'library' || !one.lossy) codes[name] = await door(one, `${name}-${one.n}`)
    }
    expect(
      new Set(Object.values(codes)).size,
      `seed ${SEED}: ${one.place} ${one.text.slice(0, 300)}: ${JSON.stringify(codes)}`
    ).toBe(1)
    for (const [name, code] of Object.entries(codes)) if (code === 'taken') taken.push({ id: `${name}-${one.n}`, one })
    lost.push(...(one.lossy ? [codes.socket!] : []))
  }
  expect(new Set(lost)).toEqual(new Set(['MALFORMED']))
  expect(taken.length).toBeGreaterThan(CASES)

  await follower.connect(author.addr)
  await follower.sync.follow(author.id)
  await follower.synced(author.id, taken.length + 1)
  for (const { id, one } of taken) {
    const given = inputOf(one, id)
    for (const node of [author, follower]) {
      const entry = await node.mirror(author.id).get({ id })
      expect(toText({ payload: entry!.payload, m: entry!.meta.m ?? null }), `seed ${SEED}: ${id}`).toBe(
        toText({ payload: given.payload ?? null, m: given.meta?.m ?? null })
      )
    }
  }

  const reader = await client()
  const lines: string[] = []
  for await (const line of exportLedger(reader, author.id, () => undefined)) lines.push(line)
  expect(await verifyExport(lines)).toMatchObject({ entries: taken.length + 1, payloads: { absent: 0 } })
  await signed(author)
  expect((await reader.call('ledger.checkpoint', {})).size).toBe(taken.length + 1)
  for (const { id } of taken) {
    const proof = JSON.stringify(await reader.call('ledger.prove', { id }))
    expect((await verifyProof(proof)).entry.id).toBe(id)
  }
  const folder = join(await temporaryFolder(), 'backup')
  await createBackup(author.ledger.parts, folder)
  expect(await verifyBackup(folder, { log: silentLog })).toMatchObject({ valid: true })
})

/** Members in one order; -0 is 0 (JSON of RFC 8785). */
function toText(value: JsonObject): string {
  return JSON.stringify(value, (_key, member: unknown) =>
    typeof member === 'object' && member !== null && !Array.isArray(member)
      ? Object.entries(member).sort(([a], [b]) => (a < b ? -1 : 1))
      : member
  )
}
