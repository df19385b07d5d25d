import { existsSync } from 'node:fs'
import type { Command } from 'commander'
import { LedgermeshError } from '../../core/errors.js'
import { isLedgerId } from '../../core/ledger-id.js'
import { METHODS } from '../../rpc/methods/index.js'
import type { ParamsOf } from '../../rpc/method.js'
import { EXIT_REFUSED } from '../failure.js'
import { globalsOf } from '../globals.js'
import { showChain } from '../views/check-view.js'
import { showVerified } from '../views/verified-view.js'
import { verifyFile } from '../verify-file.js'
import { withClient } from '../with-client.js'
import { collectParams, declareParams } from './remote.js'

const METHOD = METHODS['ledger.verifyChain']
/** The method without its ledger: that is the argument, which may be a file too. */
const RANGE = { ...METHOD, params: METHOD.params.filter(({ name }) => name !== 'ledger') }

/** A ledger is checked by the node that holds it; a file is checked here, with neither network nor database. */
export function addVerifyCommand (program: Command): void {
  const command = program.command('verify').description('Check a ledger held by the node, entry by entry; or check a file offline: a proof, evidence, or an export.')
    .argument('[what]', 'A ledger id, or a file. Default: the own ledger.')
  declareParams(command, RANGE, [])
  command.action(async (what?: string) => {
    const globals = globalsOf(command)
    const range = collectParams(command, RANGE, []) as ParamsOf<typeof METHOD>
    const isFile: boolean = what !== undefined && !isLedgerId(what)
    if (isFile && what !== undefined) {
      if (what !== '-' && !existsSync(what)) throw new LedgermeshError('INVALID_PARAMS', `${what} is neither a ledger id nor a file`)
      if (Object.keys(range).length > 0) throw new LedgermeshError('INVALID_PARAMS', 'a file is checked as a whole')
      const verified = await verifyFile(what, globals.json)
      console.log(globals.json ? JSON.stringify(verified) : showVerified(verified))
      return
    }
    const report = await withClient(globals, (client) => client.call('ledger.verifyChain', what === undefined ? range : { ...range, ledger: what }))
    console.log(globals.json ? JSON.stringify(report) : showChain(report))
    if (!report.valid) process.exitCode = EXIT_REFUSED
  })
}
