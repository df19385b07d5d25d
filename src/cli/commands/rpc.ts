import type { Command } from 'commander'
import { parseIJson } from '../../core/ijson.js'
import { isObject } from '../../core/grammar.js'
import { LedgermeshError } from '../../core/errors.js'
import { findMethod, type MethodName } from '../../rpc/methods/index.js'
import { readParams } from '../../rpc/read-params.js'
import { globalsOf } from '../globals.js'
import { withClient } from '../with-client.js'
import { callByName } from './remote.js'

/** Any method, as it is: what has no command of its own. */
export function addRpcCommand (program: Command): void {
  const command = program.command('rpc').description('Call any method of the socket; `rpc rpc.discover` lists them.')
    .argument('<method>', 'For example ledger.head.').argument('[params]', 'JSON: an object, or an array.', '{}')
  command.action(async (name: string, text: string) => {
    const method = findMethod(name)
    if (method === undefined) throw new LedgermeshError('METHOD_NOT_FOUND', `there is no method ${JSON.stringify(name)}`)
    const given = parseIJson(text)
    if (!isObject(given) && !Array.isArray(given)) throw new LedgermeshError('INVALID_PARAMS', 'params are an object or an array')
    const params = readParams(method, given)
    const globals = globalsOf(command)
    console.log(JSON.stringify(await withClient(globals, (client) => callByName(client, name as MethodName, params)), null, globals.json ? undefined : 2))
  })
}
