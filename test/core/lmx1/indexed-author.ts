/** A signed ledger that names an index of its own, true or not, and the files that accuse it. */
import type { Entry } from '../../../src/core/entry.js'
import type { Header } from '../../../src/core/header.js'
import type { IndexCharge } from '../../../src/core/lmx1/index-charge.js'
import { INDEX_STREAM, INDEX_TYPE, indexMeta } from '../../../src/core/lmx1/index-entry.js'
import { makeIndexFault, type FaultBasis, type IndexFault } from '../../../src/core/lmx1/index-fault.js'
import { packFault } from '../../../src/core/lmx1/pack-fault.js'
import { rootOf, type IndexSnapshot } from '../../../src/core/lmx1/index-builder.js'
import { multiproof, type ShownLeaves } from '../../../src/core/multiproof.js'
import type { Dice } from '../../helpers/dice.js'
import { Author, NETWORK } from '../author.js'
import { makeHeaders } from './world.js'

/** So many entries with values of all families; a rotation of the key in the middle. */
export async function authorOf(size: number, roll: Dice, seed = 1): Promise<Author> {
  const author = await Author.create(seed)
  for (const { stream, type, issuer_oid, subject_oid, timestamp, meta } of makeHeaders(size, roll).slice(1)) {
    if (author.size === size >> 1) await author.rotate()
    else await author.append({ stream, type, issuer_oid, subject_oid, timestamp, meta })
  }
  return author
}

export const headersOf = ({ entries }: Author): Header[] => entries.map(({ header }) => header)

/** The author names the index; one more entry follows. */
export async function nameIndex(author: Author, index: IndexSnapshot): Promise<Entry> {
  const meta = indexMeta({ size: index.size, root: rootOf(index) })
  const entry = await author.append({ type: INDEX_TYPE, stream: INDEX_STREAM, meta })
  await author.append()
  return entry
}

export async function basisOf(author: Author): Promise<FaultBasis> {
  const keyEntries = author.keyEntries().map(({ raw }) => raw)
  return { network: NETWORK, ledger: author.ledger, keyEntries, checkpoint: await author.checkpoint() }
}

/** What a page with these entries shows of the tree: them, and the key entries. */
export function treeOf(author: Author, entries: readonly Entry[]): ShownLeaves {
  const shown = new Map([...author.keyEntries(), ...entries].map(({ header, hash }) => [header.seq, hash]))
  const leaves = [...shown].map(([index, hash]) => ({ index, hash })).sort((a, b) => a.index - b.index)
  return {
    leaves,
    proof: multiproof(
      author.hashes(),
      leaves.map(({ index }) => index)
    )
  }
}

/** Made of what an answer showed, and of what shows the accusing entries: nothing else of the ledger is needed. */
export async function accuseAuthor(
  author: Author,
  index: Entry,
  accusing: readonly Entry[],
  charge: IndexCharge
): Promise<IndexFault> {
  const trees = [treeOf(author, [index]), ...accusing.map((entry) => treeOf(author, [entry]))]
  const raws = accusing.map(({ raw }) => raw)
  return makeIndexFault(await basisOf(author), trees, index.raw, raws, charge)
}

/** Bytes of a file without the signed entries that it quotes. */
export function bytesBeside(file: IndexFault): number {
  return JSON.stringify({ ...packFault(file), key_entries: [], index: null, entries: [] }).length
}
