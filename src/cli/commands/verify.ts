import { existsSync } from 'node:fs'
import type { Command } from 'commander'
import { isCoded, LedgermeshError } from '../../core/errors.js'
import { isLedgerId } from '../../core/ledger-id.js'
import { METHODS } from '../../rpc/methods/index.js'
import type { GivenTo } from '../../rpc/method.js'
import { EXIT_REFUSED } from '../failure.js'
import { globalsOf } from '../globals.js'
import { showChain } from '../views/check-view.js'
import { showVerified } from '../views/verified-view.js'
import { verifyFile } from '../verify-file.js'
import { withClient } from '../with-client.js'
import { collectParams, declareParams } from './remote.js'
import { answer } from '../print.js'

const METHOD = METHODS['ledger.verifyChain']
/** The method without its ledger: that is the argument, which may be a file too. */
const RANGE = { ...METHOD, params: METHOD.params.filter(({ name }) => name !== 'ledger') }

/** A ledger is checked by the node that holds it; a file is checked here, with neither network nor database. */
export function addVerifyCommand(program: Command): void {
  const command = program
    .command('verify')
    .description(
      'Check a ledger held by the node, entry by entry; or check a file offline: a proof, evidence, an export, an answer, or an index fault.'
    )
    .argument('[what]', 'A ledger, or a file. Default: the own ledger.')
  declareParams(command, RANGE, [])
  command.action(async (what?: string) => {
    const globals = globalsOf(command)
    const range = collectParams(command, RANGE, []) as GivenTo<typeof METHOD>
    // A file that is there is meant before a ledger that is called like it: a file needs no node.
    if (what !== undefined && isFile(what)) {
      if (what !== '-' && !existsSync(what)) throw new LedgermeshError('BAD_FILE', `there is no file ${what}`)
      if (Object.keys(range).length > 0) throw new LedgermeshError('INVALID_PARAMS', 'a file is checked as a whole')
      const verified = await verifyFile(what, globals.json)
      answer(globals.json, verified, () => showVerified(verified))
      return
    }
    const report = await withClient(globals, (client) =>
      client.call('ledger.verifyChain', what === undefined ? range : { ...range, ledger: what })
    ).catch((error: unknown) => {
      // The argument may have been meant as a file: then advice to start a node would mislead.
      if (what === undefined || isLedgerId(what) || !isCoded(error, 'NODE_UNREACHABLE')) throw error
      throw new LedgermeshError(
        'BAD_FILE',
        `there is no file ${String(what)}, and no node runs here that could have a ledger of that name`
      )
    })
    answer(globals.json, report, () => showChain(report))
    if (!report.valid) process.exitCode = EXIT_REFUSED
  })
}

/** A path has a slash or names something that is there; anything else names a ledger. */
function isFile(what: string): boolean {
  const whole: boolean = isLedgerId(what)
  return !whole && (what === '-' || what.includes('/') || existsSync(what))
}
