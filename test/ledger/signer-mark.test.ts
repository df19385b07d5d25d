import { open, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { readMark, type SignerMark } from '../../src/ledger/signer/signer-mark.js'
import { openNode, type Node } from './support.js'

const order = (id: string) => ({ stream: 's', type: 't', id })

async function markOf({ dir }: Node): Promise<SignerMark> {
  return (await readMark(join(dir, 'signer.json')))!
}

test('a write that a crash tore leaves the mark before it', async () => {
  const node = await openNode()
  const path = join(node.dir, 'signer.json')
  for (const id of ['a', 'b', 'c']) {
    const before = await readFile(path)
    const mark = await markOf(node)
    await node.ledgers.own.append(order(id))
    const after = await readFile(path)
    expect(after.length).toBe(before.length)
    const changed = [...after.keys()].filter((i) => after[i] !== before[i])
    for (const torn of [
      changed.slice(0, 1),
      changed.slice(0, changed.length >> 1),
      changed.slice(1),
      changed.slice(0, -1)
    ]) {
      const bytes = Buffer.from(before)
      for (const i of torn) bytes[i] = after[i]!
      await writeFile(join(node.dir, 'torn.json'), bytes)
      expect(await readMark(join(node.dir, 'torn.json'))).toEqual(mark)
    }
    expect(await markOf(node)).toMatchObject({ seq: mark.seq + 1 })
  }
  await node.close()
  // the next write goes to the torn slot, not to the one that is whole
  const last = await markOf(node)
  const file = await open(path, 'r+')
  await file.write('{"torn', 0)
  await file.close()
  const torn = await markOf(node)
  expect(last.seq - torn.seq).toBeLessThan(2)
  const again = await node.reopen()
  await again.ledgers.own.append(order('d'))
  expect(await markOf(again)).toMatchObject({ seq: 4 })
  await again.close()
  expect((await again.reopen()).ledgers.own).toMatchObject({ size: 5, signer: 'ready' })
})

test('a file of one mark, as it was written first, is read and replaced', async () => {
  const node = await openNode()
  await node.ledgers.own.append(order('a'))
  await node.close()
  const path = join(node.dir, 'signer.json')
  await writeFile(path, JSON.stringify(await markOf(node)))
  const again = await node.reopen()
  expect(again.ledgers.own).toMatchObject({ size: 2, signer: 'ready' })
  await again.ledgers.own.append(order('b'))
  expect(await markOf(again)).toMatchObject({ seq: 2 })
  // also when it is put there, or taken away, while the node runs
  await writeFile(path, JSON.stringify(await markOf(again)))
  await again.ledgers.own.append(order('c'))
  expect(await markOf(again)).toMatchObject({ seq: 3 })
  await rm(path)
  await again.ledgers.own.append(order('d'))
  expect(await markOf(again)).toMatchObject({ seq: 4 })
})
