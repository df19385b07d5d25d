import { readFile } from 'node:fs/promises'
import { promisify } from 'node:util'
import { gunzip } from 'node:zlib'
import type { Json } from '../../src/core/canonical.js'
import { sha256Text } from '../../src/core/hash.js'
import { ledgerIdOf } from '../../src/core/ledger-id.js'
import type { ReferenceType } from '../../src/core/reference.js'
import type { AppendInput } from '../../src/node/api.js'

interface Line {
  id: string
  stream: string
  type: string
  issuer_oid: string
  subject_oid: string
  payload: Json
  references?: { ledger: string, entryId: string, referenceType: ReferenceType }[]
}

const FILES = ['applications', 'languages', 'libraries']

/** The demo's Debian records as appends, again under new ids when more are wanted than there are. The references are given with a hash: nothing is looked up. */
export async function readRecords (count: number): Promise<AppendInput[]> {
  const texts = await Promise.all(FILES.map(async (name) => (await promisify(gunzip)(await readFile(`scripts/demo/data/${name}.jsonl.gz`))).toString()))
  const lines = texts.flatMap((text) => text.trim().split('\n').map((line) => JSON.parse(line) as Line))
  return Array.from({ length: count }, (_, i) => toInput(lines[i % lines.length]!, Math.floor(i / lines.length)))
}

function toInput ({ id, references = [], ...rest }: Line, copy: number): AppendInput {
  return {
    ...rest,
    id: copy === 0 ? id : `${id}#${copy}`,
    references: references.map(({ ledger, entryId, referenceType }) => ({ ledgerId: ledgerIdOf(sha256Text(ledger)), entryId, referenceType, entryHash: sha256Text(entryId) }))
  }
}
