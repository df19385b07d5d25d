import { existsSync } from 'node:fs'
import { dirname, isAbsolute, relative } from 'node:path'
import { z } from 'zod'
import { isFreeCapability, SERVED_TEXT } from '../core/capabilities.js'
import { isCoded, LedgermeshError } from '../core/errors.js'
import { isName } from '../core/grammar.js'
import { isLedgerId } from '../core/ledger-id.js'
import { isNetworkName } from '../core/ledger-types.js'
import { peerKeyOf } from '../core/peer-key.js'
import { MAX_CAP_KIB, MAX_JOBS, MIN_CAP_KIB } from '../sync/schedule/limits.js'
import { MAX_RULES } from '../conflict/limits.js'
import { readRule, type RuleInput } from '../conflict/rule.js'
import { ACCEPT_RULES } from '../sync/push/types.js'
import { configProblem, type Sources } from './config-problem.js'
import { httpSettings } from './http-settings.js'
import { readJsonFile } from './read-json-file.js'

/** null: it is a rule. */
function ruleProblem(given: unknown): string | null {
  try {
    readRule(given as RuleInput)
    return null
  } catch (error) {
    if (isCoded(error, 'INVALID_PARAMS')) return error.message
    throw error
  }
}

/** Every node of ours has an Ed25519 key. */
function isPeerId(text: string): boolean {
  return peerKeyOf(text) !== null
}

/** config.json, and what flags may override. Unknown keys are refused: a typo must not silently mean the default. */
const schema = z.strictObject({
  /** Networks with different names cannot exchange data. */
  network: z.string().refine(isNetworkName, 'a network name is [a-z0-9-]{1,32}').default('main'),
  /**
   * The name in the own ledger's genesis: public and permanent. Default: ledger. A ledger that is there must have it
   * (LEDGER_DIFFERS).
   */
  name: z.string().refine(isName, 'a name has 1–128 bytes without control characters').optional(),
  /** Who may read the own ledger, decided when it is made, likewise. Default: public. */
  access: z.enum(['public', 'private']).optional(),
  /** Multiaddrs to listen on. Port 0 takes a free one. */
  listen: z.array(z.string()).default(['/ip4/0.0.0.0/tcp/7440']),
  /** Multiaddrs with /p2p/ to join through, beside those of the bootstrap file. */
  bootstrap: z.array(z.string()).default([]),
  /** File of the 32-byte key (64 hex digits) that all nodes of a hidden network share; relative to the home folder. */
  psk: z.string().min(1).optional(),
  /** Peer ids and ledger ids that may be connected; given, even empty, nobody else may, but for members. */
  allow: z
    .array(
      z.string().refine((id) => isPeerId(id) || isLedgerId(id), 'it takes peer ids (12D3KooW…) and ledger ids (b…)')
    )
    .optional(),
  /**
   * Peer ids and ledger ids that are never connected, whatever else says that they may be: also what an issuer whose
   * ledger is frozen can still do.
   */
  deny: z
    .array(
      z.string().refine((id) => isPeerId(id) || isLedgerId(id), 'it takes peer ids (12D3KooW…) and ledger ids (b…)')
    )
    .default([]),
  /**
   * Peers with a membership of one of these ledgers (`ledgermesh admit`) may be connected to. Every node follows the
   * issuers.
   */
  members: z.strictObject({ issuers: z.array(z.string().refine(isLedgerId, 'a ledger id')).min(1).max(16) }).optional(),
  /** Peer ids that are to know which private ledger this node speaks for, beside its readers. */
  introduceTo: z.array(z.string().refine(isPeerId, 'it takes peer ids (12D3KooW…)')).default([]),
  /**
   * 0–1000: pull only ledgers that the own one trusts so much for sync (headers alone may always be followed); null:
   * all that are followed.
   */
  minTrustMilli: z.int().min(0).max(1000).nullable().default(null),
  /**
   * Own entries are offered to remotes with push by themselves; `replicas`: how many remotes should have them within
   * `timeoutMs` (it is logged when fewer do). False: only by `push`.
   */
  autoSync: z
    .union([
      z.boolean(),
      z.strictObject({
        replicas: z.int().min(0).max(1_000).default(0),
        timeoutMs: z.int().min(1).max(600_000).default(9_000)
      })
    ])
    .default(true),
  /**
   * `get` looks for an entry that is not there in what else is held, and in followed ledgers that have more, for
   * `budgetMs` at most.
   */
  autoPull: z.union([z.boolean(), z.strictObject({ budgetMs: z.int().min(1).max(2_000).default(250) })]).default(false),
  /** Rules of conflicts, as `rule set` takes them: in force as long as they stand here. */
  rules: z
    .array(
      z.custom<RuleInput>().superRefine((rule, context) => {
        const problem = ruleProblem(rule)
        if (problem !== null) context.addIssue({ code: 'custom', message: problem })
      })
    )
    .max(MAX_RULES)
    .default([]),
  /**
   * `atAppend`: references of new entries are compared with what is held; with `require` entries of other ledgers are
   * asked for, and must exist. `track`: of whose references account is kept, the own ledger's or those of all that are held.
   */
  references: z
    .strictObject({
      atAppend: z.enum(['held', 'require']).default('held'),
      track: z.enum(['own', 'all']).default('own')
    })
    .prefault({}),
  /**
   * `index`: of whose entries the index is kept by which answers prove that they left nothing out; the own ledger names
   * its own in entries of type `ledger.index`.
   */
  query: z.strictObject({ index: z.enum(['off', 'own', 'all']).default('off') }).prefault({}),
  /** What may come in by push: without being asked for here, but never without a limit. */
  push: z
    .strictObject({
      /**
       * Whose offers make this node follow a ledger: nobody's, anyone's after the operator said so (`ask`), those of
       * ledgers that the own one trusts, of members, anyone's. Whoever has a token may always.
       */
      accept: z.enum(ACCEPT_RULES).default('nobody'),
      /** For each of four pools (strangers, trusted ledgers and members, tokens, remotes) on its own. */
      limits: z
        .strictObject({
          /** Ledgers that came by push. */
          ledgers: z.int().min(0).max(100_000).default(64),
          /** Bytes that one of them may grow to. */
          bytesPerLedger: z
            .int()
            .min(0)
            .default(1024 ** 3),
          /** And all together. */
          bytes: z
            .int()
            .min(0)
            .default(16 * 1024 ** 3),
          /** Bytes of the disk that stay free: what comes by push takes none of them. */
          freeDisk: z
            .int()
            .min(0)
            .default(1024 ** 3)
        })
        .prefault({})
    })
    .prefault({}),
  /** What all remotes may have of this node together. */
  limits: z
    .strictObject({
      /** Ranges that are fetched at once, of all ledgers. */
      maxJobs: z.int().min(1).max(MAX_JOBS).default(32),
      /** Caps of bandwidth for what comes and what is handed out, in KiB/s; null: none. */
      inKiBps: z.int().min(MIN_CAP_KIB).max(MAX_CAP_KIB).nullable().default(null),
      outKiBps: z.int().min(MIN_CAP_KIB).max(MAX_CAP_KIB).nullable().default(null)
    })
    .prefault({}),
  /** False: the DHT is neither asked nor served; nodes are found by the other ways. */
  dht: z.boolean().default(true),
  /**
   * Whether addresses of private ranges (10/8, 192.168/16, …) are dialled that other nodes tell; those of config,
   * commands and bootstrap file always are. False: yes, for all nodes share one office. True: never, and many peers at
   * one address are suspect. Default: only while `listen` names private addresses and nothing else.
   */
  publicNetwork: z.boolean().optional(),
  /**
   * The ledger that this node speaks for, when it is not the own one: that ledger's `network.authorizeNode` must name
   * this peer.
   */
  speaksFor: z.string().refine(isLedgerId, 'a ledger id is b and 52 characters').optional(),
  /** What the node's record says beside what the node serves, for example "dns:example.org". */
  capabilities: z
    .array(
      z
        .string()
        .refine(isName, 'a capability has 1–128 bytes without control characters')
        .refine(isFreeCapability, SERVED_TEXT)
    )
    .max(24)
    .default([]),
  region: z.string().refine(isName, 'a region has 1–128 bytes without control characters').optional(),
  /** Keep the records of others, and hand them out. */
  registry: z.boolean().default(false),
  /** Multiaddrs of registries to search in. */
  registries: z.array(z.string()).max(4).default([]),
  /** DNS servers (ip or ip:port) for discovery by domain; none: those of the system. */
  dnsServers: z.array(z.string()).max(4).default([]),
  /** A second socket for reading, for programs of other users. */
  readSocket: z
    .strictObject({
      /** Its absolute path, in a folder of its own (0750) outside of the home, which is closed to others. */
      path: z.string().refine(isAbsolute, 'an absolute path'),
      /** Whose members may use it: a group's name or number. */
      group: z.string().min(1),
      /** They may also read the payloads of private ledgers. */
      privatePayloads: z.boolean().default(false)
    })
    .optional(),
  /** Serving over HTTP. Default: not at all. */
  http: httpSettings.optional(),
  logLevel: z.enum(['debug', 'info', 'warn', 'error', 'silent']).default('info')
})

export type Config = z.output<typeof schema>
export type ConfigInput = z.input<typeof schema>

/** Flags over config.json over defaults. Throws BAD_CONFIG with the flag, or with the file and the key. */
export function loadConfig(file: string, flags: ConfigInput): Config {
  const stored = existsSync(file) ? readJsonFile(file, 'BAD_CONFIG') : {}
  if (typeof stored !== 'object' || stored === null || Array.isArray(stored))
    throw new LedgermeshError('BAD_CONFIG', `${file}: not a JSON object, {"<key>": …}`)
  const given = Object.fromEntries(Object.entries(flags).filter(([, value]) => value !== undefined))
  const sources: Sources = { file, flags: Object.keys(given), keys: Object.keys(schema.shape) }
  checked(stored, { ...sources, flags: [] }) // what a flag overrides counts again without the flag
  return checked({ ...stored, ...given }, sources)
}

function checked(values: object, sources: Sources): Config {
  const result = schema.safeParse(values)
  if (!result.success) throw new LedgermeshError('BAD_CONFIG', configProblem(result.error.issues[0]!, values, sources))
  const { readSocket } = result.data
  if (readSocket !== undefined && !relative(dirname(sources.file), readSocket.path).startsWith('..'))
    throw new LedgermeshError(
      'BAD_CONFIG',
      `${sources.file}: readSocket.path is in the home, where nobody else may enter: choose a folder of its own elsewhere`
    )
  return result.data
}

const bootstrapSchema = z.record(z.string(), z.array(z.string()))

/** The addresses that a bootstrap-nodes.json ({"<network>": [multiaddr…]}) names for a network. Throws BAD_CONFIG. */
export function loadBootstrapFile(file: string, network: string): string[] {
  const result = bootstrapSchema.safeParse(readJsonFile(file, 'BAD_CONFIG'))
  if (!result.success)
    throw new LedgermeshError('BAD_CONFIG', `${file}: expected {"<network>": ["/ip4/…/tcp/…/p2p/…"]}`)
  return Object.hasOwn(result.data, network) ? result.data[network]! : [] // "constructor" is a network's name too
}
