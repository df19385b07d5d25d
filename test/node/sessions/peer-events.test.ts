import { expect, test } from 'vitest'
import { PeerEvents } from '../../../src/node/sessions/peer-events.js'
import { TestLog } from '../../ledger/support.js'

test('all who listen hear it, in the order in which they came; what one does not listen to is passed over', async () => {
  const events = new PeerEvents(new TestLog())
  const heard: string[] = []
  events.add({
    onReady: () => {
      heard.push('a ready')
    },
    onHeads: async (peer) => {
      heard.push(`a heads ${peer}`)
    }
  })
  events.add({
    onPeerGone: (peer) => {
      heard.push(`b gone ${peer}`)
    },
    onHeads: async (peer) => {
      heard.push(`b heads ${peer}`)
    }
  })
  events.ready()
  events.peerGone('p')
  await events.heads('q', [])
  await events.evidence('q', 'b', new Uint8Array())
  expect(heard).toEqual(['a ready', 'b gone p', 'a heads q', 'b heads q'])
})

test('a part that fails to stop stops no other, and is logged', async () => {
  const log = new TestLog()
  const events = new PeerEvents(log)
  const stopped: string[] = []
  class Part {
    readonly #name = 'its own state'
    async onStop(): Promise<void> {
      stopped.push(this.#name)
    }
  }
  events.add({
    onStop: async () => {
      throw new Error('the disk is gone')
    }
  })
  events.add(new Part())
  await events.stop()
  expect(stopped).toEqual(['its own state'])
  expect(log.lines).toMatchObject([{ level: 'warn', fields: { error: 'Error: the disk is gone' } }])
})
