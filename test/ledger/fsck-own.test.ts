/** Damage of the own ledger: fsck names it, and leaves it to the operator. */
import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test, vi } from 'vitest'
import { seqKey } from '../../src/store/keys.js'
import { change, del, flip, fsck, home, keepHome, kinds, type Home } from './fsck-home.js'

/** Each test checks a whole store several times. */
vi.setConfig({ testTimeout: 30_000 })
keepHome()

describe('the own ledger', () => {
  test('a damaged entry is reported with what to do, and nothing of it is dropped', async () => {
    const at = await home()
    await flip(at, seqKey('entry', at.own, 5), 100)
    expect((await fsck(at)).found.damage).toMatchObject([
      { kind: 'damaged-own-entry', seq: 5, repair: 'operator', advice: expect.stringContaining('backup') }
    ])
    expect(await fsck(at, true)).toMatchObject({
      clean: false,
      left: { damage: [{ kind: 'damaged-own-entry', seq: 5 }] }
    })
    const { own } = (await at.node.reopen()).ledgers
    expect(own.size).toBe(11)
    expect(await own.get({ id: 'own-9' })).toMatchObject({ payload: { i: 9 } })
  })

  test('its end is gone: it is not signed', async () => {
    const at = await home()
    await change(at, [del(seqKey('entry', at.own, 10))])
    expect(kinds(await fsck(at))).toEqual(expect.arrayContaining(['torn-own', 'mark-ahead']))
    expect(await fsck(at, true)).toMatchObject({ clean: false, left: { damage: [{ kind: 'mark-ahead', seq: 10 }] } })
    expect((await at.node.reopen()).ledgers.own).toMatchObject({ size: 10, signer: 'restoring' })
  })

  const mark = (at: Home): string => join(at.node.dir, 'signer.json')
  test.each([
    ['missing', (at: Home) => rm(mark(at)), 'mark-missing'],
    ['unreadable', (at: Home) => writeFile(mark(at), '{'), 'unreadable-mark'],
    [
      'ahead',
      (at: Home) =>
        writeFile(
          mark(at),
          JSON.stringify({ ledger: at.node.ledgers.own.id, seq: 11, hash: '0'.repeat(64), checkpoint: null })
        ),
      'mark-ahead'
    ],
    [
      'another entry',
      (at: Home) =>
        writeFile(
          mark(at),
          JSON.stringify({ ledger: at.node.ledgers.own.id, seq: 10, hash: '0'.repeat(64), checkpoint: null })
        ),
      'mark-differs'
    ],
    [
      'another root',
      (at: Home) =>
        writeFile(
          mark(at),
          JSON.stringify({
            ledger: at.node.ledgers.own.id,
            seq: 10,
            hash: at.node.ledgers.own.headHash,
            checkpoint: { size: 11, root: '0'.repeat(64) }
          })
        ),
      'mark-differs'
    ],
    [
      'of another ledger',
      (at: Home) =>
        writeFile(mark(at), JSON.stringify({ ledger: at.author.id, seq: 10, hash: '0'.repeat(64), checkpoint: null })),
      'mark-of-another-ledger'
    ]
  ] as const)('the mark is %s: only a person decides', async (_, damage, kind) => {
    const at = await home()
    await at.node.close()
    await damage(at)
    const report = await fsck(at, true)
    expect(report).toMatchObject({
      clean: false,
      left: { total: 1, damage: [{ kind, repair: 'operator', advice: expect.any(String) }] }
    })
  })
})
