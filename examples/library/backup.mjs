// A laptop that nobody can dial hands its ledger to a backup that takes it, and leaves only when it is safe there.
// `node backup.mjs`
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createLedger, interoperabilityPlugin, syncPlugin } from 'ledgermesh'

const folder = await mkdtemp(join(tmpdir(), 'backup-'))
const open = (name) =>
  createLedger({
    dataDir: join(folder, name),
    network: 'example',
    name,
    plugins: [interoperabilityPlugin(), syncPlugin()]
  })
const backup = await open('backup')
const laptop = await open('laptop')
try {
  // The backup takes nothing from strangers; whoever has this token may push one ledger of at most 5 MB.
  const authToken = await backup.plugins.sync.invite({ bytes: 5_000_000 })

  const { entry } = await laptop.append({ id: 'note-1', stream: 'notes', type: 'note', payload: { text: 'keep me' } })
  const remote = {
    id: backup.id,
    name: 'backup',
    endpoint: backup.plugins.interoperability.addresses(),
    syncDirection: 'push',
    authToken
  }
  const { accepted, rejected, conflicts } = await laptop.plugins.sync.pushEntries(remote, [entry])
  console.log(`accepted: ${accepted}; rejected: ${rejected.length}, conflicts: ${conflicts.length}`)

  // From now on each new entry is pushed by itself. Who has it, and who has not?
  const second = await laptop.append({ id: 'note-2', stream: 'notes', type: 'note', payload: { text: 'and me' } })
  const { confirmed, waiting } = await laptop.plugins.sync.replicas(second.entry.seq, 1, 9_000)
  console.log(`note-2 is on the disk of ${confirmed.length} remote; waiting: ${waiting.length}`)

  const { entries } = await backup.query({ stream: 'notes' }, laptop.id)
  console.log(`the backup holds: ${entries.map(({ id }) => id)}`)
} finally {
  await laptop.close()
  await backup.close()
  await rm(folder, { recursive: true })
}
