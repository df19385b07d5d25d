import { expect, test } from 'vitest'
import { Mutex } from '../../src/core/mutex.js'

test('one at a time, in the order of the calls, whatever they throw', async () => {
  const mutex = new Mutex()
  const order: string[] = []
  const { promise, resolve } = Promise.withResolvers<void>()
  const first = mutex.run(async () => {
    order.push('first begins')
    await promise
    order.push('first ends')
    throw new Error('first failed')
  })
  const second = mutex.run(() => {
    order.push('second')
    return 2
  })
  const idle = mutex.idle().then(() => {
    order.push('idle')
  })
  resolve()
  await expect(first).rejects.toThrow('first failed')
  expect(await second).toBe(2)
  await idle
  expect(order).toEqual(['first begins', 'first ends', 'second', 'idle'])
})

test('what throws at once rejects, and is no unhandled rejection of those behind it', async () => {
  const mutex = new Mutex()
  await expect(
    mutex.run(() => {
      throw new Error('at once')
    })
  ).rejects.toThrow('at once')
  await mutex.idle()
  expect(await mutex.run(() => 'next')).toBe('next')
})
