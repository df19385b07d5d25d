/** One way to hear of a change: what is said, when, and in which order. */
import { expect, test } from 'vitest'
import type { Ledgers } from '../../src/ledger/ledgers.js'
import { NO_STANDING } from '../../src/ledger/read/standing-row.js'
import { acceptBranch, freezeAt } from '../helpers/freeze-at.js'
import { Author, openNode } from './support.js'

/** Everything that is said, as text, and what could be read at that moment. */
function listen(ledgers: Ledgers): string[] {
  const said: string[] = []
  ledgers.on('stored', ({ own, visible, audited }, { entries, signed }) => {
    said.push(
      `${own ? 'own' : 'mirror'} stored ${entries.map(({ header }) => header.seq).join()}${signed ? ' signed' : ''}; ${visible} shown, ${audited} audited`
    )
  })
  ledgers.on('audited', ({ own, audited }) => {
    said.push(`${own ? 'own' : 'mirror'} audited ${audited}`)
  })
  ledgers.on('frozen', ({ frozenAt }, { was }) => {
    said.push(`frozen at ${frozenAt}, was ${was?.size ?? null}`)
  })
  ledgers.on('cut', ({ size }, change) => {
    said.push(`cut to ${change.size}, has ${size}`)
  })
  ledgers.on('removed', ({ id }) => {
    said.push(`removed, held: ${ledgers.get(id) !== undefined}`)
  })
  return said
}

test('own entries are said once, when they can be read and count as audited; what is refused is not', async () => {
  const { ledgers } = await openNode()
  const said = listen(ledgers)
  await ledgers.own.appendBatch([
    { stream: 's', type: 't', id: 'a' },
    { stream: 's', type: 't', id: 'b' }
  ])
  await ledgers.own.append({ stream: 's', type: 't', id: 'a' })
  await expect(ledgers.own.append({ stream: 's', type: 'other', id: 'a' })).rejects.toMatchObject({ code: 'ID_TAKEN' })
  expect(said).toEqual(['own audited 3', 'own stored 1,2 signed; 3 shown, 3 audited'])
})

test('a mirror: stored, audited, frozen, thawed by a branch, cut and removed, each with what holds then', async () => {
  const { ledgers } = await openNode()
  const author = await Author.create()
  for (let i = 0; i < 3; i++) await author.add()
  const mirror = await ledgers.mirror(author.id)
  const said = listen(ledgers)
  await mirror.ingest(author.entries.slice(0, 3))
  await mirror.setAudited(2)
  await freezeAt(mirror, 1, Buffer.from('evidence'))
  await expect(mirror.ingest(author.entries.slice(3))).rejects.toMatchObject({ code: 'FROZEN' })
  expect(said.splice(0)).toEqual([
    'mirror stored 0,1,2; 3 shown, 0 audited',
    'mirror audited 2',
    'frozen at 1, was null'
  ])
  await acceptBranch(mirror, author.entries.slice(1))
  // What gave way, what was judged, and then what is shown instead of it: all of it, though a page of it was there
  // before.
  expect(said.splice(0)).toEqual([
    'cut to 1, has 1',
    'frozen at null, was 1',
    'mirror stored 1,2,3; 4 shown, 1 audited'
  ])
  await mirror.rewind(2)
  await ledgers.remove(author.id)
  expect(said).toEqual(['cut to 2, has 2', 'removed, held: false'])
})

test('a freeze that moves up shows what is between; one that is taken away without a branch, all', async () => {
  const { ledgers } = await openNode()
  const author = await Author.create()
  for (let i = 0; i < 3; i++) await author.add()
  const mirror = await ledgers.mirror(author.id)
  await mirror.ingest(author.entries)
  await freezeAt(mirror, 1, Buffer.from('evidence'))
  const said = listen(ledgers)
  await mirror.decide({ frozen: { ...mirror.frozen!, size: 3 }, keep: [], row: NO_STANDING })
  await mirror.decide({ frozen: null, keep: [], row: NO_STANDING })
  expect(said).toEqual([
    'frozen at 3, was 1',
    'mirror stored 1,2; 3 shown, 0 audited',
    'frozen at null, was 3',
    'mirror stored 3; 4 shown, 0 audited'
  ])
})

test('a word about belief alone is said too, and one that changes nothing is not', async () => {
  const { ledgers } = await openNode()
  const author = await Author.create()
  await author.add()
  const mirror = await ledgers.mirror(author.id)
  await mirror.ingest(author.entries)
  const said = listen(ledgers)
  await mirror.putStanding({ ...mirror.standing, facts: { ...mirror.standing.facts, doubtedFrom: 1 } })
  expect(mirror.believed).toBe(1)
  await mirror.putStanding({ ...mirror.standing, facts: { ...mirror.standing.facts, pin: 'a'.repeat(64) } })
  expect(said).toEqual(['frozen at null, was null'])
})

test('a listener that throws harms neither the writer nor the others', async () => {
  const { ledgers, log } = await openNode()
  ledgers.on('stored', () => {
    throw new Error('its reader is gone')
  })
  const said = listen(ledgers)
  await ledgers.own.append({ stream: 's', type: 't' })
  expect(said.at(-1)).toBe('own stored 1 signed; 2 shown, 2 audited')
  expect(log.lines.filter(({ level }) => level === 'error')).toMatchObject([
    { fields: { type: 'stored', error: 'its reader is gone' } }
  ])
})
