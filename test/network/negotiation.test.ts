/** The names of a negotiation, followed before libp2p hears them. */
import fc from 'fast-check'
import { Uint8ArrayList } from 'uint8arraylist'
import { expect, test } from 'vitest'
import { Negotiation } from '../../src/network/negotiation.js'
import { prefixed } from '../helpers/gossip-frames.js'

const SERVED = '/served/1'
const HEADER = '/multistream/1.0.0\n'
const said = (text: string): Buffer => prefixed(Buffer.from(text))
const follow = (...pieces: Uint8Array[]): { admitted: boolean[]; done: boolean } => {
  const negotiation = new Negotiation((name) => name === SERVED)
  return { admitted: pieces.map((piece) => negotiation.admits(piece)), done: negotiation.done }
}

test('it is done with the first name that is served, however the bytes are cut; what comes behind is not looked at', () => {
  const name = fc.oneof(
    fc.constant(HEADER),
    fc.string({ minLength: 1, maxLength: 300 }).map((text) => `${text}\n`)
  )
  fc.assert(
    fc.property(
      fc.array(name, { maxLength: 15 }),
      fc.uint8Array(),
      fc.array(fc.integer({ min: 1, max: 50 }), { maxLength: 40 }),
      (names, rest, cuts) => {
        fc.pre(names.every((one) => one.trimEnd() !== SERVED))
        const negotiation = new Negotiation((one) => one === SERVED)
        const whole = Buffer.concat([...names.map(said), said(`${SERVED}\n`), rest])
        let at = 0
        for (const cut of [...cuts, whole.length]) {
          const piece = whole.subarray(at, at + cut)
          at += piece.length
          expect(
            negotiation.admits(cut % 2 === 0 ? piece : new Uint8ArrayList(piece.subarray(0, 3), piece.subarray(3)))
          ).toBe(true)
        }
        expect(negotiation.done).toBe(true)
      }
    )
  )
})

test('the sixteenth name may be the one that is served, the seventeenth not', () => {
  const others = Array.from({ length: 15 }, () => said('/other/1\n'))
  expect(follow(...others, said(`${SERVED}\n`))).toEqual({
    admitted: Array.from({ length: 16 }, () => true),
    done: true
  })
  expect(follow(said(HEADER), ...others, said(`${SERVED}\n`)).admitted.at(-1)).toBe(false)
})

test('names of 1,024 bytes are names; of none, of more, or of a length without end, none', () => {
  expect(follow(said(`${'x'.repeat(1_023)}\n`))).toEqual({ admitted: [true], done: false })
  for (const bytes of [
    Buffer.of(0),
    said('x'.repeat(1_025)),
    Buffer.of(0xff, 0xff),
    Buffer.of(0x80, 0x80, 0x01),
    Buffer.of(0x80, 0x00)
  ])
    expect(follow(bytes).admitted).toEqual([false])
})

test('what libp2p would not take for the name is not one: without the end of its line, the header', () => {
  expect(follow(said(SERVED)).done).toBe(false)
  const header = new Negotiation(() => true)
  expect([header.admits(said(HEADER)), header.done]).toEqual([true, false])
})
