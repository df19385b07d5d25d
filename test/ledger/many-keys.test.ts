/**
 * Key entries without end (R1): what has more than evidence and proofs can carry is followed no further, and an owner
 * stops in time.
 */
import { expect, test } from 'vitest'
import { keyHash } from '../../src/core/chain.js'
import { LAST_ROTATION_KEY_ENTRIES, MAX_KEY_ENTRIES } from '../../src/core/limits.js'
import { keyAt } from '../helpers/key-at.js'
import { rotatedOften } from '../helpers/rotated-often.js'
import { openNode } from './support.js'

const nextOf = (n: number): string => keyHash(keyAt(n + 1).publicKey)

test('a mirror takes 256 key entries, as many in one range as one by one, and not one more; what it holds stays', async () => {
  const { ledgers, reopen } = await openNode()
  const { entries, ledger } = await rotatedOften(MAX_KEY_ENTRIES)
  const mirror = await ledgers.mirror(ledger)
  await mirror.ingest(entries.slice(0, 200))
  await expect(mirror.ingest(entries.slice(200))).rejects.toMatchObject({ code: 'TOO_MANY_KEYS' })
  expect(mirror.size).toBe(200)
  await mirror.ingest(entries.slice(200, MAX_KEY_ENTRIES))
  await expect(mirror.ingest(entries.slice(MAX_KEY_ENTRIES))).rejects.toMatchObject({ code: 'TOO_MANY_KEYS' })
  const again = (await reopen()).ledgers.get(ledger)!
  await expect(again.ingest(entries.slice(MAX_KEY_ENTRIES))).rejects.toMatchObject({ code: 'TOO_MANY_KEYS' })
  expect(again.size).toBe(MAX_KEY_ENTRIES)
  expect((await again.keyEntries()).length).toBe(MAX_KEY_ENTRIES)
})

test('the own ledger is rotated up to 240 key entries, also after a reopen, and not from there on; entries are signed as before', async () => {
  const node = await openNode({
    signingKey: keyAt(0),
    genesis: { name: 'own', access: 'public', nextKeyHash: nextOf(0) }
  })
  const { own } = node.ledgers
  await Promise.all(
    Array.from({ length: LAST_ROTATION_KEY_ENTRIES - 2 }, (_, n) => own.rotateKey(keyAt(n + 1), nextOf(n + 1)))
  )
  const last = LAST_ROTATION_KEY_ENTRIES - 1
  const again = (await node.reopen({ signingKey: keyAt(last - 1) })).ledgers.own
  await again.rotateKey(keyAt(last), nextOf(last))
  await expect(again.rotateKey(keyAt(last + 1), nextOf(last + 1))).rejects.toMatchObject({ code: 'TOO_MANY_KEYS' })
  expect((await again.keyEntries()).length).toBe(LAST_ROTATION_KEY_ENTRIES)
  expect(await again.append({ stream: 's', type: 't' })).toMatchObject({ entry: { seq: LAST_ROTATION_KEY_ENTRIES } })
})
