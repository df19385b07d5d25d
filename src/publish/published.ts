/** What a folder shows already: its checkpoint, and the right edge of the tree that its tiles carry. */
import { keyInForce, type KeyHistory } from '../core/chain.js'
import { readCheckpoint, verifyCheckpoint } from '../core/checkpoint.js'
import type { Entry } from '../core/entry.js'
import { LedgermeshError } from '../core/errors.js'
import { fromUtf8 } from '#platform'
import type { Hash } from '../core/hash.js'
import type { LedgerId } from '../core/ledger-id.js'
import { verifySignature } from '../core/signature.js'
import { decodeBundle } from './bundle.js'
import { TILE_HASHES } from './limits.js'
import type { PublicFolder } from './public-folder.js'
import { BUNDLES, tilePath, type Tile } from './tile.js'
import { decodeTile, TileTree } from './tile-tree.js'

export const CHECKPOINT = 'checkpoint'
/** Says that nothing is published here any more, and why. */
export const FROZEN = 'frozen'
export const EVIDENCE = 'evidence'
/** The genesis and the rotations, a line each. */
export const KEYS = 'keys'
/** The verifier keys (c2sp.org/signed-note), a line each, the newest last. */
export const VKEYS = 'vkeys'
/** How far the payloads are published, where they are. */
export const PAYLOADS = 'payloads'
export const PAYLOAD = 'payload'

const NAMES = new Set([CHECKPOINT, FROZEN, EVIDENCE, KEYS, VKEYS, PAYLOADS, PAYLOAD, 'tile', '.part'])

export interface Published {
  /** null: nothing yet. */
  note: string | null
  size: number
  root: Hash
  tree: TileTree
}

/**
 * Throws WRONG_LEDGER for the folder of another ledger; BAD_FILE for a folder with other things in it, and for one whose
 * tiles do not lead to its checkpoint.
 */
export async function readPublished(
  folder: PublicFolder,
  of: { network: string; ledger: LedgerId }
): Promise<Published> {
  const bytes = await folder.read(CHECKPOINT)
  if (bytes === null) {
    const foreign = (await folder.list('.')).find((name) => !NAMES.has(name))
    if (foreign !== undefined)
      throw new LedgermeshError(
        'BAD_FILE',
        `the folder has other things in it (${foreign}): publish into a folder of its own`
      )
    const tree = TileTree.empty()
    return { note: null, size: 0, root: tree.root(), tree }
  }
  const note = fromUtf8(bytes)
  const { size, root } = readCheckpoint(note, of)
  const tree = await TileTree.at(size, (tile) => readTile(folder, tile))
  if (tree.root() !== root)
    throw new LedgermeshError(
      'BAD_FILE',
      'the tiles of the folder do not lead to its checkpoint: publish into a new folder'
    )
  return { note, size, root, tree }
}

/** Throws BAD_FILE when the checkpoint of the folder is not signed by the key in force. */
export async function checkNote({ note, size }: Published, history: KeyHistory): Promise<void> {
  if (note === null) return
  const { network, ledger } = history
  try {
    await verifyCheckpoint(note, { network, ledger, key: keyInForce(history, size - 1) }, verifySignature)
  } catch (error) {
    throw new LedgermeshError(
      'BAD_FILE',
      'the checkpoint of the folder is not signed by its ledger: publish into a new folder',
      undefined,
      { cause: error }
    )
  }
}

/** Throws BAD_FILE when it is not there as it should be. */
export async function readTile(folder: PublicFolder, tile: Tile): Promise<Hash[]> {
  const hashes = decodeTile(await mustRead(folder, tile))
  if (hashes.length !== tile.width) throw damaged(tile)
  return hashes
}

/** Throws BAD_FILE. */
export async function readBundle(folder: PublicFolder, tile: Omit<Tile, 'level'>): Promise<Entry[]> {
  const bundle = { ...tile, level: BUNDLES }
  const entries = decodeBundle(await mustRead(folder, bundle))
  if (entries.length !== tile.width || entries.some(({ header }, at) => header.seq !== tile.index * TILE_HASHES + at))
    throw damaged(bundle)
  return entries
}

/** The entry that the folder of that size has at `seq`. Throws BAD_FILE, also when its tile has another hash. */
export async function publishedEntry(folder: PublicFolder, size: number, seq: number): Promise<Entry> {
  const index = Math.floor(seq / TILE_HASHES)
  const place = { index, width: Math.min(TILE_HASHES, size - index * TILE_HASHES) }
  const entry = (await readBundle(folder, place))[seq % TILE_HASHES]!
  const hashes = await readTile(folder, { ...place, level: 0 })
  if (hashes[seq % TILE_HASHES] !== entry.hash) throw damaged({ ...place, level: BUNDLES })
  return entry
}

async function mustRead(folder: PublicFolder, tile: Tile): Promise<Uint8Array> {
  const bytes = await folder.read(tilePath(tile))
  if (bytes === null) throw damaged(tile)
  return bytes
}

export function damaged(tile: Tile): LedgermeshError {
  return new LedgermeshError(
    'BAD_FILE',
    `${tilePath(tile)} of the published folder is missing or damaged: publish into a new folder`
  )
}
