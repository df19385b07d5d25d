/**
 * FAULTS §1 row 6: what a first entry says is for ever, and who asks for something else must not believe to have it.
 */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { keyHash } from '../../src/core/chain.js'
import { signingKeyFromSeed } from '../../src/core/keys.js'
import { createLedger, type CreateLedgerOptions } from '../../src/node/create-ledger.js'
import { initHome, startDaemon, type DaemonOptions } from '../../src/node/start-daemon.js'
import { silentLog } from '../../src/node/runtime/system.js'
import { cli } from '../cli/run-cli.js'
import { temporaryFolder } from '../helpers/temporary-folder.js'

const seedOf = (byte: number): Uint8Array => new Uint8Array(32).fill(byte)
const hashOf = (byte: number): string => keyHash(signingKeyFromSeed(seedOf(byte)).publicKey)

test('createLedger: what was not asked for is whatever it is; the same again is fine; anything else is refused with what is true', async () => {
  const dataDir = await temporaryFolder()
  const open = async (options: Partial<CreateLedgerOptions<[]>>): Promise<string> => {
    const ledger = await createLedger({ dataDir, signingKey: seedOf(1), ...options })
    try {
      const { chain } = ledger.parts.ledgers.own
      return `${chain!.name} ${chain!.access}`
    } finally {
      await ledger.close()
    }
  }
  expect(await open({ name: 'acme', nextKeyHash: hashOf(2) })).toBe('acme public')
  for (const same of [
    {},
    { name: 'acme' },
    { access: 'public' },
    { name: 'acme', access: 'public', nextKeyHash: hashOf(2) }
  ] as const)
    expect(await open(same)).toBe('acme public')
  await expect(open({ access: 'private' })).rejects.toMatchObject({
    code: 'LEDGER_DIFFERS',
    message: 'this ledger is public (anybody may read it), not private: that stands in its first entry for ever',
    details: { option: 'access', held: 'public', given: 'private' }
  })
  await expect(open({ name: 'other' })).rejects.toMatchObject({
    code: 'LEDGER_DIFFERS',
    details: { option: 'name', held: 'acme', given: 'other' }
  })
  for (const nextKeyHash of [null, hashOf(3)])
    await expect(open({ nextKeyHash })).rejects.toMatchObject({
      code: 'LEDGER_DIFFERS',
      details: { option: 'nextKeyHash', held: hashOf(2), given: nextKeyHash }
    })

  const ledger = await createLedger({ dataDir, signingKey: seedOf(1), offline: true })
  await ledger.parts.ledgers.own.rotateKey(signingKeyFromSeed(seedOf(2)), hashOf(3))
  await ledger.close()
  for (const committed of [hashOf(2), hashOf(3)])
    expect(await open({ signingKey: seedOf(2), nextKeyHash: committed })).toBe('acme public')
})

test('init and start: flags and config.json; the defaults contradict nothing', async () => {
  const home = await temporaryFolder()
  const here: DaemonOptions = { home, listen: ['/ip4/127.0.0.1/tcp/0'], dht: false }
  expect(await initHome({ home, name: 'acme', access: 'private' }, silentLog)).toMatchObject({ created: true })
  for (const same of [{}, { name: 'acme' }, { access: 'private' }] as const)
    expect(await initHome({ home, ...same }, silentLog)).toMatchObject({ created: false })
  for (const other of [{ name: 'ledger' }, { access: 'public' }] as const) {
    await expect(initHome({ home, ...other }, silentLog)).rejects.toMatchObject({ code: 'LEDGER_DIFFERS' })
    await expect(startDaemon({ ...here, ...other }, silentLog)).rejects.toMatchObject({ code: 'LEDGER_DIFFERS' })
  }
  writeFileSync(join(home, 'config.json'), JSON.stringify({ access: 'public' }))
  await expect(startDaemon(here, silentLog)).rejects.toMatchObject({ code: 'LEDGER_DIFFERS' })
  writeFileSync(join(home, 'config.json'), JSON.stringify({ access: 'private', name: 'acme' }))
  const { node } = await startDaemon(here, silentLog)
  onTestFinished(async () => {
    await node.close()
  })
  expect(await node.status()).toMatchObject({ name: 'acme', access: 'private' })
}, 30_000)

test('the command says what is true and what to do', async () => {
  const home = await temporaryFolder()
  await initHome({ home }, silentLog)
  const { code, stderr } = await cli(home, ['start', '--access', 'private', '--listen', '/ip4/127.0.0.1/tcp/0'])
  expect(code).toBe(3)
  expect(stderr).toMatch(/this ledger is public \(anybody may read it\), not private/)
  expect(stderr).toMatch(/LEDGER_DIFFERS[\s\S]*choose another home \(--home\)/)
}, 30_000)
