/** Peers, nodes, known ledgers, and health. */
import { z } from 'zod'
import { access, integer, ledgerId } from './primitives.js'

export const peer = z.object({
  peer: z.string(),
  addrs: z.array(z.string()),
  direction: z.enum(['inbound', 'outbound']),
  since: integer,
  ledger: ledgerId.nullable(),
  name: z.string().nullable(),
  access: access.nullable(),
  software: z.string().nullable()
})

export const health = z.object({
  healthy: z.boolean(),
  checks: z.array(z.object({ check: z.string(), ok: z.boolean(), detail: z.string(), next: z.string().nullable() }))
})

export const provenance = z.enum(['connection', 'gossip', 'dht', 'registry', 'dns', 'manual'])
const nodeStatus = z.enum(['online', 'offline', 'unknown'])
const proof = z.enum(['proven', 'shown', 'claimed'])

export const discoveredNode = z.object({
  peer: z.string(),
  ledger: ledgerId.nullable(),
  name: z.string().nullable(),
  access: access.nullable(),
  proof,
  addrs: z.array(z.string()),
  capabilities: z.array(z.string()),
  metadata: z.object({ version: z.string(), streams: z.array(z.string()), region: z.string().nullable() }).nullable(),
  sources: z.array(provenance),
  status: nodeStatus,
  connected: z.boolean(),
  expires: integer.nullable(),
  lastSeen: integer.nullable(),
  trustMilli: integer.nullable()
})

export const contradiction = z.object({
  source: provenance,
  peer: z.string().nullable(),
  ledger: ledgerId.nullable(),
  problem: z.string(),
  at: integer
})

export const knownLedger = z.object({
  ledger: ledgerId,
  name: z.string().nullable(),
  own: z.boolean(),
  followed: z.boolean(),
  access: access.nullable(),
  size: integer.nullable(),
  nodes: z.array(
    z.object({
      peer: z.string(),
      addrs: z.array(z.string()),
      capabilities: z.array(z.string()),
      connected: z.boolean(),
      status: nodeStatus,
      lastSeen: integer.nullable(),
      sources: z.array(provenance),
      proof
    })
  )
})
