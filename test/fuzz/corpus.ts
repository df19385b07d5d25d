/**
 * The kept corpus: test/fuzz/corpus/<target>/. `seed-…` are valid samples, written once; formats are final, so they are
 * accepted for ever.
 * `found-…` are inputs that broke something once; they only must not break it again.
 */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { sha256 } from '../../src/core/hash.js'
import type { Target } from './target.js'

/** From the project's root. */
const FOLDER = 'test/fuzz/corpus'
/** Bytes of a kept file: larger seeds are made, not kept. */
const MAX_KEPT_BYTES = 16 * 1024
const NAME_DIGITS = 12

export interface Kept {
  file: string
  seed: boolean
  bytes: Buffer
}

export function readCorpus(target: string): Kept[] {
  let names: string[]
  try {
    names = readdirSync(join(FOLDER, target)).toSorted()
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
  return names.map((file) => ({
    file,
    seed: file.startsWith('seed-'),
    bytes: readFileSync(join(FOLDER, target, file))
  }))
}

/** The path of the file. */
export function keep(target: string, kind: 'seed' | 'found', bytes: Uint8Array): string {
  mkdirSync(join(FOLDER, target), { recursive: true })
  const path = join(FOLDER, target, `${kind}-${sha256(bytes).slice(0, NAME_DIGITS)}`)
  writeFileSync(path, bytes)
  return path
}

export async function keepSeeds({ name, seeds }: Target): Promise<string[]> {
  return (await seeds()).filter(({ length }) => length <= MAX_KEPT_BYTES).map((bytes) => keep(name, 'seed', bytes))
}
