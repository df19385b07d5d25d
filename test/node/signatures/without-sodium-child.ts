/** Writes and checks a small ledger, and says with what. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sodium } from '../../../src/core/platform/sodium.js'
import { createLedger } from '../../../src/node/create-ledger.js'
import { systemClock } from '../../../src/node/runtime/system.js'
import { Verifier } from '../../../src/node/signatures/verifier.js'

const dataDir = await mkdtemp(join(tmpdir(), 'lm-'))
const logged: unknown[] = []
const note = ({ event }: Record<string, unknown>): void => {
  logged.push(event)
}
const log = { debug: () => {}, info: note, warn: note, error: note }
const ledger = await createLedger({ dataDir, log })
await ledger.appendBatch(['a', 'b', 'c'].map((id) => ({ id, stream: 's', type: 't', payload: { id } })))
const { valid: chain } = await ledger.verifyChain()
const held = ledger.parts.ledgers.own
const signed = await held.signed(0, 4)
const forged = {
  ...signed[3]!,
  signature: Uint8Array.from(signed[3]!.signature, (byte, i) => (i === 40 ? byte ^ 1 : byte))
}
const verifier = new Verifier(systemClock, { ...log, info: () => {} })
const valid = await verifier.audit([...signed, forged])
console.log(JSON.stringify({ fault: (sodium() as { fault?: string }).fault, logged, size: held.size, chain, valid }))
await verifier.close()
await ledger.close()
await rm(dataDir, { recursive: true })
