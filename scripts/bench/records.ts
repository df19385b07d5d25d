import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { gunzip } from 'node:zlib'
import type { Json } from '../../src/core/canonical.js'
import { sha256Text } from '../../src/core/hash.js'
import { ledgerIdOf } from '../../src/core/ledger-id.js'
import type { ReferenceType } from '../../src/core/reference.js'
import type { AppendInput } from '../../src/node/api/node.js'

interface Line {
  id: string
  stream: string
  type: string
  issuer_oid: string
  subject_oid: string
  payload: Json
  references?: { ledger: string; entryId: string; referenceType: ReferenceType }[]
}

/**
 * The demo's Debian records, or those of another folder of .jsonl.gz files, as appends; again under new ids when more
 * are wanted than there are. The references are given with a hash: nothing is looked up.
 */
export async function readRecords(count: number, folder?: string): Promise<AppendInput[]> {
  const inputs: AppendInput[] = []
  for await (const batch of recordBatches(count, count, folder)) inputs.push(...batch)
  return inputs
}

/** The same, `size` at a time. */
export async function* recordBatches(
  count: number,
  size: number,
  folder = 'scripts/demo/data'
): AsyncGenerator<AppendInput[]> {
  const files = (await readdir(folder)).filter((name) => name.endsWith('.jsonl.gz')).toSorted()
  const texts = await Promise.all(
    files.map(async (name) => (await promisify(gunzip)(await readFile(join(folder, name)))).toString())
  )
  const lines = texts.flatMap((text) =>
    text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Line)
  )
  for (let from = 0; from < count; from += size) {
    yield Array.from({ length: Math.min(size, count - from) }, (_, i) =>
      toInput(lines[(from + i) % lines.length]!, Math.floor((from + i) / lines.length))
    )
  }
}

function toInput({ id, references = [], ...rest }: Line, copy: number): AppendInput {
  return {
    ...rest,
    id: copy === 0 ? id : `${id}#${copy}`,
    references: references.map(({ ledger, entryId, referenceType }) => ({
      ledgerId: ledgerIdOf(sha256Text(ledger)),
      entryId,
      referenceType,
      entryHash: sha256Text(entryId)
    }))
  }
}
