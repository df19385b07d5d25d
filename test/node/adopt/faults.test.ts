/** Every write of an adoption fails once, in each way; then it goes on. One copy each, and erasures reach them (S2, S3). */
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import { verifySignature } from '../../../src/core/signature.js'
import { isCoded } from '../../../src/core/errors.js'
import { syncMarkOf } from '../../../src/core/reference.js'
import { runFsck } from '../../../src/ledger/fsck/run-fsck.js'
import type { Ledgers } from '../../../src/ledger/ledgers.js'
import { StoredAdoptions } from '../../../src/node/adopt/adoption-book.js'
import { HeldSource } from '../../../src/node/adopt/held-source.js'
import { OwnCopies } from '../../../src/node/adopt/own-copies.js'
import type { Store } from '../../../src/store/store.js'
import { Adoption } from '../../../src/sync/adopt/adoption.js'
import { newRow } from '../../../src/sync/adopt/tally.js'
import { FaultyStore, type Flavour } from '../../store/faulty-store.js'
import { crashTrial } from './crash-trial.js'
import { Author, openNode, temporaryFolder, TestClock, TestLog } from '../../ledger/support.js'

vi.setConfig({ testTimeout: 120_000 })

const WANTED = { filters: { types: ['diploma'] }, followed: null }
/** A payload that comes after its entry was looked at. */
const LATE = 2
/** Copies of one group: so that there are several. */
const ROOM = 3

async function author(): Promise<Author> {
  const author = await Author.create('source')
  await author.addMany(9, (seq) => ({ type: seq % 4 === 3 ? 'note' : 'diploma' }))
  await author.erase([author.entries[1]!.hash, author.entries[5]!.hash])
  await author.addMany(3, () => ({ type: 'diploma' }))
  return author
}

/** Goes on wherever a run before ended. */
async function adopt(store: Store, ledgers: Ledgers, source: Author, log: TestLog): Promise<void> {
  const mirror = await ledgers.mirror(source.id)
  const book = await StoredAdoptions.load({ store, ledgers, log })
  const adoption = new Adoption({
    source: new HeldSource(mirror),
    copies: new OwnCopies(ledgers.own),
    book,
    row: book.get(source.id) ?? newRow(0, ''),
    now: () => 0,
    onOutcome: () => {},
    onErased: () => {}
  })
  await adoption.open()
  const run = async (): Promise<void> => {
    while (adoption.row.adopted.at < mirror.size || adoption.late) {
      const { stopped } = await adoption.adopt(mirror.size, WANTED, ROOM)
      if (stopped !== null) throw stopped
    }
    while (adoption.behindErasures) await adoption.followErasures()
  }
  const bare = source.entries.map((entry) =>
    entry.header.seq === LATE ? { ...entry, raw: { ...entry.raw, payload: null } } : entry
  )
  // What it erases later is copied first.
  for (const to of [10, bare.length]) {
    if (mirror.size < to) await mirror.ingest(bare.slice(mirror.size, to))
    await run()
  }
  if ((await mirror.missingPayloads(1)).length > 0) await mirror.putPayload(LATE, source.entries[LATE]!.raw.payload!)
  adoption.arrived(LATE)
  await run()
}

async function wrong(ledgers: Ledgers, source: Author): Promise<string[]> {
  const { entries } = await ledgers.own.page({ adopted: true, limit: 1000 }, 0)
  const found = new Map<string, string[]>()
  for (const { meta, payload, payload_state: state } of entries) {
    const { originalHash } = syncMarkOf(meta)!
    found.set(originalHash, [...(found.get(originalHash) ?? []), state === 'present' ? JSON.stringify(payload) : state])
  }
  return source.entries.flatMap(({ header, hash }) => {
    const copies = (found.get(hash) ?? []).join(' ')
    const isErased = header.seq === 1 || header.seq === 5
    const expected =
      header.type !== 'diploma' ? [''] : isErased ? ['', 'erased'] : [JSON.stringify({ seq: header.seq })]
    return expected.includes(copies) ? [] : [`entry ${header.seq}: ${copies || 'no copy'}`]
  })
}

test.each<Flavour>(['lost', 'kept', 'power'])(
  'each write %s: what was done is there, and nothing twice',
  async (flavour) => {
    const source = await author()
    let failures = 0
    for (let at = 0; ; at++) {
      const dir = await temporaryFolder()
      const clock = new TestClock()
      const log = new TestLog()
      const options = { dir, clock, verify: verifySignature }
      const store = await FaultyStore.open(join(dir, 'db'), { log, fault: { at, flavour, survives: (at % 3) / 3 } })
      let ended = false
      try {
        const node = await openNode({ ...options, store })
        try {
          await adopt(store, node.ledgers, source, log)
          ended = true
        } finally {
          await node.close()
        }
      } catch (error) {
        if (!store.failed || !isCoded(error)) throw error
      }
      await store.close()
      if (!store.failed) {
        if (!ended) throw new Error('nothing failed, and it did not end')
        break
      }
      failures++
      const node = await openNode(options)
      await adopt(node.store, node.ledgers, source, log)
      expect([at, await wrong(node.ledgers, source)]).toEqual([at, []])
      expect((await node.ledgers.own.verifyChain()).valid).toBe(true)
      await node.close()
      const report = await runFsck(join(dir, 'db'), { log, markFile: join(dir, 'signer.json'), rebuild: false })
      expect([at, report.found.damage]).toEqual([at, []])
    }
    expect(failures).toBeGreaterThan(15)
  }
)

// `scripts/soak/adopt-kills.ts` plays any number of them.
test('killed again and again while authors write and erase: one copy each (S2, S3)', async () => {
  const { kills, copies } = await crashTrial(4, 6)
  expect(kills).toBeGreaterThan(3)
  expect(copies).toBeGreaterThan(10)
})
