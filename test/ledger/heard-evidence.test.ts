import { expect, test } from 'vitest'
import { evidenceId } from '../../src/core/evidence.js'
import { MAX_KEPT_EVIDENCE } from '../../src/core/judge-evidence.js'
import { HeardEvidence } from '../../src/ledger/read/heard-evidence.js'

const [one, two, three] = ['one', 'two', 'three'].map((text) => Buffer.from(text)) as [Buffer, Buffer, Buffer]

function shelf(kept: Buffer[], shown: Buffer | null = null): { heard: HeardEvidence; reads: string[] } {
  const reads: string[] = []
  const heard = new HeardEvidence({
    all: () => Promise.resolve(kept),
    read: (id) => {
      reads.push(id)
      return Promise.resolve(kept.find((bytes) => evidenceId(bytes) === id) ?? null)
    },
    shown: () => (shown === null ? null : evidenceId(shown).slice(0, 32))
  })
  return { heard, reads }
}

test('what freezes comes first, then what else the other one lacks, then nothing; one read an answer', async () => {
  const { heard, reads } = shelf([one, two, three], two)
  expect(await heard.beside([])).toBe(two)
  expect(await heard.beside([evidenceId(two)])).toBe(one)
  expect(await heard.beside([evidenceId(two), evidenceId(one)])).toBe(three)
  expect(await heard.beside([one, two, three].map(evidenceId))).toBeNull()
  expect(reads).toHaveLength(3)
})

test('the last few of what was passed over count as heard, until something else is decided', async () => {
  const { heard } = shelf([one])
  const passed = Array.from({ length: MAX_KEPT_EVIDENCE + 1 }, (_, i) => i.toString(16).padStart(64, '0'))
  for (const id of [...passed, passed.at(-1)!]) heard.passOver(id)
  expect(await heard.ids()).toEqual([evidenceId(one), ...passed.slice(1)])
  heard.changed()
  expect(await heard.ids()).toEqual([evidenceId(one)])
})

test('what is read while it changes is not remembered, nor is a read that failed', async () => {
  let read: (kept: Buffer[] | Error) => void = () => {}
  const heard = new HeardEvidence({
    all: () =>
      new Promise((resolve, reject) => {
        read = (kept) => {
          if (kept instanceof Error) reject(kept)
          else resolve(kept)
        }
      }),
    read: () => Promise.resolve(null),
    shown: () => null
  })
  const before = heard.ids()
  const finish = read
  heard.changed()
  const after = heard.ids()
  finish([one])
  read([two])
  expect([await before, await after, await heard.ids()]).toEqual([
    [evidenceId(one)],
    [evidenceId(two)],
    [evidenceId(two)]
  ])
  heard.changed()
  const failing = heard.ids()
  read(new Error('closed'))
  await expect(failing).rejects.toThrow('closed')
  const again = heard.ids()
  read([three])
  expect(await again).toEqual([evidenceId(three)])
})
