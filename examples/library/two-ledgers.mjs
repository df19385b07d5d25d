// Two ledgers in one program: a school signs a diploma, an employer follows the school and checks it. `node
// two-ledgers.mjs`
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createLedger, interoperabilityPlugin, syncPlugin } from 'ledgermesh'

const folder = await mkdtemp(join(tmpdir(), 'two-ledgers-'))
const network = 'example'
const school = await createLedger({
  dataDir: join(folder, 'school'),
  network,
  name: 'school',
  plugins: [interoperabilityPlugin(), syncPlugin()]
})
const employer = await createLedger({
  dataDir: join(folder, 'employer'),
  network,
  name: 'employer',
  plugins: [interoperabilityPlugin(), syncPlugin()]
})
try {
  const { entry } = await school.append({
    id: 'diploma-1',
    stream: 'diplomas',
    type: 'awarded',
    subject_oid: 'oid:school:person:7f3a',
    payload: { title: 'Bachelor', year: 2026 }
  })
  console.log(`signed: ${entry.id}, entry ${entry.seq} of ${school.id}`)

  // Who is dialled by hand is known at once; elsewhere the DHT, registries and gossip find it.
  const [address] = school.plugins.interoperability.addresses()
  await employer.plugins.interoperability.connect(address)
  await employer.plugins.sync.follow(school.id)
  const { status, size } = await employer.plugins.sync.pull(school.id)
  console.log(`followed: ${status}, ${size} entries`)

  const { entries } = await employer.query({ stream: 'diplomas' }, school.id)
  const { valid } = await employer.verifyEntry({ hash: entries[0].hash }, school.id)
  console.log(`found: ${JSON.stringify(entries[0].payload)}, valid: ${valid}`)
} finally {
  await employer.close()
  await school.close()
  await rm(folder, { recursive: true })
}
