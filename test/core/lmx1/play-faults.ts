/** Liars who are asked, and honest authors who are accused: all of it follows from a seed. */
import { canonicalize, type Json } from '../../../src/core/canonical.js'
import { keyEpoch } from '../../../src/core/chain.js'
import type { Entry } from '../../../src/core/entry.js'
import { isCoded } from '../../../src/core/errors.js'
import { accuse } from '../../../src/core/lmx1/accuse.js'
import { LIST_FAULTS } from '../../../src/core/lmx1/index-charge.js'
import { encodeIndexFault } from '../../../src/core/lmx1/index-fault.js'
import { packFault } from '../../../src/core/lmx1/pack-fault.js'
import { rootOf, type IndexSnapshot } from '../../../src/core/lmx1/index-builder.js'
import { postedOf } from '../../../src/core/lmx1/posting.js'
import { verifyIndexProof } from '../../../src/core/lmx1/verify-index.js'
import { verifyIndexFault } from '../../../src/core/lmx1/verify-index-fault.js'
import { weighFault } from '../../../src/core/lmx1/weigh-fault.js'
import { dice, type Dice } from '../../helpers/dice.js'
import { mutateBytes, mutateJson } from '../../checker/mutate.js'
import type { Author } from '../author.js'
import { accuseAuthor, authorOf, bytesBeside, headersOf, nameIndex } from './indexed-author.js'
import { LIES, timeless } from './liars.js'
import { answer, build, makeBounds, makeQuestion, scan, upTo } from './world.js'

/**
 * Asks an author who lies in one way; of what is believed, each entry that it lacks must convict him (at most `most` an
 * answer are tried). `kind`: which of LIES; the one behind them: false times.
 */
export async function convictions(of: {
  size: number
  questions: number
  most: number
  kind: number
  seed: number
}): Promise<{ convicted: number; largest: number }> {
  const { size, questions, most, kind, seed } = of
  const roll = dice(seed * 100 + kind)
  const author = await authorOf(size, roll, seed)
  const headers = headersOf(author)
  const lie = LIES[kind]
  const index =
    lie === undefined
      ? timeless(headers)
      : build(headers, (header) => (roll() < 0.4 ? lie(postedOf(header), header, roll) : postedOf(header)))
  const root = { size, root: rootOf(index) }
  const named = await nameIndex(author, index)
  const branch = { keys: author.keyEntries().map(keyEpoch), shared: author.size, frozen: null }
  let [convicted, largest] = [0, 0]
  for (let asked = 0; asked < questions; asked++) {
    const { proof, question, headers: shown } = await answer(index, headers, makeQuestion(size, roll), makeBounds(roll))
    const seqs = await orRefused(() => verifyIndexProof(root, question, proof, shown))
    if (seqs === null) continue
    const missing = scan(headers, question).filter((seq) => !seqs.includes(seq))
    for (const seq of missing.slice(0, most)) {
      const charge = accuse(question, proof, shown, headers[seq]!)
      const file = await accuseAuthor(author, named, [author.entries[seq]!], charge)
      if (weighFault(await verifyIndexFault(encodeIndexFault(file)), branch) !== 'counts')
        throw new Error(`seed ${seed}: it does not count`)
      largest = Math.max(largest, bytesBeside(file))
      convicted++
    }
  }
  return { convicted, largest }
}

/**
 * Accuses an honest author with what his own answers show, out of place or changed. Throws when one of `files` files
 * checks; how many did not.
 */
export async function mutants(of: {
  author: Author
  index: IndexSnapshot
  truth: Entry
  files: number
  seed: number
}): Promise<number> {
  const { author, index, truth, files, seed } = of
  const roll = dice(seed)
  const headers = headersOf(author).slice(0, index.size)
  const someone = (): Entry => author.entries[upTo(roll, index.size)]!
  let refused = 0
  for (let at = 0; at < files; at++) {
    const {
      proof,
      question,
      headers: shown
    } = await answer(index, headers, makeQuestion(index.size, roll), makeBounds(roll))
    const entry = someone()
    const charge = { ...accuse(question, proof, shown, entry.header), fault: LIST_FAULTS[upTo(roll, 5)]! }
    const file = await accuseAuthor(author, truth, roll() < 0.7 ? [entry] : [], charge)
    if ((await orRefused(() => verifyIndexFault(change(packFault(file), roll)))) !== null)
      throw new Error(`seed ${seed}, file ${at}: an honest author is convicted of ${charge.fault}`)
    refused++
  }
  return refused
}

function change(file: Json, roll: Dice): Uint8Array {
  if (roll() < 0.2) return Buffer.from(canonicalize(file))
  const changed = Buffer.from(canonicalize(mutateJson(file, roll)))
  return roll() < 0.1 ? mutateBytes(changed, roll) : changed
}

/** null: it was refused. */
export async function orRefused<T>(run: () => T | Promise<T>): Promise<T | null> {
  try {
    return await run()
  } catch (error) {
    if (isCoded(error) && ['BAD_PROOF', 'UPGRADE_NEEDED'].includes(error.code)) return null
    throw error
  }
}
