/** Whole nodes for tests: both plugins, loopback, a log that can be read, closed after each test. */
import assert from 'node:assert/strict'
import { onTestFinished, vi } from 'vitest'
import { createLedger, type CreateLedgerOptions, type MeshLedger } from '../../src/node/create-ledger.js'
import { interoperabilityPlugin, type InteroperabilityMethods } from '../../src/node/interoperability-plugin.js'
import type { Plugin } from '../../src/node/plugin.js'
import { syncPlugin, type SyncMethods } from '../../src/node/sync-plugin.js'
import type { LedgerSyncStatus } from '../../src/node/api.js'
import type { Clock } from '../../src/ports.js'
import type { Mirror } from '../../src/ledger/mirror.js'
import { NETWORK } from '../core/author.js'
import { collectLog } from '../network/fixture.js'
import { temporaryFolder } from './temporary-folder.js'

// Whole nodes on a busy machine: what goes wrong fails in its own poll, long before.
vi.setConfig({ testTimeout: 30_000 })

type Ledger = MeshLedger<readonly [Plugin<'interoperability', InteroperabilityMethods>, Plugin<'sync', SyncMethods>]>

export class TestNode {
  readonly ledger: Ledger
  readonly log: ReturnType<typeof collectLog>
  readonly dataDir: string

  constructor (ledger: Ledger, log: ReturnType<typeof collectLog>, dataDir: string) {
    this.ledger = ledger
    this.log = log
    this.dataDir = dataDir
  }

  get id (): string { return this.ledger.id }
  get sync (): SyncMethods { return this.ledger.plugins.sync }
  get mesh () { return this.ledger.parts.mesh! }
  get addr (): string { return this.mesh.host.addrs()[0]! }
  get peerId (): string { return this.mesh.host.peerId }

  mirror (id: string): Mirror { return this.ledger.parts.ledgers.get(id)! }

  async status (id: string): Promise<LedgerSyncStatus> { return (await this.sync.status(id))[0]! }

  async connect (address: string): Promise<void> { await this.ledger.plugins.interoperability.connect(address) }

  /** Waits until the ledger's status looks like this. */
  async becomes (id: string, status: Record<string, unknown>, timeout = 15_000): Promise<void> {
    await vi.waitFor(async () => { assert.partialDeepStrictEqual(await this.status(id), status) }, { timeout, interval: 20 })
  }

  async synced (id: string, size: number): Promise<void> { await this.becomes(id, { status: 'synced', size, audited: size }) }

  /** Messages of errors in the log: a healthy node has none, whatever its peers do, but for the word that an author forked. */
  errors (): string[] { return this.log.lines.filter(({ level, fields }) => level === 'error' && fields.evidence === undefined).map(({ message, fields }) => `${message} ${JSON.stringify(fields)}`) }

  async close (): Promise<void> { await this.ledger.close() }
}

/** Time that runs `factor` times as fast: what waits for half a minute is seen in a second. */
export function fastClock (factor: number): Clock {
  const start = Date.now()
  return {
    now: () => start + Math.floor((Date.now() - start) * factor),
    after: (delayMs, callback) => {
      const timer = setTimeout(callback, Math.min(delayMs / factor, 2 ** 31 - 1)).unref()
      return () => { clearTimeout(timer) }
    }
  }
}

/** A node of the test network, closed when the test is over. */
export async function startNode (options: Partial<CreateLedgerOptions<readonly []>> & { extra?: Plugin[] } = {}): Promise<TestNode> {
  const { extra = [], ...given } = options
  const dataDir = given.dataDir ?? await temporaryFolder()
  const log = collectLog()
  const plugins = [interoperabilityPlugin(), syncPlugin(), ...extra] as unknown as readonly [Plugin<'interoperability', InteroperabilityMethods>, Plugin<'sync', SyncMethods>]
  const ledger = await createLedger({ network: NETWORK, log, ...given, dataDir, plugins })
  onTestFinished(async () => { await ledger.close() })
  return new TestNode(ledger, log, dataDir)
}
