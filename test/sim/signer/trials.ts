/**
 * One trial is one seed: what happens to a home, who can be reached when, and what must never be. Throws what was
 * wrong.
 */
import { keyNumber, Stage, type SimEntry } from './stage.js'
import { SimHome } from './sim-home.js'
import { SimMirror } from './sim-mirror.js'
import { SimProcess } from './sim-process.js'

export interface TrialResult {
  /** Appends that were refused. */ refused: number
  /** Until both twins were alarmed, ms. */ alarmMs: number | null
  forks: number
}
export type Trial = (seed: number) => Promise<TrialResult>

const MINUTE = 60_000
const ALARM_MS = 30_000
/** A stranger that is connected by then, and answers, is heard before strangers are given up (R3: ≤ 30 s). */
const IN_REACH_MS = 25_000

interface World {
  stage: Stage
  home: SimHome
  mirrors: SimMirror[]
  process: SimProcess
}

/** An author whose ledger is held by one to three mirrors, all of them noted. */
async function author(seed: number, count: number): Promise<World> {
  const stage = new Stage(seed)
  const home = new SimHome(keyNumber(1000))
  const mirrors = Array.from({ length: count }, (_, i) => new SimMirror(stage, `m${i}`))
  for (const mirror of mirrors) mirror.others.push(...mirrors.filter((other) => other !== mirror))
  const process = new SimProcess(stage, 'first', home, { made: true })
  await process.append() // the genesis
  await process.start()
  for (const mirror of mirrors) process.connect(mirror)
  await stage.run(1000)
  await appends(stage, process, 1 + stage.below(4))
  // asked again within a minute: by then each is noted
  await stage.run(2 * MINUTE)
  if (home.memory.witnesses.length !== count)
    throw new Error(`${home.memory.witnesses.length} of ${count} mirrors were noted`)
  return { stage, home, mirrors, process }
}

async function appends(stage: Stage, process: SimProcess, count: number): Promise<void> {
  for (let i = 0; i < count; i++) {
    await process.append()
    await stage.run(stage.below(3000))
  }
}

/** Tries to sign now and then, for so long; how often it was refused. */
function tries(stage: Stage, process: SimProcess, forMs: number): { refused: number; last: SimEntry | null } {
  const result: { refused: number; last: SimEntry | null } = { refused: 0, last: null }
  for (let at = 0; at < forMs; at += 100 + stage.below(5000)) {
    stage.after(at, async () => {
      const entry = await process.append()
      if (entry === null) result.refused++
      else result.last = entry
    })
  }
  return result
}

function noFork(stage: Stage, mirrors: SimMirror[]): number {
  const forks = stage.forks()
  if (forks.length > 0) throw new Error(`FORK: two entries ${forks.join(', ')} left`)
  if (mirrors.some(({ frozen }) => frozen)) throw new Error('a mirror has evidence against an honest author')
  return 0
}

/** The home as it was goes on in another place, after more was signed; `rotations`: in between. */
function rollBack(what: {
  part: 'home' | 'mark' | 'store'
  named?: boolean
  moved?: boolean
  rotations?: number
}): Trial {
  return async (seed) => {
    const { stage, home, mirrors, process } = await author(seed, 1 + (seed % 3))
    const copy = home.copy()
    await appends(stage, process, 1 + stage.below(5))
    for (let i = 0; i < (what.rotations ?? 0); i++) await process.append(true)
    await appends(stage, process, stage.below(3))
    await stage.run(MINUTE)
    process.stop()
    const size = home.chain.length
    const restored = what.part === 'home' ? copy : home
    if (what.part === 'store') restored.chain = [...copy.chain]
    if (what.part === 'mark') restored.mark = copy.mark
    if (what.moved === true) restored.machine = 'another'
    await stage.run(stage.below(10 * MINUTE))
    const again = new SimProcess(stage, 'restored', restored, { named: what.named === true ? [mirrors[0]!.id] : [] })
    await again.start()
    // Named, or moved: whenever a witness comes. Strangers: while they are waited for.
    const within = what.named === true || what.moved === true ? 5 * MINUTE : IN_REACH_MS
    if (within === IN_REACH_MS) stage.loss = 0
    for (const mirror of mirrors)
      stage.after(stage.below(within), () => {
        again.connect(mirror)
      })
    const tried = tries(stage, again, 10 * MINUTE)
    // And a rotation, whenever it may: by the next key of the restored home.
    if ((what.rotations ?? 0) > 0)
      for (let i = 0; i < 20; i++)
        stage.after(stage.below(5 * MINUTE), async () => {
          await again.append(true)
        })
    await stage.run(11 * MINUTE)
    noFork(stage, mirrors)
    if (restored.chain.length < size) throw new Error(`it has ${restored.chain.length} of its ${size} entries`)
    if (again.state !== 'ready') throw new Error(`a witness was there for minutes, and it is still ${again.state}`)
    if ((what.rotations ?? 0) === 0 && tried.last === null) throw new Error('it is ready, and signed nothing')
    return { refused: tried.refused, alarmMs: null, forks: 0 }
  }
}

/** Two nodes with one identity, each connected to one of the mirrors. */
function twins(what: { mirrors: 1 | 2; peerKeyOnly?: boolean }): Trial {
  return async (seed) => {
    const { stage, home, mirrors, process: one } = await author(seed, what.mirrors)
    let other: SimHome
    if (what.peerKeyOnly === true) {
      other = new SimHome(home.peerKey)
      other.keys = { ledger: 500, next: 501 }
      other.elsewhere = true
    } else other = home.copy()
    other.machine = 'another'
    await stage.run(stage.below(MINUTE))
    if (what.mirrors === 2) one.disconnect(mirrors[1]!)
    const second = new SimProcess(stage, 'second', other, what.peerKeyOnly === true ? { made: true } : {})
    if (other.elsewhere) await second.append() // its genesis
    await second.start()
    const began = stage.now
    second.connect(mirrors.at(-1)!)
    const tried = [tries(stage, one, 5 * MINUTE), tries(stage, second, 5 * MINUTE)]
    await stage.run(6 * MINUTE)
    for (const twin of [one, second]) {
      if (twin.twinAt === null) throw new Error(`${twin.name} never knew of the other one`)
      if (twin.twinAt - began > ALARM_MS) throw new Error(`${twin.name} was alarmed after ${twin.twinAt - began} ms`)
      if (twin.state !== 'twin') throw new Error(`${twin.name} is ${twin.state}`)
      if (twin.afterForeign.length > 0)
        throw new Error(`${twin.name} signed entry ${twin.afterForeign[0]!.seq} after it had heard of the other one`)
    }
    noFork(stage, mirrors)
    return {
      refused: tried.reduce((sum, { refused }) => sum + refused, 0),
      alarmMs: Math.max(one.twinAt!, second.twinAt!) - began,
      forks: 0
    }
  }
}

/** A process is saved with its machine, another copy of its home signs, and the process goes on. */
function resumed(what: { named: boolean }): Trial {
  return async (seed) => {
    const { stage, home, mirrors, process } = await author(seed, 1 + (seed % 2))
    process.stop()
    const saved = new SimProcess(stage, 'saved', home, { named: what.named ? [mirrors[0]!.id] : [] })
    await saved.start()
    for (const mirror of mirrors) saved.connect(mirror)
    await stage.run(MINUTE)
    if (saved.state !== 'ready') throw new Error(`before it was saved it was ${saved.state}`)
    const copy = home.copy()
    saved.pause()
    const between = new SimProcess(stage, 'between', copy, { offline: true })
    await between.start()
    for (const mirror of mirrors) between.connect(mirror)
    await stage.run(1000)
    await appends(stage, between, 1 + stage.below(4))
    await stage.run(MINUTE)
    between.stop()
    await stage.run(1 + stage.below(24 * 60) * MINUTE)
    saved.resume()
    const within = what.named ? 5 * MINUTE : IN_REACH_MS
    if (!what.named) stage.loss = 0
    for (const mirror of mirrors)
      stage.after(stage.below(within), () => {
        saved.connect(mirror)
      })
    const tried = tries(stage, saved, 10 * MINUTE)
    await stage.run(11 * MINUTE)
    noFork(stage, mirrors)
    if (saved.state !== 'ready' || tried.last === null)
      throw new Error(`a witness was there for minutes, and it is still ${saved.state}`)
    return { refused: tried.refused, alarmMs: null, forks: 0 }
  }
}

/** Whoever holds a retired key says what he likes; the key in force stops the signer in memory, and no mark moves. */
const retired: Trial = async (seed) => {
  const { stage, home, mirrors, process } = await author(seed, 1)
  await process.append(true)
  await appends(stage, process, 1 + stage.below(3))
  await stage.run(MINUTE)
  const thief = new SimMirror(stage, 'thief')
  process.connect(thief)
  await stage.run(1000)
  const mark = JSON.stringify(home.mark)
  const said = (key: string, seq: number, next: string | null = null): SimEntry => ({
    seq,
    hash: stage.hash(),
    prev: stage.hash(),
    key,
    next,
    timestamp: stage.below(2) * stage.now * 2,
    by: 'thief'
  })
  for (let i = 0; i < 10; i++) {
    const seq = stage.below(3) === 0 ? 9_000_000_000 + stage.below(1000) : stage.below(home.chain.length + 3)
    // a history of his own beside it, as long as he likes
    thief.chain = [
      ...home.chain.slice(0, 1 + stage.below(2)),
      said(keyNumber(1), 900, stage.hash()),
      said(keyNumber(77), 901, stage.hash())
    ]
    await process.heard(thief, said(keyNumber(stage.chance(0.5) ? 1 : 77), seq))
    await stage.run(stage.below(2000))
    if (process.state !== 'ready') throw new Error(`a retired key at ${seq}: ${process.state}`)
    if ((await process.append()) === null) throw new Error('it does not sign')
    home.mark = JSON.parse(mark) as SimHome['mark']
  }
  await process.heard(thief, said(home.chain.at(-1)!.key, 9_000_000_000))
  if (process.state !== 'restoring' || (await process.append()) !== null)
    throw new Error(`the key in force at 9,000,000,000: ${process.state}`)
  if (JSON.stringify(home.mark) !== mark) throw new Error('a mark above the own head, without the range')
  await stage.run(MINUTE)
  return { refused: 1, alarmMs: null, forks: noFork(stage, mirrors) }
}

export const TRIALS: Record<string, Trial> = {
  'whole home, named witness': rollBack({ part: 'home', named: true }),
  'whole home on another machine, strangers': rollBack({ part: 'home', moved: true }),
  'whole home in its place, strangers': rollBack({ part: 'home' }),
  'mark alone': rollBack({ part: 'mark', named: true }),
  'store alone': rollBack({ part: 'store', named: true }),
  'restored from before a rotation': rollBack({ part: 'home', named: true, rotations: 1 }),
  'restored from before two rotations, on another machine': rollBack({ part: 'home', moved: true, rotations: 2 }),
  'twins, one follower': twins({ mirrors: 1 }),
  'twins, two followers': twins({ mirrors: 2 }),
  'twins by peer.key alone': twins({ mirrors: 1, peerKeyOnly: true }),
  'snapshot resumed, named witness': resumed({ named: true }),
  'snapshot resumed, strangers': resumed({ named: false }),
  'retired keys above and below the head': retired
}
