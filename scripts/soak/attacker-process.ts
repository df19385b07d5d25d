import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { Target } from './attack.js'

export interface Order {
  name: string
  target: Target
}
type Said = { done: string } | { failed: string }

/** The process that attacks (attacker.ts): loading libp2p takes longer than some attacks. */
export class AttackerProcess {
  readonly #child: ChildProcess

  private constructor(child: ChildProcess) {
    this.#child = child
  }

  static async start(): Promise<AttackerProcess> {
    const child = fork(fileURLToPath(new URL('./attacker.js', import.meta.url)), {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc']
    })
    await once(child, 'message')
    return new AttackerProcess(child)
  }

  /** What the attacker says that it did. Throws when it failed or ended. */
  async attack(order: Order): Promise<string> {
    const over = new AbortController()
    try {
      const said = once(this.#child, 'message', { signal: over.signal }) as Promise<[Said]>
      const gone = once(this.#child, 'exit', { signal: over.signal }).then(([code]) => {
        throw new Error(`the attacker ended with ${String(code)}`)
      })
      this.#child.send(order)
      const [what] = await Promise.race([said, gone])
      if ('failed' in what) throw new Error(what.failed)
      return what.done
    } finally {
      over.abort()
    }
  }

  async stop(): Promise<void> {
    const gone = once(this.#child, 'exit')
    this.#child.kill('SIGKILL')
    await gone
  }
}
