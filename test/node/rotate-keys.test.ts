import { existsSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { createLedger } from '../../src/node/create-ledger.js'
import type { Rotated } from '../../src/node/api/node.js'
import { rotateKeys, ROTATION_STEPS, type RotationStep } from '../../src/node/home/rotate-keys.js'
import { silentLog, systemClock, systemRandom } from '../../src/node/runtime/system.js'
import { temporaryFolder } from '../helpers/temporary-folder.js'

const environment = { clock: systemClock, random: systemRandom, log: silentLog }

async function newHome(): Promise<string> {
  const home = join(await temporaryFolder(), 'home')
  await use(home)
  return home
}

/** Opens the node, appends, checks the whole chain, closes. The answer is the number of entries. */
async function use(home: string): Promise<number> {
  const ledger = await createLedger({ dataDir: home })
  try {
    await ledger.append({ stream: 's', type: 't', payload: 1 })
    const report = await ledger.verifyChain({})
    expect(report).toMatchObject({ valid: true })
    return report.entries
  } finally {
    await ledger.close()
  }
}

const rotate = (
  home: string,
  options: { nextKeyFile?: string; onStep?: (step: RotationStep) => void } = {}
): Promise<Rotated> => rotateKeys({ home, ...environment, ...options })
const retiredIn = (home: string): string[] => readdirSync(home).filter((name) => name.includes('retired'))
const leftovers = (home: string): string[] =>
  readdirSync(home).filter((name) => name.includes('rotating') || name.endsWith('.new'))

test('rotates five times; every key signs its part, and the old ones stay aside', async () => {
  const home = await newHome()
  for (let i = 1; i <= 5; i++) {
    expect(await rotate(home)).toMatchObject({ seq: 2 * i, retired: expect.stringContaining('ledger.key.retired-') })
    expect(await use(home)).toBe(2 + 2 * i)
    expect([retiredIn(home).length, leftovers(home)]).toEqual([i, []])
  }
})

describe('a crash at any step loses no key', () => {
  test.each(ROTATION_STEPS)('after %s', async (step) => {
    const home = await newHome()
    await expect(
      rotate(home, {
        onStep: (done) => {
          if (done === step) throw new Error('killed')
        }
      })
    ).rejects.toThrow('killed')
    const committed = step !== 'keys-written'
    expect(await use(home)).toBe(committed ? 4 : 3)
    expect(leftovers(home).length).toBe(committed ? 0 : 2)
    // the next rotation goes on from there, whatever was left
    await rotate(home)
    expect(await use(home)).toBe(committed ? 6 : 5)
    expect([leftovers(home), retiredIn(home).length]).toEqual([[], committed ? 2 : 1])
  })

  test.each(ROTATION_STEPS)('after %s, and the rotation is started again at once', async (step) => {
    const home = await newHome()
    await expect(
      rotate(home, {
        onStep: (done) => {
          if (done === step) throw new Error('killed')
        }
      })
    ).rejects.toThrow('killed')
    const finishedBefore = step === 'next-key' // nothing was left to do: this is a second rotation
    expect(await rotate(home)).toMatchObject({ seq: finishedBefore ? 3 : 2 })
    expect(await use(home)).toBe(finishedBefore ? 5 : 4)
    expect(leftovers(home)).toEqual([])
  })
})

describe('the next key', () => {
  test('is kept elsewhere', async () => {
    const home = await newHome()
    const elsewhere = join(home, '..', 'safe.key')
    renameSync(join(home, 'next.key'), elsewhere)
    await expect(rotate(home)).rejects.toMatchObject({ code: 'BAD_FILE' })
    await rotate(home, { nextKeyFile: elsewhere })
    expect([existsSync(elsewhere), existsSync(join(home, 'next.key'))]).toEqual([true, true])
    await use(home)
  })

  test('an owner who lost the ledger key rotates with it', async () => {
    const home = await newHome()
    rmSync(join(home, 'ledger.key'))
    await expect(use(home)).rejects.toMatchObject({ code: 'BAD_FILE' })
    expect(await rotate(home)).toMatchObject({ retired: null })
    await use(home)
  })

  test('another key is refused, and nothing changes', async () => {
    const home = await newHome()
    const other = join(home, '..', 'other.key')
    writeFileSync(other, `${'7'.repeat(64)}\n`, { mode: 0o600 })
    await expect(rotate(home, { nextKeyFile: other })).rejects.toMatchObject({ code: 'BAD_KEY' })
    await expect(rotate(home, { nextKeyFile: join(home, 'ledger.key') })).rejects.toMatchObject({ code: 'BAD_KEY' })
    await expect(rotate(home, { nextKeyFile: join(home, 'nowhere') })).rejects.toMatchObject({ code: 'BAD_FILE' })
    expect(leftovers(home)).toEqual([])
    await use(home)
  })
})

test('a retired key does not sign', async () => {
  const home = await newHome()
  await rotate(home)
  const [retired] = retiredIn(home)
  renameSync(join(home, retired!), join(home, 'ledger.key'))
  const ledger = await createLedger({ dataDir: home })
  await expect(ledger.append({ stream: 's', type: 't' })).rejects.toMatchObject({ code: 'KEY_NOT_IN_FORCE' })
  await ledger.close()
})

test('a running node, and a node that restores, are not rotated', async () => {
  const home = await newHome()
  const ledger = await createLedger({ dataDir: home })
  await expect(rotate(home)).rejects.toMatchObject({ code: 'ALREADY_RUNNING' })
  await ledger.close()
  rmSync(join(home, 'signer.json'))
  await expect(rotate(home)).rejects.toMatchObject({ code: 'RESTORING' })
  await expect(rotate(join(home, 'nowhere'))).rejects.toMatchObject({ code: 'NO_LEDGER' })
})
