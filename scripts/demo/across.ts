/** What the demo shows across ledgers: a question, a reference that is followed, and what all references are worth. */
import { familyRange } from '../../src/store/keys.js'
import { openStoreAsIs } from '../../src/store/store.js'
import { silentLog } from '../../src/node/runtime/system.js'
import { paths } from '../../src/config/paths.js'
import { say } from '../../src/cli/print.js'
import { startDaemon, type DemoDaemon } from './daemon.js'
import { ISSUER, START } from './records.js'
import { waitFor } from './wait-for.js'

const DEPTH = 2
const TIMEOUT_MS = 60_000

/**
 * A node that holds none of the ledgers asks all three; true: an entry of each is shown, with proof. That none is left
 * out is another question, and the answer says so.
 */
export async function askAcross(stranger: DemoDaemon, daemons: DemoDaemon[]): Promise<boolean> {
  say(`\nThe stranger, who holds none of it, asks across ledgers: what did ${ISSUER} issue?`)
  const answer = await waitFor('an answer of all three ledgers', TIMEOUT_MS, async () => {
    const given = await stranger.client.call('network.query', {
      issuer_oid: ISSUER,
      ledgers: daemons.map(({ ledger }) => ledger)
    })
    return given.results.length === daemons.length ? given : null
  })
  for (const { ledger, id, seq } of answer.aggregated) say(`  ${nameOf(daemons, ledger)} #${seq}  ${id}`)
  for (const { ledger, state, asOf } of answer.sources)
    say(`  ${nameOf(daemons, ledger)} ${state}, up to ${asOf!.size} entries`)
  say(`  complete: ${answer.complete ? 'yes' : 'no, there may be more of them'}; in ${answer.tookMs} ms`)
  return answer.sources.every(({ state }) => state === 'included' || state === 'proved')
}

/** From an entry of the first ledger over one of the second to one of the third. */
export async function followAcross(daemons: DemoDaemon[]): Promise<boolean> {
  const [asked] = daemons as [DemoDaemon]
  const { nodes, edges } = await asked.client.call('network.followReferences', {
    id: START,
    maxDepth: DEPTH,
    fanOut: 8
  })
  say(`\n${asked.name} follows what ${START} refers to, ${DEPTH} steps far:`)
  for (const { entry, depth } of nodes) say(`  ${'  '.repeat(depth)}${nameOf(daemons, entry.ledger)} ${entry.id}`)
  return (
    new Set(nodes.map(({ entry }) => entry.ledger)).size === daemons.length &&
    edges.every(({ status }) => status === 'verified')
  )
}

/** In a column. */
function nameOf(daemons: DemoDaemon[], ledger: string): string {
  return daemons.find((one) => one.ledger === ledger)!.name.padEnd(13)
}

/** How many references the three ledgers have, when each of them was found in the ledger that it names. */
export async function allVerified(daemons: DemoDaemon[]): Promise<number> {
  const totals = await Promise.all(
    daemons.map(async ({ name, client }) => {
      const counts = await waitFor(`${name} to have looked at all its references`, TIMEOUT_MS, async () => {
        const states = await client.call('ledger.referenceStates', { limit: 1 })
        return states.complete ? states.counts : null
      })
      const { verified, ...others } = counts
      const open = Object.values(others).reduce((sum, count) => sum + count, 0)
      if (open > 0) throw new Error(`of ${name}, ${open} references are not verified: ${JSON.stringify(counts)}`)
      return verified
    })
  )
  return totals.reduce((sum, count) => sum + count, 0)
}

/** The daemon is killed, and what it knew of references is thrown away; it finds all of it again in its entries. */
export async function killAndRebuild(daemons: DemoDaemon[], folder: string, bootstrapFile: string): Promise<boolean> {
  const [{ name, home, client, kill }] = daemons as [DemoDaemon]
  const before = (await client.call('ledger.referenceStates', { limit: 1 })).counts
  await client.close()
  await kill()
  const store = await openStoreAsIs(paths(home).db, { log: silentLog })
  for (const family of ['refState', 'refWait'] as const) await store.clear(familyRange(family))
  await store.close()
  daemons[0] = await startDaemon(folder, name, bootstrapFile)
  const verified = await allVerified(daemons.slice(0, 1))
  say(`\n${name} was killed (SIGKILL), and lost what it knew of its references:`)
  say(`  ${verified} of ${before.verified} are verified again, from its entries.`)
  return verified === before.verified
}
