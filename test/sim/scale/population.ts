/**
 * Ledgers, and who follows them: a few by nearly all, most by one to three; some nodes follow more than there are
 * topics for.
 */
import { decodeEntry, ledgerOf, type Entry } from '../../../src/core/entry.js'
import { encodeHeader } from '../../../src/core/header.js'
import { signingKeyFromSeed, type SigningKey } from '../../../src/core/keys.js'
import { sha256 } from '../../../src/core/hash.js'
import { signingInput } from '../../../src/core/signature.js'
import type { Random } from '../../../src/ports.js'
import { NETWORK, signEntry } from '../histories.js'

/** Entries of a ledger that all who follow it hold at the start. */
export const START_SIZE = 20
/** Share of the nodes that follow the most followed ledger. */
const TOP_SHARE = 0.9
/** Shares of all ledgers that a few nodes follow whatever they are: archives and registries. */
const COLLECTORS = [1, 0.5, 0.5, 0.2, 0.2, 0.1, 0.1, 0.1, 0.07, 0.07]
/** Nodes per collector. */
const NODES_PER_COLLECTOR = 100

export interface SimLedger {
  number: number
  id: string
  key: SigningKey
  /** The node that its author runs. */
  home: number
  followers: number[]
  /** The newest entry, and all hashes that there are by size. */
  head: Entry
  hashes: Map<number, string>
}

export async function makePopulation(nodes: number, ledgers: number, random: Random): Promise<SimLedger[]> {
  const all: SimLedger[] = []
  for (let number = 0; number < ledgers; number++) {
    const key = signingKeyFromSeed(Buffer.from(sha256(Buffer.from(`scale ${number}`)), 'hex'))
    const genesis = await signGenesis(key, number)
    const id = ledgerOf(genesis)
    const head = await signEntry(key, {
      ledger: id,
      seq: START_SIZE - 1,
      prev: genesis.hash,
      id: `entry ${START_SIZE - 1}`
    })
    all.push({ number, id, key, home: number % nodes, followers: [], head, hashes: new Map([[START_SIZE, head.hash]]) })
  }
  const byRank = shuffled(all, random)
  for (const [rank, ledger] of byRank.entries()) {
    const count = Math.max(1 + Math.floor(random.next() * 3), Math.floor((TOP_SHARE * nodes) / (rank + 1)))
    ledger.followers = sample(nodes, count, random)
  }
  const collectors = COLLECTORS.slice(0, Math.max(1, Math.round(nodes / NODES_PER_COLLECTOR)))
  for (const [n, share] of collectors.entries()) {
    const node = sample(nodes, 1, random)[0]! // two may fall on the same one
    for (const ledger of n === 0 ? all : all.filter(() => random.next() < share))
      if (!ledger.followers.includes(node)) ledger.followers.push(node)
  }
  for (const ledger of all) ledger.followers = ledger.followers.filter((node) => node !== ledger.home)
  return all
}

/** The next entry of the ledger. */
export async function extendLedger(ledger: SimLedger): Promise<Entry> {
  const { seq } = ledger.head.header
  ledger.head = await signEntry(ledger.key, {
    ledger: ledger.id,
    seq: seq + 1,
    prev: ledger.head.hash,
    id: `entry ${seq + 1}`
  })
  ledger.hashes.set(seq + 2, ledger.head.hash)
  return ledger.head
}

async function signGenesis(key: SigningKey, number: number): Promise<Entry> {
  const header = encodeHeader({
    v: 1,
    ledger: null,
    seq: 0,
    prev_hash: null,
    key: key.publicKey,
    id: 'genesis',
    stream: 'main',
    type: 'ledger.genesis',
    issuer_oid: null,
    subject_oid: null,
    timestamp: 1_700_000_000_000,
    payload_hash: null,
    payload_size: 0,
    meta: { network: NETWORK, name: `ledger ${number}`, access: 'public', next_key_hash: null }
  })
  return decodeEntry({ header, signature: await key.sign(signingInput('entry', header)), payload: null })
}

export function shuffled<T>(items: readonly T[], random: Random): T[] {
  const all = [...items]
  for (let i = all.length - 1; i > 0; i--) {
    const j = Math.floor(random.next() * (i + 1))
    ;[all[i], all[j]] = [all[j]!, all[i]!]
  }
  return all
}

/** `count` different numbers below `below`. */
export function sample(below: number, count: number, random: Random): number[] {
  if (count * 2 > below)
    return shuffled(
      Array.from({ length: below }, (_, n) => n),
      random
    ).slice(0, count)
  const chosen = new Set<number>()
  while (chosen.size < count) chosen.add(Math.floor(random.next() * below))
  return [...chosen]
}
