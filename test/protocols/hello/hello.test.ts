import { expect, test } from 'vitest'
import { openHello, type WantedHead } from '../../../protocols/hello/index.js'
import { WireError } from '../../../protocols/wire.js'
import {
  LARGEST,
  LEDGER,
  OTHER,
  bytes,
  codeOf,
  entry,
  framePair,
  head,
  never,
  noise,
  plain,
  until
} from '../streams.js'
import { intro, quick, source, talk } from './peers.js'

/** A ledger id for each number. */
const named = (i: number): string =>
  `b${String(i)
    .padStart(52, '0')
    .replaceAll(/\d/g, (digit) => 'abcdefghij'[Number(digit)]!)}`

test("both sides see the other's Intro, with and without a record", async () => {
  const { asker, answerer } = await talk(
    source(),
    source({ intro: () => ({ ...intro, record: null, features: ['new-thing'] }) })
  )
  expect(asker.intro).toEqual({ ...intro, record: null, features: ['new-thing'] })
  expect(plain(answerer.intro)).toEqual(plain(intro))
  await asker.close()
  await answerer.closed
  expect([asker.error, answerer.error]).toEqual([null, null])
})

test('the largest legal Intro', async () => {
  const keyEntries = Array.from({ length: 256 }, () => ({ header: bytes(2_048), signature: bytes(64) }))
  const wide = {
    ...intro,
    software: 'x'.repeat(128),
    features: Array.from({ length: 32 }, () => 'f'.repeat(64)),
    record: { body: bytes(16_384), signature: bytes(64), keyEntries }
  }
  const { answerer, asker } = await talk(source({ intro: () => wide }), source())
  expect(plain(answerer.intro)).toEqual(plain(wide))
  await asker.close()
})

test('heads: each ledger in its list; what the asker holds arrives', async () => {
  let asked: WantedHead[] = []
  const ids = [0, 1, 2, 3].map(named)
  const { asker } = await talk(
    source(),
    source({
      heads: (_peer, wanted) => {
        asked = wanted
        return { heads: [head(ids[0])], same: [ids[1]!], none: [ids[2]!], denied: [ids[3]!] }
      }
    })
  )
  const wanted: WantedHead[] = [
    { ledger: ids[0]!, size: 0 },
    { ledger: ids[1]!, size: 17, headHash: 'ab'.repeat(32), checkpointSize: 0, hasEvidence: true },
    {
      ledger: ids[2]!,
      size: Number.MAX_SAFE_INTEGER,
      evidenceIds: Array.from({ length: 16 }, (_, i) => i.toString(16).padStart(64, 'e'))
    },
    { ledger: ids[3]!, size: 1 }
  ]
  const result = await asker.askHeads(wanted)
  expect(asked).toEqual(wanted)
  expect(plain(result)).toEqual(
    plain({ heads: [head(ids[0])], same: [ids[1]], none: [ids[2]], denied: [ids[3]], unanswered: [] })
  )
  await asker.close()
})

test('512 heads with the largest headers come in several replies, up to 8 MiB', async () => {
  let replies = 0
  const big = {
    header: noise(32_768),
    signature: bytes(64),
    checkpoint: 'c'.repeat(4_096),
    evidence: null,
    earliest: 0
  }
  const { asker } = await talk(
    source(),
    source({
      heads: (_peer, wanted) => {
        replies++
        return { heads: wanted.map(({ ledger }) => ({ ledger, ...big })), same: [], none: [], denied: [] }
      }
    })
  )
  const result = await asker.askHeads(Array.from({ length: 512 }, (_, i) => ({ ledger: named(i), size: 0 })))
  expect(replies).toBeGreaterThan(20)
  expect(result.heads.length + result.unanswered.length).toBe(512)
  expect(result.heads.length).toBeGreaterThan(200)
  expect(new Set(result.heads.map(({ ledger }) => ledger)).size).toBe(result.heads.length)
  await asker.close()
})

test('512 ledgers, each with as many evidence ids as it may have', async () => {
  let asked: WantedHead[] = []
  const { asker } = await talk(
    source(),
    source({
      heads: (_peer, wanted) => {
        asked = wanted
        return { heads: [], same: wanted.map(({ ledger }) => ledger), none: [], denied: [] }
      }
    })
  )
  const evidenceIds = Array.from({ length: 16 }, (_, i) => i.toString(16).padStart(64, 'd'))
  const wanted = Array.from({ length: 512 }, (_, i) => ({ ledger: named(i), size: 1, evidenceIds }))
  expect((await asker.askHeads(wanted)).same).toHaveLength(512)
  expect(asked).toEqual(wanted)
  await asker.close()
})

test('a head with the largest evidence, and the largest entry', async () => {
  const full = { ...head(), header: noise(32_768), checkpoint: 'c'.repeat(4_096), evidence: noise(1_048_576) }
  const { asker } = await talk(
    source(),
    source({
      heads: () => ({ heads: [full], same: [], none: [], denied: [] }),
      entries: async () => [LARGEST, LARGEST]
    })
  )
  const { heads } = await asker.askHeads([{ ledger: LEDGER, size: 0 }])
  expect(Buffer.compare(heads[0]!.evidence!, full.evidence)).toBe(0)
  const entries = await asker.askEntries(LEDGER, 0, 2)
  expect(entries).toHaveLength(1)
  expect(Buffer.compare(entries[0]!.payload!, LARGEST.payload!)).toBe(0)
  await asker.close()
})

test('entries and key entries; fewer when they are large; refusals with their details', async () => {
  const keys = [{ header: bytes(400), signature: bytes(64) }]
  const far = source({
    entries: async (_peer, ledger, from, count) => {
      if (ledger === OTHER) throw new WireError('UNAVAILABLE', 'secret', { available: { earliest: 3, size: 9 } })
      return Array.from({ length: count }, (_, i) => entry(from + i, i === 0 ? null : bytes(100_000)))
    },
    keyEntries: async (_peer, ledger) => {
      if (ledger === OTHER) throw new WireError('BUSY', 'secret', { retryMs: 77 })
      return keys
    }
  })
  const { asker } = await talk(source(), far)
  expect(await asker.askEntries(LEDGER, 5, 64)).toHaveLength(3)
  expect(plain(await asker.askEntries(LEDGER, 5, 1))).toEqual(plain([entry(5, null)]))
  expect(plain(await asker.askKeyEntries(LEDGER))).toEqual(plain(keys))
  await expect(asker.askEntries(OTHER, 0, 1)).rejects.toMatchObject({
    code: 'UNAVAILABLE',
    available: { earliest: 3, size: 9 }
  })
  await expect(asker.askKeyEntries(OTHER)).rejects.toMatchObject({ code: 'BUSY', retryMs: 77 })
  await asker.close()
  expect(far.errors).toEqual([])
})

test('both sides ask at once, far more than may be in flight, and every request gets its own answer', async () => {
  const answering = () => source({ entries: async (_peer, _ledger, from) => [entry(from)] })
  const { asker, answerer } = await talk(answering(), answering())
  const asks = [asker, answerer].flatMap((session) =>
    Array.from({ length: 200 }, async (_, i) => {
      const [got] = await session.askEntries(LEDGER, i, 1)
      expect(Buffer.from(got!.header).toString()).toBe(`{"seq":${i}}`)
    })
  )
  await Promise.all(asks)
  await answerer.close()
})

test('notices arrive in order; heads are split into frames', async () => {
  const far = source()
  const { asker } = await talk(source(), far)
  const heads = Array.from({ length: 20 }, (_, i) => ({ ...head(named(i)), header: noise(32_768, i) }))
  asker.tellHeads(heads)
  asker.tellEvidence(LEDGER, bytes(1_048_576))
  asker.tellRecord(intro.record!)
  await until(() => far.heard.length === 5)
  expect((far.heard.slice(0, 3) as unknown[][]).flat()).toHaveLength(20)
  expect(plain(far.heard[4])).toEqual(plain(intro.record))
  await asker.close()
})

test('what a caller gives and the wire cannot carry is INVALID and costs nothing', async () => {
  const { asker, answerer } = await talk(source(), source())
  for (const count of [0, 65, -1, 1.5]) expect(await codeOf(asker.askEntries(LEDGER, 0, count))).toBe('INVALID')
  expect(await codeOf(asker.askEntries('x', 0, 1))).toBe('INVALID')
  expect(await codeOf(asker.askEntries(LEDGER, 2 ** 53 - 1, 1))).toBe('INVALID')
  expect(await codeOf(asker.askHeads(Array.from({ length: 513 }, (_, i) => ({ ledger: named(i), size: 0 }))))).toBe(
    'INVALID'
  )
  expect(() => {
    asker.tellEvidence(LEDGER, bytes(1_048_577))
  }).toThrow(WireError)
  expect(await asker.askHeads([])).toMatchObject({ heads: [], unanswered: [] })
  expect((await answerer.askHeads([{ ledger: LEDGER, size: 0 }])).heads).toHaveLength(1)
  await asker.close()
})

test('another network is refused by both; a refused Intro is DENIED', async () => {
  const other = () => source({ intro: () => ({ ...intro, network: 'elsewhere' }) })
  const pair = await framePair()
  const [near, far] = await Promise.all([
    codeOf(openHello(pair.near, source(), 'far', never, quick)),
    codeOf(openHello(pair.far, other(), 'near', never, quick))
  ])
  expect([near, far]).toEqual(['DENIED', 'DENIED'])

  const again = await framePair()
  const refusing = source({
    onIntro: () => {
      throw new WireError('DENIED', 'secret reason')
    }
  })
  const served = codeOf(openHello(again.far, refusing, 'near', never, quick))
  const session = await openHello(again.near, source(), 'far', never, quick)
  await session.closed
  expect(session.error).toMatchObject({ code: 'DENIED', message: 'the peer says DENIED' })
  expect(await served).toBe('DENIED')
})

test('a side that is slow to answer says BUSY; one that fails says UNAVAILABLE and reports it', async () => {
  const far = source({
    entries: async () => new Promise(() => undefined),
    keyEntries: async () => {
      throw new Error('disk on fire')
    }
  })
  const { asker } = await talk(source(), far, quick)
  expect(await codeOf(asker.askEntries(LEDGER, 0, 1))).toBe('BUSY')
  await expect(asker.askKeyEntries(LEDGER)).rejects.toMatchObject({
    code: 'UNAVAILABLE',
    message: 'the peer answers UNAVAILABLE'
  })
  expect(far.errors.map(String)).toEqual(['Error: disk on fire'])
  await asker.close()
})

test('a caller that stops waiting, and the end of a session, reject what is open', async () => {
  const { asker } = await talk(source(), source({ entries: async () => new Promise(() => undefined) }), {
    ...quick,
    busyAfterMs: 200
  })
  const stop = new AbortController()
  const stopped = codeOf(asker.askEntries(LEDGER, 0, 1, { signal: stop.signal }))
  const open = Array.from({ length: 20 }, async () => codeOf(asker.askEntries(LEDGER, 0, 1)))
  stop.abort()
  expect(await stopped).toBe('CLOSED')
  await asker.close()
  expect(new Set(await Promise.all(open))).toEqual(new Set(['CLOSED']))
  expect(await codeOf(asker.askEntries(LEDGER, 0, 1))).toBe('CLOSED')
  asker.tellHeads([head()])
})

test('a handler that fails or hangs stops nothing', async () => {
  const far = source({
    onHeads: () => {
      throw new Error('bug')
    },
    onEvidence: async () => new Promise(() => undefined)
  })
  const { asker, answerer } = await talk(source(), far, { ...quick, replyMs: 100 })
  asker.tellHeads([head()])
  asker.tellEvidence(LEDGER, bytes(10))
  asker.tellRecord(intro.record!)
  await until(() => far.heard.length === 1)
  expect(far.errors.map(String)).toEqual(['Error: bug'])
  expect((await asker.askHeads([{ ledger: LEDGER, size: 0 }])).heads).toHaveLength(1)
  await answerer.close()
})
