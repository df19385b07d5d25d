// A plugin of one's own: refuses diplomas without a year, and counts what was signed by year. `node diploma-years.mjs`
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createLedger } from 'ledgermesh'

/**
 * `plugins.years.signed(year)`: how many diplomas of that year were signed since the start; at most `limit` of each.
 */
function yearsPlugin({ limit }) {
  const signed = new Map()
  return {
    id: 'years',
    version: '1.0.0',
    hooks: {
      // What a before-hook throws refuses the call; nothing is written.
      beforeAppend: (input) => {
        if (input.stream !== 'diplomas') return
        const year = input.payload?.year
        if (!Number.isInteger(year)) throw new Error('a diploma has a year')
        if ((signed.get(year) ?? 0) >= limit) throw new Error(`${limit} diplomas of ${year} are signed`)
      },
      // After-hooks see what is stored. What they throw is logged, and undoes nothing.
      afterAppend: (entry) => {
        if (entry.stream === 'diplomas') signed.set(entry.payload.year, (signed.get(entry.payload.year) ?? 0) + 1)
      }
    },
    methods: { signed: (year) => signed.get(year) ?? 0 },
    start: ({ ledger }) => {
      console.log(`counting in ${ledger.id}`)
    },
    stop: async () => {
      console.log('stopped')
    }
  }
}

const dataDir = await mkdtemp(join(tmpdir(), 'diploma-years-'))
const ledger = await createLedger({ dataDir, plugins: [yearsPlugin({ limit: 1 })] })
try {
  await ledger.append({ stream: 'diplomas', type: 'awarded', payload: { title: 'Bachelor', year: 2026 } })
  console.log(`signed of 2026: ${ledger.plugins.years.signed(2026)}`)
  for (const payload of [{ title: 'Bachelor' }, { title: 'Master', year: 2026 }]) {
    await ledger.append({ stream: 'diplomas', type: 'awarded', payload }).catch(({ message }) => {
      console.log(`refused: ${message}`)
    })
  }
} finally {
  await ledger.close()
  await rm(dataDir, { recursive: true })
}
