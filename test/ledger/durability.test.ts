import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { cp, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { keyHash } from '../../src/core/chain.js'
import type { Entry } from '../../src/core/entry.js'
import { decodeEntry } from '../../src/core/entry.js'
import { readMark, type SignerMark } from '../../src/ledger/signer/signer-mark.js'
import { openNode, temporaryFolder, testKey, type Node } from './support.js'
import { failWrites } from '../helpers/fail-writes.js'

const order = (id: string) => ({ stream: 's', type: 't', payload: { id }, id })

async function markOf({ dir }: { dir: string }): Promise<SignerMark> {
  return (await readMark(join(dir, 'signer.json')))!
}

async function entriesOf({ ledgers: { own } }: Node): Promise<Entry[]> {
  return (await own.range(0, { count: 10_000, bytes: 1e9 })).map(decodeEntry)
}

describe('a failed commit (I1)', () => {
  test.each([
    ['was not persisted', false],
    ['was persisted after all', true]
  ])('its outcome is unknown: it %s', async (_, persisted) => {
    const node = await openNode()
    const { own } = node.ledgers
    await own.append(order('a'))
    const failing = failWrites(new Error('disk full'), { persisted })
    const heard: number[] = []
    node.ledgers.on('stored', (_ledger, { entries }) => {
      heard.push(entries.length)
    })
    const results = await Promise.allSettled([own.append(order('b')), own.append(order('c'))])
    failing.restore()
    expect(results.map((result) => (result as PromiseRejectedResult).reason as unknown)).toMatchObject([
      { code: 'STORE_FAILED' },
      { code: 'STORE_FAILED' }
    ])
    expect(own.signer).toBe('failed')
    await expect(own.append(order('d'))).rejects.toMatchObject({ code: 'STORE_FAILED' })
    expect(heard).toEqual([])
    expect((await markOf(node)).seq).toBe(1)
    const again = await node.reopen()
    expect(again.ledgers.own).toMatchObject({ signer: 'ready', size: persisted ? 4 : 2 })
    // the caller tries again with the same id, and cannot do harm
    expect((await again.ledgers.own.append(order('b'))).existing).toBe(persisted)
    expect((await again.ledgers.own.verifyChain()).valid).toBe(true)
  })

  test('a mirror that fails stops the signing too', async () => {
    const { Author } = await import('./support.js')
    const node = await openNode()
    const author = await Author.create()
    const mirror = await node.ledgers.mirror(author.id)
    const failing = failWrites(new Error('disk full'))
    await expect(mirror.ingest(author.entries)).rejects.toMatchObject({ code: 'STORE_FAILED' })
    failing.restore()
    expect(mirror.size).toBe(0)
    expect(node.ledgers.own.signer).toBe('failed')
    await expect(node.ledgers.own.append(order('a'))).rejects.toMatchObject({ code: 'STORE_FAILED' })
    const again = await node.reopen()
    await again.ledgers.get(author.id)!.ingest(author.entries)
    await again.ledgers.own.append(order('a'))
  })

  test('a mark that cannot be written keeps the signature inside', async () => {
    const node = await openNode({})
    await rm(join(node.dir, 'signer.json'))
    const { mkdir } = await import('node:fs/promises')
    await mkdir(join(node.dir, 'signer.json', 'x'), { recursive: true })
    await expect(node.ledgers.own.append(order('a'))).rejects.toMatchObject({ code: 'STORE_FAILED' })
    expect(node.ledgers.own.signer).toBe('failed')
  })
})

describe("the signer's mark (I2)", () => {
  test('names the newest entry', async () => {
    const node = await openNode()
    expect(await markOf(node)).toMatchObject({ ledger: node.ledgers.own.id, seq: 0, checkpoint: null })
    const {
      entry: { hash }
    } = await node.ledgers.own.append(order('a'))
    expect(await markOf(node)).toMatchObject({ seq: 1, hash })
  })

  test('an old backup is pulled back before anything is signed', async () => {
    const node = await openNode()
    await node.ledgers.own.append(order('a'))
    await node.close()
    await cp(join(node.dir, 'db'), join(node.dir, 'backup'), { recursive: true })
    const newer = await node.reopen()
    await newer.ledgers.own.appendBatch([order('b'), order('c')])
    const entries = await entriesOf(newer)
    await newer.close()
    await rm(join(node.dir, 'db'), { recursive: true })
    await cp(join(node.dir, 'backup'), join(node.dir, 'db'), { recursive: true })

    const restored = await newer.reopen()
    const { own } = restored.ledgers
    expect(own).toMatchObject({ signer: 'restoring', size: 2, restoreTarget: { seq: 3, hash: entries[3]!.hash } })
    await expect(own.append(order('d'))).rejects.toMatchObject({ code: 'RESTORING' })
    await own.ingest(entries.slice(2, 3))
    expect(own.signer).toBe('restoring')
    await own.ingest(entries.slice(3))
    expect(own.signer).toBe('ready')
    expect((await own.append(order('d'))).entry.seq).toBe(4)
    await expect(own.ingest(entries.slice(3))).rejects.toMatchObject({ code: 'READ_ONLY' })
  })

  test('a lost store is pulled back from nothing', async () => {
    const node = await openNode()
    await node.ledgers.own.append(order('a'))
    const entries = await entriesOf(node)
    await node.close()
    await rm(join(node.dir, 'db'), { recursive: true })
    const {
      ledgers: { own }
    } = await node.reopen()
    expect(own).toMatchObject({ signer: 'restoring', size: 0, id: node.ledgers.own.id })
    await own.ingest(entries)
    expect(own.signer).toBe('ready')
    expect((await own.append(order('b'))).entry.seq).toBe(2)
  })

  test('a missing mark waits for the operator', async () => {
    const node = await openNode()
    await node.ledgers.own.append(order('a'))
    await node.close()
    await rm(join(node.dir, 'signer.json'))
    const {
      ledgers: { own }
    } = await node.reopen()
    expect(own).toMatchObject({ signer: 'restoring', restoreTarget: null })
    await expect(own.append(order('b'))).rejects.toMatchObject({ code: 'RESTORING' })
    await own.override()
    expect(own.signer).toBe('ready')
    await own.append(order('b'))
    expect((await markOf(node)).seq).toBe(2)
  })

  test('a mark with another hash, of another ledger, or that is no mark', async () => {
    const node = await openNode()
    await node.ledgers.own.append(order('a'))
    await node.close()
    const path = join(node.dir, 'signer.json')
    const mark = await markOf(node)
    await writeFile(path, JSON.stringify({ ...mark, hash: '0'.repeat(64) }))
    const forked = await node.reopen()
    expect(forked.ledgers.own.signer).toBe('restoring')
    await forked.close()
    const other = await openNode({ signingKey: testKey('other') })
    await writeFile(path, JSON.stringify({ ...mark, ledger: other.ledgers.own.id }))
    await expect(forked.reopen()).rejects.toMatchObject({ code: 'WRONG_LEDGER' })
    for (const text of [
      '',
      '{}',
      JSON.stringify({ ...mark, seq: -1 }),
      JSON.stringify({ ...mark, extra: 1 }),
      JSON.stringify({ ...mark, checkpoint: {} })
    ]) {
      await writeFile(path, text)
      await expect(forked.reopen()).rejects.toMatchObject({ code: 'BAD_FILE' })
    }
  })

  test('a mark below the stored head is a crash between commit and mark', async () => {
    const node = await openNode()
    await node.ledgers.own.append(order('a'))
    const mark = await markOf(node)
    await node.ledgers.own.append(order('b'))
    await node.close()
    await writeFile(join(node.dir, 'signer.json'), JSON.stringify(mark))
    expect((await node.reopen()).ledgers.own).toMatchObject({ signer: 'ready', size: 3 })
  })

  test('a peer shows a newer own entry: nothing is signed until it is here, and no mark goes above the own head before (R5)', async () => {
    const node = await openNode()
    const twin = await openNode({ dir: await copyOf(node) })
    await twin.ledgers.own.append(order('a'))
    await twin.ledgers.own.append(order('b'))
    const [, newer, newest] = await entriesOf(twin)
    const { own } = node.ledgers
    expect(await own.sawOwnEntry((await entriesOf(node))[0]!)).toBe('known')
    const forged = { ...newest!, raw: { ...newest!.raw, signature: new Uint8Array(64) } }
    expect(await own.sawOwnEntry(forged)).toBe('unknown')
    expect(own.signer).toBe('ready')
    const mark = await readFile(join(node.dir, 'signer.json'))
    expect(await own.sawOwnEntry(newest!)).toBe('restoring')
    await expect(own.append(order('c'))).rejects.toMatchObject({ code: 'RESTORING' })
    await own.ingest([newer!])
    expect([own.signer, Buffer.compare(await readFile(join(node.dir, 'signer.json')), mark)]).toEqual(['restoring', 0])
    await own.ingest([newest!])
    expect(own.signer).toBe('ready')
    const { ledgers } = await node.reopen()
    expect(ledgers.own).toMatchObject({ signer: 'ready', size: 3 })
    expect(await readMark(join(node.dir, 'signer.json'))).toMatchObject({ seq: 2, hash: newest!.hash })
  })

  test('what the operator has spoken about stops nothing again', async () => {
    const node = await openNode()
    const twin = await openNode({ dir: await copyOf(node) })
    await twin.ledgers.own.append(order('a'))
    const { own } = node.ledgers
    const [, newer] = await entriesOf(twin)
    expect(await own.sawOwnEntry(newer!)).toBe('restoring')
    await own.override()
    expect([await own.sawOwnEntry(newer!), own.signer]).toEqual(['unknown', 'ready'])
  })

  test('a peer shows another own entry in the place of a stored one', async () => {
    const node = await openNode()
    const twin = await openNode({ dir: await copyOf(node) })
    await twin.ledgers.own.append(order('a'))
    await node.ledgers.own.append(order('b'))
    expect(await node.ledgers.own.sawOwnEntry((await entriesOf(twin))[1]!)).toBe('conflict')
    expect(node.ledgers.own.signer).toBe('restoring')
    const {
      ledgers: { own }
    } = await node.reopen()
    expect(own.signer).toBe('restoring')
    await own.override()
    expect((await own.append(order('c'))).entry.seq).toBe(2)
  })

  async function copyOf(node: Node): Promise<string> {
    await node.close()
    const dir = await temporaryFolder()
    await cp(node.dir, dir, { recursive: true })
    Object.assign(node, await node.reopen())
    return dir
  }
})

describe('keys', () => {
  test('a rotation signs with the committed key, and what follows too', async () => {
    const node = await openNode()
    const { own } = node.ledgers
    await expect(own.rotateKey(testKey('thief'), null)).rejects.toMatchObject({ code: 'KEY_NOT_IN_FORCE' })
    const [rotated, after] = await Promise.all([
      own.rotateKey(testKey('next'), keyHash(testKey('third').publicKey)),
      own.append(order('a'))
    ])
    expect([rotated.entry.seq, after.entry.seq]).toEqual([1, 2])
    expect((await own.keyEntries()).length).toBe(2)
    expect(own.chain!.key).toBe(testKey('next').publicKey)
    await expect(own.rotateKey(testKey('next'), null)).rejects.toMatchObject({ code: 'BAD_KEY' })
    expect((await own.verifyChain()).valid).toBe(true)
    // with the old key nothing can be written any more
    const old = await node.reopen()
    await expect(old.ledgers.own.append(order('b'))).rejects.toMatchObject({ code: 'KEY_NOT_IN_FORCE' })
    const fresh = await old.reopen({ signingKey: testKey('next') })
    expect((await fresh.ledgers.own.append(order('b'))).entry.seq).toBe(3)
  })

  test('without a key the ledger can be read', async () => {
    const node = await openNode()
    await node.close()
    const {
      ledgers: { own }
    } = await node.reopen({ signingKey: undefined })
    expect((await own.query()).entries.length).toBe(1)
    await expect(own.append(order('a'))).rejects.toMatchObject({ code: 'READ_ONLY' })
  })

  test('a signing device may take its time, and is not believed', async () => {
    const key = testKey('own')
    const node = await openNode({
      signingKey: {
        publicKey: key.publicKey,
        sign: async (message) => {
          await Promise.resolve()
          return key.sign(message)
        }
      }
    })
    await node.ledgers.own.append(order('a'))
    const broken = await node.reopen({
      signingKey: { publicKey: key.publicKey, sign: async () => await Promise.resolve(new Uint8Array(64)) }
    })
    await expect(broken.ledgers.own.append(order('b'))).rejects.toMatchObject({ code: 'BAD_SIGNATURE' })
    expect(broken.ledgers.own).toMatchObject({ size: 2, signer: 'ready' })
  })
})

describe('kill -9', () => {
  test('every acknowledged entry is there, whenever the process dies', async () => {
    const dir = await temporaryFolder()
    const acknowledged = new Set<string>()
    for (const limit of [1, 40, 150]) {
      const child = spawn(process.execPath, [fileURLToPath(new URL('./append-child.js', import.meta.url)), dir], {
        stdio: ['ignore', 'pipe', 'inherit']
      })
      const ended = new Promise((resolve) =>
        child.once('exit', (_, signal) => {
          resolve(signal)
        })
      )
      let count = 0
      for await (const line of createInterface(child.stdout)) {
        acknowledged.add(line)
        if (++count === limit) child.kill('SIGKILL')
      }
      expect(await ended).toBe('SIGKILL')
    }
    const node = await openNode({ dir })
    const { own } = node.ledgers
    expect(node.store.wasClean).toBe(false)
    expect(own.signer).toBe('ready')
    for (const id of acknowledged) expect(await own.get({ id })).toMatchObject({ id, payload: { id } })
    expect(acknowledged.size).toBeGreaterThanOrEqual(191)
    expect((await markOf(node)).seq).toBeLessThan(own.size)
    expect((await markOf(node)).seq).toBeGreaterThanOrEqual(acknowledged.size)
    expect(await own.verifyChain()).toMatchObject({ valid: true, entries: own.size })
  }, 60_000)
})
