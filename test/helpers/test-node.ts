/** Whole nodes for tests: both plugins, loopback, a log that can be read, closed after each test. */
import assert from 'node:assert/strict'
import { onTestFinished, vi } from 'vitest'
import { createLedger, type CreateLedgerOptions, type MeshLedger } from '../../src/node/create-ledger.js'
import { interoperabilityPlugin, type InteroperabilityOptions } from '../../src/node/plugins/interoperability-plugin.js'
import type { InteroperabilityMethods } from '../../src/node/api/network.js'
import type { Plugin } from '../../src/node/plugins/plugin.js'
import { syncPlugin, type SyncPluginOptions } from '../../src/node/plugins/sync-plugin.js'
import type { SyncMethods } from '../../src/node/api/sync.js'
import type { LedgerSyncStatus } from '../../src/node/api/node.js'
import type { Clock } from '../../src/ports.js'
import type { Ledger } from '../../src/ledger/ledger.js'
import { NETWORK } from '../core/author.js'
import { collectLog } from '../network/fixture.js'
import { CALM } from './calm.js'
import { temporaryFolder } from './temporary-folder.js'

// Whole nodes on a busy machine: what goes wrong fails in its own poll, long before.
vi.setConfig({ testTimeout: 30_000 })

type LedgerReader = MeshLedger<
  readonly [Plugin<'interoperability', InteroperabilityMethods>, Plugin<'sync', SyncMethods>]
>

export class TestNode {
  readonly ledger: LedgerReader
  readonly log: ReturnType<typeof collectLog>
  readonly dataDir: string

  constructor(ledger: LedgerReader, log: ReturnType<typeof collectLog>, dataDir: string) {
    this.ledger = ledger
    this.log = log
    this.dataDir = dataDir
  }

  get id(): string {
    return this.ledger.id
  }
  get sync(): SyncMethods {
    return this.ledger.plugins.sync
  }
  get peerNetwork() {
    return this.ledger.parts.peerNetwork!
  }
  get addr(): string {
    return this.peerNetwork.host.addrs()[0]!
  }
  get peerId(): string {
    return this.peerNetwork.host.peerId
  }

  mirror(id: string): Ledger {
    return this.ledger.parts.ledgers.get(id)!
  }

  async status(id: string): Promise<LedgerSyncStatus> {
    return (await this.sync.status(id))[0]!
  }

  async connect(address: string): Promise<void> {
    await this.ledger.plugins.interoperability.connect(address)
  }

  /** Waits until the ledger's status looks like this. */
  async becomes(id: string, status: Record<string, unknown>, timeout = 15_000): Promise<void> {
    await vi.waitFor(
      async () => {
        assert.partialDeepStrictEqual(await this.status(id), status)
      },
      { timeout, interval: 20 }
    )
  }

  async synced(id: string, size: number): Promise<void> {
    await this.becomes(id, { status: 'synced', size, audited: size })
  }

  /**
   * Messages of errors in the log: a healthy node has none, whatever its peers do, but for the word that an author
   * forked.
   */
  errors(): string[] {
    return this.log.lines
      .filter(({ level, fields }) => level === 'error' && fields.evidence === undefined)
      .map(({ message, fields }) => `${message} ${JSON.stringify(fields)}`)
  }

  async close(): Promise<void> {
    await this.ledger.close()
  }
}

/** Until a checkpoint covers all own entries: a node makes at most one a second. */
export async function signed(node: TestNode): Promise<void> {
  const { own } = node.ledger.parts.ledgers
  await own.checkpoints.covering(own.size)
}

/** So long and longer, ms, the product waits for what others do: a dial, an answer, an exchange. */
const WAITS_FOR_OTHERS_MS = 5_000
/** And so long here, at least: a busy machine needs real time for them, whatever the clock says. */
const LEAST_MS = 2_500

/**
 * Time that runs `factor` times as fast: what waits for half a minute is seen in a few seconds. The time of day does,
 * and short pauses; what others get to answer stays long enough for them.
 */
export function fastClock(factor: number): Clock {
  const start = Date.now()
  return {
    now: () => start + Math.floor((Date.now() - start) * factor),
    after: (delayMs, callback) => {
      const fast = Math.max(delayMs / factor, delayMs < WAITS_FOR_OTHERS_MS ? 0 : LEAST_MS)
      const timer = setTimeout(callback, Math.min(fast, 2 ** 31 - 1)).unref()
      return () => {
        clearTimeout(timer)
      }
    }
  }
}

/** A node of the test network, closed when the test is over. */
export async function startNode(
  options: Partial<CreateLedgerOptions<readonly []>> & {
    extra?: Plugin[]
    sync?: SyncPluginOptions
    interoperability?: InteroperabilityOptions
  } = {}
): Promise<TestNode> {
  const { extra = [], sync = {}, interoperability = {}, ...given } = options
  const dataDir = given.dataDir ?? (await temporaryFolder())
  const log = collectLog()
  const plugins = [interoperabilityPlugin(interoperability), syncPlugin(sync), ...extra] as unknown as readonly [
    Plugin<'interoperability', InteroperabilityMethods>,
    Plugin<'sync', SyncMethods>
  ]
  const ledger = await createLedger({ network: NETWORK, log, delayGauge: CALM, ...given, dataDir, plugins })
  onTestFinished(async () => {
    await ledger.close()
  })
  return new TestNode(ledger, log, dataDir)
}
