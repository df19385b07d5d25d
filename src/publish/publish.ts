/**
 * Publishes a public ledger as static files that any tool for C2SP transparency logs reads (c2sp.org/tlog-tiles). A run
 * adds what is new: payloads, bundles, tiles, keys; reads all of that back from the disk and computes the root again; and
 * only then, by one rename, shows the checkpoint.
 */
import { toUtf8 } from '#platform'
import { keyInForce, verifyKeyEntries, type KeyHistory } from '../core/chain.js'
import { checkpointOrigin, readCheckpoint, verifyCheckpoint, vkeyOf } from '../core/checkpoint.js'
import { ledgerOf, type Entry } from '../core/entry.js'
import { LedgermeshError } from '../core/errors.js'
import { formatExportEntry } from '../core/export.js'
import type { Hash } from '../core/hash.js'
import type { LedgerId } from '../core/ledger-id.js'
import { verifySignature } from '../core/signature.js'
import { encodeBundle } from './bundle.js'
import { divergence, freeze, refuseFrozen } from './freeze.js'
import { TILE_HASHES } from './limits.js'
import { Payloads } from './payloads.js'
import type { PublicFolder } from './public-folder.js'
import { CHECKPOINT, checkNote, KEYS, readBundle, readPublished, VKEYS, type Published } from './published.js'
import { reread } from './reread.js'
import type { PublishSource } from './source.js'
import { BUNDLES, outgrown, tilePath } from './tile.js'
import { encodeTile } from './tile-tree.js'

export interface PublishReport {
  ledger: LedgerId
  network: string
  /** Entries under the checkpoint that is published now, its root, and entries before this run. */
  size: number
  root: Hash
  before: number
  /** For tools that read C2SP notes: the key that signed the checkpoint. */
  vkey: string
  payloads: { written: number; erased: number; awaited: number }
}

/**
 * Throws INVALID_PARAMS for a private ledger, FROZEN when the ledger is not the one that was published, NOT_YET when
 * there is nothing that can be published, BAD_PROOF when the source gives what does not check, BAD_FILE for the folder.
 */
export async function publish(
  source: PublishSource,
  folder: PublicFolder,
  options: { payloads: boolean; onProgress?: (done: number, total: number) => void }
): Promise<PublishReport> {
  const head = await source.head()
  const { ledger, visible } = head
  const history = await verifyKeyEntries(ledger, head.keyEntries, verifySignature)
  if (history.access === 'private')
    throw new LedgermeshError(
      'INVALID_PARAMS',
      `${ledger} is private: what is published can be read by everybody, for ever`
    )
  const checkpoint = head.checkpoint === null ? null : await checkedCheckpoint(head.checkpoint, history)
  const published = await readPublished(folder, history)
  const payloads = await Payloads.open(folder)
  await payloads.erase(source, visible)
  await refuseFrozen(folder)
  const accused = {
    network: history.network,
    ledger,
    keyEntries: head.keyEntries.map(({ header, raw }) => ({ ...raw, seq: header.seq }))
  }
  const differs = await divergence(folder, published, source, visible)
  if (differs !== null) await freeze(folder, accused, published, { differs, held: head.checkpoint })
  if (visible < published.size) {
    if (head.evidence !== null) await freeze(folder, accused, published, { evidence: head.evidence })
    throw new LedgermeshError('NOT_YET', `the node holds ${visible} entries; ${published.size} are published already`)
  }
  await checkNote(published, history)
  if (checkpoint === null || checkpoint.size > visible)
    throw new LedgermeshError('NOT_YET', 'no checkpoint is here yet that is over entries that are shown alone')

  const { size, root, note } = checkpoint
  if (options.payloads) await payloads.write(source, Math.max(size, published.size), visible)
  if (size > published.size) {
    await writeTree(source, folder, published, { ledger, size, root, onProgress: options.onProgress })
    await writeKeys(folder, history, head.keyEntries, size)
    await folder.sync()
    await show(folder, published, note)
    for (const tile of outgrown(published.size, size)) await folder.remove(tilePath(tile).replace(/\/\d+$/, ''))
    await folder.sync()
  }
  const shown = size > published.size ? { size, root } : published
  return {
    ledger,
    network: history.network,
    size: shown.size,
    root: shown.root,
    before: published.size,
    vkey: vkeyOf(checkpointOrigin(history.network, ledger), keyInForce(history, shown.size - 1)),
    payloads: { ...payloads.counts, awaited: payloads.awaited }
  }
}

/** Throws MALFORMED, WRONG_LEDGER or BAD_SIGNATURE. */
async function checkedCheckpoint(
  note: string,
  history: KeyHistory
): Promise<{ note: string; size: number; root: Hash }> {
  const { network, ledger } = history
  const key = keyInForce(history, readCheckpoint(note, history).size - 1)
  const { size, root } = await verifyCheckpoint(note, { network, ledger, key }, verifySignature)
  return { note, size, root }
}

interface Wanted {
  ledger: LedgerId
  size: number
  root: Hash
  onProgress: ((done: number, total: number) => void) | undefined
}

/** Bundles and tiles of the entries that are new, then all of them read back. Throws BAD_PROOF. */
async function writeTree(
  source: PublishSource,
  folder: PublicFolder,
  published: Published,
  wanted: Wanted
): Promise<void> {
  const { ledger, size, root, onProgress } = wanted
  const { tree } = published
  const bundled = published.size % TILE_HASHES
  let bundle: Entry[] =
    bundled === 0 ? [] : await readBundle(folder, { index: Math.floor(published.size / TILE_HASHES), width: bundled })
  const put = async (): Promise<void> => {
    const index = Math.floor((tree.size - 1) / TILE_HASHES)
    await folder.create(
      tilePath({ level: BUNDLES, index, width: bundle.length }),
      encodeBundle(bundle.map(({ raw }) => raw))
    )
  }
  for await (const { entry } of source.entries(published.size, size)) {
    if (entry.header.seq !== tree.size || ledgerOf(entry) !== ledger)
      throw new LedgermeshError('BAD_PROOF', `the node gave another entry than ${tree.size} of ${ledger}`)
    bundle.push(entry)
    const full = tree.push(entry.hash)
    if (full.length === 0) continue
    await put()
    bundle = []
    for (const tile of full) await folder.create(tilePath(tile), encodeTile(tile.hashes))
    onProgress?.(tree.size, size)
  }
  if (tree.size !== size || tree.root() !== root)
    throw new LedgermeshError('BAD_PROOF', 'the entries that the node gave do not lead to its checkpoint')
  if (bundle.length > 0) await put()
  for (const tile of tree.partial()) await folder.create(tilePath(tile), encodeTile(tile.hashes))
  await folder.sync()
  if ((await reread(folder, published.size, size)) !== root)
    throw new LedgermeshError('BAD_FILE', 'what was written does not lead to the checkpoint when it is read back')
}

async function writeKeys(
  folder: PublicFolder,
  history: KeyHistory,
  keyEntries: readonly Entry[],
  size: number
): Promise<void> {
  const covered = keyEntries.filter(({ header }) => header.seq < size)
  const lines = covered.map(({ raw }) => formatExportEntry({ ...raw, payload: null }))
  await folder.replace(KEYS, toUtf8(`${lines.join('\n')}\n`))
  const origin = checkpointOrigin(history.network, history.ledger)
  await folder.replace(VKEYS, toUtf8(`${covered.map(({ header }) => vkeyOf(origin, header.key)).join('\n')}\n`))
}

/** Throws BAD_FILE when another run has published meanwhile. */
async function show(folder: PublicFolder, { note }: Published, checkpoint: string): Promise<void> {
  const now = await folder.read(CHECKPOINT)
  if (now === null ? note !== null : note === null || Buffer.compare(now, toUtf8(note)) !== 0)
    throw new LedgermeshError('BAD_FILE', 'another process publishes into this folder')
  await folder.replace(CHECKPOINT, toUtf8(checkpoint))
}
