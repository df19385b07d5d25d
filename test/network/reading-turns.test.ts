/** Whoever floods a connection is read no faster than the others have their turn. */
import { EventEmitter } from 'node:events'
import { expect, test } from 'vitest'
import { ReadingTurns } from '../../src/network/reading-turns.js'

const KIB = 1024

class FakeSocket extends EventEmitter {
  flows = true
  read = 0
  pause(): this {
    this.flows = false
    return this
  }
  resume(): this {
    this.flows = true
    return this
  }
  /** As libuv does: one full buffer after the other, 32 at most, while nobody pauses it. */
  flood(): number {
    this.read = 0
    while (this.flows && this.read < 32) {
      this.read++
      this.emit('data', Buffer.alloc(64 * KIB))
    }
    return this.read
  }
}

function connect(turns: ReadingTurns): { socket: FakeSocket; sendPause: () => void; sendResume: () => void } {
  const socket = new FakeSocket()
  const made = {
    socket,
    sendPause: () => {
      socket.pause()
    },
    sendResume: () => {
      socket.resume()
    }
  }
  turns.add(made as never)
  return made
}

test('a flood has its turn and then waits; many together leave each other one read; who paused it stays paused', () => {
  let begin = (): void => {}
  let asked = 0
  const turns = new ReadingTurns((call) => {
    asked++
    begin = call
  })
  const [one, honest, ...many] = Array.from({ length: 12 }, () => connect(turns))
  expect(one!.socket.flood()).toBe(4)
  honest!.socket.emit('data', Buffer.alloc(100))
  expect(honest!.socket.flows).toBe(true)
  expect(one!.socket.flood()).toBe(0)
  begin()
  expect(asked).toBe(1)
  // In all: the first two have a share of one, the others a read each.
  expect(many.map(({ socket }) => socket.flood())).toEqual([4, 4, 1, 1, 1, 1, 1, 1, 1, 1])
  honest!.socket.emit('data', Buffer.alloc(100))
  // What libp2p wants meanwhile counts when the turn comes.
  many[0]!.sendPause()
  many[1]!.sendPause()
  many[1]!.sendResume()
  expect(many[1]!.socket.flows).toBe(false)
  begin()
  expect([...many, honest!].map(({ socket }) => socket.flows)).toEqual([
    false,
    ...Array.from({ length: 10 }, () => true)
  ])
  many[0]!.sendResume()
  expect(many[0]!.socket.flood()).toBe(4)
  expect(asked).toBe(3)
})
