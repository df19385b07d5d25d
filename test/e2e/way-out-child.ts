/**
 * Does one of the ways out of a freeze in a home, and kills itself (SIGKILL) at a point of it: before or after a write
 * to the store, or at a step of a rotation.
 * Arguments: the home, `rotate` or `resolve`, the number of the point (from 1). Ends with 0 when it has fewer points.
 */
import { pathToFileURL } from 'node:url'
import { Level } from 'level'
import { paths } from '../../src/config/paths.js'
import { encodeEvidence, sameSeqEvidence } from '../../src/core/evidence.js'
import { verifySignature } from '../../src/core/signature.js'
import { openLedgers, type Ledgers } from '../../src/ledger/ledgers.js'
import { EvidenceCourt } from '../../src/node/forks/evidence-court.js'
import { LookBehind, type LookBehindInit } from '../../src/node/forks/look-behind.js'
import { rotateKeys } from '../../src/node/home/rotate-keys.js'
import { silentLog, systemClock, systemRandom } from '../../src/node/runtime/system.js'
import type { Verifier } from '../../src/node/signatures/verifier.js'
import { openStore, type Store } from '../../src/store/store.js'
import { Author, NETWORK } from '../core/author.js'

export const ENVIRONMENT = { clock: systemClock, random: systemRandom, log: silentLog }

/** The same in every process: five entries that both have, the thief's next, the owner's rotation at 7. */
export async function robbed(): Promise<{ owner: Author; thief: Author; evidence: Uint8Array }> {
  const owner = await Author.create(60)
  while (owner.size < 5) await owner.append()
  const thief = owner.fork()
  while (thief.size < 12) await thief.append({ id: `stolen-${thief.size}` })
  while (owner.size < 7) await owner.append()
  const evidence = encodeEvidence(sameSeqEvidence(owner.accused(), 5, owner.entries[5]!.raw, thief.entries[5]!.raw))
  await owner.rotate()
  return { owner, thief, evidence }
}

export async function opened<T>(home: string, run: (ledgers: Ledgers) => Promise<T>): Promise<T> {
  const store: Store = await openStore(paths(home).db, { log: silentLog })
  try {
    const ledgers = await openLedgers({
      ...ENVIRONMENT,
      store,
      network: NETWORK,
      verify: verifySignature,
      markFile: paths(home).signer
    })
    try {
      return await run(ledgers)
    } finally {
      await ledgers.close()
    }
  } finally {
    await store.close()
  }
}

export function courtOf(): EvidenceCourt {
  return new EvidenceCourt({ verify: verifySignature, clock: systemClock, log: silentLog, onJudged: () => {} })
}

async function resolve(home: string): Promise<void> {
  const { owner } = await robbed()
  const peerNetwork: LookBehindInit['peerNetwork'] = {
    fetchKeyEntries: () => Promise.resolve(owner.keyEntries().map(({ raw }) => raw)),
    fetchRange: (_, { from, count }) => Promise.resolve(owner.entries.slice(from, from + count).map(({ raw }) => raw))
  }
  const court = courtOf()
  const behind = new LookBehind({
    peerNetwork,
    verifier: { forPeer: () => verifySignature, verify: verifySignature } as unknown as Verifier,
    court,
    clock: systemClock,
    wants: () => true
  })
  await opened(home, async (ledgers) => {
    const mirror = ledgers.get(owner.ledger)!
    const target = await behind.target('p', mirror, court.standing(mirror), true)
    await behind.take('p', mirror, target!, { pin: null })
  })
}

/** Calls back before and after each write to a store. */
function watchWrites(point: () => void): void {
  interface Batch {
    write: (...args: unknown[]) => Promise<void>
  }
  const prototype = Level.prototype as unknown as {
    batch: (this: unknown, ...list: unknown[]) => Batch
    clear: (this: unknown, ...args: unknown[]) => Promise<void>
  }
  const { batch: begin, clear } = prototype
  const around = async (run: () => Promise<void>): Promise<void> => {
    point()
    await run()
    point()
  }
  prototype.batch = function (...list) {
    const batch = begin.apply(this, list)
    if (list.length > 0) return batch
    const write = batch.write.bind(batch)
    batch.write = async (...args) => {
      await around(() => write(...args))
    }
    return batch
  }
  prototype.clear = function (...args) {
    return around(() => clear.apply(this, args))
  }
}

async function main([home, way, at]: string[]): Promise<void> {
  let points = 0
  const point = (): void => {
    if (++points === Number(at)) process.kill(process.pid, 'SIGKILL')
  }
  watchWrites(point)
  if (way === 'rotate') await rotateKeys({ ...ENVIRONMENT, home: home!, onStep: point })
  else await resolve(home!)
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href)
  await main(process.argv.slice(2))
