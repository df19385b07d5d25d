/** What this machine can do at most, measured without any of our layers above core. */
import { generateKeyPairSync, sign, verify } from 'node:crypto'
import { open } from 'node:fs/promises'
import { join } from 'node:path'
import { Level } from 'level'
import { decodeUtf8, parseText } from '../../src/core/canonical.js'
import type { RawEntry } from '../../src/core/entry.js'
import { sha256 } from '../../src/core/hash.js'
import type { Header } from '../../src/core/header.js'
import type { Op } from '../../src/store/store.js'
import { rate, rounds, timed, type Measure } from './measure.js'

const SIGNATURES = 3000
const SYNCS = 20
const LEAF = Uint8Array.of(0)

/** Ed25519 over messages as long as our headers, one thread. */
export async function signRates(message: Uint8Array): Promise<{ sign: Measure; verify: Measure }> {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519')
  const signature = sign(null, message, privateKey)
  return {
    sign: await rounds(3, () =>
      rate(SIGNATURES, () => {
        for (let i = 0; i < SIGNATURES; i++) sign(null, message, privateKey)
      })
    ),
    verify: await rounds(3, () =>
      rate(SIGNATURES, () => {
        for (let i = 0; i < SIGNATURES; i++) verify(null, message, publicKey, signature)
      })
    )
  }
}

/** One small write with fsync, milliseconds. */
export async function syncOnce(folder: string): Promise<number> {
  const file = await open(join(folder, 'sync'), 'a')
  try {
    return await timed(async () => {
      await file.write('x'.repeat(1024))
      await file.datasync()
    })
  } finally {
    await file.close()
  }
}

export async function syncTime(folder: string): Promise<Measure> {
  return await rounds(SYNCS, () => syncOnce(folder))
}

/** Hashing and parsing alone: every byte is hashed, every header parsed, every link compared. Entries per second. */
export function hashAndParse(entries: RawEntry[]): Promise<number> {
  return rate(entries.length, () => {
    let previous: string | null = null
    for (const { header, signature, payload } of entries) {
      const { prev_hash: link, payload_hash: commitment } = parseText(decodeUtf8(header)) as unknown as Header
      if (link !== previous || (payload !== null && sha256(payload) !== commitment))
        throw new Error('the entries do not chain')
      previous = sha256(LEAF, header, signature)
    }
  })
}

export interface Batch {
  ops: Op[]
  sync: boolean
}

/** The same keys and values, in the same batches, into an empty LevelDB with the store's settings. Milliseconds. */
export async function rawWrites(dir: string, batches: Batch[]): Promise<number> {
  const db = new Level<Uint8Array, Uint8Array>(dir, {
    keyEncoding: 'view',
    valueEncoding: 'view',
    writeBufferSize: 16 * 1024 * 1024,
    cacheSize: 32 * 1024 * 1024
  })
  await db.open()
  try {
    return await timed(async () => {
      for (const { ops, sync } of batches) {
        const batch = db.batch() // the faster of the two ways to write one
        for (const op of ops) {
          if (op.type === 'put') batch.put(op.key, op.value)
          else batch.del(op.key)
        }
        await batch.write({ sync })
      }
    })
  } finally {
    await db.close()
  }
}
