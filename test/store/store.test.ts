import { Key } from 'interface-datastore'
import { Level } from 'level'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import {
  familyRange,
  NEXT_REMOTE_KEY,
  textKey,
  hashKey,
  hashRange,
  ledgerOfHashKey,
  nameKey,
  nameOf,
  nameRange,
  seqKey,
  seqOf,
  seqRange,
  SEQ_END
} from '../../src/store/keys.js'
import { SCHEMA, VERSION_KEY } from '../../src/store/migrations.js'
import { openDatastore } from '../../src/store/datastore.js'
import { openStore, type Store } from '../../src/store/store.js'
import { failWrites } from '../helpers/fail-writes.js'

const log = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined }
const A = Buffer.from('a')
const B = Buffer.from('b')

async function folder(): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'ledgermesh-store-'))
  onTestFinished(async () => {
    await rm(dir, { recursive: true, force: true })
  })
  return dir
}

async function all<T>(values: Iterable<T> | AsyncIterable<T>): Promise<T[]> {
  const found: T[] = []
  for await (const value of values) found.push(value)
  return found
}

async function opened(dir: string): Promise<Store> {
  const store = await openStore(dir, { log })
  onTestFinished(async () => {
    await store.close()
  })
  return store
}

async function setVersion(dir: string, version: string): Promise<void> {
  const db = new Level<Buffer, Buffer>(dir, { keyEncoding: 'buffer', valueEncoding: 'buffer' })
  await db.put(VERSION_KEY, Buffer.from(version))
  await db.close()
}

describe('openStore', () => {
  test('a second opener hears who is in the way', async () => {
    const dir = await folder()
    await opened(dir)
    await expect(openStore(dir, { log })).rejects.toMatchObject({
      code: 'ALREADY_RUNNING',
      message: expect.stringMatching(/process has .* open/) as string
    })
  })

  test('a store of a newer program is left alone, and not locked', async () => {
    const dir = await folder()
    const store = await opened(dir)
    await store.close()
    await setVersion(dir, String(SCHEMA + 1))
    await expect(openStore(dir, { log })).rejects.toMatchObject({ code: 'STORE_TOO_NEW' })
    await setVersion(dir, 'x')
    await expect(openStore(dir, { log })).rejects.toMatchObject({ code: 'STORE_DAMAGED' })
    await setVersion(dir, '1')
    expect((await opened(dir)).incarnation).toBe(store.incarnation)
  })

  test('a migration that was interrupted runs again', async () => {
    const dir = await folder()
    const failing = failWrites(new Error('power lost'))
    await expect(openStore(dir, { log })).rejects.toThrow('power lost')
    failing.restore()
    expect((await opened(dir)).incarnation).toMatch(/^[0-9a-f]{32}$/)
  })

  test.for(Array.from({ length: SCHEMA - 1 }, (_, index) => index + 1))(
    'a store of schema %i is brought up to date, killed at every write',
    async (version) => {
      const dir = await folder()
      const made = await opened(dir)
      await made.close()
      // one write for each step, and the one that opens the store
      for (let write = 0; write <= SCHEMA - version; write++) {
        await setVersion(dir, String(version))
        let left = write
        const { batch } = Level.prototype as unknown as { batch: (this: unknown, ...given: unknown[]) => unknown }
        const spy = vi.spyOn(Level.prototype, 'batch').mockImplementation(function (this: unknown, ...args: unknown[]) {
          return left-- === 0 ? Promise.reject(new Error('killed')) : batch.apply(this, args)
        } as never)
        await expect(openStore(dir, { log })).rejects.toThrow('killed')
        spy.mockRestore()
        const again = await opened(dir)
        expect(again.incarnation).toBe(made.incarnation)
        await again.close()
      }
    }
  )

  test('schema 5: remotes get numbers, each its own, also when the first try was killed', async () => {
    const dir = await folder()
    await (await opened(dir)).close()
    const db = new Level<Buffer, Buffer>(dir, { keyEncoding: 'buffer', valueEncoding: 'buffer' })
    for (const [id, value] of [
      ['a', '{"push":true}'],
      ['b', '{'],
      ['c', '{"push":false}']
    ] as const)
      await db.put(textKey('remote', id), Buffer.from(value))
    await db.close()
    await setVersion(dir, '4')
    const failing = failWrites(new Error('killed'))
    await expect(openStore(dir, { log })).rejects.toThrow('killed')
    failing.restore()
    const store = await opened(dir)
    expect((await store.all(familyRange('remote'))).map(([, value]) => value.toString())).toEqual([
      '{"push":true,"number":1}',
      '{',
      '{"push":false,"number":2}'
    ])
    expect((await store.get(NEXT_REMOTE_KEY))?.toString()).toBe('3')
  })

  test('knows whether the last stop was clean', async () => {
    const dir = await folder()
    const first = await opened(dir)
    expect(first.wasClean).toBe(false)
    await first.close()
    const second = await opened(dir)
    expect(second.wasClean).toBe(true)
    await second.close()
    // the flag is gone as soon as the store is open: a crash now is an unclean stop
    const db = new Level<Buffer, Buffer>(dir, { keyEncoding: 'buffer', valueEncoding: 'buffer' })
    await db.batch([{ type: 'del', key: Buffer.concat([Buffer.of(0), Buffer.from('clean')]) }])
    await db.close()
    expect((await opened(dir)).wasClean).toBe(false)
  })

  test('a damaged manifest is a coded error', async () => {
    const dir = await folder()
    await (await opened(dir)).close()
    for (const name of await readdir(dir)) if (name === 'CURRENT') await rm(join(dir, name))
    const { writeFile } = await import('node:fs/promises')
    await writeFile(join(dir, 'CURRENT'), 'nonsense')
    await expect(openStore(dir, { log })).rejects.toMatchObject({ code: 'STORE_DAMAGED' })
  })
})

describe('write', () => {
  test('after a failed write everything is refused until the store is reopened (I1)', async () => {
    const dir = await folder()
    const store = await opened(dir)
    await store.write([{ type: 'put', key: A, value: A }], { sync: true })
    const failing = failWrites(new Error('disk full'))
    await expect(store.write([{ type: 'put', key: B, value: B }], { sync: true })).rejects.toMatchObject({
      code: 'STORE_FAILED'
    })
    failing.restore()
    expect(store.failed).toBe(true)
    await expect(store.write([{ type: 'put', key: B, value: B }], { sync: false })).rejects.toMatchObject({
      code: 'STORE_FAILED'
    })
    await expect(store.clear({ gte: A, lt: B })).rejects.toMatchObject({ code: 'STORE_FAILED' })
    expect((await store.get(A))?.toString()).toBe('a')
    await store.close()
    const again = await opened(dir)
    expect(again.wasClean).toBe(false)
    await again.write([{ type: 'put', key: B, value: B }], { sync: true })
    expect((await again.all({ gte: A, lt: Buffer.from('c') })).map(([key]) => key.toString())).toEqual(['a', 'b'])
  })

  test('a closed store says so', async () => {
    const store = await opened(await folder())
    await store.close()
    await store.close()
    await expect(store.get(A)).rejects.toMatchObject({ code: 'CLOSED' })
    await expect(store.write([], { sync: false })).rejects.toMatchObject({ code: 'CLOSED' })
    expect(() => store.rows({ gte: A, lt: B })).toThrow('closed')
  })
})

describe('the datastore for libp2p', () => {
  const open = async (
    dir: string
  ): Promise<{ datastore: Awaited<ReturnType<typeof openDatastore>>; wake: () => void }> => {
    let wake = (): void => {}
    const clock = {
      now: () => 0,
      after: (_: number, callback: () => void) => {
        wake = callback
        return () => {
          wake = () => {}
        }
      }
    }
    return {
      datastore: await openDatastore(dir, { clock, log }),
      wake: () => {
        wake()
      }
    }
  }

  test('keeps what was put, and finds it before it is written', async () => {
    const dir = await folder()
    const { datastore } = await open(dir)
    await datastore.put(new Key('/peers/a'), A)
    await datastore.put(new Key('/peers/b'), A)
    await datastore.put(new Key('/peers/b'), B)
    expect(Buffer.from(await datastore.get(new Key('/peers/b')))).toEqual(B)
    expect(await datastore.has(new Key('/peers/a'))).toBe(true)
    await datastore.delete(new Key('/peers/a'))
    await expect(datastore.get(new Key('/peers/a'))).rejects.toMatchObject({ name: 'NotFoundError' })
    const batch = datastore.batch()
    batch.put(new Key('/peers/c'), A)
    batch.delete(new Key('/peers/c'))
    batch.put(new Key('/other'), A)
    await batch.commit()
    expect((await all(datastore.query({ prefix: '/peers' }))).map(({ key }) => String(key))).toEqual(['/peers/b'])
    expect((await all(datastore.queryKeys({}))).map(String)).toEqual(['/other', '/peers/b'])
    await datastore.put(new Key('/last'), A)
    await datastore.close()
    const { datastore: again } = await open(dir)
    expect((await all(again.queryKeys({}))).map(String)).toEqual(['/last', '/other', '/peers/b'])
    await again.close()
  })

  test('writes after a while, and in time when there is much', async () => {
    const { datastore, wake } = await open(await folder())
    const onDisk = async (key: string): Promise<boolean> => (await datastore.db.get(key)) !== undefined
    await datastore.put(new Key('/a'), A)
    expect(await onDisk('/a')).toBe(false)
    wake()
    await datastore.delete(new Key('/nothing')) // waits for the write
    expect(await onDisk('/a')).toBe(true)
    for (let i = 0; i < 1000; i++) await datastore.put(new Key(`/many/${i}`), B)
    expect(await onDisk('/many/0')).toBe(true)
    for (let i = 0; i < 1000; i++) expect(Buffer.from(await datastore.get(new Key(`/many/${i}`)))).toEqual(B)
    await datastore.close()
  })
})

describe('keys', () => {
  test('sort by ledger, then seq', () => {
    const keys = [
      seqKey('entry', 1, 0),
      seqKey('entry', 1, 1),
      seqKey('entry', 1, 255),
      seqKey('entry', 1, 256),
      seqKey('entry', 1, 2 ** 40),
      seqKey('entry', 2, 0),
      seqKey('payload', 1, 0)
    ]
    expect(keys.toSorted((a, b) => a.compare(b))).toEqual(keys)
    expect(seqOf(seqKey('entry', 1, 2 ** 40 + 3))).toBe(2 ** 40 + 3)
    expect(Buffer.compare(seqRange('entry', 1, 0, SEQ_END).lt, seqKey('entry', 2, 0))).toBe(-1)
  })

  test('a name never runs into a longer one', () => {
    const { gte, lt } = nameRange('stream', 1, 'a', 0, SEQ_END)
    const inside = (key: Buffer): boolean => Buffer.compare(key, gte) >= 0 && Buffer.compare(key, lt) < 0
    expect(inside(nameKey('stream', 1, 'a', 7))).toBe(true)
    for (const [n, name] of [
      [1, 'aa'],
      [1, 'a b'],
      [2, 'a'],
      [1, 'b'],
      [1, '`']
    ] as const)
      expect(inside(nameKey('stream', n, name, 7))).toBe(false)
    expect(nameOf(nameKey('stream', 1, 'é€', 7))).toBe('é€')
  })

  test('hash keys say where', () => {
    const hash = 'ab'.repeat(32)
    const key = hashKey(hash, 7, 9)
    expect([ledgerOfHashKey(key), seqOf(key)]).toEqual([7, 9])
    const { gte, lt } = hashRange(hash)
    expect(Buffer.compare(key, gte) > 0 && Buffer.compare(key, lt) < 0).toBe(true)
  })
})

test('reads that are under way while it compacts do not keep the old files', async () => {
  const dir = await folder()
  const store = await opened(dir)
  for (let round = 0; round < 15; round++) {
    const secret = `secret-of-round-${round}`
    const range = seqRange('payload', 1, 10 * round, 10 * round + 10)
    await store.write(
      Array.from({ length: 10 }, (_, i) => ({
        type: 'put',
        key: seqKey('payload', 1, 10 * round + i),
        value: Buffer.from(`${secret} ${i}`)
      })),
      { sync: false }
    )
    await store.write(
      Array.from({ length: 10 }, (_, i) => ({ type: 'del', key: seqKey('payload', 1, 10 * round + i) })),
      { sync: false }
    )
    let ended = false
    const readers = Promise.all(
      Array.from({ length: 4 }, async (_, i) => {
        while (!ended) await (i % 2 === 0 ? store.get(range.gte) : store.keys(range))
      })
    )
    await store.compact(range)
    const names = await readdir(dir) // LevelDB may delete some of them before they are read
    const holding = await Promise.all(
      names.map(async (name) => (await readFile(join(dir, name)).catch(() => Buffer.alloc(0))).includes(secret))
    )
    ended = true
    await readers
    expect(names.filter((_, at) => holding[at])).toEqual([])
  }
})

test('a compaction waits for views from before the deletion: what they can see would stay on the disk', async () => {
  const dir = await folder()
  const store = await opened(dir)
  const secret = Buffer.from('a secret that must go')
  const key = seqKey('payload', 1, 7)
  await store.write([{ type: 'put', key, value: secret }], { sync: true })
  const rows = store.rows(seqRange('payload', 1, 0, 10))
  await rows.next(1)
  await store.write([{ type: 'del', key }], { sync: true })
  const compacted = store.compact(seqRange('payload', 1, 0, 10))
  let done = false
  void compacted.then(() => {
    done = true
  })
  expect(await store.get(A)).toBeUndefined()
  expect(done).toBe(false)
  await rows.close()
  await compacted
  await store.close()
  for (const name of await readdir(dir)) expect((await readFile(join(dir, name))).includes(secret)).toBe(false)
})
