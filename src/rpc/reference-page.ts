/**
 * The reference of the socket as a Markdown page, made from the tables: methods, their params and errors, error codes,
 * limits.
 */
import { z } from 'zod'
import * as announceLimits from '../../protocols/announce/limits.js'
import * as attestLimits from '../../protocols/attest/limits.js'
import * as helloLimits from '../../protocols/hello/limits.js'
import * as pullLimits from '../../protocols/pull/limits.js'
import * as pushLimits from '../../protocols/push/limits.js'
import * as queryLimits from '../../protocols/query/limits.js'
import * as registryLimits from '../../protocols/registry/limits.js'
import { SETTINGS } from '../config/settings.js'
import { ERRORS, nextStep, type ErrorCode } from '../core/errors.js'
import { FAMILIES } from '../node/metrics/families.js'
import * as coreLimits from '../core/limits.js'
import { errorsOf } from './handle-places.js'
import * as socketLimits from './limits.js'
import { ACCESS, ACCESS_MEANING, type Method, type MethodAccess, type Param } from './method.js'
import { METHODS } from './methods/index.js'
import { NEEDS, OWNER, reader } from './principal.js'

/** Each protocol's SPEC.md explains its own. */
const WIRE_LIMITS: Record<string, Record<string, number>> = {
  announce: announceLimits,
  attest: attestLimits,
  hello: helloLimits,
  pull: pullLimits,
  push: pushLimits,
  query: queryLimits,
  registry: registryLimits
}

export function referencePage(): string {
  return [
    '# Reference of the socket',
    '',
    'Made from the tables in `src/rpc/methods`, `src/core/errors.ts` and the `limits.ts` of core, rpc and every protocol by `npm run reference`; do not edit it. `rpc.discover` gives the same as OpenRPC.',
    '',
    '## Rights',
    '',
    'Each method takes the rights of its class. Without them it is refused with `NOT_PERMITTED` (`READING_ONLY` on the socket for reading), `details.needs` naming them, whatever its params are. Without `private`, a private ledger is as one that is not held here: `NOT_FOUND`.',
    '',
    '| access | takes | node.sock | readSocket | what |',
    '|---|---|---|---|---|',
    ...ACCESS.map(describeAccess),
    '',
    'The socket for reading shows private ledgers without their payloads, unless `privatePayloads` is true.',
    '',
    '## Methods',
    '',
    ...Object.entries(METHODS)
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .flatMap(([name, method]) => describeMethod(name, method)),
    '## Errors',
    '',
    'An error is `{code, message, data: {kind, retryable, next, details?}}`.',
    '',
    '| kind | code | retryable | what to do next |',
    '|---|---|---|---|',
    ...Object.entries(ERRORS).map(
      ([kind, { rpc, retryable }]) =>
        `| \`${kind}\` | ${rpc} | ${retryable ? 'yes' : 'no'} | ${cell(nextStep(kind as ErrorCode, 'socket'))} |`
    ),
    '',
    '## Limits',
    '',
    '| limit | value |',
    '|---|---|',
    ...limitRows({ ...coreLimits, ...socketLimits }).map((row) => `|${row}`),
    '',
    '## Settings',
    '',
    'Of `config.json`, each also a flag of `start` and a variable. A flag counts before a variable, a variable before the file. In variables, lists are written with blanks or commas between the items, or as JSON; an empty variable is none; one that begins with `LEDGERMESH_` and is no setting is refused (but `LEDGERMESH_HOME` and `LEDGERMESH_SOCKET`). `ledgermesh config show --origin` says what counts, and why.',
    '',
    '| setting | flag | variable | default | |',
    '|---|---|---|---|---|',
    ...SETTINGS.map(
      ({ key, flag, env, byDefault, what, reloads }) =>
        `| \`${key}\` | \`${flag}\` | \`${env}\` | ${byDefault === undefined ? '' : `\`${JSON.stringify(byDefault)}\``} | ${cell(what)}${reloads ? ' A running node takes over a new value (SIGHUP, `config reload`).' : ''} |`
    ),
    '',
    '## Figures',
    '',
    '`ledgermesh metrics` and `node.metrics` give them, beside those of libp2p (`libp2p_…`). A `ledger` is an id, `private` (all private ones together), or `other`: the own and the followed ones, 256 at most, those with the highest priority first. No label names a peer, an address or an entry.',
    '',
    '| family | kind | labels | what |',
    '|---|---|---|---|',
    ...Object.values(FAMILIES).map(
      ({ name, kind, labels = [], help }) =>
        `| \`${name}\` | ${kind} | ${labels.map((label) => `\`${label}\``).join(' ')} | ${help} |`
    ),
    '',
    '## Limits of the wire',
    '',
    '| protocol | limit | value |',
    '|---|---|---|',
    ...Object.entries(WIRE_LIMITS).flatMap(([protocol, limits]) =>
      limitRows(limits).map((row) => `| [${protocol}](protocols/${protocol}/SPEC.md) |${row}`)
    ),
    ''
  ].join('\n')
}

function limitRows(limits: Record<string, number>): string[] {
  return Object.entries(limits)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => ` \`${name}\` | ${value.toLocaleString('en-US')} |`)
}

const READER = reader(false)

function describeAccess(access: MethodAccess): string {
  const yes = (scopes: ReadonlySet<MethodAccess>): string =>
    NEEDS[access].every((scope) => scopes.has(scope)) ? 'yes' : 'no'
  const takes = NEEDS[access].map((scope) => `\`${scope}\``).join(' and ')
  return `| \`${access}\` | ${takes} | ${yes(OWNER.scopes)} | ${yes(READER.scopes)} | ${ACCESS_MEANING[access]} |`
}

function describeMethod(name: string, method: Method): string[] {
  const { access, summary, params, example } = method
  const errors = errorsOf(method)
  return [
    `### ${name}`,
    '',
    summary,
    '',
    `Access: ${access}.`,
    '',
    ...(params.length === 0 ? [] : ['| # | param | type | |', '|---|---|---|---|', ...params.map(describeParam), '']),
    ...(errors.length === 0 ? [] : [`Refuses with ${errors.map((code) => `\`${code}\``).join(', ')}.`, '']),
    '```json',
    JSON.stringify({ jsonrpc: '2.0', id: 1, method: name, params: example.params }),
    '```',
    ''
  ]
}

function describeParam({ name, summary, required, schema, needs }: Param, index: number): string {
  return `| ${index + 1} | \`${name}\`${required ? '' : ' (optional)'} | ${cell(typeOf(schema))} | ${cell(summary)}${needs === undefined ? '' : ` Takes the right \`${needs}\`.`} |`
}

function typeOf(schema: z.ZodType): string {
  const {
    type,
    enum: values,
    anyOf,
    const: only
  } = z.toJSONSchema(schema, { unrepresentable: 'any', target: 'draft-7', io: 'input' }) as Record<string, unknown>
  if (Array.isArray(values)) return values.map((value) => JSON.stringify(value)).join(' or ')
  if (only !== undefined) return JSON.stringify(only)
  if (typeof type === 'string') return type
  return Array.isArray(anyOf)
    ? [...new Set(anyOf.map((one) => String((one as { type?: string }).type ?? 'any')))].join(' or ')
    : 'any'
}

/** A pipe would end the cell. */
function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('\n', ' ')
}
