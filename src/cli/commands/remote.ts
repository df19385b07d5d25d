import type { Command } from 'commander'
import type { LedgerClient } from '../../rpc/client.js'
import { findMethod, type MethodName } from '../../rpc/methods/index.js'
import type { Method, Param } from '../../rpc/method.js'
import { readParams } from '../../rpc/read-params.js'
import { EXIT_REFUSED } from '../failure.js'
import { globalsOf } from '../globals.js'
import { flagOf, kindOf, optionKey, valueOf } from '../param-option.js'
import { warnUnknown } from '../warn-unknown.js'
import { withClient } from '../with-client.js'
import type { RemoteCommand } from './remote-table.js'
import { answer, printLine } from '../print.js'

/** Declares arguments and options from the method's params. */
export function declareParams(command: Command, method: Method, args: string[]): void {
  for (const param of method.params) {
    if (args.includes(param.name)) {
      const name = kindOf(param) === 'texts' ? `${param.name}...` : param.name
      command.argument(param.required ? `<${name}>` : `[${name}]`, param.summary)
    } else if (param.required) command.requiredOption(flagOf(param), param.summary)
    else command.option(flagOf(param), param.summary)
  }
}

/**
 * The params that arguments and options give, as they were written; checked against the table, and read by the node.
 * Throws INVALID_PARAMS.
 */
export function collectParams(command: Command, method: Method, args: string[]): Record<string, unknown> {
  const options = command.opts()
  const given: Record<string, unknown> = {}
  for (const param of method.params) {
    const value: unknown = args.includes(param.name)
      ? command.processedArgs[positionOf(method, args, param)]
      : options[optionKey(param)]
    if (value !== undefined) given[param.name] = valueOf(param, value)
  }
  readParams(method, given)
  return given
}

function positionOf(method: Method, args: string[], param: Param): number {
  return method.params.filter(({ name }) => args.includes(name)).indexOf(param)
}

/** A call whose method is known only at run time; the params were checked against the table. */
export function callByName(client: LedgerClient, method: MethodName, params: object): Promise<unknown> {
  const call = client.call.bind(client) as (method: MethodName, params: object) => Promise<unknown>
  return call(method, params)
}

const GROUP_DESCRIPTIONS: Record<string, string> = {
  rule: 'Rules: which entries of several ledgers describe the same thing, and who decides when they differ.',
  trust: 'How far ledgers trust each other, and why.',
  token: 'Access tokens: what lets programs call this node over HTTP.',
  alias: 'Names of your own for ledgers.',
  remotes: 'Ledgers that this node pulls from, pushes to, or both.',
  offers: 'Ledgers that others offer, and that wait for your decision.',
  adopt: 'Entries of other ledgers, appended to the own one as copies that name their originals.'
}

/** `trust level` belongs to the group `trust`, which is made with its first command. */
function parentOf(program: Command, name: string): Command {
  const [group, sub] = name.split(' ')
  if (sub === undefined) return program
  const parent =
    program.commands.find((known) => known.name() === group) ??
    program.command(group!).description(GROUP_DESCRIPTIONS[group!]!)
  // One that is a command itself has options of the same names.
  return parent.enablePositionalOptions()
}

export function addRemoteCommand(
  program: Command,
  { name, method: methodName, args, show, bad, about, forFile = false }: RemoteCommand
): void {
  const method = findMethod(methodName)!
  const command = parentOf(program, name).command(name.split(' ').at(-1)!).description(method.summary)
  declareParams(command, method, args)
  command.action(async () => {
    const globals = globalsOf(command)
    const params = collectParams(command, method, args)
    const result = (await withClient(globals, async (client) => {
      const answered = await callByName(client, methodName, params)
      const asked = about?.(answered as never)
      if (asked !== undefined) await warnUnknown(client, asked.ledger, asked.then)
      return answered
    })) as never
    if (forFile && !globals.json) await printLine(show(result))
    else answer(globals.json, result, () => show(result))
    if (bad?.(result) === true) process.exitCode = EXIT_REFUSED
  })
}
