/** One attack on a real daemon, while an honest peer goes on asking and publishing. */
import type { AbusedDaemon, Seen } from './abused-daemon.js'
import type { Target } from './attack.js'
import type { AttackerProcess } from './attacker-process.js'
import type { HonestPeer } from './honest-peer.js'

/**
 * ms for an answer to the honest peer; MiB of the daemon, in all and of its own memory after the attack beyond what it
 * was before; ms that its event loop is late. Neither counts how long a machine that does other things besides let the
 * daemon wait for a core.
 */
export const BOUNDS = { servedMs: 2_000, rssMiB: 400, growthMiB: 64, delayMs: 2_000 }

export interface Outcome extends Seen {
  name: string
  /** What the attacker says that it did. */
  done: string
  /** ms that the honest peer waited at worst. */
  servedMs: number
  /** Bounds that were broken. */
  broken: string[]
}

/** Who plays: the daemon, the one who goes on asking it, and the other. */
export interface Players {
  daemon: AbusedDaemon
  honest: HonestPeer
  attacker: AttackerProcess
}

/** `settleMs`: how long the daemon has to give its memory back. Throws when the attacker failed. */
export async function trial(
  { daemon, honest, attacker }: Players,
  name: string,
  target: Omit<Target, 'addr' | 'peerId' | 'ledger'>,
  settleMs: number
): Promise<Outcome> {
  const whole: Target = { ...target, addr: daemon.addr, peerId: daemon.peerId, ledger: daemon.ledger }
  let [servedMs, ownMs, done] = [0, 0, '']
  const seen = await daemon.watch(
    async () => {
      let over = false
      const attack = attacker.attack({ name, target: whole }).finally(() => {
        over = true
      })
      const asking = (async () => {
        while (!over) {
          const { ms, queuedMs } = await honest.served()
          servedMs = Math.max(servedMs, ms)
          ownMs = Math.max(ownMs, ms - queuedMs)
        }
      })()
      try {
        done = await attack
      } finally {
        await asking
      }
    },
    BOUNDS.growthMiB,
    settleMs
  )
  const broken = [
    ...(ownMs > BOUNDS.servedMs
      ? [`an honest peer waited ${Math.round(servedMs)} ms, ${Math.round(ownMs)} of them not for a core`]
      : []),
    ...(seen.rssPeak > BOUNDS.rssMiB ? [`RSS of ${seen.rssPeak} MiB`] : []),
    ...(seen.anonAfter - seen.anonBefore > BOUNDS.growthMiB
      ? [`own memory ${seen.anonBefore} -> ${seen.anonAfter} MiB`]
      : []),
    ...(seen.ownDelayMs > BOUNDS.delayMs
      ? [`the event loop ${seen.delayMs} ms late, ${Math.round(seen.ownDelayMs)} of them its own`]
      : [])
  ]
  return { ...seen, name, done, servedMs: Math.round(servedMs), broken }
}
