import { readFileSync } from 'node:fs'
import { keyHash } from '../../src/core/chain.js'
import { formatExportEntry, formatExportHead } from '../../src/core/export.js'
import { inclusionProof } from '../../src/core/merkle.js'
import { Author, NETWORK } from '../core/author.js'

/** As `isName` allows it. */
export const HOSTILE = '<img src=x onerror=alert(1)>\u202egnp.exe\u2028'

export interface HostileFiles {
  /** Whose the proof and the export are. */
  ledger: string
  /** The id of another ledger, which this one has for its name. */
  expected: string
  texts: Record<string, string>
}

/** Files that check, and say hostile things wherever an author may choose. */
export async function hostileFiles(): Promise<HostileFiles> {
  const expected = (await Author.create(90)).ledger
  const author = await Author.create(1)
  author.entries.length = 0
  await author.append({
    ledger: null,
    seq: 0,
    prev_hash: null,
    type: 'ledger.genesis',
    meta: { network: NETWORK, name: expected, access: 'public', next_key_hash: keyHash(author.next.publicKey) }
  })
  await author.append({ id: HOSTILE, stream: HOSTILE, type: HOSTILE })
  await author.appendPayload({ [HOSTILE]: HOSTILE })
  const { ledger } = author
  const checkpoint = await author.checkpoint()
  const keyEntries = author.keyEntries().map(({ raw }) => statement(raw))
  const lines = [
    formatExportHead({ v: 1, network: NETWORK, ledger, key_entries: keyEntries, checkpoint }),
    ...author.entries.map(({ raw }) => formatExportEntry(raw))
  ]
  const proof = {
    v: 1,
    network: NETWORK,
    ledger,
    key_entries: keyEntries,
    checkpoint,
    seq: 1,
    entry: { ...statement(author.entries[1]!.raw), payload: null },
    path: inclusionProof(author.hashes(), 1)
  }
  const vector = (name: string): string => readFileSync(`test/vectors/files/${name}`, 'utf8')
  return {
    ledger,
    expected,
    texts: {
      'proof.json': JSON.stringify(proof, null, 2),
      'tampered.json': JSON.stringify({ ...proof, seq: 2 }),
      'export.jsonl': `${lines.join('\n')}\n`,
      'cut.jsonl': lines.slice(0, -1).join('\n'),
      'answer.json': vector('answer.json'),
      'evidence.json': vector('evidence-same-seq.json'),
      'fault.json': vector('index-fault-count.json'),
      'other.txt': `{"name": "${HOSTILE}"}`
    }
  }
}

function statement({ header, signature }: { header: Uint8Array; signature: Uint8Array }): {
  header: string
  signature: string
} {
  return { header: Buffer.from(header).toString(), signature: Buffer.from(signature).toString('hex') }
}
