/**
 * Attacks, one after the other, in a process of its own, so that the honest peer does not share its event loop. Told a
 * name and a target by its parent, says what it did.
 */
import { stopAll } from '../../test/network/fixture.js'
import type { Target } from './attack.js'
import type { Order } from './attacker-process.js'
import { ATTACKS } from './attacks/index.js'

process.on('disconnect', () => {
  process.exit(0)
})
process.on('message', ({ name, target }: Order) => {
  run(name, target).then(
    (done) => process.send!({ done }),
    (error: Error) => process.send!({ failed: error.stack ?? error.message })
  )
})
process.send!({ ready: true })

async function run(name: string, target: Target): Promise<string> {
  const attack = ATTACKS[name]
  if (attack === undefined)
    throw new Error(`there is no attack "${name}"; there are: ${Object.keys(ATTACKS).join(', ')}`)
  const end = performance.now() + target.seconds * 1000
  try {
    return await attack(target, () => performance.now() > end)
  } finally {
    await stopAll()
  }
}
