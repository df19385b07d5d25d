/**
 * `npm run demo`: three daemons on this machine find each other, follow each other, import real records at the same
 * time, and end up with the same three ledgers. With --exit it ends by itself: code 0 only if all roots agree and every
 * reference is verified, also after a kill and from nothing but the entries. With --records 300 it imports so many of each
 * file, and what they refer to.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { MultiBar, Presets } from 'cli-progress'
import { Command } from 'commander'
import { startDaemon, type DemoDaemon } from './daemon.js'
import { runImport, type ImportProgress, type ImportResult } from './import-run.js'
import { allVerified, askAcross, followAcross, killAndRebuild } from './across.js'
import { betweenLedgers, recordsOf, writePart } from './records.js'
import { reportQueries, reportRoots } from './report.js'
import { attestRing, explainPath, followTrusted, refuseStranger } from './trust.js'
import { waitFor } from './wait-for.js'
import { say } from '../../src/cli/print.js'

const NAMES = ['applications', 'languages', 'libraries']
/** What an import appends unresolved after so many seconds without progress. */
const WAIT_SECONDS = 30
/** Time for the nodes to find each other, and after the imports to hold everything. */
const FIND_TIMEOUT_MS = 60_000
const SYNC_TIMEOUT_MS = 180_000

const program = new Command('demo')
  .option('--exit', 'end by itself when everything has arrived')
  .option('--records <count>', 'the first of each file, and what they refer to; default: all')
  .parse()
const { exit, records } = program.opts<{ exit?: boolean; records?: string }>()

const folder = await mkdtemp(join(tmpdir(), 'ledgermesh-demo-'))
const files =
  records === undefined
    ? new Map(NAMES.map((name) => [name, recordsOf(name)]))
    : await writePart(NAMES, Number(records), folder)
const daemons: DemoDaemon[] = []
const interrupted = Promise.withResolvers<void>()
process.once('SIGINT', () => {
  interrupted.resolve()
})
process.once('SIGTERM', () => {
  interrupted.resolve()
})

try {
  const ok = await Promise.race([run(), interrupted.promise.then(() => false)])
  if (exit !== true && ok !== null) await interrupted.promise
  process.exitCode = exit === true && ok !== true ? 1 : 0
} catch (error) {
  console.error(`\nThe demo failed: ${(error as Error).message}`)
  console.error(`The logs of the daemons are in ${folder}/*/daemon.log`)
  process.exitCode = 1
} finally {
  await Promise.all(
    daemons.map(async ({ client, stop }) => {
      await client.close()
      await stop()
    })
  )
  if (process.exitCode === 0) await rm(folder, { recursive: true, force: true })
}
process.exit()

async function run(): Promise<boolean> {
  const started = performance.now()
  say(`Three ledgers, three daemons, one folder: ${folder}\n`)
  await startAll()
  await findAndFollow()
  const importing = performance.now()
  const results = await importAll()
  await allSynced()
  const ended = performance.now()
  const agreed = await reportRoots(daemons)
  await reportQueries(daemons)
  const explained = await explainPath(daemons)
  const { stranger, refused } = await refuseStranger(daemons, folder, join(folder, 'bootstrap-nodes.json'))
  const asked = await askAcross(stranger, daemons)
  const followed = await followAcross(daemons)
  const verified = await allVerified(daemons)
  const between = betweenLedgers(files)
  const rebuilt = await killAndRebuild(daemons, folder, join(folder, 'bootstrap-nodes.json'))
  daemons.push(stranger)
  const unresolved = results.reduce((sum, { unresolved }) => sum + unresolved, 0)
  const failed = results.reduce((sum, { failed }) => sum + failed, 0)
  const entries = results.reduce((sum, { appended, existing }) => sum + appended + existing, 0)
  say(
    `\n${entries} records imported and on all three nodes in ${seconds(importing, ended)} (${seconds(started, ended)} with start and discovery).`
  )
  say(
    `References that could not be resolved: ${unresolved}. Lines refused: ${failed}.\nReferences that are verified: all ${verified}; ${between} of them from one ledger to another.\nAll roots equal: ${agreed ? 'yes' : 'NO'}.`
  )
  if (exit !== true) printPlay()
  return agreed && unresolved === 0 && failed === 0 && explained && refused && asked && followed && rebuilt
}

/** The second and third daemon know one bootstrap peer, through a file: the first. */
async function startAll(): Promise<void> {
  const file = join(folder, 'bootstrap-nodes.json')
  await writeFile(file, JSON.stringify({ main: [] }))
  daemons.push(await startDaemon(folder, NAMES[0]!, file))
  await writeFile(file, JSON.stringify({ main: [daemons[0]!.addr] }))
  daemons.push(...(await Promise.all(NAMES.slice(1).map((name) => startDaemon(folder, name, file)))))
  for (const { name, ledger, addr } of daemons)
    say(`  ${name.padEnd(13)} ledger ${ledger.slice(0, 12)}  at ${addr.split('/p2p/')[0]}`)
}

async function findAndFollow(): Promise<void> {
  say('\nLooking for ledgers in the DHT …')
  await Promise.all(
    daemons.map(async (daemon) => {
      const found = await waitFor(`${daemon.name} to find the other two ledgers`, FIND_TIMEOUT_MS, async () => {
        const { ledgers } = await daemon.client.call('network.findLedgers', { capability: 'sync' })
        const others = ledgers.filter(({ own }) => !own)
        return others.length === daemons.length - 1 ? others : null
      })
      say(`  ${daemon.name.padEnd(13)} found ${found.map(({ name }) => name).join(' and ')}`)
    })
  )
  await attestRing(daemons)
  await Promise.all(daemons.map((daemon) => followTrusted(daemon, daemons)))
  say('  So each follows the other two: one by its own word, one over a path.')
}

async function importAll(): Promise<ImportResult[]> {
  say('\nEach imports its file at the same time; a line waits until the entries it refers to have arrived.')
  const bars = process.stderr.isTTY
    ? new MultiBar(
        { format: '  {name} |{bar}| {value}/{total} lines, {waiting} waiting', hideCursor: true, barsize: 24 },
        Presets.shades_grey
      )
    : null
  const results = await Promise.all(
    daemons.map(async (daemon) => {
      const bar = bars?.create(1, 0, { name: daemon.name.padEnd(13), waiting: 0 })
      const show =
        bar === undefined
          ? tellNowAndThen(daemon.name)
          : ({ total, done, parked }: ImportProgress) => {
              bar.setTotal(total)
              bar.update(done, { waiting: parked })
            }
      return await runImport(daemon, files.get(daemon.name)!, WAIT_SECONDS, show)
    })
  )
  bars?.stop()
  return results
}

/** Without a terminal: a line at each quarter. */
function tellNowAndThen(name: string): (progress: ImportProgress) => void {
  let told = 0
  return ({ total, done, parked }) => {
    const quarter = total === 0 ? 0 : Math.floor((4 * done) / total)
    if (quarter <= told) return
    told = quarter
    say(`  ${name.padEnd(13)} ${done} of ${total} lines, ${parked} waiting`)
  }
}

/** Every node holds what every author has, and has checked every signature. */
async function allSynced(): Promise<void> {
  say('\nWaiting until every node holds everything and has checked every signature …')
  const sizes = new Map<string, number>()
  for (const { client, ledger } of daemons) sizes.set(ledger, (await client.call('ledger.head', { ledger })).size)
  await Promise.all(
    daemons.map((daemon) =>
      waitFor(`${daemon.name} to hold and check everything`, SYNC_TIMEOUT_MS, async () => {
        const { ledgers } = await daemon.client.call('sync.status', {})
        const done = ledgers.every(
          ({ ledger, status, size, audited }) => size === sizes.get(ledger) && audited === size && status === 'synced'
        )
        return done && ledgers.length === daemons.length ? true : null
      })
    )
  )
}

function printPlay(): void {
  const [{ home, ledger }, { ledger: other }] = daemons as [DemoDaemon, DemoDaemon]
  say(`
The network keeps running. In another terminal, in this folder:
  export LEDGERMESH_HOME=${home}
  npx ledgermesh status
  npx ledgermesh ledgers
  npx ledgermesh query --ledger ${other} --stream python --limit 5
  npx ledgermesh append --stream notes --type note --payload '{"text": "hello"}'
  LEDGERMESH_HOME=${daemons[2]!.home} npx ledgermesh query --ledger ${ledger} --stream notes

Ctrl-C stops all three.`)
}

function seconds(from: number, to: number): string {
  return `${((to - from) / 1000).toFixed(1)} s`
}
