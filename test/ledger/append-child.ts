/** Appends until it is killed, and prints each id once the entry is acknowledged. Argument: the folder. */
import { randomBytes, randomUUID } from 'node:crypto'
import { writeSync } from 'node:fs'
import { join } from 'node:path'
import { signingKeyFromSeed } from '../../src/core/keys.js'
import { verifySignature } from '../../src/core/signature.js'
import { createHash } from 'node:crypto'
import { openLedgers } from '../../src/ledger/ledgers.js'
import { openStore } from '../../src/store/store.js'

const dir = process.argv[2]!
const log = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined }
const store = await openStore(join(dir, 'db'), { log })
const { own } = await openLedgers({
  store,
  log,
  network: 'test',
  verify: verifySignature,
  markFile: join(dir, 'signer.json'),
  clock: { now: Date.now, after: () => () => undefined },
  random: { bytes: (length) => randomBytes(length), next: Math.random },
  signingKey: signingKeyFromSeed(createHash('sha256').update('own').digest()),
  genesis: { name: 'Own', access: 'public', nextKeyHash: null }
})
await Promise.all(
  Array.from({ length: 8 }, async () => {
    for (;;) {
      const id = randomUUID()
      await own.append({ stream: 's', type: 't', payload: { id }, id })
      writeSync(1, `${id}\n`)
    }
  })
)
