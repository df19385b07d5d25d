import { expect, test } from 'vitest'
import { Listeners } from '../../src/core/listeners.js'

function heard(): { listeners: Listeners<[string]>; said: string[]; errors: unknown[] } {
  const errors: unknown[] = []
  return {
    listeners: new Listeners<[string]>((error) => {
      errors.push(error)
    }),
    said: [],
    errors
  }
}

test('all hear, in the order in which they came; one that throws stops nobody', () => {
  const { listeners, said, errors } = heard()
  listeners.add((word) => {
    said.push(`first ${word}`)
  })
  listeners.add(() => {
    throw new Error('its reader is gone')
  })
  listeners.add((word) => {
    said.push(`last ${word}`)
  })
  listeners.emit('a')
  expect(said).toEqual(['first a', 'last a'])
  expect(errors).toMatchObject([{ message: 'its reader is gone' }])
})

test('one function that was added twice hears twice, and once when one of the two was removed', () => {
  const { listeners, said } = heard()
  const hear = (word: string): void => {
    said.push(word)
  }
  const remove = listeners.add(hear)
  listeners.add(hear)
  listeners.emit('a')
  remove()
  remove()
  listeners.emit('b')
  expect(said).toEqual(['a', 'a', 'b'])
  expect(listeners.size).toBe(1)
})

test('who is removed meanwhile does not hear, and who is added meanwhile hears of the next one', () => {
  const { listeners, said } = heard()
  listeners.add((word) => {
    if (word !== 'a') return
    remove()
    listeners.add((next) => {
      said.push(`added ${next}`)
    })
  })
  const remove = listeners.add((word) => {
    said.push(`removed ${word}`)
  })
  listeners.emit('a')
  listeners.emit('b')
  expect(said).toEqual(['added b'])
})
