/** The shape of network.topology. */
import { z } from 'zod'
import { hash, integer, ledgerId, syncFilters } from './shapes.js'

const status = z.enum(['synced', 'syncing', 'stalled']).nullable()

const node = z.object({
  id: ledgerId,
  name: z.string().nullable(),
  own: z.boolean(),
  followed: z.boolean(),
  size: integer.nullable(),
  status,
  stall: z.string().nullable(),
  access: z.enum(['public', 'private']).nullable(),
  frozen: z.boolean(),
  endpoint: z.string().nullable(),
  publicKey: hash.nullable(),
  capabilities: z.array(z.string()),
  metadata: z.object({ version: z.string(), streams: z.array(z.string()), region: z.string().nullable() }).nullable(),
  nodes: z.array(
    z.object({
      peer: z.string(),
      addrs: z.array(z.string()),
      capabilities: z.array(z.string()),
      connected: z.boolean(),
      proven: z.boolean(),
      software: z.string().nullable(),
      lastSeen: integer.nullable()
    })
  )
})

const ends = { from: ledgerId, to: ledgerId }
const bidirectional = z.boolean()

const syncEdge = z.object({
  type: z.literal('sync'),
  ...ends,
  config: z.object({
    known: z.enum(['here', 'peer']),
    size: integer,
    status,
    filters: syncFilters.nullable(),
    bidirectional
  })
})
const namedReference = z.object({
  type: z.literal('reference'),
  ...ends,
  config: z.object({
    count: integer,
    types: z.object({ source: integer, derived: integer, related: integer, transaction: integer }),
    unresolved: integer,
    contradicted: integer,
    bidirectional
  })
})
const trustEdge = z.object({
  type: z.literal('trust'),
  ...ends,
  config: z.object({
    trustLevel: z.number().min(0).max(1),
    trustType: z.string(),
    expires: integer.nullable(),
    accepted: z.boolean(),
    bidirectional
  })
})

export const topology = z.object({
  at: integer,
  self: ledgerId,
  selfPeer: z.string(),
  nodes: z.array(node),
  edges: z.array(z.union([syncEdge, namedReference, trustEdge])),
  trustGraph: z.object({ nodes: z.array(ledgerId), edges: z.array(trustEdge) }),
  references: z.object({ counted: integer, held: integer }),
  truncated: z.boolean()
})
