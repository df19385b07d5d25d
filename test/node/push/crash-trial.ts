/**
 * Two real nodes over loopback TCP, of which one pushes and listens nowhere: the one or the other is killed again and
 * again at a random write of its database, in the middle of whatever runs. Throws at the first receipt that says more
 * than the receiver opens with (S6), and when anything that was acknowledged is lost or doubled.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { isCoded } from '../../../src/core/errors.js'
import { runFsck } from '../../../src/ledger/fsck/run-fsck.js'
import { createLedger, type MeshLedger } from '../../../src/node/create-ledger.js'
import { interoperabilityPlugin } from '../../../src/node/plugins/interoperability-plugin.js'
import { syncPlugin, type SyncPluginOptions } from '../../../src/node/plugins/sync-plugin.js'
import { silentLog, systemSteady } from '../../../src/node/runtime/system.js'
import { CALM } from '../../helpers/calm.js'
import { dice, type Dice } from '../../helpers/dice.js'
import { KillSwitch, MortalClock } from '../../helpers/kill-switch.js'

export interface CrashFigures {
  killsOfReceiver: number
  killsOfPusher: number
  /** Of all kills: between two writes, for none came. */
  idle: number
  entries: number
  receipts: number
}

const plugins = (options: SyncPluginOptions) => [interoperabilityPlugin(), syncPlugin(options)] as const

interface Home {
  name: 'receiver' | 'pusher'
  ledger: MeshLedger<ReturnType<typeof plugins>>
  clock: MortalClock
}

/** Writes of a home from when both are together, at most, until its end; and how long that may take, ms. */
const WRITES = 16
const KILL_MS = 800
/** How long anything may take, ms: a busy machine, and a minute of backoff. */
const LONG_MS = 120_000
const POLL_MS = 5

export async function crashTrial(seed: number, kills: number): Promise<CrashFigures> {
  const folder = await mkdtemp(join(tmpdir(), 'ledgermesh-crash-'))
  const trial = new CrashTrial(folder, dice(seed))
  try {
    return await trial.run(kills)
  } catch (error) {
    throw new Error(`push, seed ${seed}: ${(error as Error).message}`, { cause: error })
  } finally {
    await trial.end()
    await rm(folder, { recursive: true, force: true })
  }
}

class CrashTrial {
  readonly #folder: string
  readonly #dice: Dice
  readonly #switch = new KillSwitch()
  readonly #figures: CrashFigures = { killsOfReceiver: 0, killsOfPusher: 0, idle: 0, entries: 0, receipts: 0 }
  readonly #acknowledged: string[] = []
  #receiver: Home | null = null
  #pusher: Home | null = null
  #count = 0

  constructor(folder: string, next: Dice) {
    this.#folder = folder
    this.#dice = next
  }

  async run(kills: number): Promise<CrashFigures> {
    this.#receiver = await this.#start('receiver')
    this.#pusher = await this.#start('pusher')
    await this.#pusher.ledger.plugins.sync.addRemote(this.#receiver.ledger.id, { syncDirection: 'push' })
    for (let done = 0; done < kills; done++) await this.#killOnce()
    await this.#meet()
    await this.#check()
    return this.#figures
  }

  async end(): Promise<void> {
    for (const home of [this.#pusher, this.#receiver]) if (home !== null) await this.#kill(home)
    this.#switch.end()
  }

  async #killOnce(): Promise<void> {
    await this.#meet()
    const victim = this.#dice() < 0.5 ? this.#receiver! : this.#pusher!
    const reached = this.#switch.arm(this.#pathOf(victim.name), {
      writes: Math.floor(this.#dice() * WRITES),
      persisted: this.#dice() < 0.5
    })
    let over = false
    const killed = Promise.race([reached.then(() => true), wait(KILL_MS, false)]).finally(() => {
      over = true
    })
    while (!over && (await Promise.race([this.#append(1 + Math.floor(this.#dice() * 40)), killed.then(() => false)])));
    if (!(await killed)) this.#figures.idle++
    if (victim.name === 'receiver') await this.#receiverDies(victim)
    else await this.#pusherDies(victim)
  }

  async #receiverDies(victim: Home): Promise<void> {
    await this.#kill(victim)
    this.#figures.killsOfReceiver++
    const said = await this.#confirmed()
    this.#receiver = await this.#start('receiver')
    const held = this.#held()
    if (held < said) throw new Error(`the receiver had confirmed ${said} entries, and opens with ${held}`)
  }

  async #pusherDies(victim: Home): Promise<void> {
    await this.#kill(victim)
    this.#figures.killsOfPusher++
    this.#pusher = await this.#start('pusher')
    const { own } = this.#pusher.ledger.parts.ledgers
    const found = await own.findIds(this.#acknowledged)
    const lost = this.#acknowledged.filter((_, i) => found[i] === null)
    if (lost.length > 0) throw new Error(`acknowledged and gone: ${lost.slice(0, 3).join(', ')}`)
    const [said, held] = [await this.#confirmed(), this.#held()]
    if (held < said) throw new Error(`the pusher remembers ${said} confirmed entries, the receiver holds ${held}`)
  }

  async #append(count: number): Promise<boolean> {
    const { ledger } = this.#pusher!
    const ids = Array.from({ length: count }, () => `entry-${this.#count++}`)
    try {
      await ledger.appendBatch(
        ids.map((id) => ({ id, stream: 's', type: 't', payload: { id, text: 'x'.repeat(300) } }))
      )
      this.#acknowledged.push(...ids)
    } catch (error) {
      // After a kill it does not sign until the receiver has shown what it holds (I2).
      if (!isCoded(error, 'CONFIRMING') && !isCoded(error, 'RESTORING')) throw error
      await wait(POLL_MS)
    }
    return true
  }

  async #check(): Promise<void> {
    const { ledger } = this.#pusher!
    const { own } = ledger.parts.ledgers
    const remote = this.#receiver!.ledger.id
    await this.#until('the pusher signs', async () => {
      const before = this.#acknowledged.length
      await this.#append(3)
      return this.#acknowledged.length > before
    })
    await this.#until('all is confirmed', async () => {
      const { flows } = await ledger.plugins.sync.push(remote, { waitMs: 5_000 })
      return flows[0]!.status === 'synced' && flows[0]!.durable === own.size
    })
    this.#figures.entries = own.size
    const mirror = this.#receiver!.ledger.parts.ledgers.get(ledger.id)!
    const verified = await mirror.verifyChain()
    if (!verified.valid || verified.entries !== own.size)
      throw new Error(`the receiver's copy: ${JSON.stringify(verified)}, of ${own.size} entries`)
    for (const home of [this.#pusher!, this.#receiver!]) {
      await home.ledger.close()
      const { damage } = (
        await runFsck(join(this.#pathOf(home.name), 'db'), { log: silentLog, markFile: null, rebuild: false })
      ).found
      if (damage.length > 0) throw new Error(`fsck of the ${home.name}: ${JSON.stringify(damage.slice(0, 3))}`)
    }
    this.#pusher = this.#receiver = null
  }

  /** A kill before they have met says nothing. */
  async #meet(): Promise<void> {
    const { parts } = this.#pusher!.ledger
    const receiver = this.#receiver!.ledger
    const isTogether = (): boolean =>
      parts.peerNetwork!.connections.peers().some(({ ledger }) => ledger === receiver.id)
    if (!isTogether())
      await this.#pusher!.ledger.plugins.interoperability.connect(receiver.parts.peerNetwork!.host.addrs()[0]!)
    await this.#until('they meet', async () => await Promise.resolve(isTogether()))
  }

  /** As the pusher says. */
  async #confirmed(): Promise<number> {
    const [remote] = await this.#pusher!.ledger.plugins.sync.remotes()
    const durable = remote?.flows[0]?.durable ?? 0
    if (durable > 0) this.#figures.receipts++
    return durable
  }

  #held(): number {
    return this.#receiver!.ledger.parts.ledgers.get(this.#pusher!.ledger.id)?.size ?? 0
  }

  async #start(name: Home['name']): Promise<Home> {
    const clock = new MortalClock()
    const ledger = await createLedger({
      dataDir: this.#pathOf(name),
      name,
      dht: false,
      listen: name === 'receiver' ? ['/ip4/127.0.0.1/tcp/0'] : [],
      delayGauge: CALM,
      clock,
      steady: systemSteady,
      plugins: plugins(name === 'receiver' ? { push: { accept: 'anyone' } } : {})
    })
    return { name, ledger, clock }
  }

  /** Nothing of it is heard any more, and its files are free. */
  async #kill({ name, ledger: { parts }, clock }: Home): Promise<void> {
    this.#switch.kill(this.#pathOf(name))
    clock.end()
    await parts.peerNetwork!.host.stop()
    await parts.verifier.close()
    await this.#switch.release(this.#pathOf(name))
  }

  #pathOf(name: string): string {
    return join(this.#folder, name)
  }

  async #until(what: string, isDone: () => Promise<boolean>): Promise<void> {
    const end = Date.now() + LONG_MS
    while (!(await isDone())) {
      if (Date.now() > end) throw new Error(`not in the end: ${what}`)
      await wait(POLL_MS)
    }
  }
}
