/**
 * A second reader, written in another language from docs/FORMATS.md alone, says the same as ours of honest files, of
 * every kind of evidence, and of thousands of files that are nearly right. Where Python with `cryptography` is missing,
 * the tests are left out and say so.
 */
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { verifyFile, type VerifiedFile } from '../../src/cli/verify-file.js'
import { canonicalize, type Json, type JsonObject } from '../../src/core/canonical.js'
import { encodeEvidence } from '../../src/core/evidence.js'
import { isCoded } from '../../src/core/errors.js'
import { Author } from '../core/author.js'
import { dice as makeDice, type Dice } from '../helpers/dice.js'
import { temporaryFolder } from '../helpers/temporary-folder.js'
import { nameIndex } from '../core/lmx1/indexed-author.js'
import { build } from '../core/lmx1/world.js'
import { indexedPartOf } from '../vectors/indexed-part.js'
import { answerOf, evidenceFiles, exampleLedger, exportOf, partOf, proofOf, SEQS } from '../vectors/make-files.js'
import { faultFiles } from '../vectors/make-faults.js'
import type { AnswerQuestion } from '../../src/core/verify-answer.js'
import { mutateBytes, mutateJson, pick, below, respell, signedMutant } from './mutate.js'
import { runChecker, whyNoChecker } from './python.js'
import { torsionSigned } from './torsion.js'

const MUTANTS = Number(process.env.CHECKER_MUTANTS ?? 2000)
const SEED = Number(process.env.CHECKER_SEED ?? 1)
const missing = whyNoChecker()

beforeAll(() => {
  if (missing !== null) console.warn(`examples/checker is not tested: ${missing}`)
})

interface Sample {
  name: string
  bytes: Buffer
}

/**
 * What our own `verify` says, in the checker's words; for evidence with the entries it freezes, for the others with how
 * many they cover.
 */
async function ours(file: string): Promise<string> {
  try {
    return `valid ${countOf(await verifyFile(file, true))}`
  } catch (error) {
    if (!isCoded(error)) throw error
    return error.code === 'UPGRADE_NEEDED' ? 'undecided' : 'invalid'
  }
}

function countOf(verified: VerifiedFile): number {
  switch (verified.file) {
    case 'proof':
      return verified.proof.size
    case 'evidence':
      return verified.evidence.seq
    case 'export':
      return verified.export.entries
    case 'answer':
      return verified.answer.entries.length
    case 'index-fault':
      return verified.indexFault.index.size
  }
}

/** Both verdicts for each sample. */
async function compare(samples: Sample[]): Promise<{ name: string; ours: string; theirs: string; reason: string }[]> {
  const folder = await temporaryFolder()
  await mkdir(folder, { recursive: true })
  const files = samples.map((_sample, at) => join(folder, String(at)))
  for (const [at, { bytes }] of samples.entries()) await writeFile(files[at]!, bytes)
  const verdicts = await runChecker(files)
  const compared = []
  for (const [at, { name }] of samples.entries()) {
    const { verdict, reason } = verdicts[at]!
    compared.push({
      name,
      ours: await ours(files[at]!),
      theirs: verdict === 'valid' ? `valid ${/(\d+) entries$/.exec(reason)?.[1]}` : verdict,
      reason
    })
  }
  return compared
}

const QUESTIONS: AnswerQuestion[] = [
  { order: 'asc' },
  { order: 'desc', stream: 'main' },
  { order: 'asc', type: 'note', from: 1_700_000_000_002, to: 1_700_000_000_009 },
  { order: 'desc', subject_oid: 'nobody' },
  { order: 'asc', id: 'größer-1' }
]

/** Half of the questions are answered with every entry, and half with those that match. */
async function answerFrom(author: Author, question: AnswerQuestion): Promise<JsonObject> {
  const whole = question.order === 'desc'
  const part = partOf(author, question, await author.checkpoint(), { whole, perPage: 3 })
  const sources = [{ ledger: author.ledger, state: whole ? 'proved' : 'included' }]
  return answerOf(question, [part], sources, whole) as unknown as JsonObject
}

async function byIndex(author: Author, question: AnswerQuestion): Promise<JsonObject> {
  const part = await indexedPartOf(author, question, await author.checkpoint(), 3)
  return answerOf(question, [part], [{ ledger: author.ledger, state: 'proved' }], true) as unknown as JsonObject
}

/**
 * Honest files of ledgers with none, one and several rotations, with and without checkpoints and payloads; and all
 * evidence against each of them.
 */
async function honest(): Promise<Sample[]> {
  const samples: Sample[] = []
  const add = (name: string, text: string | Uint8Array): void => {
    samples.push({ name, bytes: Buffer.from(text) })
  }
  const { author: example } = await exampleLedger()
  for (const [name, text] of Object.entries(await faultFiles())) add(name, text)
  const ledgers: [string, Author][] = [['all types', example]]
  for (const rotations of [0, 1, 3]) {
    const author = await Author.create(10 * rotations + 3)
    for (let at = 0; at <= rotations; at++) {
      if (at > 0) await author.rotate()
      await author.append({
        id: `größer-${at}`,
        meta: { '10': 1, '9': [null, 'é\u{1f602}\u2028'], ﬀ: true, '\u{1f602}': {} }
      })
      await author.appendPayload({ text: '\uffff', fraction: 0.1, big: 1e21 })
    }
    await author.append({ type: 'ledger.erase', meta: { entries: [author.entries[2]!.hash] } })
    ledgers.push([`${rotations} rotations`, author])
  }
  for (const [name, author] of ledgers) {
    const sizes = [...new Set([1, 2, author.size - 1, author.size])]
    for (const size of sizes) {
      const signer = author.keyEntries().findLast(({ header }) => header.seq < size)!.header.key
      const key = [author.signer].find(({ publicKey }) => publicKey === signer)
      if (key === undefined) continue
      const note = await author.checkpoint(size, key)
      add(`export, ${name}, checkpoint over ${size}`, exportOf(author, note))
      for (const seq of [0, 1, size - 1])
        if (seq < size) add(`proof of ${seq} in ${size}, ${name}`, JSON.stringify(proofOf(author, seq, note, size)))
    }
    add(`export without a checkpoint, ${name}`, exportOf(author, null))
    add(`export with what was erased, ${name}`, exportOf(author, await author.checkpoint(), [SEQS.payload, 2]))
    add(
      `proof without its payload, ${name}`,
      JSON.stringify(proofOf(author, author.size - 1, await author.checkpoint(), author.size, null))
    )
    for (const question of QUESTIONS)
      add(`answer, ${name}, ${JSON.stringify(question)}`, JSON.stringify(await answerFrom(author, question)))
    await nameIndex(author, build(author.entries.map(({ header }) => header)))
    for (const question of QUESTIONS)
      add(`answer by index, ${name}, ${JSON.stringify(question)}`, JSON.stringify(await byIndex(author, question)))
    const branch = author.fork()
    await author.append({ id: 'one history' })
    await branch.append({ id: 'the other' })
    for (const [kind, evidence] of Object.entries(await evidenceFiles(author, branch)))
      add(`evidence ${kind}, ${name}`, encodeEvidence(evidence))
  }
  return samples
}

test.skipIf(missing !== null)(
  'honest files, erasures, rotations, and evidence of every kind',
  async () => {
    const compared = await compare(await honest())
    expect(compared.length).toBeGreaterThan(50)
    expect(compared.filter(({ ours, theirs }) => ours !== theirs || !ours.startsWith('valid '))).toEqual([])
  },
  120_000
)

test.skipIf(missing !== null)(
  'a signature that only ZIP 215 accepts is undecided there, and a newer version here and there',
  async () => {
    const { proof, forged } = await torsionSigned()
    const compared = await compare([
      { name: 'ZIP 215 alone', bytes: Buffer.from(JSON.stringify(proof)) },
      { name: 'not even ZIP 215', bytes: Buffer.from(JSON.stringify(forged)) },
      { name: 'newer', bytes: Buffer.from(JSON.stringify({ ...proof, v: 2, whatever: 1 })) }
    ])
    expect(compared.map(({ ours, theirs }) => [ours, theirs])).toEqual([
      ['valid 2', 'undecided'],
      ['invalid', 'invalid'],
      ['undecided', 'undecided']
    ])
  }
)

async function mutantOf(sample: Sample, authors: Author[], dice: Dice): Promise<Buffer> {
  const text = sample.bytes.toString()
  const lines = text.split('\n')
  switch (below(dice, 8)) {
    case 0:
    case 1:
      return mutateBytes(sample.bytes, dice)
    case 2:
    case 3:
      return Buffer.from(canonicalize(await signedMutant(pick(dice, authors), dice)))
    case 4:
      if (!sample.name.startsWith('export')) return Buffer.from(respell(text, dice))
      break
    default:
      if (!sample.name.startsWith('export'))
        return Buffer.from(canonicalize(mutateJson(JSON.parse(text) as Json, dice)))
  }
  const at = below(dice, lines.length - 1)
  switch (below(dice, 5)) {
    case 0:
      lines.splice(at, 1)
      break
    case 1:
      lines.splice(at, 0, pick(dice, lines))
      break
    case 2:
      lines[at] = respell(lines[at]!, dice)
      break
    default:
      lines[at] = JSON.stringify(mutateJson(JSON.parse(lines[at]!) as JsonObject, dice))
  }
  return Buffer.from(lines.join('\n'))
}

test.skipIf(missing !== null)(
  `${MUTANTS} mutants of them`,
  async () => {
    const dice = makeDice(SEED)
    const samples = await honest()
    const authors = [(await exampleLedger()).author, await Author.create(50)]
    await authors[1]!.append()
    const mutants: Sample[] = []
    for (let at = 0; at < MUTANTS; at++) {
      const sample = pick(dice, samples)
      mutants.push({
        name: `mutant ${at} of seed ${SEED}: ${sample.name}`,
        bytes: await mutantOf(sample, authors, dice)
      })
    }
    const compared = await compare(mutants)
    const valid = compared.filter(({ ours }) => ours.startsWith('valid')).length
    console.log(
      `checker: seed ${SEED}, ${compared.length} mutants, ${valid} valid, ${compared.filter(({ ours }) => ours === 'undecided').length} newer`
    )
    expect(compared.filter(({ ours, theirs }) => ours !== theirs)).toEqual([])
    expect(valid).toBeGreaterThan(MUTANTS / 50)
  },
  240_000
)
