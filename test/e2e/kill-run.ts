/**
 * One history of the real daemon that ends by SIGKILL again and again: appends, an import, erasures and a pull run all
 * the time, keys are rotated between. After each kill the home is opened and looked at. Throws at the first thing that
 * is lost or wrong.
 */
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { paths } from '../../src/config/paths.js'
import { verifySignature } from '../../src/core/signature.js'
import { openLedgers, type Ledgers } from '../../src/ledger/ledgers.js'
import { runFsck } from '../../src/ledger/fsck/run-fsck.js'
import { silentLog, systemClock, systemRandom } from '../../src/node/runtime/system.js'
import { LedgerClient } from '../../src/rpc/client.js'
import { openStore } from '../../src/store/store.js'
import { dice, type Dice } from '../helpers/dice.js'

export interface KillFigures {
  kills: number
  /** Of these: before the daemon said that it serves, and of a `keys rotate`. */
  atStart: number
  atRotation: number
  /** Entries that were acknowledged: all of them are there. */
  acknowledged: number
  erased: number
  pulled: number
}

const BIN = 'bin/ledgermesh.js'
const WRITERS = 12
const IMPORT_LINES = 5000
/** Longest times before a kill, ms: from the start of the process, and from when it serves. */
const START_MS = 1200
const SERVING_MS = 900
const ROTATION_MS = 700

interface Daemon {
  child: ChildProcess
  ledger: string
  addr: string
  client: LedgerClient
}

export async function killHistory(seed: number, kills: number): Promise<KillFigures> {
  const folder = await mkdtemp(join(tmpdir(), 'ledgermesh-kill-'))
  const history = new KillHistory(folder, dice(seed))
  try {
    return await history.run(kills)
  } catch (error) {
    throw new Error(`kill points, seed ${seed}: ${(error as Error).message}`, { cause: error })
  } finally {
    await history.end()
    await rm(folder, { recursive: true, force: true })
  }
}

class KillHistory {
  readonly #folder: string
  readonly #home: string
  readonly #dice: Dice
  readonly #children = new Set<ChildProcess>()
  readonly #acknowledged = new Map<string, { seq: number; hash: string }>()
  readonly #erased = new Set<string>()
  readonly #figures: KillFigures = { kills: 0, atStart: 0, atRotation: 0, acknowledged: 0, erased: 0, pulled: 0 }
  #peer: Daemon | null = null
  #count = 0

  constructor(folder: string, next: Dice) {
    this.#folder = folder
    this.#home = join(folder, 'home')
    this.#dice = next
  }

  async run(kills: number): Promise<KillFigures> {
    await writeFile(
      join(this.#folder, 'import.jsonl'),
      Array.from({ length: IMPORT_LINES }, (_, i) => JSON.stringify(record(`line-${i}`))).join('\n')
    )
    await this.#bootstrap([])
    this.#peer = await this.#start(join(this.#folder, 'peer'), 'peer')
    await this.#bootstrap([this.#peer.addr])
    await this.#peer.client.call('ledger.appendBatch', {
      entries: Array.from({ length: 1000 }, (_, i) => record(`peer-${i}`))
    })
    while (this.#figures.kills < kills) {
      await this.#killOnce()
      await this.#check()
    }
    await this.#lastWord()
    return { ...this.#figures, acknowledged: this.#acknowledged.size, erased: this.#erased.size }
  }

  async end(): Promise<void> {
    for (const child of this.#children) await end(child)
  }

  async #killOnce(): Promise<void> {
    const { kills } = this.#figures
    this.#figures.kills++
    const chance = this.#dice()
    if (kills > 0 && chance < 0.15) {
      this.#figures.atRotation++
      const rotation = this.#spawn(['--home', this.#home, 'keys', 'rotate', '--offline'])
      await this.#killAfter(rotation, ROTATION_MS)
    } else if (chance < 0.4) {
      this.#figures.atStart++
      const child = this.#spawnDaemon(this.#home, 'home')
      await this.#killAfter(child, START_MS)
    } else {
      const daemon = await this.#start(this.#home, 'home')
      const work = this.#work(daemon)
      await this.#killAfter(daemon.child, SERVING_MS)
      await work
    }
  }

  async #killAfter(child: ChildProcess, most: number): Promise<void> {
    const delay = Math.floor(this.#dice() * most)
    await Promise.race([
      new Promise((resolve) => {
        setTimeout(resolve, delay)
      }),
      child.exitCode === null ? once(child, 'exit') : null
    ])
    await end(child)
  }

  /** Until the daemon is gone; what it refuses is an error, that it is gone is not. */
  async #work({ client, child }: Daemon): Promise<void> {
    const peer = this.#peer!
    const jobs = [
      client.call('sync.follow', { ledger: peer.ledger }),
      this.#import(),
      (async () => {
        for (;;) await this.#eraseOne(client)
      })(),
      ...Array.from({ length: WRITERS }, async () => {
        for (;;) await this.#append(client)
      }),
      (async () => {
        while (child.exitCode === null && child.signalCode === null)
          await peer.client.call('ledger.appendBatch', {
            entries: Array.from({ length: 50 }, () => record(`peer-more-${this.#count++}`))
          })
      })()
    ]
    for (const result of await Promise.allSettled(jobs)) {
      if (result.status === 'rejected' && (result.reason as { code?: string }).code !== 'NODE_UNREACHABLE')
        throw result.reason
    }
    await client.closed
  }

  async #append(client: LedgerClient): Promise<string> {
    const {
      entry: { id, seq, hash }
    } = await client.call('ledger.append', record(`entry-${this.#count++}`))
    this.#acknowledged.set(id, { seq, hash })
    return hash
  }

  async #eraseOne(client: LedgerClient): Promise<void> {
    const hash = await this.#append(client)
    await client.call('ledger.erase', { hashes: [hash] })
    this.#erased.add(hash)
  }

  async #import(): Promise<void> {
    const child = this.#spawn(['--home', this.#home, '--json', 'import', join(this.#folder, 'import.jsonl')])
    if (child.exitCode === null) await once(child, 'exit')
  }

  /** Opens what the kill left. */
  async #check(): Promise<void> {
    const { db, signer } = paths(this.#home)
    if (existsSync(db)) {
      const store = await openStore(db, { log: silentLog })
      try {
        const ledgers = await openLedgers({
          store,
          clock: { now: systemClock.now, after: () => () => undefined },
          random: systemRandom,
          log: silentLog,
          network: 'main',
          verify: verifySignature,
          markFile: signer
        })
        try {
          if (ledgers.hasOwn) await this.#checkLedgers(ledgers)
        } finally {
          await ledgers.close()
        }
      } finally {
        await store.close()
      }
      const { found, clean } = await runFsck(db, { log: silentLog, markFile: signer, rebuild: false })
      if (!clean) throw new Error(`fsck: ${JSON.stringify(found.damage.slice(0, 5))}`)
    }
  }

  async #checkLedgers(ledgers: Ledgers): Promise<void> {
    const { own } = ledgers
    if (own.signer !== 'ready') throw new Error(`the own ledger is ${own.signer}`)
    for (const [id, { seq, hash }] of this.#acknowledged) {
      if ((await own.hashAt(seq)) !== hash)
        throw new Error(`LOST: entry ${id} was acknowledged as ${seq} with hash ${hash}`)
    }
    for (const hash of this.#erased)
      if ((await own.get({ hash }))?.payload_state !== 'erased')
        throw new Error(`the erased payload of ${hash} is back`)
    for (const ledger of ledgers.list()) {
      const { valid, firstInvalid } = await ledger.verifyChain()
      if (!valid) throw new Error(`${ledger.id} does not verify: ${JSON.stringify(firstInvalid)}`)
      if (!ledger.own) this.#figures.pulled = ledger.size
    }
  }

  /** It still works, and the peer has no evidence against it. */
  async #lastWord(): Promise<void> {
    const daemon = await this.#start(this.#home, 'home')
    await this.#append(daemon.client)
    const { evidence } = await this.#peer!.client.call('evidence.list', {})
    if (evidence.length > 0) throw new Error(`evidence: ${JSON.stringify(evidence)}`)
    await end(daemon.child)
    await this.#check()
  }

  async #bootstrap(addrs: string[]): Promise<void> {
    await writeFile(join(this.#folder, 'bootstrap.json'), JSON.stringify({ main: addrs }))
  }

  #spawn(args: string[]): ChildProcess {
    const child = spawn(process.execPath, [BIN, ...args], { stdio: ['pipe', 'pipe', 'pipe'] })
    child.stdout.resume()
    child.stderr.resume()
    this.#children.add(child)
    child.once('exit', () => {
      this.#children.delete(child)
    })
    return child
  }

  #spawnDaemon(home: string, name: string): ChildProcess {
    return this.#spawn([
      '--home',
      home,
      '--json',
      'start',
      '--name',
      name,
      '--listen',
      '/ip4/127.0.0.1/tcp/0',
      '--bootstrap-file',
      join(this.#folder, 'bootstrap.json'),
      '--until-stdin-ends'
    ])
  }

  async #start(home: string, name: string): Promise<Daemon> {
    await mkdir(home, { recursive: true, mode: 0o700 })
    const child = this.#spawnDaemon(home, name)
    let problems = ''
    child.stderr!.setEncoding('utf8').on('data', (chunk: string) => {
      problems += chunk
    })
    const [line] = await Promise.race([
      once(createInterface({ input: child.stdout! }), 'line') as Promise<[string]>,
      once(child, 'exit').then(([code]) => {
        throw new Error(`the daemon ended with ${String(code)}: ${problems}`)
      })
    ])
    const { ledger, addrs, socket } = JSON.parse(line) as { ledger: string; addrs: string[]; socket: string }
    return { child, ledger, addr: addrs[0]!, client: await LedgerClient.connect(socket) }
  }
}

function record(id: string): { id: string; stream: string; type: string; payload: { text: string } } {
  return { id, stream: 'records', type: 'record', payload: { text: 'x'.repeat(200) } }
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const gone = once(child, 'exit')
  child.kill('SIGKILL')
  await gone
}
