/** Fetches single entries of ledgers that are not held, from peers that may have them. */
import type { Hash } from '../../core/hash.js'
import type { LedgerId } from '../../core/ledger-id.js'
import { viewEntry, type LedgerEntry } from '../../core/view.js'
import { bestFirst } from '../../query/choose.js'
import type { AskPeer } from './ask-peer.js'
import type { Candidates } from './candidates.js'

/** Most peers that are asked for the entries of one ledger, one after the other. */
const MAX_ASKED = 4
/** Entries per request. */
export const MAX_FETCHED = 64

/** An entry by hash if it is known; otherwise by id. */
export interface WantedEntries {
  hashes: readonly Hash[]
  ids: readonly string[]
}

export interface FetchEntriesInit {
  network: string
  candidates: Pick<Candidates, 'of' | 'look'>
  peers: Pick<AskPeer, 'get'>
}

export class FetchEntries {
  readonly #init: FetchEntriesInit

  constructor(init: FetchEntriesInit) {
    this.#init = init
  }

  /** The entries that were shown and verified, in no order; of several with one id all. */
  async fetch(ledger: LedgerId, wanted: WantedEntries, signal: AbortSignal): Promise<LedgerEntry[]> {
    const { candidates } = this.#init
    const found = new Map<Hash, LedgerEntry>()
    const asked = new Set<string>()
    // Connected peers first, because finding others takes time.
    for (const find of [
      async () => await Promise.resolve(candidates.of(ledger)),
      async () => await candidates.look(ledger, signal)
    ]) {
      if (signal.aborted || isAll(wanted, found)) break
      for (const { peer } of ((await inTime(find(), signal)) ?? []).toSorted(bestFirst)) {
        if (asked.has(peer) || asked.size === MAX_ASKED || signal.aborted || isAll(wanted, found)) continue
        asked.add(peer)
        const rest = restOf(wanted, [...found.values()])
        for (const entry of await this.#ask(peer, ledger, rest, signal)) found.set(entry.hash, entry)
      }
    }
    return [...found.values()]
  }

  async #ask(
    peer: string,
    ledger: LedgerId,
    { hashes, ids }: WantedEntries,
    signal: AbortSignal
  ): Promise<LedgerEntry[]> {
    const { network, peers } = this.#init
    const found: LedgerEntry[] = []
    for (const wanted of [{ hashes: hashes.slice(0, MAX_FETCHED) }, { ids: ids.slice(0, MAX_FETCHED) }]) {
      if (Object.values(wanted)[0]!.length === 0) continue
      const answered = await peers.get(peer, { network, ledger, wanted }, signal)
      if (answered.kind === 'failed') break
      found.push(...answered.reply.entries.map((entry) => viewEntry(entry, true, 'missing')))
    }
    return found
  }
}

function isAll(wanted: WantedEntries, found: ReadonlyMap<Hash, LedgerEntry>): boolean {
  const { hashes, ids } = restOf(wanted, [...found.values()])
  return hashes.length + ids.length === 0
}

function restOf({ hashes, ids }: WantedEntries, found: readonly LedgerEntry[]): WantedEntries {
  return {
    hashes: hashes.filter((hash) => !found.some((entry) => entry.hash === hash)),
    ids: ids.filter((id) => !found.some((entry) => entry.id === id))
  }
}

/** Null when the signal fires first. */
async function inTime<T>(work: Promise<T>, signal: AbortSignal): Promise<T | null> {
  return await Promise.race([
    work,
    new Promise<null>((resolve) => {
      if (signal.aborted) resolve(null)
      signal.addEventListener('abort', () => resolve(null), { once: true })
    })
  ])
}
