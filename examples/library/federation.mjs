// A federation has the diplomas of a university in its own ledger: each once, as a copy that names its original.
// `node federation.mjs`
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { createLedger, interoperabilityPlugin, syncPlugin } from 'ledgermesh'

const folder = await mkdtemp(join(tmpdir(), 'federation-'))
const open = (name) =>
  createLedger({
    dataDir: join(folder, name),
    network: 'example',
    name,
    plugins: [interoperabilityPlugin(), syncPlugin()]
  })
const university = await open('university')
const federation = await open('federation')
try {
  const diploma = { stream: 'diplomas', type: 'diploma' }
  const { entry } = await university.append({ ...diploma, id: 'diploma-1', payload: { title: 'Bachelor' } })
  await university.append({ ...diploma, id: 'diploma-2', payload: { title: 'Master' } })
  await university.append({ stream: 'notes', type: 'note', payload: 'not for others' })
  // An entry whose copy's id the federation has used for something else: it is refused, and named.
  const taken = await university.append({ ...diploma, id: 'taken' })
  await federation.append({ id: taken.entry.hash, stream: 'other', type: 'other' })

  const { accepted, rejected } = await federation.plugins.sync.pullEntries({
    id: university.id,
    endpoint: university.plugins.interoperability.addresses(),
    adopt: { filters: { types: ['diploma'] } }
  })
  console.log(`adopted: ${accepted}; not: ${rejected.map(({ id, reason }) => `${id} (${reason})`)}`)

  // The id of a copy is the hash of its original.
  const { copy } = await federation.verifyEntry(entry.hash)
  console.log(`the copy of ${copy.originalId} is ${copy.state}`)

  // What is erased at the university is erased in the federation.
  await university.erase([entry.hash])
  let state
  do {
    await wait(50)
    ;({ payload_state: state } = await federation.get(entry.hash))
  } while (state !== 'erased')
  console.log(`erased at the university, and in the federation: ${state}`)
} finally {
  await university.close()
  await federation.close()
  await rm(folder, { recursive: true })
}
