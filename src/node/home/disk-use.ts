/** How much of the disk a node takes, ledger by ledger, and giving back what it needs no more. */
import { readdir, stat, statfs } from 'node:fs/promises'
import { join } from 'node:path'
import type { Ledgers } from '../../ledger/ledgers.js'
import { LEDGER_FAMILIES } from '../../ledger/write/remove.js'
import { ledgerRange, WHOLE_STORE } from '../../store/keys.js'
import type { Store } from '../../store/store.js'
import type { Compacted, DiskUse } from '../api/node.js'
import type { Home } from './home.js'

/** The parts that are looked at. */
interface Kept {
  store: Pick<Store, 'sizeOf' | 'compact'>
  home: Pick<Home, 'paths'>
  ledgers: { list: () => readonly Pick<ReturnType<Ledgers['list']>[number], 'id' | 'ledgerNumber' | 'size'>[] }
}

export async function diskUse({ store, home, ledgers }: Kept): Promise<DiskUse> {
  const found: DiskUse['ledgers'] = []
  for (const { id, ledgerNumber, size } of ledgers.list()) {
    const bytesOf = async (family: (typeof LEDGER_FAMILIES)[number]): Promise<number> =>
      await store.sizeOf(ledgerRange(family, ledgerNumber))
    const sizes = await Promise.all(LEDGER_FAMILIES.map(bytesOf))
    found.push({
      ledger: id,
      entries: size,
      bytes: sizes.reduce((sum, bytes) => sum + bytes, 0),
      payloads: sizes[LEDGER_FAMILIES.indexOf('payload')]!
    })
  }
  const bytes = await folderBytes(home.paths.db)
  const { bavail, bsize } = await statfs(home.paths.home)
  const inLedgers = found.reduce((sum, ledger) => sum + ledger.bytes, 0)
  return {
    bytes,
    free: bavail * bsize,
    ledgers: found.toSorted((a, b) => b.bytes - a.bytes),
    shared: Math.max(0, bytes - inLedgers)
  }
}

export async function compactStore({ store, home }: Kept): Promise<Compacted> {
  const before = await folderBytes(home.paths.db)
  await store.compact(WHOLE_STORE)
  return { before, after: await folderBytes(home.paths.db) }
}

/** The database deletes files of its own while they are counted. */
async function folderBytes(folder: string): Promise<number> {
  const sizes = await Promise.all(
    (await readdir(folder)).map(async (name) => {
      try {
        return (await stat(join(folder, name))).size
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') return 0
        throw error
      }
    })
  )
  return sizes.reduce((sum, size) => sum + size, 0)
}
