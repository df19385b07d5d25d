import { expect, test } from 'vitest'
import { join } from 'node:path'
import { verifyCheckpoint } from '../../src/core/checkpoint.js'
import { fromHex, sha256Text, toHex } from '../../src/core/hash.js'
import { merkleRoot } from '../../src/core/merkle.js'
import { verifySignature } from '../../src/core/signature.js'
import { foldTile, TILE_WIDTH } from '../../src/ledger/read/tree.js'
import { readMark } from '../../src/ledger/signer/signer-mark.js'
import { seqKey } from '../../src/store/keys.js'
import { coveringCheckpoint, proveEntry } from '../../src/ledger/entry-proof.js'
import { NETWORK, openNode, testKey, type Node } from './support.js'

test('a stored tree node is the root over its 256 children', () => {
  const leaves = Array.from({ length: TILE_WIDTH }, (_, i) => sha256Text(`${i}`))
  const children = leaves.map(fromHex)
  expect(toHex(foldTile(children))).toBe(merkleRoot(leaves))
  expect(children.map(toHex)).toEqual(leaves)
})

const order = { stream: 's', type: 't' }

async function rootOf({ ledgers: { own } }: Node, size: number): Promise<string> {
  return merkleRoot(await own.reader.leaves(0, size))
}

async function markedCheckpoint({ dir }: Node): Promise<unknown> {
  return (await readMark(join(dir, 'signer.json')))!.checkpoint
}

test('signed over what is stored, at most one a second, with the mark before it', async () => {
  const node = await openNode()
  const {
    ledgers: { own },
    clock
  } = node
  await own.appendBatch(Array.from({ length: 300 }, () => order))
  const heard: string[] = []
  own.checkpoints.onCheckpoint((note) => heard.push(note))
  const note = (await own.checkpoints.maybeCheckpoint(clock.now()))!
  expect(
    await verifyCheckpoint(note, { network: NETWORK, ledger: own.id, key: own.chain!.key }, verifySignature)
  ).toMatchObject({ size: 301, root: await rootOf(node, 301) })
  expect(await markedCheckpoint(node)).toEqual({ size: 301, root: await own.rootAt(301) })
  expect(own.checkpoint()).toBe(note)
  expect(heard).toEqual([note])
  expect(await own.checkpoints.maybeCheckpoint(clock.now() + 5000)).toBeNull() // nothing new
  await own.append(order)
  expect(await own.checkpoints.maybeCheckpoint(clock.now() + 999)).toBeNull() // too soon
  expect(await own.checkpoints.maybeCheckpoint(clock.now() + 1000)).not.toBeNull()
  const again = await node.reopen()
  expect(again.ledgers.own.checkpoint()).toContain('\n302\n')
  await again.ledgers.own.append(order)
  const third = (await again.ledgers.own.checkpoints.maybeCheckpoint(clock.now() + 9000))!
  expect(
    await verifyCheckpoint(third, { network: NETWORK, ledger: own.id, key: own.chain!.key }, verifySignature)
  ).toMatchObject({ size: 303, root: await rootOf(again, 303) })
})

test('on demand: for an entry of this moment, within the rate of one a second; else NOT_YET', async () => {
  const node = await openNode()
  const {
    ledgers: { own },
    clock
  } = node
  await own.append(order)
  expect(await proveEntry(own, { seq: 1 }, NETWORK)).toMatchObject({
    seq: 1,
    checkpoint: expect.stringContaining('\n2\n')
  })
  await own.append(order)
  const [second, third] = [proveEntry(own, { seq: 2 }, NETWORK), coveringCheckpoint(own, 3, NETWORK)]
  let done = false
  second.then(
    () => {
      done = true
    },
    () => undefined
  )
  clock.pass(999)
  await new Promise((resolve) => setImmediate(resolve))
  expect([done, own.checkpoint()]).toEqual([false, expect.stringContaining('\n2\n')])
  clock.pass(1)
  expect((await second).checkpoint).toBe((await third).note)
  expect((await third).size).toBe(3)
  await expect(coveringCheckpoint(own, 4, NETWORK)).rejects.toMatchObject({ code: 'NOT_YET' })
})

test('on demand, while a timer is a little early, or makes it meanwhile: it is there', async () => {
  const {
    ledgers: { own },
    clock
  } = await openNode()
  await own.append(order)
  await coveringCheckpoint(own, 2, NETWORK)
  await own.append(order)
  const meanwhile = coveringCheckpoint(own, 3, NETWORK)
  await own.checkpoints.maybeCheckpoint(clock.now() + 1000)
  clock.pass(1000)
  expect((await meanwhile).size).toBe(3)

  await own.append(order)
  const after = clock.after.bind(clock)
  clock.after = (ms, callback) => after(Math.max(ms - 1, 1), callback)
  const early = coveringCheckpoint(own, 4, NETWORK)
  for (const ms of [999, 1]) {
    clock.pass(ms)
    await new Promise((resolve) => setImmediate(resolve))
  }
  expect((await early).size).toBe(4)
})

test('the timer makes the first one after a second, the next ones a minute apart', async () => {
  const {
    ledgers: { own },
    clock
  } = await openNode()
  const next = (): Promise<string> =>
    new Promise((resolve) => {
      const stop = own.checkpoints.onCheckpoint((note) => {
        stop()
        resolve(note)
      })
    })
  await own.append(order)
  const first = next()
  clock.pass(1000)
  expect(await first).toContain('\n2\n')
  await own.append(order)
  clock.pass(59_999)
  expect(own.checkpoint()).toContain('\n2\n')
  const second = next()
  clock.pass(1)
  expect(await second).toContain('\n3\n')
})

test('a rotated key signs from its entry on', async () => {
  const {
    ledgers: { own },
    clock
  } = await openNode()
  await own.rotateKey(testKey('next'), null)
  const note = (await own.checkpoints.maybeCheckpoint(clock.now()))!
  expect(
    await verifyCheckpoint(note, { network: NETWORK, ledger: own.id, key: testKey('next').publicKey }, verifySignature)
  ).toMatchObject({ size: 2 })
})

test('nothing is signed over entries that do not check, or that do not lead to the last checkpoint', async () => {
  const node = await openNode()
  const {
    ledgers: { own },
    clock,
    store
  } = node
  await own.appendBatch([order, order, order])
  const key = seqKey('entry', own.ledgerNumber, 2)
  const value = (await store.get(key))!
  const damaged = Buffer.from(value)
  damaged[100]! ^= 1
  await store.write([{ type: 'put', key, value: damaged }], { sync: true })
  await expect(own.checkpoints.maybeCheckpoint(clock.now())).rejects.toMatchObject({ code: 'STORE_DAMAGED' })
  await store.write([{ type: 'put', key, value }], { sync: true })
  expect(await own.checkpoints.maybeCheckpoint(clock.now())).not.toBeNull()
  await node.close()
  const path = join(node.dir, 'signer.json')
  const mark = (await readMark(path))!
  mark.checkpoint!.root = '0'.repeat(64)
  const { writeFile } = await import('node:fs/promises')
  await writeFile(path, JSON.stringify(mark))
  const again = await node.reopen()
  await again.ledgers.own.append(order)
  await expect(again.ledgers.own.checkpoints.maybeCheckpoint(clock.now() + 5000)).rejects.toMatchObject({
    code: 'STORE_DAMAGED'
  })
})

test('none while restoring or without the key', async () => {
  const node = await openNode()
  await node.close()
  const readOnly = await node.reopen({ signingKey: undefined })
  expect(await readOnly.ledgers.own.checkpoints.maybeCheckpoint(1e15)).toBeNull()
  await readOnly.close()
  const { rm } = await import('node:fs/promises')
  await rm(join(node.dir, 'signer.json'))
  const restoring = await node.reopen()
  expect(await restoring.ledgers.own.checkpoints.maybeCheckpoint(1e15)).toBeNull()
})
