/**
 * Every setting, once: its key in config.json, what it takes, and its words. Flags, `LEDGERMESH_*`, completion, man page
 * and REFERENCE.md are made from this (settings.ts). Unknown keys are refused: a typo must not silently mean the
 * default.
 *
 * `what` stands last in each, for zod forgets it with every further step.
 */
import { isAbsolute } from 'node:path'
import { z } from 'zod'
import { isFreeCapability, SERVED_TEXT } from '../core/capabilities.js'
import { isCoded } from '../core/errors.js'
import { isName } from '../core/grammar.js'
import { isLedgerId } from '../core/ledger-id.js'
import { isNetworkName } from '../core/ledger-types.js'
import { peerKeyOf } from '../core/peer-key.js'
import { MAX_CAP_KIB, MAX_JOBS, MIN_CAP_KIB } from '../sync/schedule/limits.js'
import { MAX_RULES } from '../conflict/limits.js'
import { readRule, type RuleInput } from '../conflict/rule.js'
import { ACCEPT_RULES } from '../sync/push/types.js'
import { httpSettings } from './http-settings.js'
import { what } from './setting-words.js'

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

const peerOrLedgerId = z
  .string()
  .refine((id) => isPeerId(id) || isLedgerId(id), 'it takes peer ids (12D3KooW…) and ledger ids (b…)')

const capKib = z.int().min(MIN_CAP_KIB).max(MAX_CAP_KIB).nullable().default(null)

const groupPath = z.string().refine(isAbsolute, 'an absolute path')

const pushLimits = z.strictObject({
  ledgers: z.int().min(0).max(100_000).default(64).meta(what('Ledgers that came by push.')),
  bytesPerLedger: z
    .int()
    .min(0)
    .default(1024 ** 3)
    .meta(what('Bytes that one of them may grow to.')),
  bytes: z
    .int()
    .min(0)
    .default(16 * 1024 ** 3)
    .meta(what('Bytes of all of them together.')),
  freeDisk: z
    .int()
    .min(0)
    .default(1024 ** 3)
    .meta(what('Bytes of the disk that stay free: what comes by push takes none of them.'))
})

export const schema = z.strictObject({
  network: z
    .string()
    .refine(isNetworkName, 'a network name is [a-z0-9-]{1,32}')
    .default('main')
    .meta(what('The network to join. Networks with different names cannot exchange data.', { value: 'name' })),
  name: z
    .string()
    .refine(isName, 'a name has 1–128 bytes without control characters')
    .optional()
    .meta(
      what('The name of a new ledger: public and permanent. An existing ledger must have this name.', { value: 'name' })
    ),
  access: z
    .enum(['public', 'private'])
    .optional()
    .meta(what('Who may read a new ledger; an existing one must match. Default: public.', { value: 'who' })),
  listen: z
    .array(z.string())
    .default(['/ip4/0.0.0.0/tcp/7440'])
    .meta(what('Where to listen. Port 0 takes a free one.', { value: 'multiaddr' })),
  bootstrap: z
    .array(z.string())
    .default([])
    .meta(
      what('Nodes to join through, beside those of the bootstrap file: each ends in /p2p/ and its peer id.', {
        value: 'multiaddr',
        reloads: true
      })
    ),
  bootstrapFile: z
    .string()
    .min(1)
    .optional()
    .meta(
      what('File of nodes to join through. Default: the bootstrap-nodes.json that ships with ledgermesh.', {
        value: 'file',
        file: true
      })
    ),
  psk: z
    .string()
    .min(1)
    .optional()
    .meta(
      what('File of the 32-byte key (64 hex digits) that all nodes of a hidden network share.', {
        value: 'file',
        file: true
      })
    ),
  allow: z
    .array(peerOrLedgerId)
    .optional()
    .meta(
      what(
        'Peer ids and ledger ids that may be connected; given, even empty, nobody else may, but for members. That there is a list, or none, changes with a restart.',
        { value: 'id', reloads: true }
      )
    ),
  deny: z
    .array(peerOrLedgerId)
    .default([])
    // also what an issuer whose ledger is frozen can still do
    .meta(
      what('Peer ids and ledger ids that are never connected, whatever else says that they may be.', { value: 'id' })
    ),
  members: z
    .strictObject({
      issuers: z
        .array(z.string().refine(isLedgerId, 'a ledger id'))
        .min(1)
        .max(16)
        .meta(
          what('Ledgers whose members (`admit`) may be connected. Every node follows the issuers.', { value: 'ledger' })
        )
    })
    .optional(),
  introduceTo: z
    .array(z.string().refine(isPeerId, 'it takes peer ids (12D3KooW…)'))
    .default([])
    .meta(
      what('Peer ids that are to know which private ledger this node speaks for, beside its readers.', {
        value: 'peer'
      })
    ),
  minTrustMilli: z
    .int()
    .min(0)
    .max(1000)
    .nullable()
    .default(null)
    .meta(
      what(
        '0–1000: pull only ledgers that the own one trusts so much for sync (headers alone may always be followed); null: all that are followed.'
      )
    ),
  autoSync: z
    .union([
      z.boolean(),
      z.strictObject({
        replicas: z.int().min(0).max(1_000).default(0),
        timeoutMs: z.int().min(1).max(600_000).default(9_000)
      })
    ])
    .default(true)
    .meta(
      what(
        'Own entries are offered to remotes with push by themselves; {"replicas": 2, "timeoutMs": 9000}: it is logged when fewer have them by then. False: only by `push`.'
      )
    ),
  autoPull: z
    .union([z.boolean(), z.strictObject({ budgetMs: z.int().min(1).max(2_000).default(250) })])
    .default(false)
    .meta(
      what(
        '`get` looks for an entry that is not there in what else is held, and in followed ledgers that have more, for {"budgetMs": 250} at most.'
      )
    ),
  rules: z
    .array(
      z.custom<RuleInput>().superRefine((rule, context) => {
        const problem = ruleProblem(rule)
        if (problem !== null) context.addIssue({ code: 'custom', message: problem })
      })
    )
    .max(MAX_RULES)
    .default([])
    .meta(what('Rules of conflicts, as `rule set` takes them: in force as long as they stand here.')),
  references: z
    .strictObject({
      atAppend: z
        .enum(['held', 'require'])
        .default('held')
        .meta(
          what(
            'References of new entries are compared with what is held; with `require`, entries of other ledgers are asked for, and must exist.'
          )
        ),
      track: z
        .enum(['own', 'all'])
        .default('own')
        .meta(what("Of whose references account is kept: the own ledger's, or those of all that are held."))
    })
    .prefault({}),
  query: z
    .strictObject({
      // the own ledger names its own in entries of type `ledger.index`
      index: z
        .enum(['off', 'own', 'all'])
        .default('off')
        .meta(what('Of whose entries the index is kept by which answers prove that they left nothing out.'))
    })
    .prefault({}),
  push: z
    .strictObject({
      accept: z
        .enum(ACCEPT_RULES)
        .default('nobody')
        .meta(
          what(
            "Whose offers make this node follow a ledger: nobody's, anyone's after the operator said so (ask), those of ledgers that the own one trusts, of members, anyone's. Whoever has a token may always."
          )
        ),
      // for each of four pools (strangers, trusted ledgers and members, tokens, remotes) on its own
      limits: pushLimits.prefault({})
    })
    .prefault({}),
  limits: z
    .strictObject({
      maxJobs: z.int().min(1).max(MAX_JOBS).default(32).meta(what('Ranges that are fetched at once, of all ledgers.')),
      inKiBps: capKib.meta(what('Cap of bandwidth for what comes, in KiB/s; null: none.')),
      outKiBps: capKib.meta(what('Cap of bandwidth for what is handed out, in KiB/s; null: none.'))
    })
    .prefault({}),
  dht: z
    .boolean()
    .default(true)
    .meta(what('False: the DHT is neither asked nor served; nodes are found by the other ways.')),
  publicNetwork: z
    .boolean()
    .optional()
    .meta(
      what(
        'Whether addresses of private ranges (10/8, 192.168/16, …) that other nodes tell are never dialled. Default: dialled only while `listen` names private addresses and nothing else.'
      )
    ),
  speaksFor: z
    .string()
    .refine(isLedgerId, 'a ledger id is b and 52 characters')
    .optional()
    .meta(
      what(
        "The ledger that this node speaks for, when it is not the own one: that ledger's `authorize-node` must name this peer.",
        { value: 'ledger' }
      )
    ),
  capabilities: z
    .array(
      z
        .string()
        .refine(isName, 'a capability has 1–128 bytes without control characters')
        .refine(isFreeCapability, SERVED_TEXT)
    )
    .max(24)
    .default([])
    .meta(what('What the record of the node says beside what the node serves, for example dns:example.org.')),
  region: z
    .string()
    .refine(isName, 'a region has 1–128 bytes without control characters')
    .optional()
    .meta(what('Where the node is, in words of its operators: its record says so.')),
  registry: z.boolean().default(false).meta(what('Keep the records of others, and hand them out.')),
  registries: z
    .array(z.string())
    .max(4)
    .default([])
    .meta(what('Registries to search in.', { value: 'multiaddr' })),
  dnsServers: z
    .array(z.string())
    .max(4)
    .default([])
    .meta(
      what('DNS servers (ip or ip:port) for discovery by domain; none: those of the system.', { value: 'ip[:port]' })
    ),
  readSocket: z
    .strictObject({
      path: groupPath.meta(
        what(
          'A socket for reading, for programs of other users: its absolute path, in a folder of its own (0750) outside of the home.',
          { value: 'path' }
        )
      ),
      group: z
        .string()
        .min(1)
        .meta(what("Whose members may use it: a group's name or number.", { value: 'group' })),
      privatePayloads: z.boolean().default(false).meta(what('They may also read the payloads of private ledgers.'))
    })
    .optional(),
  adminSocket: z
    .strictObject({
      path: groupPath.meta(
        what(
          'A second socket with all rights, for administrators who are not the user that the node runs as: its absolute path, in a folder of its own (0750) outside of the home.',
          { value: 'path' }
        )
      ),
      group: z
        .string()
        .min(1)
        .meta(what("Whose members may use it: a group's name or number.", { value: 'group' }))
    })
    .optional(),
  // default: not at all
  http: httpSettings.optional(),
  logLevel: z
    .enum(['debug', 'info', 'warn', 'error', 'silent'])
    .default('info')
    .meta(what('Log lines on stderr.', { value: 'level', reloads: true }))
})

export type Config = z.output<typeof schema>
export type ConfigInput = z.input<typeof schema>
