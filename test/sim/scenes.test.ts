import { expect, test } from 'vitest'
import { SCENES } from './scenes.js'

test.each(SCENES)('%s', async (name, play) => {
  await expect(play(name)).resolves.toBeUndefined()
})
