/** The view of a mirror that adoption reads. */
import { isCoded, LedgermeshError } from '../../core/errors.js'
import type { Entry } from '../../core/entry.js'
import type { Hash } from '../../core/hash.js'
import type { Header } from '../../core/header.js'
import type { LedgerId } from '../../core/ledger-id.js'
import { isOfType } from '../../core/ledger-types.js'
import { MAX_LIST } from '../../core/limits.js'
import { decodePayload } from '../../core/payload.js'
import { seqsFrom } from '../../core/seqs.js'
import type { Ledger } from '../../ledger/ledger.js'
import { ERASE_BATCH, GROUP_BYTES, GROUP_ENTRIES } from '../../sync/adopt/limits.js'
import type { AdoptSource } from '../../sync/adopt/ports.js'
import type { HeldPayload, Original } from '../../sync/adopt/types.js'

export class HeldSource implements AdoptSource {
  readonly #ledger: Ledger

  constructor(ledger: Ledger) {
    this.#ledger = ledger
  }

  get id(): LedgerId {
    return this.#ledger.id
  }
  get size(): number {
    return this.#ledger.size
  }

  async hashAt(seq: number): Promise<Hash | null> {
    return await this.#ledger.storedHash(seq)
  }

  async read(from: number, to: number, isWanted: (header: Header) => boolean): Promise<Original[]> {
    const end = Math.min(to, from + GROUP_ENTRIES)
    const seqs = seqsFrom(from, end)
    const originals = await this.readSeqs(seqs, isWanted)
    const gap = originals.findIndex(({ header }, i) => header.seq !== from + i)
    if (gap >= 0 || originals.length === 0)
      throw new LedgermeshError('STORE_DAMAGED', `entry ${from + Math.max(gap, 0)} of ${this.id} is not in the store`)
    return originals
  }

  async readSeqs(seqs: readonly number[], isWanted: (header: Header) => boolean): Promise<Original[]> {
    const { reader } = this.#ledger
    const entries: Entry[] = []
    let bytes = 0
    for (const entry of await reader.many([...seqs])) {
      if (entry === null) continue
      bytes += sizeOf(entry, isWanted)
      if (bytes > GROUP_BYTES && entries.length > 0) break
      entries.push(entry)
    }
    const wanted = entries.filter(({ header }) => header.payload_hash !== null && isWanted(header))
    await reader.withPayloads(wanted)
    const absent = wanted.filter(({ raw }) => raw.payload === null).map(({ header }) => header.seq)
    const found = await reader.absences(absent)
    const states = new Map(absent.map((seq, i) => [seq, found[i]!]))
    return entries.map((entry) => ({
      header: entry.header,
      hash: entry.hash,
      payload: payloadOf(entry, states.get(entry.header.seq) ?? 'filtered'),
      bytes: sizeOf(entry, isWanted)
    }))
  }

  async erasures(from: number): Promise<{ hashes: Hash[]; next: number }> {
    const { size } = this.#ledger
    const { entries, next } = await this.#ledger.pageOfAll(
      { type: 'ledger.erase', limit: Math.floor(ERASE_BATCH / MAX_LIST) },
      from
    )
    return {
      hashes: entries.flatMap((entry) => (isOfType(entry, 'ledger.erase') ? entry.meta.entries : [])),
      next: Math.min(next ?? size, size)
    }
  }

  async areErased(seqs: readonly number[]): Promise<boolean[]> {
    return (await this.#ledger.reader.absences([...seqs])).map((state) => state === 'erased')
  }
}

function sizeOf({ header, raw }: Entry, isWanted: (header: Header) => boolean): number {
  return raw.header.length + (isWanted(header) ? header.payload_size : 0)
}

function payloadOf({ header, raw: { payload } }: Entry, absent: 'erased' | 'missing' | 'filtered'): HeldPayload {
  if (header.payload_hash === null) return { state: 'none' }
  if (payload === null) return { state: absent }
  try {
    return { state: 'present', content: decodePayload(payload).payload }
  } catch (error) {
    if (isCoded(error)) return { state: 'malformed' }
    throw error
  }
}
