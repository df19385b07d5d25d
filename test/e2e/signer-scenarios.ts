/**
 * What happens to homes, with real daemons (FAULTS S4, row 7, R2–R4). Each scenario throws when a second entry for a
 * seq was signed, or an alarm did not come.
 */
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as delay } from 'node:timers/promises'
import { isCoded } from '../../src/core/errors.js'
import { LedgerClient } from '../../src/rpc/client.js'

const BIN = 'bin/ledgermesh.js'
/** Both twins are alarmed within so long, ms. */
const ALARM_MS = 30_000
const WAIT_MS = 60_000
const LOOK_MS = 200

export interface ScenarioResult {
  /** Until both twins were alarmed; null: it is no scenario of twins. */ alarmMs: number | null
}

interface StartOptions {
  bootstrap?: string[]
  env?: Record<string, string>
  imports?: string[]
  listen?: string
}

class Daemon {
  readonly home: string
  readonly ledger: string
  readonly addr: string
  readonly client: LedgerClient
  readonly #child: ChildProcess

  private constructor(
    home: string,
    { ledger, addrs }: { ledger: string; addrs: string[] },
    client: LedgerClient,
    child: ChildProcess
  ) {
    this.home = home
    this.ledger = ledger
    this.addr = addrs[0]!
    this.client = client
    this.#child = child
  }

  static async start(
    home: string,
    { bootstrap = [], env = {}, imports = [], listen = '/ip4/127.0.0.1/tcp/0' }: StartOptions = {}
  ): Promise<Daemon> {
    await mkdir(home, { recursive: true, mode: 0o700 })
    const file = join(home, 'bootstrap.json')
    await writeFile(file, JSON.stringify({ main: bootstrap }))
    const args = [
      ...imports.flatMap((one) => ['--import', one]),
      BIN,
      '--home',
      home,
      '--json',
      'start',
      '--listen',
      listen,
      '--bootstrap-file',
      file,
      '--until-stdin-ends'
    ]
    const child = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'ignore'], env: { ...process.env, ...env } })
    const [line] = (await once(createInterface({ input: child.stdout! }), 'line')) as [string]
    const started = JSON.parse(line) as { ledger: string; addrs: string[]; socket: string }
    return new Daemon(home, started, await LedgerClient.connect(started.socket), child)
  }

  /** The seq, or the code of the refusal. */
  async append(): Promise<number | string> {
    try {
      return (await this.client.call('ledger.append', { stream: 's', type: 't', payload: Math.random().toString() }))
        .entry.seq
    } catch (error) {
      if (!isCoded(error)) throw error
      return error.code
    }
  }

  async state(): Promise<string> {
    return (await this.client.call('node.status', {})).own.state
  }
  async size(ledger = this.ledger): Promise<number> {
    return (await this.client.call('sync.status', {})).ledgers.find((one) => one.ledger === ledger)?.size ?? 0
  }
  async evidence(): Promise<number> {
    return (await this.client.call('evidence.list', {})).evidence.length
  }
  async hash(seq: number, ledger = this.ledger): Promise<string> {
    return (await this.client.call('ledger.query', { ledger, limit: 1000 })).entries.find((entry) => entry.seq === seq)!
      .hash
  }

  async alarmed(): Promise<boolean> {
    const { healthy, checks } = await this.client.call('node.health', {})
    return !healthy && checks.some(({ check, ok }) => check === 'own ledger' && !ok)
  }

  signal(name: NodeJS.Signals): void {
    this.#child.kill(name)
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return
    await this.client.close()
    const gone = once(this.#child, 'exit')
    this.#child.kill('SIGCONT')
    this.#child.kill('SIGTERM')
    await gone
  }
}

class Stage {
  readonly folder: string
  readonly #daemons: Daemon[] = []

  constructor(folder: string) {
    this.folder = folder
  }

  home(name: string): string {
    return join(this.folder, name)
  }

  /** `bootstrap`: also daemons that are stopped, and come back `at` their address. */
  async start(name: string, bootstrap: Daemon[] = [], options: StartOptions & { at?: Daemon } = {}): Promise<Daemon> {
    const { at, ...more } = options
    const daemon = await Daemon.start(this.home(name), {
      ...more,
      bootstrap: bootstrap.map(({ addr }) => addr),
      ...(at === undefined ? {} : { listen: at.addr.split('/p2p/')[0]! })
    })
    this.#daemons.push(daemon)
    return daemon
  }

  /** A follower of `author` that holds all of it, and that the author has noted when `noted`. */
  async follower(
    name: string,
    author: Daemon,
    { noted = true, named = false, others = [] as Daemon[] } = {}
  ): Promise<Daemon> {
    const follower = await this.start(name, [author, ...others])
    await follower.client.call('sync.follow', { ledger: author.ledger })
    if (named) await author.client.call('sync.follow', { ledger: follower.ledger })
    await this.synced(follower, author)
    if (noted) await until(`${name} is a witness`, async () => existsSync(join(author.home, 'witnesses.json')))
    return follower
  }

  async synced(follower: Daemon, author: Daemon): Promise<void> {
    await until(
      'the follower has all of it',
      async () => (await follower.size(author.ledger)) === (await author.size())
    )
  }

  async end(): Promise<void> {
    for (const daemon of this.#daemons) await daemon.stop()
    await rm(this.folder, { recursive: true, force: true })
  }
}

async function until(what: string, test: () => Promise<boolean> | boolean, ms = WAIT_MS): Promise<number> {
  const began = Date.now()
  while (!(await test())) {
    if (Date.now() - began > ms) throw new Error(`not within ${ms / 1000} s: ${what}`)
    await delay(LOOK_MS)
  }
  return Date.now() - began
}

async function fill(daemon: Daemon, count: number): Promise<void> {
  for (let i = 0; i < count; i++)
    if (typeof (await daemon.append()) !== 'number') throw new Error('an append was refused')
}

/** A restored node appends behind what its mirror has, or not at all; nobody has evidence. */
async function noFork(restored: Daemon, mirror: Daemon, before: number): Promise<void> {
  const first = await restored.append()
  if (typeof first === 'number' && first < before)
    throw new Error(`FORK: entry ${first} was signed again; the mirror has ${before}`)
  await until('it signs again', async () => typeof (await restored.append()) === 'number')
  await until('the mirror has it', async () => (await mirror.size(restored.ledger)) === (await restored.size()))
  if ((await mirror.evidence()) + (await restored.evidence()) > 0)
    throw new Error('there is evidence against an honest author')
}

type Scenario = (stage: Stage) => Promise<number | null>

/**
 * A home is put back to what it was: all of it, or a part. `inPlace`: into the same files, as an image of a disk is.
 */
function rollBack(what: { parts: string[] | null; inPlace: boolean; named: boolean; late?: boolean }): Scenario {
  return async (stage) => {
    let author = await stage.start('a')
    await fill(author, 3)
    const mirror = await stage.follower('c', author, { named: what.named })
    await author.stop()
    await cp(stage.home('a'), stage.home('copy'), { recursive: true })
    author = await stage.start('a', [mirror])
    await fill(author, 4)
    await stage.synced(mirror, author)
    const before = await author.size()
    await author.stop()
    if (what.parts === null) {
      if (!what.inPlace) await rm(stage.home('a'), { recursive: true })
      else await rm(join(stage.home('a'), 'db'), { recursive: true })
      await cp(stage.home('copy'), stage.home('a'), { recursive: true, force: true })
    } else {
      for (const part of what.parts) {
        await rm(join(stage.home('a'), part), { recursive: true })
        await cp(join(stage.home('copy'), part), join(stage.home('a'), part), { recursive: true })
      }
    }
    if (what.late !== true) {
      await noFork(await stage.start('a', [mirror]), mirror, before)
      return null
    }
    // it is asked to sign while nobody is there
    await mirror.stop()
    const restored = await stage.start('a', [mirror])
    const answer = await restored.append()
    if (answer !== 'CONFIRMING') throw new Error(`nobody could be asked, and the append was answered ${answer}`)
    await noFork(restored, await stage.start('c', [], { at: mirror }), before)
    return null
  }
}

/** Two nodes with one identity. Both are alarmed in time, and neither signs after that. */
async function twins(one: Daemon, other: Daemon, followers: Daemon[]): Promise<number> {
  const alarmMs = await until(
    'both twins are alarmed',
    async () => (await one.alarmed()) && (await other.state()) === 'twin' && (await one.state()) === 'twin',
    ALARM_MS
  )
  for (const twin of [one, other]) {
    const answer = await twin.append()
    if (typeof answer === 'number') throw new Error(`a twin signed entry ${answer} after the alarm`)
  }
  for (const follower of followers) if ((await follower.evidence()) > 0) throw new Error('the twins forked the ledger')
  return alarmMs
}

function copied(followers: 1 | 2): Scenario {
  return async (stage) => {
    let one = await stage.start('a')
    await fill(one, 2)
    await one.stop()
    await cp(stage.home('a'), stage.home('b'), { recursive: true })
    one = await stage.start('a')
    const c = await stage.follower('c', one, { noted: false })
    const d = followers === 2 ? await stage.follower('d', one, { noted: false, others: [c] }) : null
    if (d !== null) await d.client.call('network.connect', { address: c.addr })
    const other = await stage.start('b', [d ?? c])
    return await twins(one, other, d === null ? [c] : [c, d])
  }
}

const peerKeyOnly: Scenario = async (stage) => {
  const one = await stage.start('a')
  await mkdir(stage.home('b'), { mode: 0o700 })
  await cp(join(stage.home('a'), 'peer.key'), join(stage.home('b'), 'peer.key'))
  const c = await stage.follower('c', one, { noted: false })
  return await twins(one, await stage.start('b', [c]), [c])
}

/**
 * A process stands still (its machine was saved), another copy goes on signing, and the process goes on as if nothing
 * had happened. Its connections are gone, and nothing about the copy waits in them: only the clocks can tell it.
 */
const resumed: Scenario = async (stage) => {
  const shift = stage.home('shift')
  const first = await stage.start('a')
  await fill(first, 3)
  const mirror = await stage.follower('c', first)
  await first.stop()
  const saved = await stage.start('a', [mirror], {
    env: { CLOCK_SHIFT_FILE: shift },
    imports: ['./dist/test/real-network/moved-clock.js']
  })
  await until('it signs', async () => typeof (await saved.append()) === 'number')
  await stage.synced(mirror, saved)
  saved.signal('SIGSTOP')
  await mirror.stop()
  await cp(stage.home('a'), stage.home('b'), { recursive: true, filter: (path) => !path.endsWith('/rpc') })
  const elsewhere = await stage.start('c')
  const copy = await stage.start('b', [elsewhere])
  await until('the copy signs', async () => typeof (await copy.append()) === 'number')
  await until('the mirror has it', async () => (await elsewhere.size(copy.ledger)) === (await copy.size()))
  const before = await copy.size()
  await copy.stop()
  await elsewhere.stop()
  await writeFile(shift, '3600000')
  saved.signal('SIGUSR2')
  saved.signal('SIGCONT')
  // Nobody who could tell it runs now: a moment gives nothing away, and the signal its turn before the append.
  await delay(1_000)
  const answer = await saved.append()
  if (typeof answer === 'number')
    throw new Error(`FORK: the resumed process signed entry ${answer} again, of ${before}`)
  await noFork(saved, await stage.start('c', [], { at: mirror }), before)
  return null
}

/**
 * The mirror comes only after the rotation was asked for: nothing but the asking first stands between the next key and
 * a second rotation.
 */
const rotatedAfter: Scenario = async (stage) => {
  let author = await stage.start('a')
  await fill(author, 2)
  const mirror = await stage.follower('c', author)
  await author.stop()
  await cp(stage.home('a'), stage.home('copy'), { recursive: true })
  author = await stage.start('a', [mirror])
  await until('it signs', async () => typeof (await author.append()) === 'number')
  await author.client.call('keys.rotate', {})
  await stage.synced(mirror, author)
  const before = await author.size()
  await author.stop()
  await mirror.stop()
  await rm(stage.home('a'), { recursive: true })
  await cp(stage.home('copy'), stage.home('a'), { recursive: true })
  const restored = await stage.start('a', [mirror])
  const again = await restored.client.call('keys.rotate', {}).then(
    ({ seq }) => seq,
    (error: unknown) => (isCoded(error) ? error.code : Promise.reject(error))
  )
  if (again !== 'CONFIRMING') throw new Error(`the restored home was asked to rotate again, and answered ${again}`)
  const back = await stage.start('c', [], { at: mirror })
  await until('it has pulled back its rotation', async () => (await restored.size()) === before)
  if ((await back.evidence()) + (await restored.evidence()) > 0)
    throw new Error('there is evidence against an honest author')
  return null
}

const all: Record<string, Scenario> = {
  'whole home, named witness': rollBack({ parts: null, inPlace: false, named: true }),
  'whole home in its place, named witness': rollBack({ parts: null, inPlace: true, named: true }),
  'whole home, named witness that comes late': rollBack({ parts: null, inPlace: true, named: true, late: true }),
  'whole home, stranger as witness': rollBack({ parts: null, inPlace: false, named: false }),
  'mark alone': rollBack({ parts: ['signer.json'], inPlace: false, named: true }),
  'store alone': rollBack({ parts: ['db'], inPlace: false, named: true }),
  'twins, one follower': copied(1),
  'twins, two followers': copied(2),
  'twins by peer.key alone': peerKeyOnly,
  'snapshot resumed': resumed,
  'rotation on a restored home': rotatedAfter
}

export const SCENARIOS: Record<string, () => Promise<ScenarioResult>> = Object.fromEntries(
  Object.entries(all).map(([name, scenario]) => [
    name,
    async () => {
      const stage = new Stage(await mkdtemp(join(tmpdir(), 'ledgermesh-signer-')))
      try {
        return { alarmMs: await scenario(stage) }
      } finally {
        await stage.end()
      }
    }
  ])
)
