/**
 * One history of two real daemons, of which one pushes to the other and cannot be dialled, while kill -9 ends the one
 * or the other again and again. Throws at the first receipt that says more than is there after a power cut of the
 * process, and when anything is lost or doubled.
 */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isCoded } from '../../src/core/errors.js'
import { dice, type Dice } from '../helpers/dice.js'
import { HistoryDaemons, type Daemon } from './history-daemons.js'

/** Longest time from when both serve to a kill, ms. */
const SERVING_MS = 1_500
/** How long the two may take until all is confirmed, ms: a busy machine, and a minute of backoff. */
const CONFIRM_MS = 90_000

export interface PushFigures {
  killsOfReceiver: number
  killsOfPusher: number
  entries: number
  receipts: number
}

export async function pushHistory(seed: number, kills: number): Promise<PushFigures> {
  const folder = await mkdtemp(join(tmpdir(), 'ledgermesh-push-'))
  const history = new PushHistory(folder, dice(seed))
  try {
    return await history.run(kills)
  } catch (error) {
    throw new Error(`push, seed ${seed}: ${(error as Error).message}`, { cause: error })
  } finally {
    await history.end()
    await rm(folder, { recursive: true, force: true })
  }
}

class PushHistory {
  readonly #folder: string
  readonly #dice: Dice
  readonly #daemons: HistoryDaemons
  readonly #figures: PushFigures = { killsOfReceiver: 0, killsOfPusher: 0, entries: 0, receipts: 0 }
  #port = 0
  #receiver!: Daemon
  #pusher!: Daemon
  #count = 0
  #acknowledged = 1
  #working = false

  constructor(folder: string, next: Dice) {
    this.#folder = folder
    this.#daemons = new HistoryDaemons(folder)
    this.#dice = next
  }

  async run(kills: number): Promise<PushFigures> {
    this.#port = await freePort()
    await writeFile(join(this.#folder, 'bootstrap.json'), '{"main":[]}')
    await this.#home('receiver', { listen: [`/ip4/127.0.0.1/tcp/${this.#port}`], push: { accept: 'anyone' } })
    // it listens nowhere: nobody can dial it
    await this.#home('pusher', { listen: [] })
    this.#receiver = await this.#daemons.start('receiver')
    this.#pusher = await this.#daemons.start('pusher')
    await this.#pusher.client.call('sync.addRemote', {
      ledger: this.#receiver.ledger,
      endpoint: [this.#receiver.addrs[0]!],
      direction: 'push'
    })
    for (let done = 0; done < kills; done++) await this.#killOnce()
    await this.#append(3)
    await this.#allConfirmed()
    return { ...this.#figures, entries: this.#acknowledged }
  }

  async end(): Promise<void> {
    await this.#daemons.end()
  }

  /** A kill before they have met says nothing. */
  async #together(): Promise<void> {
    const until = Date.now() + CONFIRM_MS
    for (;;) {
      const { remotes } = await this.#pusher.client.call('sync.remotes', {})
      if (remotes[0]!.peers.length > 0) return
      if (Date.now() > until) throw new Error('the pusher did not reach the receiver')
      await new Promise((resolve) => {
        setTimeout(resolve, 20)
      })
    }
  }

  async #killOnce(): Promise<void> {
    await this.#together()
    const work = this.#work().then(
      () => null,
      (error: unknown) => error
    )
    await new Promise((resolve) => {
      setTimeout(resolve, Math.floor(this.#dice() * SERVING_MS))
    })
    if (this.#dice() < 0.5) {
      this.#figures.killsOfReceiver++
      await this.#daemons.kill(this.#receiver)
      this.#working = false
      await mustBeNull(work)
      const said = await this.#confirmed()
      this.#receiver = await this.#daemons.start('receiver')
      // S6: a receipt is never above what the receiver opens with
      const held = await this.#heldByReceiver()
      if (held < said) throw new Error(`the receiver had confirmed ${said} entries, and opens with ${held}`)
    } else {
      this.#figures.killsOfPusher++
      await this.#daemons.kill(this.#pusher)
      await mustBeNull(work)
      this.#pusher = await this.#daemons.start('pusher')
      const { own } = await this.#pusher.client.call('node.status', {})
      if (own.size < this.#acknowledged)
        throw new Error(`${this.#acknowledged} entries were acknowledged, ${own.size} are there`)
      // What was signed and not answered is there as well.
      this.#acknowledged = own.size
      const said = await this.#confirmed()
      const held = await this.#heldByReceiver()
      if (held < said) throw new Error(`the pusher remembers ${said} confirmed entries, the receiver holds ${held}`)
    }
  }

  /** Until one of the two is gone. */
  async #work(): Promise<void> {
    this.#working = true
    while (this.#working && (await this.#append(1 + Math.floor(this.#dice() * 50))));
  }

  /** False: the pusher is gone. */
  async #append(count: number): Promise<boolean> {
    const entries = Array.from({ length: count }, () => ({
      id: `entry-${this.#count++}`,
      stream: 's',
      type: 't',
      payload: { n: this.#count, text: 'x'.repeat(300) }
    }))
    try {
      const { appended } = await this.#pusher.client.call('ledger.appendBatch', { entries })
      this.#acknowledged = Math.max(this.#acknowledged, appended.at(-1)!.entry.seq + 1)
      return true
    } catch (error) {
      if (isCoded(error, 'CLOSED') || isCoded(error, 'NODE_UNREACHABLE')) return false
      throw error
    }
  }

  async #allConfirmed(): Promise<void> {
    const { own } = await this.#pusher.client.call('node.status', {})
    const until = Date.now() + CONFIRM_MS
    for (;;) {
      const { flows } = await this.#pusher.client.call('sync.push', { remote: this.#receiver.ledger, wait: '5s' })
      if (flows[0]!.status === 'synced' && flows[0]!.durable === own.size) break
      if (Date.now() > until) throw new Error(`not confirmed in the end: ${JSON.stringify(flows)}`)
    }
    this.#figures.receipts++
    const verified = await this.#receiver.client.call('ledger.verifyChain', { ledger: this.#pusher.ledger })
    if (!verified.valid || verified.entries !== own.size)
      throw new Error(`the receiver's copy: ${JSON.stringify(verified)}, of ${own.size} entries`)
  }

  async #confirmed(): Promise<number> {
    const { remotes } = await this.#pusher.client.call('sync.remotes', {})
    const durable = remotes[0]?.flows[0]?.durable ?? 0
    if (durable > 0) this.#figures.receipts++
    return durable
  }

  async #heldByReceiver(): Promise<number> {
    const { ledgers } = await this.#receiver.client.call('sync.status', {})
    return ledgers.find(({ ledger }) => ledger === this.#pusher.ledger)?.size ?? 0
  }

  async #home(name: string, config: object): Promise<void> {
    await mkdir(join(this.#folder, name), { recursive: true })
    await writeFile(join(this.#folder, name, 'config.json'), JSON.stringify({ name, dht: false, ...config }))
  }
}

async function mustBeNull(outcome: Promise<unknown>): Promise<void> {
  const error = await outcome
  if (error !== null) throw new Error('an append failed', { cause: error })
}

/** The receiver is found at the same place after each kill. */
async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  const { port } = server.address() as { port: number }
  await new Promise((resolve) => {
    server.close(resolve)
  })
  return port
}
