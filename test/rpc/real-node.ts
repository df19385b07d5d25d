/** The socket of a real node in this process. */
import { onTestFinished } from 'vitest'
import { nodeOf } from '../../src/node/daemon-node.js'
import type { TestNode } from '../helpers/test-node.js'
import { startRig, type Answer, type RawClient } from './raw-client.js'

export class NodeSocket {
  readonly #client: RawClient
  #id = 0
  /** Notifications that came, in order. */
  readonly events: NonNullable<Answer['params']>[] = []

  private constructor(client: RawClient) {
    this.#client = client
  }

  static async open(node: TestNode): Promise<NodeSocket> {
    const rig = await startRig({ node: nodeOf(node.ledger, Date.now()) })
    onTestFinished(() => rig.close())
    return new NodeSocket(await rig.connect())
  }

  /** What comes before the answer is kept. */
  async call(method: string, params: object = {}): Promise<Answer> {
    const id = ++this.#id
    this.#client.send({ jsonrpc: '2.0', id, method, params })
    for (;;) {
      const answer = await this.#client.answer()
      if (answer.id === id) return answer
      this.events.push(answer.params!)
    }
  }

  /** The first event, come already or still to come, that looks like this. */
  async event(matches: (result: Record<string, unknown>) => boolean): Promise<Record<string, unknown>> {
    const known = this.events.find(({ result }) => matches(result))
    if (known !== undefined) return known.result
    for (;;) {
      const { params } = await this.#client.answer()
      this.events.push(params!)
      if (matches(params!.result)) return params!.result
    }
  }
}
