/**
 * An export: a whole ledger as JSONL that can be verified without network or database (DESIGN §2). first line {v: 1,
 * network, ledger, key_entries: [{header, signature} …], checkpoint: note | null} then {header, signature, payload:
 * text | null}, one line an entry, from seq 0 without a gap The key entries are the genesis and every rotation in the
 * file. The checkpoint covers at most as many entries as the file has.
 */
import { fromUtf8 } from '#platform'
import { extendChain, startChain, type ChainState } from './chain.js'
import { readCheckpoint, verifyCheckpoint } from './checkpoint.js'
import { verifyEntrySignature, type RawEntry, type SignedHeader } from './entry.js'
import { isCoded, LedgermeshError } from './errors.js'
import { hasExactly } from './grammar.js'
import { toHex, type Hash } from './hash.js'
import { refuseNewer } from './header.js'
import { parseCarrier } from './ijson.js'
import { isLedgerId, type LedgerId } from './ledger-id.js'
import { isNetworkName, setsKey } from './ledger-types.js'
import { CompactTree } from './merkle.js'
import { readOptions, type Members } from './options.js'
import { verifySignature, type Verify } from './signature.js'
import { isEntryText, isKeyEntries, readEntry, type EntryText, type RawStatement } from './verify-proof.js'

/**
 * The first line of an export: whose entries follow, the key entries, and a checkpoint (signed note text) where there
 * is one.
 */
export interface ExportHead {
  v: 1
  network: string
  ledger: LedgerId
  key_entries: RawStatement[]
  checkpoint: string | null
}

/** The result of a valid export: every signature, hash and link was checked, from the genesis on. */
export interface VerifiedExport {
  ledger: LedgerId
  network: string
  name: string
  access: 'public' | 'private'
  entries: number
  headHash: Hash
  /** The root over all entries. */
  root: Hash
  /**
   * `none`: entries that never had a payload; `absent`: payloads erased, filtered or missing where the export was made.
   */
  payloads: { present: number; absent: number; none: number }
  /** null: the file has no checkpoint. Entries after the checkpoint are proved by their signatures alone. */
  checkpoint: { size: number; root: Hash } | null
}

/** The first line, without its newline. */
export function formatExportHead(head: ExportHead): string {
  const { v, network, ledger, key_entries: keyEntries, checkpoint } = head
  return JSON.stringify({ v, network, ledger, key_entries: keyEntries, checkpoint })
}

/** An entry's line, without its newline. */
export function formatExportEntry({ header, signature, payload }: RawEntry | EntryText): string {
  return JSON.stringify({
    header: textOf(header),
    signature: typeof signature === 'string' ? signature : toHex(signature),
    payload: payload === null ? null : textOf(payload)
  })
}

export function isExportHead(value: unknown): value is ExportHead {
  return (
    hasExactly(value, ['v', 'network', 'ledger', 'key_entries', 'checkpoint']) &&
    value.v === 1 &&
    isNetworkName(value.network) &&
    isLedgerId(value.ledger) &&
    isKeyEntries(value.key_entries) &&
    (value.checkpoint === null || typeof value.checkpoint === 'string')
  )
}

const OPTIONS: Members<{ verify?: Verify; onEntry?: (count: number) => void }> = { verify: true, onEntry: true }

/**
 * Checks an export line by line, in constant memory. `onEntry` is called with the number of entries checked so far.
 * Throws BAD_PROOF with the line and the reason, or UPGRADE_NEEDED.
 */
export async function verifyExport(
  lines: AsyncIterable<Uint8Array | string> | Iterable<Uint8Array | string>,
  options: { verify?: Verify; onEntry?: (count: number) => void } = {}
): Promise<VerifiedExport> {
  const { verify = verifySignature, onEntry } = readOptions(options, OPTIONS)
  let reader: ExportReader | null = null
  let number = 0
  try {
    for await (const line of lines) {
      number++
      if (reader === null) {
        reader = new ExportReader(readHead(line), verify)
        continue
      }
      await reader.take(line)
      onEntry?.(reader.size)
    }
    number++
    if (reader === null) throw bad('the file is empty')
    return reader.finish()
  } catch (error) {
    if (!isCoded(error) || error.code === 'UPGRADE_NEEDED') throw error
    throw new LedgermeshError(
      'BAD_PROOF',
      `line ${number} of the export does not check: ${error.message}`,
      { line: number },
      { cause: error }
    )
  }
}

class ExportReader {
  readonly #head: ExportHead
  readonly #verify: Verify
  readonly #tree = new CompactTree()
  readonly #payloads = { present: 0, absent: 0, none: 0 }
  readonly #checkpointSize: number | null
  #checkpoint: { size: number; root: Hash } | null = null
  #keyEntries = 0
  #chain: ChainState | null = null

  constructor(head: ExportHead, verify: Verify) {
    this.#head = head
    this.#verify = verify
    this.#checkpointSize = head.checkpoint === null ? null : readCheckpoint(head.checkpoint, head).size
  }

  get size(): number {
    return this.#tree.size
  }

  async take(line: Uint8Array | string): Promise<void> {
    const { ledger, network, checkpoint } = this.#head
    const value = parseCarrier(line)
    if (!isEntryText(value)) throw bad('not {header, signature, payload}')
    const entry = readEntry(value)
    this.#chain = this.#chain === null ? startChain(ledger, entry) : extendChain(this.#chain, entry)
    if (this.#chain.network !== network) throw bad('the genesis names another network')
    if (!(await verifyEntrySignature(entry, this.#verify)))
      throw bad(`entry ${entry.header.seq} is not signed by its key`)
    if (setsKey(entry.header)) {
      const listed = this.#head.key_entries[this.#keyEntries++]
      if (listed?.header !== value.header || listed.signature !== value.signature)
        throw bad(`entry ${entry.header.seq} is not among the key entries of the first line`)
    }
    this.#payloads[entry.header.payload_hash === null ? 'none' : entry.raw.payload === null ? 'absent' : 'present']++
    this.#tree.append(entry.hash)
    if (this.#tree.size !== this.#checkpointSize) return
    const { size, root } = await verifyCheckpoint(checkpoint!, { network, ledger, key: this.#chain.key }, this.#verify)
    if (root !== this.#tree.root()) throw bad('the checkpoint is not over these entries')
    this.#checkpoint = { size, root }
  }

  finish(): VerifiedExport {
    const chain = this.#chain
    if (chain === null) throw bad('there is no entry')
    if (this.#checkpointSize !== null && this.#checkpoint === null)
      throw bad(`the file ends after ${chain.size} entries; its checkpoint is over ${this.#checkpointSize}`)
    if (this.#keyEntries !== this.#head.key_entries.length)
      throw bad('the first line lists key entries that the file does not contain')
    return {
      ledger: chain.ledger,
      network: chain.network,
      name: chain.name,
      access: chain.access,
      entries: chain.size,
      headHash: chain.headHash,
      root: this.#tree.root(),
      payloads: { ...this.#payloads },
      checkpoint: this.#checkpoint
    }
  }
}

function readHead(line: Uint8Array | string): ExportHead {
  const value = parseCarrier(line)
  refuseNewer(value)
  if (!isExportHead(value)) throw bad('not {v, network, ledger, key_entries, checkpoint}')
  return value
}

function textOf(bytes: SignedHeader['header'] | string): string {
  return typeof bytes === 'string' ? bytes : fromUtf8(bytes)
}

function bad(what: string): LedgermeshError {
  return new LedgermeshError('BAD_PROOF', what)
}
