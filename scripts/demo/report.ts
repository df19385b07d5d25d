import { showTable } from '../../src/cli/table.js'
import type { DemoDaemon } from './daemon.js'
import { say } from '../../src/cli/print.js'

/** Prints ledgers × nodes; true when every node holds every ledger with the same root and every signature checked. */
export async function reportRoots(daemons: DemoDaemon[]): Promise<boolean> {
  const rows: string[][] = []
  let agreed = true
  for (const { name, ledger } of daemons) {
    const heads = await Promise.all(daemons.map(({ client }) => client.call('ledger.head', { ledger })))
    const statuses = await Promise.all(
      daemons.map(async ({ client }) => (await client.call('sync.status', { ledger })).ledgers[0])
    )
    const author = daemons.findIndex((daemon) => daemon.ledger === ledger)
    rows.push([
      name,
      ...heads.map((head, index) => {
        const same = head.root === heads[author]!.root
        const audited = statuses[index]!.audited
        if (!same || audited !== head.size) agreed = false
        return `${head.size} entries\n${audited} checked\nroot ${head.root.slice(0, 8)}… ${index === author ? '(author)' : same ? '= equal' : '≠ DIFFERENT'}`
      })
    ])
  }
  say(showTable(['LEDGER', ...daemons.map(({ name }) => `HELD BY ${name}`)], rows))
  return agreed
}

/** Asks one node about ledgers that it mirrors, and prints the answers. */
export async function reportQueries(daemons: DemoDaemon[]): Promise<void> {
  const [asked] = daemons as [DemoDaemon]
  for (const { name, ledger } of daemons.slice(1)) {
    const subject = name === 'libraries' ? 'oid:debian:package:libc6' : 'oid:debian:package:python3'
    const { entries } = await asked.client.call('ledger.query', { ledger, subject_oid: subject, limit: 3 })
    say(`\n${asked.name} asked: what does ${name} say about ${subject}?`)
    for (const entry of entries) {
      say(
        `  #${entry.seq}  ${entry.id}  ${JSON.stringify(entry.payload).slice(0, 72)}…  ${entry.checked ? 'signature checked' : 'signature not checked yet'}`
      )
      const [reference] = (entry.meta.crossLedgerRefs ?? []) as {
        ledgerId: string
        entryId: string
        entryHash: string | null
      }[]
      if (reference?.entryHash == null) continue
      const target = await asked.client.call('ledger.get', { hash: reference.entryHash, ledger: reference.ledgerId })
      say(
        `     it refers to ${reference.entryId}: ${target.entry === null ? 'not held' : `found by its hash, entry #${target.entry.seq} of ${daemons.find((daemon) => daemon.ledger === reference.ledgerId)!.name}`}`
      )
    }
  }
}
