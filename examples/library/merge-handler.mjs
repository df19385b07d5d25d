// Two ledgers write of one person at the same time; one of them merges what both wrote. `node merge-handler.mjs`
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { createLedger, interoperabilityPlugin, syncPlugin } from 'ledgermesh'

const folder = await mkdtemp(join(tmpdir(), 'merge-handler-'))
const network = 'example'
const school = await createLedger({
  dataDir: join(folder, 'school'),
  network,
  name: 'school',
  plugins: [interoperabilityPlugin(), syncPlugin()]
})
const bank = await createLedger({
  dataDir: join(folder, 'bank'),
  network,
  name: 'bank',
  plugins: [interoperabilityPlugin(), syncPlugin()]
})
const key = { subject_oid: 'person-7' }

/** What stands, once it is in this state. */
async function standing(ledger, state) {
  for (;;) {
    for (const [one, other] of [
      [school, bank],
      [bank, school]
    ])
      await one.plugins.sync.pull(other.id)
    const view = await ledger.plugins.sync.entryConflicts.view({ rule: 'contacts', key }).catch(() => null)
    if (view?.state === state) return view
    await setTimeout(50)
  }
}

try {
  const [address] = school.plugins.interoperability.addresses()
  await bank.plugins.interoperability.connect(address)
  for (const [one, other] of [
    [school, bank],
    [bank, school]
  ])
    await one.plugins.sync.follow(other.id)

  // Both have the rule; only the bank may take another's place, and its program says how.
  const rule = {
    name: 'contacts',
    match: { streams: ['people'] },
    key: ['subject_oid'],
    scope: [school.id, bank.id],
    writers: [bank.id]
  }
  await school.plugins.sync.entryConflicts.setRule(rule)
  await school.append({ stream: 'people', type: 'contact', ...key, payload: { phones: ['1'] } })
  await bank.append({ stream: 'people', type: 'contact', ...key, payload: { phones: ['2'] } })
  const open = await standing(school, 'open')
  console.log(`${open.state}: ${open.count} entries`)

  await bank.plugins.sync.entryConflicts.setRule(rule, {
    strategy: 'merge',
    mergeHandler: (siblings) => ({ phones: siblings.flatMap(({ payload }) => payload.phones).sort() })
  })
  for (const ledger of [school, bank]) {
    const {
      siblings: [{ entry }]
    } = await standing(ledger, 'single')
    console.log(
      `${ledger === bank ? 'bank' : 'school'}: ${JSON.stringify(entry.payload)} by ${entry.ledger === bank.id ? 'the bank' : 'the school'}`
    )
  }
} finally {
  await bank.close()
  await school.close()
  await rm(folder, { recursive: true })
}
