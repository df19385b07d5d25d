/**
 * Kills `ledgermesh publish` with SIGKILL at random times: `node dist/scripts/soak/publish-kills.js [--kills 50] [--seed 1]`.
 * After each kill a stranger reads the folder: the checkpoint that is there, if any, has all its tiles, and they lead to
 * its root.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, globSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { paths } from '../../src/config/paths.js'
import { createLedger } from '../../src/node/create-ledger.js'
import { nodeOf } from '../../src/node/daemon-node.js'
import { interoperabilityPlugin } from '../../src/node/plugins/interoperability-plugin.js'
import { syncPlugin } from '../../src/node/plugins/sync-plugin.js'
import { silentLog } from '../../src/node/runtime/system.js'
import { startRpcServer } from '../../src/rpc/index.js'
import { dice } from '../../test/helpers/dice.js'
import { readAsStranger } from '../../test/publish/support.js'

const BIN = 'bin/ledgermesh.js'
/** Entries that are new at each run, and how long a run lives at most, ms; each third one is left to end. */
const MORE = 700
const LIVES_MS = 1500
const ENDS_AFTER = 3
const ALL_MS = 120_000

const {
  values: { kills, seed }
} = parseArgs({ options: { kills: { type: 'string', default: '50' }, seed: { type: 'string', default: '1' } } })
const random = dice(Number(seed))
const home = await mkdtemp(join(tmpdir(), 'lm-publish-'))
const folder = join(home, 'public')
const ledger = await createLedger({ dataDir: home, plugins: [interoperabilityPlugin(), syncPlugin()] })
const node = nodeOf(ledger, 0)
const server = await startRpcServer({ socket: paths(home).socket, node, log: silentLog, onStop: () => undefined })
let [shown, interrupted] = [0, 0]
for (let kill = 0; kill < Number(kills); kill++) {
  await ledger.appendBatch(Array.from({ length: MORE }, (_, at) => ({ stream: 's', type: 't', payload: { kill, at } })))
  const child = spawn(process.execPath, [BIN, '--home', home, 'publish', folder], {
    stdio: ['ignore', 'ignore', 'inherit']
  })
  const exit = once(child, 'exit') as Promise<[number | null]>
  const stop = new AbortController()
  const [code] = await Promise.race([
    exit,
    wait(kill % ENDS_AFTER === 0 ? ALL_MS : random() * LIVES_MS, undefined, { signal: stop.signal }).then(() => {
      child.kill('SIGKILL')
      return exit
    })
  ])
  stop.abort()
  if (code !== null && code !== 0) throw new Error(`seed ${seed}: publish ended with ${code}`)
  if (code === null) interrupted++
  const size = readAsStranger(filesOf(folder))
  if ((size ?? 0) < shown) throw new Error(`seed ${seed}: from ${shown} entries back to ${size}`)
  shown = size ?? 0
}
console.log(
  `seed ${seed}: ${interrupted} of ${kills} runs killed; ${shown} entries published, every checkpoint carried`
)
await server.close()
await ledger.close()
await rm(home, { recursive: true, force: true })
process.exit()

function filesOf(path: string): Map<string, Buffer> {
  const names = globSync('{checkpoint,tile/**}', { cwd: path, withFileTypes: true }).filter((file) => file.isFile())
  return new Map(
    names.map((file) => {
      const full = join(file.parentPath, file.name)
      return [full.slice(path.length + 1), readFileSync(full)]
    })
  )
}
