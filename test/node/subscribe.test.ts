/** `createLedger` alone: what is appended is heard of without any plugin. */
import { expect, test } from 'vitest'
import { createLedger, type MeshLedger } from '../../src/node/create-ledger.js'
import { temporaryFolder } from '../helpers/temporary-folder.js'

async function inLedger(run: (ledger: MeshLedger) => Promise<void>): Promise<void> {
  const ledger = await createLedger({ dataDir: await temporaryFolder() })
  try {
    await run(ledger)
  } finally {
    await ledger.close()
  }
}

test('own entries reach subscribers without a plugin, durable and with their payload, until they leave', async () => {
  await inLedger(async (ledger) => {
    const heard: unknown[] = []
    const leave = ledger.subscribe('*', (event) => {
      heard.push(event)
    })
    const elsewhere = ledger.subscribe('b' + 'a'.repeat(52), (event) => {
      heard.push(event)
    })
    const { entry } = await ledger.append({ stream: 'orders', type: 'order', payload: { n: 1 } })
    expect(heard).toMatchObject([
      { ledger: ledger.id, entries: [{ seq: 1, hash: entry.hash, payload: { n: 1 }, payload_state: 'present' }] }
    ])
    leave()
    elsewhere()
    await ledger.append({ stream: 'orders', type: 'order' })
    expect(heard).toHaveLength(1)
  })
})

test('a subscriber that throws does not fail the append', async () => {
  await inLedger(async (ledger) => {
    ledger.subscribe(ledger.id, () => {
      throw new Error('its reader is gone')
    })
    await expect(ledger.append({ stream: 'orders', type: 'order' })).resolves.toMatchObject({ existing: false })
  })
})
