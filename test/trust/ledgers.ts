/** Ledgers for trust tests, without keys: names become LedgerIds and entries become headers that `readTrust` reads. */
import { expect } from 'vitest'
import type { JsonObject } from '../../src/core/canonical.js'
import { sha256Text, type Hash } from '../../src/core/hash.js'
import type { Header } from '../../src/core/header.js'
import { ledgerIdOf, type LedgerId } from '../../src/core/ledger-id.js'
import { readTrust, type TrustKind } from '../../src/trust/attestation.js'
import { TrustGraph } from '../../src/trust/graph.js'

export const NOW = 1_700_000_000_000

const ids = new Map<string, LedgerId>()

/** The same name, the same ledger. */
export function id(name: string): LedgerId {
  let known = ids.get(name)
  if (known === undefined) ids.set(name, (known = ledgerIdOf(sha256Text(name))))
  return known
}

export function header(
  ledger: LedgerId,
  seq: number,
  type: string,
  meta: JsonObject,
  change: Partial<Header> = {}
): Header {
  return {
    v: 1,
    ledger,
    seq,
    prev_hash: sha256Text('before'),
    key: sha256Text('key'),
    id: `entry-${seq}`,
    stream: 'trust',
    type,
    issuer_oid: null,
    subject_oid: null,
    timestamp: NOW,
    payload_hash: null,
    payload_size: 0,
    meta,
    ...change
  }
}

export interface Edge {
  from: string
  to: string
  level: number
  kind?: TrustKind
  depth?: number
  expires?: number | null
}

/** A graph and the ledgers that are written into it; seq 0 is the genesis. */
export class World {
  readonly graph = new TrustGraph()
  readonly #sizes = new Map<string, number>()

  /** Writes an entry and lets the graph hold its ledger up to it. */
  write(name: string, type: string, meta: JsonObject, change: Partial<Header> = {}): Hash {
    const hash = this.writeUnheld(name, type, meta, change)
    this.hold(name)
    return hash
  }

  writeUnheld(name: string, type: string, meta: JsonObject, change: Partial<Header> = {}): Hash {
    const seq = this.size(name)
    this.#sizes.set(name, seq + 1)
    const hash = sha256Text(`${name}/${seq}`)
    const statement = readTrust(header(id(name), seq, type, meta, change), hash)
    if (statement !== null) this.graph.add(statement)
    return hash
  }

  attest(edge: Edge): Hash {
    return this.write(edge.from, 'trust.attestation', metaOf(edge))
  }

  revoke(name: string, attestation: Hash): void {
    this.write(name, 'trust.revocation', { attestation })
  }

  /** Entries of the ledger, 1 if it has only its genesis. */
  size(name: string): number {
    return this.#sizes.get(name) ?? 1
  }

  hold(name: string, size = this.size(name), evidence = false): void {
    this.graph.setLedger({ ledger: id(name), size, asOf: NOW - 5000, evidence })
  }
}

export function metaOf({ to, level, kind = 'full', depth = 3, expires = null }: Edge): JsonObject {
  return { subject: id(to), level_milli: level, kind, depth, expires }
}

export function worldOf(edges: Edge[]): World {
  const world = new World()
  for (const edge of edges) {
    world.hold(edge.from)
    world.hold(edge.to)
  }
  for (const edge of edges) world.attest(edge)
  return world
}

/** "a>b>c": edges along it of one level. */
export function chain(path: string, level: number, depth = 3): Edge[] {
  const names = path.split('>')
  return names.slice(1).map((to, i) => ({ from: names[i]!, to, level, depth }))
}

export function names(path: { from: LedgerId; to: LedgerId }[], known: string[]): string {
  const nameOf = (ledger: LedgerId): string => known.find((name) => id(name) === ledger) ?? '?'
  for (let i = 1; i < path.length; i++) expect(path[i]!.from).toBe(path[i - 1]!.to)
  return [...path.slice(0, 1).map(({ from }) => nameOf(from)), ...path.map(({ to }) => nameOf(to))].join('>')
}
