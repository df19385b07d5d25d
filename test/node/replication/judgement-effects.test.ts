import { expect, test } from 'vitest'
import type { HeldLedger } from '../../../src/ledger/held-ledger.js'
import { JudgementEffects, type JudgementEffectsInit } from '../../../src/node/replication/judgement-effects.js'
import { TestLog } from '../../ledger/support.js'

const EVIDENCE = Uint8Array.of(1, 2, 3)

type Freeze = HeldLedger['frozen']

function freeze(size: number, keyFork = false): NonNullable<Freeze> {
  return { size, evidence: 'e', ...(keyFork && { keyFork }) } as NonNullable<Freeze>
}

/** What follows when a ledger that was frozen there is frozen here now. */
async function judged(was: Freeze, frozen: Freeze, evidence: Uint8Array | null = EVIDENCE): Promise<string[]> {
  const done: string[] = []
  const say =
    (what: string) =>
    (...about: unknown[]): void => {
      done.push([what, ...about.filter((one) => typeof one === 'string')].join(' '))
    }
  const effects = new JudgementEffects({
    peerNetwork: {
      tellHead: say('tells its head'),
      tellEvidence: (_ledger: unknown, bytes: Uint8Array) => {
        done.push(`tells evidence ${bytes.join('')}`)
      },
      authority: {
        caughtUp: async () => {
          done.push('rights are up to date')
        }
      }
    },
    audit: { again: say('audits again') },
    announcer: { announceEvidence: say('announces evidence of') },
    events: {
      publish: (event: object) => {
        done.push(`publishes ${JSON.stringify(event)}`)
      }
    },
    log: new TestLog(),
    dispatch: (event: object) => {
      done.push(`sync hears ${JSON.stringify(event)}`)
    },
    again: say('begins again'),
    changed: say('another status')
  } as unknown as JudgementEffectsInit<HeldLedger>)
  await effects.done({ id: 'l', frozen, evidence: async () => evidence } as unknown as HeldLedger, was)
  return done
}

const FROZEN_AT_5 = [
  'sync hears {"type":"evidence","ledger":"l","size":5,"keyFork":false}',
  'another status',
  'publishes {"kind":"evidence","ledger":"l","frozenAt":5}',
  'announces evidence of l',
  'tells evidence 123',
  'rights are up to date'
]

test('a freeze stops sync first, and everybody who is connected or listens gets the evidence (I4)', async () => {
  expect(await judged(null, freeze(5))).toEqual(FROZEN_AT_5)
  expect(await judged(freeze(9), freeze(5)), 'lower than before').toEqual(FROZEN_AT_5)
})

test('a key fork is said to be one', async () => {
  expect((await judged(null, freeze(5, true)))[0]).toContain('"keyFork":true')
})

test('evidence that cannot be read is told to nobody, and freezes all the same', async () => {
  expect(await judged(null, freeze(5), null)).toEqual([...FROZEN_AT_5.slice(0, 3), 'rights are up to date'])
})

test('a freeze that has ended begins audit and sync anew, and is told to those who are still frozen', async () => {
  expect(await judged(freeze(5), null)).toEqual([
    'audits again',
    'begins again',
    'tells its head',
    'rights are up to date'
  ])
})

test('what is frozen higher than before goes on up to there, and its head is told to nobody', async () => {
  expect(await judged(freeze(5), freeze(9))).toEqual(['audits again', 'begins again', 'rights are up to date'])
})
