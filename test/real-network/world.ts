/** One network of a scenario, and what has to hold at its end. */
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { ended, Lan, type LanHost } from './lan.js'
import { LanNode, PORT, type NodeOptions } from './lan-node.js'

const BAD_LINE = fileURLToPath(new URL('bad-line.js', import.meta.url))
/** Until all has to be well again, in ms. */
const WITHIN_MS = 120_000
/** Between two looks, in ms. */
const LOOK_MS = 100

export class World {
  readonly lan: Lan
  readonly folder: string
  readonly nodes: LanNode[] = []
  readonly #lines: ChildProcess[] = []

  private constructor(lan: Lan, folder: string) {
    this.lan = lan
    this.folder = folder
  }

  /** Runs the scenario, and leaves nothing behind. */
  static async run<T>(scenario: (world: World) => Promise<T>, { forwards = true } = {}): Promise<T> {
    const world = new World(await Lan.make({ forwards }), await mkdtemp(join(tmpdir(), 'ledgermesh-lan-')))
    try {
      return await scenario(world)
    } finally {
      for (const node of world.nodes) await node.kill()
      for (const line of world.#lines) await ended(line)
      await world.lan.end()
      if (process.env.KEEP === undefined) await rm(world.folder, { recursive: true, force: true })
      else console.log(`kept: ${world.folder}`)
    }
  }

  async node(name: string, options: NodeOptions = {}): Promise<LanNode> {
    return await this.nodeOn(await this.lan.host(name), options)
  }

  async nodeOn(host: LanHost, options: NodeOptions = {}): Promise<LanNode> {
    const node = await LanNode.start(host, this.folder, options)
    this.nodes.push(node)
    return node
  }

  /** Three nodes that follow each other; the first is how the others join. */
  async three(): Promise<[LanNode, LanNode, LanNode]> {
    const a = await this.node('a')
    const [b, c] = [await this.node('b', { bootstrap: [a.addr] }), await this.node('c', { bootstrap: [a.addr] })]
    await this.followAll()
    await this.converged()
    return [a, b, c]
  }

  /** A proxy on the router through which `to` can be reached; the command is done when it resolves. */
  async badLine(to: LanHost): Promise<{ port: number; command: (line: string) => Promise<void> }> {
    const port = 7500 + this.#lines.length
    const child = this.lan.spawnAtRouter([process.execPath, BAD_LINE, String(port), to.ip, String(PORT)], {
      stdio: ['pipe', 'pipe', 'inherit']
    })
    this.#lines.push(child)
    const answers = createInterface({ input: child.stdout! })
    await once(answers, 'line')
    return {
      port,
      command: async (line) => {
        const done = once(answers, 'line')
        child.stdin!.write(`${line}\n`)
        await done
      }
    }
  }

  async followAll(): Promise<void> {
    for (const node of this.nodes)
      for (const other of this.nodes)
        if (other !== node) await node.client.call('sync.follow', { ledger: other.ledger })
  }

  /**
   * Waits until all nodes hold all ledgers to the newest entry with equal roots, and say so themselves. Returns the ms
   * that it took.
   */
  async converged({ withinMs = WITHIN_MS, nodes = this.nodes } = {}): Promise<number> {
    const began = performance.now()
    for (const author of nodes)
      await this.mirrored(
        author,
        nodes.filter((node) => node !== author),
        withinMs
      )
    return Math.round(performance.now() - began)
  }

  /** Waits until these hold the author's ledger to its newest entry with the same root. Returns the ms that it took. */
  async mirrored(author: LanNode, followers: LanNode[], withinMs = WITHIN_MS): Promise<number> {
    const began = performance.now()
    for (;;) {
      const problem = await difference(author, followers)
      const tookMs = Math.round(performance.now() - began)
      if (problem === null) return tookMs
      if (tookMs > withinMs) throw new Error(`not converged within ${withinMs} ms: ${problem}`)
      await delay(LOOK_MS)
    }
  }

  /** Waits until no other node is connected to it any more. */
  async lost(gone: LanNode): Promise<void> {
    const deadline = performance.now() + WITHIN_MS
    for (const node of this.nodes) {
      while (
        node !== gone &&
        (await node.client.call('node.peers', {})).peers.some(({ peer }) => peer === gone.peerId)
      ) {
        if (performance.now() > deadline)
          throw new Error(`${node.host.name} still takes ${gone.host.name} for connected`)
        await delay(LOOK_MS)
      }
    }
  }

  /** Never to be seen again. */
  async retire(node: LanNode): Promise<void> {
    await node.kill()
    this.nodes.splice(this.nodes.indexOf(node), 1)
  }

  /** No evidence anywhere, nobody dropped for anything: what the network did is nobody's fault. */
  async checkPeace(): Promise<void> {
    for (const node of this.nodes) {
      const { evidence } = await node.client.call('evidence.list', {})
      if (evidence.length > 0) throw new Error(`${node.host.name} has evidence: ${JSON.stringify(evidence)}`)
      const problems = (await node.log())
        .split('\n')
        .filter((line) => line.includes('"event":"peer.dropped"') || line.includes('"level":"error"'))
      if (problems.length > 0) throw new Error(`${node.host.name} says: ${problems.slice(0, 5).join('\n')}`)
    }
  }
}

/** Null: there is none. */
async function difference(author: LanNode, followers: LanNode[]): Promise<string | null> {
  const own = await author.client.call('ledger.head', {})
  for (const node of followers) {
    const who = `${node.host.name} of ${author.host.name}`
    const status = await node.statusOf(author.ledger)
    if (status.status !== 'synced' || status.size !== own.size)
      return `${who}: ${JSON.stringify(status)}, there are ${own.size}`
    const { root } = await node.client.call('ledger.head', { ledger: author.ledger })
    if (root !== own.root) return `${who}: another root`
  }
  return null
}
