// A school and a bank exchange what they sign with those they trust, and with nobody else: autoSync hands each new entry
// over, filterByTrust says to whom, autoPull finds an entry that is not in the own ledger.
// `node trusted-partners.mjs`
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createLedger, interoperabilityPlugin, syncPlugin } from 'ledgermesh'

const folder = await mkdtemp(join(tmpdir(), 'partners-'))
const open = (name, push) =>
  createLedger({
    dataDir: join(folder, name),
    network: 'example',
    name,
    plugins: [
      interoperabilityPlugin(),
      syncPlugin({
        autoSync: { replicas: 1 },
        autoPull: { budgetMs: 2_000 },
        filterByTrust: true,
        minTrustLevel: 0.7,
        push
      })
    ]
  })
const bank = await open('bank', { accept: 'trusted' })
const school = await open('school')
try {
  // The school's new entries are to go to the bank.
  const remote = { endpoint: bank.plugins.interoperability.addresses(), syncDirection: 'push' }
  await school.plugins.sync.addRemote(bank.id, remote)
  const pushed = async () => (await school.plugins.sync.push(bank.id, { waitMs: 10_000 })).flows[0]
  const until = async (code) => {
    while ((await pushed()).code !== code) await new Promise((done) => setTimeout(done, 100))
  }
  await until('REMOTE_UNTRUSTED')
  console.log('nobody trusts anybody: nothing goes to the bank')

  // Trust is an entry of its own in each ledger.
  await school.plugins.interoperability.trust.attest({ ledger: bank.id, levelMilli: 800, kind: 'full' })
  await bank.plugins.interoperability.trust.attest({ ledger: school.id, levelMilli: 800, kind: 'full' })
  // Headers say whom a ledger trusts: they may always be followed.
  await school.plugins.sync.follow(bank.id, { headers: true })
  await until(null)

  const { entry } = await school.append({
    id: 'diploma-1',
    stream: 'diplomas',
    type: 'awarded',
    payload: { year: 2026 }
  })
  await school.plugins.sync.replicas(entry.seq, 1, 10_000)
  const { rows } = await school.plugins.sync.state({ entry: 'diploma-1', direction: 'outbound' })
  console.log(`diploma-1 at the bank: ${rows[0].status}`)

  // The bank asks its own ledger, and gets the school's entry.
  const found = await bank.get('diploma-1')
  console.log(`the bank finds it: ${found.ledger === school.id}, payload: ${JSON.stringify(found.payload)}`)
} finally {
  await school.close()
  await bank.close()
  await rm(folder, { recursive: true })
}
