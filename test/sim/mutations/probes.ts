/** What can catch a broken rule: a whole simulated network, by kind and seed. Throws what must not be. */
import { keyFork } from '../key-forks.js'
import { play } from '../scenario.js'
import { spread } from '../spread.js'
import { scene } from '../scenes.js'
import { rollStorm } from '../storm-faults.js'
import { StormRun } from '../storm.js'
import { robbery } from '../thieves.js'

const NODES = 60
/** Exit code of a process whose probe found something wrong; a crash has another one. */
export const CAUGHT = 3

export const PROBES = {
  storm: async (seed: number): Promise<unknown> => await StormRun.play(rollStorm(seed, NODES)),
  /** A key that signed two rotations. */
  'key fork': keyFork,
  /** Stolen keys. */
  robbery,
  /** One peer that does one thing wrong; the seed is the number of the scene. */
  scene,
  /** Evidence of several kinds. */
  spread,
  /** Liars of every kind among few nodes. */
  liars: async (seed: number): Promise<unknown> =>
    await play(
      {
        name: 'liars',
        nodes: 8,
        ledgers: [
          { entries: 300, published: 250 },
          { entries: 60, published: 1, rotates: true }
        ],
        weather: { latency: [20, 400], loss: 0.05 },
        liars: { count: 3 }
      },
      seed
    )
}

export type Probe = keyof typeof PROBES
