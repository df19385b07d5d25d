/**
 * Hosts in network namespaces: a router, and a link from it to each host (a veth pair, a /24 of its own). All of it
 * belongs to this process and is gone with it; nobody but the creator of a user namespace is needed, no privileges.
 */
import { execFile, spawn, type ChildProcess, type SpawnOptions } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { promisify } from 'node:util'

const run = promisify(execFile)
/** `ip` is often only on root's path. */
const ENV = { ...process.env, PATH: `${process.env.PATH ?? ''}:/usr/sbin:/sbin` }
/** Keeps a namespace alive until its standard input ends, as it does with this process. */
const HOLD = ['sh', '-c', 'echo up; exec cat']
/** Milliseconds for the set-up of a namespace. */
const SETUP_MS = 10_000

/** Null: networks can be made here; else why not. */
export async function lanProblem(): Promise<string | null> {
  try {
    const lan = await Lan.make()
    try {
      await lan.host('probe')
    } finally {
      await lan.end()
    }
    return null
  } catch (error) {
    return (error as Error).message.trim()
  }
}

/** A process that does nothing but keep namespaces alive. */
export async function holdNamespaces(command: string, args: string[]): Promise<ChildProcess> {
  const child = spawn(command, [...args, ...HOLD], { stdio: ['pipe', 'pipe', 'pipe'], env: ENV })
  child.stdin.on('error', () => undefined)
  let problems = ''
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    problems += chunk
  })
  await Promise.race([
    once(createInterface({ input: child.stdout }), 'line', { signal: AbortSignal.timeout(SETUP_MS) }),
    once(child, 'exit').then(() => {
      throw new Error(`${command} ${args.join(' ')}: ${problems}`)
    }),
    once(child, 'error').then(([error]) => {
      throw error as Error
    })
  ])
  return child
}

/** Runs a command in the user, network and (if it has one of its own) mount namespace of another process. */
export function inside(pid: number, namespaces: string[] = ['--net']): [command: string, args: string[]] {
  return ['nsenter', ['--target', String(pid), '--user', '--preserve-credentials', ...namespaces, '--']]
}

export class Lan {
  readonly #router: ChildProcess
  readonly #hosts: LanHost[] = []

  private constructor(router: ChildProcess) {
    this.#router = router
  }

  /** `forwards`: packets pass from host to host; otherwise only what a program on the router passes on. */
  static async make({ forwards = true } = {}): Promise<Lan> {
    const lan = new Lan(await holdNamespaces('unshare', ['--user', '--map-root-user', '--net', '--']))
    await lan.atRouter('ip', 'link', 'set', 'lo', 'up')
    await lan.atRouter('sh', '-c', `echo ${forwards ? 1 : 0} > /proc/sys/net/ipv4/ip_forward`)
    return lan
  }

  async host(name: string): Promise<LanHost> {
    const number = this.#hosts.length + 1
    const [command, args] = inside(this.#router.pid!)
    const holder = await holdNamespaces(command, [...args, 'unshare', '--net', '--'])
    const host = new LanHost(this, name, number, holder)
    this.#hosts.push(host)
    await this.atRouter(
      'ip',
      'link',
      'add',
      host.link,
      'type',
      'veth',
      'peer',
      'name',
      'eth0',
      'netns',
      String(holder.pid)
    )
    await this.atRouter('ip', 'addr', 'add', `${host.gateway}/24`, 'dev', host.link)
    await host.exec('ip', 'link', 'set', 'lo', 'up')
    await host.exec('ip', 'addr', 'add', `${host.ip}/24`, 'dev', 'eth0')
    await host.exec('ip', 'link', 'set', 'eth0', 'up')
    await this.linkUp(host)
    await host.exec('ip', 'route', 'add', 'default', 'via', host.gateway)
    return host
  }

  /** The cable is pulled. */
  async linkDown(host: LanHost): Promise<void> {
    await this.atRouter('ip', 'link', 'set', host.link, 'down')
  }
  async linkUp(host: LanHost): Promise<void> {
    await this.atRouter('ip', 'link', 'set', host.link, 'up')
  }

  async atRouter(command: string, ...args: string[]): Promise<void> {
    const [enter, options] = inside(this.#router.pid!)
    await run(enter, [...options, command, ...args], { env: ENV })
  }

  /** A program on the router. */
  spawnAtRouter(args: string[], options: SpawnOptions): ChildProcess {
    const [enter, before] = inside(this.#router.pid!)
    return spawn(enter, [...before, ...args], options)
  }

  async end(): Promise<void> {
    for (const child of [...this.#hosts.map(({ holder }) => holder), this.#router]) await ended(child)
  }
}

export class LanHost {
  readonly name: string
  readonly lan: Lan
  readonly holder: ChildProcess
  /** The router's end of its link, and the router's address there. */
  readonly link: string
  readonly gateway: string
  readonly #net: string
  #ip: string

  constructor(lan: Lan, name: string, number: number, holder: ChildProcess) {
    this.lan = lan
    this.name = name
    this.holder = holder
    this.link = `link${number}`
    this.#net = `10.77.${number}`
    this.gateway = `${this.#net}.1`
    this.#ip = `${this.#net}.2`
  }

  get ip(): string {
    return this.#ip
  }

  /** Another address of the same net: what came from or goes to the old one is lost. */
  async changeAddress(last: number): Promise<void> {
    const old = this.#ip
    this.#ip = `${this.#net}.${last}`
    await this.exec('ip', 'addr', 'del', `${old}/24`, 'dev', 'eth0')
    await this.exec('ip', 'addr', 'add', `${this.#ip}/24`, 'dev', 'eth0')
    await this.exec('ip', 'route', 'replace', 'default', 'via', this.gateway)
  }

  async exec(command: string, ...args: string[]): Promise<void> {
    const [enter, options] = inside(this.holder.pid!)
    await run(enter, [...options, command, ...args], { env: ENV })
  }

  spawn(args: string[], options: SpawnOptions): ChildProcess {
    const [enter, before] = inside(this.holder.pid!)
    return spawn(enter, [...before, ...args], options)
  }
}

export async function ended(child: ChildProcess, signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const gone = once(child, 'exit')
  child.kill(signal)
  await gone
}
