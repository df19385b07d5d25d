/**
 * A backup: a folder that can become a home again. db/ config.json (if there is one) backup.json (what it holds)
 * signer.json.at-backup witnesses.json (who held the ledger), and with keys ledger.key and peer.key The signer's mark
 * is stored under another name on purpose (I2): a node that starts from an old copy must not sign as if nothing had
 * been signed since.
 */
import { existsSync } from 'node:fs'
import { mkdir, readFile, rename, rm } from 'node:fs/promises'
import { dirname, isAbsolute, join, relative } from 'node:path'
import { z } from 'zod'
import { paths as pathsOf } from '../../config/paths.js'
import { LedgermeshError } from '../../core/errors.js'
import { fileError } from '../../core/system-error.js'
import { runFsck, type FsckReport } from '../../ledger/fsck/run-fsck.js'
import { decodeRow, decodeState } from '../../ledger/read/records.js'
import type { Ledgers } from '../../ledger/ledgers.js'
import type { Log } from '../../ports.js'
import { copyStore } from '../../store/backup.js'
import { replaceFile, syncFolder } from '../../store/durable-file.js'
import { FAMILY } from '../../store/keys.js'
import type { Store } from '../../store/store.js'
import type { BackupOptions, BackupReport } from '../api/node.js'
import type { Home } from './home.js'
import { systemClock } from '../runtime/system.js'

const MANIFEST = 'backup.json'
export const MARK_AT_BACKUP = 'signer.json.at-backup'

const manifest = z.object({
  v: z.literal(1),
  network: z.string(),
  ledger: z.string(),
  createdAt: z.number(),
  ledgers: z.array(z.object({ ledger: z.string(), entries: z.number() }))
})

/** The parts that are backed up: a running node's store and home. */
interface Backed {
  store: Store
  home: Home
  ledgers: Ledgers
  network: string
}

/** The folder appears when everything in it is on the disk. Throws BAD_FILE, INVALID_PARAMS, STORE_DAMAGED. */
export async function createBackup(
  { store, home, ledgers, network }: Backed,
  folder: string,
  { withKeys = false }: BackupOptions = {}
): Promise<BackupReport> {
  if (!isAbsolute(folder)) throw new LedgermeshError('INVALID_PARAMS', 'the folder of a backup is an absolute path')
  const { db, libp2p, rpcDir } = home.paths
  for (const own of [db, libp2p, rpcDir]) {
    if (!relative(own, folder).startsWith('..'))
      throw new LedgermeshError(
        'BAD_FILE',
        `${folder} is inside ${own}, which is the node's own: a backup is made elsewhere`
      )
  }
  const part = `${folder}.part`
  for (const path of [folder, part])
    if (existsSync(path))
      throw new LedgermeshError('BAD_FILE', `${path} exists already: a backup is made in a new folder`)
  try {
    await mkdir(part, { mode: 0o700 })
  } catch (error) {
    throw fileError(error, `cannot make ${part}`)
  }
  try {
    const { paths } = home
    // before the entries: a mark newer than the entries would mean that entries are missing
    await copyIfThere(paths.signer, join(part, MARK_AT_BACKUP))
    // the nodes that a restored home is to ask
    await copyIfThere(paths.witnesses, pathsOf(part).witnesses)
    await copyIfThere(paths.config, pathsOf(part).config)
    if (withKeys) for (const key of ['ledgerKey', 'peerKey'] as const) await copyIfThere(paths[key], pathsOf(part)[key])
    const held = new HeldLedgers()
    const createdAt = systemClock.now()
    const bytes = await copyStore(store, pathsOf(part).db, (key, value) => held.see(key, value))
    const report: BackupReport = {
      v: 1,
      folder,
      createdAt,
      network,
      ledger: ledgers.own.id,
      ledgers: held.list(),
      bytes,
      keys: withKeys
    }
    await replaceFile(join(part, MANIFEST), `${JSON.stringify(report)}\n`)
    await rename(part, folder)
    await syncFolder(dirname(folder))
    return report
  } catch (error) {
    await rm(part, { recursive: true, force: true })
    throw error
  }
}

/**
 * Checks a backup offline: everything in it, and that it contains what its backup.json lists. Throws BAD_FILE,
 * ALREADY_RUNNING, STORE_TOO_NEW.
 */
export async function verifyBackup(
  folder: string,
  { log, onProgress }: { log: Log; onProgress?: (progress: { done: number; total: number }) => void }
): Promise<{ valid: boolean; missing: string[]; report: FsckReport }> {
  const { ledgers } = await readManifest(folder)
  const mark = join(folder, MARK_AT_BACKUP)
  const report = await runFsck(pathsOf(folder).db, {
    log,
    markFile: existsSync(mark) ? mark : null,
    rebuild: false,
    onProgress
  })
  const held = new Map(report.ledgers.map(({ ledger, entries }) => [ledger, entries]))
  const missing = ledgers
    .filter(({ ledger, entries }) => held.get(ledger) !== entries)
    .map(({ ledger, entries }) => `${ledger}: ${held.get(ledger) ?? 0} of ${entries} entries`)
  return { valid: report.clean && missing.length === 0, missing, report }
}

/** Throws BAD_FILE. */
export async function readManifest(folder: string): Promise<z.output<typeof manifest>> {
  try {
    return manifest.parse(JSON.parse(await readFile(join(folder, MANIFEST), 'utf8')))
  } catch (error) {
    throw new LedgermeshError(
      'BAD_FILE',
      `${folder} is not a backup: it has no ${MANIFEST} that can be read`,
      undefined,
      { cause: error }
    )
  }
}

/** Collects the ledgers of the rows that are copied. */
class HeldLedgers {
  readonly #ids = new Map<number, string>()
  readonly #sizes = new Map<number, number>()

  see(key: Buffer, value: Buffer): void {
    if (key[0] === FAMILY.ledger) {
      const row = decodeRow(value)
      if (row.removing !== true) this.#ids.set(row.n, key.toString('utf8', 1))
    } else if (key[0] === FAMILY.state) this.#sizes.set(key.readUInt32BE(1), decodeState(value).chain.size)
  }

  list(): { ledger: string; entries: number }[] {
    return [...this.#ids].map(([n, ledger]) => ({ ledger, entries: this.#sizes.get(n) ?? 0 }))
  }
}

async function copyIfThere(from: string, to: string): Promise<void> {
  if (existsSync(from)) await replaceFile(to, await readFile(from))
}
