import { beforeAll, expect, test } from 'vitest'
import { verifyEvidence } from '../../src/core/verify-evidence.js'
import { verifySignature } from '../../src/core/signature.js'
import { publish } from '../../src/publish/publish.js'
import { Author, key } from '../core/author.js'
import { dice } from '../helpers/dice.js'
import { AuthorSource, Crash, MemoryFolder, readAsStranger } from './support.js'

/** The seq of the rotation. */
const ROTATION = 290
const SIZES = [1, 3, 256, 300]
let author: Author

beforeAll(async () => {
  author = await Author.create()
  while (author.size < 320) {
    if (author.size === ROTATION) await author.rotate()
    else if (author.size === 295)
      await author.append({ type: 'ledger.erase', meta: { entries: [author.entries[5]!.hash] } })
    else if (author.size < 10 || author.size % 100 === 0) await author.appendPayload({ seq: author.size })
    else await author.append()
  }
})

const run = async (folder: MemoryFolder, source: AuthorSource, payloads = false) =>
  await publish(source, folder, { payloads })
const upTo = (size: number): AuthorSource => {
  const part = author.fork()
  part.entries.length = size
  return new AuthorSource(part, { signer: size > ROTATION ? author.signer : key(1) })
}

test('killed at every step, and with the disk losing what was not synced, it never shows more than its tiles carry', async () => {
  const random = dice(7)
  let done = new MemoryFolder()
  for (const [at, size] of SIZES.entries()) {
    const before = SIZES[at - 1] ?? null
    const whole = done.copy()
    const source = upTo(size)
    const head = await source.head()
    source.head = () => Promise.resolve(head)
    await run(whole, source, true)
    expect(readAsStranger(whole.files)).toBe(size)
    for (let steps = 0; steps <= whole.steps; steps++) {
      const folder = done.copy()
      folder.crashAfter(steps)
      const ended = await run(folder, source, true).catch((error: unknown) => error)
      expect(ended instanceof Crash).toBe(steps < whole.steps)
      // killed, or without what was not synced: a reader may come right now
      const after = steps % 2 === 0 ? folder.recovered(() => true) : folder.recovered(() => random() < 0.5)
      expect([before, size]).toContain(readAsStranger(after.files))
      if (steps % 4 > 1) continue
      await run(after, source, true)
      for (const [path, bytes] of whole.files) expect(after.files.get(path)!.equals(bytes)).toBe(true)
    }
    done = whole
  }
})

test('partial tiles go when the full one is there, and not before', async () => {
  const folder = new MemoryFolder()
  for (const size of [1, 3, 3]) await run(folder, upTo(size))
  expect([...folder.files.keys()].filter((path) => path.includes('.p/')).toSorted()).toEqual([
    'tile/0/000.p/1',
    'tile/0/000.p/3',
    'tile/entries/000.p/1',
    'tile/entries/000.p/3'
  ])
  await run(folder, upTo(256))
  expect([...folder.files.keys()].filter((path) => path.startsWith('tile/')).toSorted()).toEqual([
    'tile/0/000',
    'tile/1/000.p/1',
    'tile/entries/000'
  ])
})

test('a private ledger, and what does not check, are refused before anything is written', async () => {
  const folder = new MemoryFolder()
  const hidden = await Author.create(40)
  const genesis = await hidden.fork().make({
    ledger: null,
    seq: 0,
    prev_hash: null,
    type: 'ledger.genesis',
    meta: { ...hidden.entries[0]!.header.meta, access: 'private' }
  })
  hidden.entries[0] = genesis
  await expect(run(folder, new AuthorSource(hidden))).rejects.toMatchObject({ code: 'INVALID_PARAMS' })

  const other = new AuthorSource(await Author.create(60))
  const lying = upTo(300)
  lying.head = async () => ({
    ...(await upTo(300).head()),
    checkpoint: await author.checkpoint(300, other.author.signer)
  })
  await expect(run(folder, lying)).rejects.toMatchObject({ code: 'BAD_SIGNATURE' })
  const beyond = upTo(10)
  beyond.shown = 9
  await expect(run(folder, beyond)).rejects.toMatchObject({ code: 'NOT_YET' })
  const without = upTo(10)
  const shown = await without.head()
  without.head = () => Promise.resolve({ ...shown, checkpoint: null })
  await expect(run(folder, without)).rejects.toMatchObject({ code: 'NOT_YET' })
  expect(folder.files.size).toBe(0)

  const swapped = upTo(300)
  swapped.author.entries[299] = await swapped.author.fork().make({ seq: 299, ledger: author.ledger, id: 'other' })
  swapped.head = () => upTo(300).head()
  await expect(run(folder, swapped)).rejects.toMatchObject({ code: 'BAD_PROOF' })
  expect(folder.files.has('checkpoint')).toBe(false)

  folder.files.set('important.txt', Buffer.from('mine'))
  await expect(run(new MemoryFolder(), upTo(3))).resolves.toBeDefined()
  await expect(run(folder, upTo(3))).rejects.toMatchObject({ code: 'BAD_FILE' })
})

test('a folder of another ledger, or one that somebody changed, is refused', async () => {
  const folder = new MemoryFolder()
  await run(folder, upTo(300))
  await expect(run(folder, new AuthorSource(await Author.create(60)))).rejects.toMatchObject({ code: 'WRONG_LEDGER' })
  for (const path of ['tile/0/001.p/44', 'tile/entries/001.p/44', 'tile/1/000.p/1']) {
    const changed = new MemoryFolder()
    changed.files = new Map(folder.files)
    const bytes = Buffer.from(changed.files.get(path)!)
    bytes[bytes.length - 1]! ^= 1
    changed.files.set(path, bytes)
    await expect(run(changed, upTo(310))).rejects.toMatchObject({ code: expect.stringMatching(/^(BAD_FILE|FROZEN)$/) })
    changed.files.delete(path)
    await expect(run(changed, upTo(310))).rejects.toMatchObject({ code: 'BAD_FILE' })
    expect(changed.files.get('checkpoint')).toEqual(folder.files.get('checkpoint'))
  }
})

test('another history freezes the folder, with the evidence, and nothing is overwritten', async () => {
  const folder = new MemoryFolder()
  await run(folder, upTo(300))
  const before = new Map(folder.files)
  const forked = author.fork()
  forked.entries.length = 280
  for (let more = 0; more < 40; more++) await forked.append({ id: `other-${more}` })
  // signed by the key after the rotation, as a thief of both would
  forked.signer = author.signer
  const source = new AuthorSource(forked)
  source.head = async () => ({ ...(await upTo(310).head()), visible: forked.size })
  await expect(run(folder, source)).rejects.toMatchObject({
    code: 'FROZEN',
    message: expect.stringContaining('entry 280 ')
  })
  for (const [path, bytes] of before) expect(folder.files.get(path)).toBe(bytes)
  expect([...folder.files.keys()].filter((path) => !before.has(path)).toSorted()).toEqual(['frozen'])
  await expect(run(folder, upTo(310))).rejects.toMatchObject({ code: 'FROZEN' })
})

test('two entries that its author signed at one seq are evidence; so is what the node knows of', async () => {
  const folder = new MemoryFolder()
  await run(folder, upTo(200))
  const forked = author.fork()
  forked.entries.length = 150
  forked.signer = key(1)
  while (forked.size < 210) await forked.append({ id: `other-${forked.size}` })
  await expect(run(folder, new AuthorSource(forked))).rejects.toMatchObject({ code: 'FROZEN' })
  const evidence = folder.files.get('evidence')!
  expect(await verifyEvidence(evidence, { verify: verifySignature })).toMatchObject({ seq: 150, kind: 'same-seq' })

  const cut = new MemoryFolder()
  await run(cut, upTo(200))
  const behind = upTo(150)
  await expect(run(cut, behind)).rejects.toMatchObject({ code: 'NOT_YET' })
  // a node that is frozen there shows no checkpoint either
  const head = await behind.head()
  behind.head = () => Promise.resolve({ ...head, checkpoint: null })
  await expect(run(cut, behind)).rejects.toMatchObject({ code: 'NOT_YET' })
  behind.head = () => Promise.resolve({ ...head, checkpoint: null, evidence: evidence.toString() })
  await expect(run(cut, behind)).rejects.toMatchObject({ code: 'FROZEN' })
  expect(cut.files.get('evidence')!.toString()).toBe(evidence.toString())
})

test('payloads are there only when asked for; what is erased goes first, and what comes later is added', async () => {
  const folder = new MemoryFolder()
  const payload = (seq: number): Buffer | undefined =>
    folder.files.get(`payload/${author.entries[seq]!.header.payload_hash!}`)
  await run(folder, upTo(100))
  expect([...folder.files.keys()].some((path) => path.startsWith('payload'))).toBe(false)
  const late = upTo(200)
  late.absent.set(author.entries[7]!.hash, 'missing').set(author.entries[8]!.hash, 'filtered')
  expect((await run(folder, late, true)).payloads).toEqual({ written: 8, erased: 0, awaited: 1 })
  expect(payload(5)!.equals(author.entries[5]!.raw.payload!)).toBe(true)
  expect((await run(folder, upTo(200), true)).payloads).toEqual({ written: 1, erased: 0, awaited: 0 })
  expect(payload(7)).toBeDefined()
  // the erasure is shown, and no checkpoint covers it yet; payloads are not asked for this time
  const erasing = upTo(311)
  erasing.size = 200
  erasing.signer = key(1)
  expect((await run(folder, erasing)).payloads).toEqual({ written: 0, erased: 1, awaited: 0 })
  expect(payload(5)).toBeUndefined()
  Object.assign(erasing, { size: 311, signer: author.signer })
  erasing.absent.set(author.entries[5]!.hash, 'erased')
  expect(await run(folder, erasing, true)).toMatchObject({ size: 311, payloads: { erased: 0, awaited: 0 } })
  expect([payload(5), payload(300)]).toEqual([undefined, author.entries[300]!.raw.payload])
})
