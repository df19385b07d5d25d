import { expect, test } from 'vitest'
import type { Json } from '../../../src/core/canonical.js'
import { MAX_SIBLINGS, MAX_SKIPPED_IN_A_ROW } from '../../../src/core/lmx1/index-proof.js'
import { encodeIndexFault, type IndexFault } from '../../../src/core/lmx1/index-fault.js'
import { dice } from '../../helpers/dice.js'
import { accuseAuthor, authorOf, bytesBeside, nameIndex } from './indexed-author.js'
import { build } from './world.js'

/** The most that a liar can make of it in a ledger of 2^levels entries: garbage is as long as what is true. */
async function largest(levels: number): Promise<number> {
  const author = await authorOf(4, dice(1), 400)
  const named = await nameIndex(author, build([author.entries[0]!.header]))
  const [hash, ref, posting] = ['f'.repeat(64), 'f'.repeat(88), 'f'.repeat(56)]
  const few = await accuseAuthor(author, named, [author.entries[0]!], { fault: 'two-roots' })
  const file = {
    ...few,
    fault: 'omitted',
    // the genesis, the index and the entry: each has at most one hash a level
    tree: Array.from({ length: 3 * levels }, () => hash),
    key: hash,
    map: {
      siblings: Array.from({ length: MAX_SIBLINGS }, () => hash),
      leaf: { key: hash, count: 2 ** levels - 1, list: ref }
    },
    run: {
      first: 2 ** levels - 1,
      items: [
        { posting },
        ...Array.from({ length: MAX_SKIPPED_IN_A_ROW }, () => ({ skipped: ref, width: 2 ** levels - 1 })),
        { posting }
      ],
      outside: Array.from({ length: 2 * levels }, () => ref)
    }
  } satisfies Record<string, Json | object> as unknown as IndexFault
  encodeIndexFault(file) // within the limits of the grammar
  return bytesBeside(file)
}

test('beside the entries that it quotes a file stays small, whatever a liar shows', async () => {
  expect(await largest(20)).toBeLessThan(12 * 1024)
  expect(await largest(40)).toBeLessThan(16 * 1024)
  expect(await largest(48)).toBeLessThan(19 * 1024)
})
