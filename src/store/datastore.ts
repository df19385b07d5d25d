import { mkdir } from 'node:fs/promises'
import { LevelDatastore } from 'datastore-level'

/** libp2p's own datastore, open. The caller closes it. */
export async function openDatastore (dir: string): Promise<LevelDatastore> {
  await mkdir(dir, { recursive: true, mode: 0o700 })
  const datastore = new LevelDatastore(dir)
  await datastore.open()
  return datastore
}
