import { createConnection } from 'node:net'
import { pipeline } from 'node:stream/promises'
import type { Command } from 'commander'
import { parseIJson } from '../../core/ijson.js'
import { isObject } from '../../core/grammar.js'
import { LedgermeshError } from '../../core/errors.js'
import { findMethod, type MethodName } from '../../rpc/methods/index.js'
import { readParams } from '../../rpc/read-params.js'
import { globalsOf, type Globals } from '../globals.js'
import { withClient } from '../with-client.js'
import { callByName } from './remote.js'
import { printLine } from '../print.js'

/** Any method, as it is: what has no command of its own. */
export function addRpcCommand(program: Command): void {
  const command = program
    .command('rpc')
    .description(
      'Call any method of the socket (`rpc rpc.discover` lists them); without one: pass standard input to the socket, and its answers back.'
    )
    .argument('[method]', 'For example ledger.head.')
    .argument('[params]', 'JSON: an object, or an array.', '{}')
  command.action(async (name: string | undefined, text: string) => {
    const globals = globalsOf(command)
    if (name === undefined) {
      await passThrough(globals)
      return
    }
    const method = findMethod(name)
    if (method === undefined)
      throw new LedgermeshError('METHOD_NOT_FOUND', `there is no method ${JSON.stringify(name)}`)
    const given = parseIJson(text)
    if (!isObject(given) && !Array.isArray(given))
      throw new LedgermeshError('INVALID_PARAMS', 'params are an object or an array')
    readParams(method, given)
    const result = await withClient(globals, (client) => callByName(client, name as MethodName, given))
    await printLine(JSON.stringify(result, null, globals.json ? undefined : 2))
  })
}

/** As `nc -U -N` does: the end of standard input is passed on, the node answers what is pending, then it ends. */
async function passThrough(globals: Globals): Promise<void> {
  await withClient(globals, async () => {}) // says in words when nobody is there
  const socket = createConnection({ path: globals.socket, allowHalfOpen: true })
  try {
    await Promise.all([pipeline(process.stdin, socket), pipeline(socket, process.stdout, { end: false })])
  } catch (error) {
    throw new LedgermeshError('NODE_UNREACHABLE', 'the node ended the connection', undefined, { cause: error })
  }
}
