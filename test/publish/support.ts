import { decodeBundle } from '../../src/publish/bundle.js'
import { entryHash, type Entry } from '../../src/core/entry.js'
import { merkleRoot } from '../../src/core/merkle.js'
import { parseNote } from '../../src/core/note.js'
import type { PublicFolder } from '../../src/publish/public-folder.js'
import type { PublishSource } from '../../src/publish/source.js'
import type { SigningKey } from '../../src/core/keys.js'
import type { Author } from '../core/author.js'
import { LedgermeshError } from '../../src/core/errors.js'

export class Crash extends Error {}

/** A folder that stops at a chosen step. `tick`: the steps up to which it works; what is not synced may be lost then. */
export class MemoryFolder implements PublicFolder {
  files = new Map<string, Buffer>()
  /** What is on the disk whatever happens. */
  #durable = new Map<string, Buffer>()
  #left = Number.POSITIVE_INFINITY
  steps = 0

  /** The same folder, all of it on the disk. */
  copy(): MemoryFolder {
    const folder = new MemoryFolder()
    folder.files = new Map(this.files)
    folder.#durable = new Map(this.files)
    return folder
  }

  crashAfter(steps: number): void {
    this.#left = steps
  }

  /** As it is after a crash: `keeps` decides for each name that was not synced. */
  recovered(keeps: () => boolean): MemoryFolder {
    const folder = this.copy()
    for (const path of new Set([...this.files.keys(), ...this.#durable.keys()])) {
      const old = this.#durable.get(path)
      if (this.files.get(path) === old || keeps()) continue
      if (old === undefined) folder.files.delete(path)
      else folder.files.set(path, old)
    }
    return folder.copy()
  }

  async read(path: string): Promise<Uint8Array | null> {
    return await Promise.resolve(this.files.get(path) ?? null)
  }

  async create(path: string, content: Uint8Array): Promise<void> {
    await this.#step()
    const there = this.files.get(path)
    if (there !== undefined && Buffer.compare(there, content) !== 0) throw new LedgermeshError('BAD_FILE', path)
    if (there === undefined) this.files.set(path, Buffer.from(content))
  }

  async replace(path: string, content: Uint8Array): Promise<void> {
    await this.#step()
    this.files.set(path, Buffer.from(content))
    await this.#step()
    this.#durable.set(path, this.files.get(path)!)
  }

  async remove(path: string): Promise<void> {
    await this.#step()
    for (const name of [...this.files.keys()]) if (name === path || name.startsWith(`${path}/`)) this.files.delete(name)
  }

  async list(path: string): Promise<string[]> {
    const prefix = path === '.' ? '' : `${path}/`
    const names = [...this.files.keys()].filter((name) => name.startsWith(prefix))
    return await Promise.resolve([...new Set(names.map((name) => name.slice(prefix.length).split('/')[0]!))])
  }

  async sync(): Promise<void> {
    await this.#step()
    this.#durable = new Map(this.files)
  }

  async #step(): Promise<void> {
    await Promise.resolve()
    if (this.#left-- <= 0) throw new Crash('killed')
    this.steps++
  }
}

/** An author's ledger as a node shows it: `shown` entries, and a checkpoint over `size` of them. */
export class AuthorSource implements PublishSource {
  author: Author
  size: number
  /** Of the checkpoint. */
  signer: SigningKey
  shown: number | null = null
  /** Hashes of entries whose payload is gone, and why. */
  absent = new Map<string, string>()

  constructor(author: Author, { size = author.size, signer = author.signer } = {}) {
    this.author = author
    this.size = size
    this.signer = signer
  }

  async head(): ReturnType<PublishSource['head']> {
    return {
      ledger: this.author.ledger,
      keyEntries: this.author.keyEntries(),
      checkpoint: await this.author.checkpoint(this.size, this.signer),
      visible: this.shown ?? this.author.size,
      evidence: null
    }
  }

  async *entries(from: number, to: number): AsyncGenerator<{ entry: Entry; state: string }> {
    for (const entry of this.author.entries.slice(from, to)) {
      const state = this.absent.get(entry.hash)
      await Promise.resolve()
      yield state === undefined
        ? { entry, state: 'present' }
        : { entry: { ...entry, raw: { ...entry.raw, payload: null } }, state }
    }
  }

  async entry(seq: number): Promise<Entry | null> {
    return await Promise.resolve(this.author.entries[seq] ?? null)
  }

  async *erased(from: number): AsyncGenerator<string> {
    for (const { header } of this.author.entries.slice(from)) {
      if (header.type !== 'ledger.erase') continue
      await Promise.resolve()
      for (const hash of header.meta.entries as string[])
        yield this.author.entries.find((entry) => entry.hash === hash)!.header.payload_hash!
    }
  }
}

/** What a reader of the tiles sees, by the letter of tlog-tiles and with nothing of ours; the size, or null without one. */
export function readAsStranger(files: Map<string, Buffer>): number | null {
  const note = files.get('checkpoint')
  if (note === undefined) return null
  const [, count, root] = parseNote(note.toString()).text.split('\n')
  const size = Number(count)
  const file = (level: string, index: number, width: number): Buffer => {
    const number =
      index < 1000
        ? String(index).padStart(3, '0')
        : `x${String(Math.floor(index / 1000)).padStart(3, '0')}/${String(index % 1000).padStart(3, '0')}`
    const path = `tile/${level}/${number}${width === 256 ? '' : `.p/${width}`}`
    const found = files.get(path)
    if (found === undefined) throw new Error(`the checkpoint of size ${size} needs ${path}`)
    return found
  }
  const leaves: string[] = []
  for (let at = 0; at < size; at += 256)
    leaves.push(...decodeBundle(file('entries', at / 256, Math.min(256, size - at))).map(({ raw }) => entryHash(raw)))
  let level = leaves
  for (let number = 0; level.length > 0; number++) {
    const next: string[] = []
    for (let at = 0; at < level.length; at += 256) {
      const hashes = level.slice(at, at + 256)
      if (file(String(number), at / 256, hashes.length).toString('hex') !== hashes.join(''))
        throw new Error(`tile ${at / 256} of level ${number} is wrong`)
      if (hashes.length === 256) next.push(merkleRoot(hashes))
    }
    level = next
  }
  if (leaves.length !== size || Buffer.from(merkleRoot(leaves), 'hex').toString('base64') !== root)
    throw new Error('the entries do not lead to the root')
  return size
}
