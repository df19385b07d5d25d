import { existsSync, readFileSync } from 'node:fs'
import { z } from 'zod'
import { LedgermeshError } from '../core/errors.js'
import { isName } from '../core/grammar.js'
import { parseIJson } from '../core/ijson.js'
import { isLedgerId } from '../core/ledger-id.js'
import { isNetworkName, isPeerIdText } from '../core/ledger-types.js'

/** config.json, and what flags may override. Unknown keys are refused: a typo must not silently mean the default. */
const schema = z.strictObject({
  /** Networks with different names cannot exchange data. */
  network: z.string().refine(isNetworkName, 'a network name is [a-z0-9-]{1,32}').default('main'),
  /** The name in the own ledger's genesis; it is public and permanent, so it counts only when the ledger is made. */
  name: z.string().refine(isName, 'a name has 1–128 bytes without control characters').default('ledger'),
  /** Who may read the own ledger; counts only when it is made. */
  access: z.enum(['public', 'private']).default('public'),
  /** Multiaddrs to listen on. Port 0 takes a free one. */
  listen: z.array(z.string()).default(['/ip4/0.0.0.0/tcp/7440']),
  /** Multiaddrs with /p2p/ to join through, beside those of the bootstrap file. */
  bootstrap: z.array(z.string()).default([]),
  /** File of the 32-byte key (64 hex digits) that all nodes of a hidden network share; relative to the home folder. */
  psk: z.string().min(1).optional(),
  /** Peer ids and ledger ids that may be connected; given, even empty, nobody else may, but for members. */
  allow: z.array(z.string().refine((id) => isPeerIdText(id) || isLedgerId(id), 'a peer id or a ledger id')).optional(),
  /** Those may be connected to whom one of these ledgers gave a membership (`ledgermesh admit`). Every node follows the issuers. */
  members: z.strictObject({ issuers: z.array(z.string().refine(isLedgerId, 'a ledger id')).min(1).max(16) }).optional(),
  /** Peer ids that are to know which private ledger this node speaks for, beside its readers. */
  introduceTo: z.array(z.string().refine(isPeerIdText, 'a peer id')).default([]),
  /** 0–1000: pull only ledgers that the own one trusts so much for sync (headers alone may always be followed); null: all that are followed. */
  minTrustMilli: z.int().min(0).max(1000).nullable().default(null),
  /** False: the DHT is neither asked nor served; nodes are found by the other ways. */
  dht: z.boolean().default(true),
  /** The ledger that this node speaks for, when it is not the own one: that ledger's `network.authorizeNode` must name this peer. */
  speaksFor: z.string().refine(isLedgerId, 'a ledger id is b and 52 characters').optional(),
  /** What the node's record says beside what every node can do, for example "dns:example.org". */
  capabilities: z.array(z.string().refine(isName, 'a capability has 1–128 bytes without control characters')).max(24).default([]),
  region: z.string().refine(isName, 'a region has 1–128 bytes without control characters').optional(),
  /** Keep the records of others, and hand them out. */
  registry: z.boolean().default(false),
  /** Multiaddrs of registries to search in. */
  registries: z.array(z.string()).max(4).default([]),
  /** DNS servers (ip or ip:port) for discovery by domain; none: those of the system. */
  dnsServers: z.array(z.string()).max(4).default([]),
  logLevel: z.enum(['debug', 'info', 'warn', 'error', 'silent']).default('info')
})

export type Config = z.output<typeof schema>
export type ConfigInput = z.input<typeof schema>

/** Flags over config.json over defaults. Throws BAD_CONFIG with the file and the key. */
export function loadConfig (file: string, flags: ConfigInput): Config {
  const stored = existsSync(file) ? readJson(file) : {}
  if (typeof stored !== 'object' || stored === null || Array.isArray(stored)) throw new LedgermeshError('BAD_CONFIG', `${file}: not a JSON object`)
  const given = Object.fromEntries(Object.entries(flags).filter(([, value]) => value !== undefined))
  const result = schema.safeParse({ ...stored, ...given })
  if (!result.success) throw new LedgermeshError('BAD_CONFIG', `${file}: ${z.prettifyError(result.error)}`)
  return result.data
}

const bootstrapSchema = z.record(z.string(), z.array(z.string()))

/** The addresses that a bootstrap-nodes.json ({"<network>": [multiaddr…]}) names for a network. Throws BAD_CONFIG. */
export function loadBootstrapFile (file: string, network: string): string[] {
  const result = bootstrapSchema.safeParse(readJson(file))
  if (!result.success) throw new LedgermeshError('BAD_CONFIG', `${file}: expected {"<network>": ["/ip4/…/tcp/…/p2p/…"]}`)
  return Object.hasOwn(result.data, network) ? result.data[network]! : [] // "constructor" is a network's name too
}

function readJson (file: string): unknown {
  try {
    return parseIJson(readFileSync(file))
  } catch (error) {
    throw new LedgermeshError('BAD_CONFIG', `${file}: ${(error as Error).message}`, undefined, { cause: error })
  }
}
