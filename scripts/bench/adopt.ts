/**
 * What adoption costs: copies beside a batched append of the same inputs, a walk over what was adopted, an append beside
 * it, and the way of an erasure to its copy.
 */
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { decodeEntry, type Entry, type RawEntry } from '../../src/core/entry.js'
import { keyHash } from '../../src/core/chain.js'
import { encodePayload, payloadHash } from '../../src/core/payload.js'
import { signingKeyFromSeed } from '../../src/core/keys.js'
import { ledgerIdOf, type LedgerId } from '../../src/core/ledger-id.js'
import { signEntry } from '../../src/ledger/append/draft.js'
import { StoredAdoptions } from '../../src/node/adopt/adoption-book.js'
import { HeldSource } from '../../src/node/adopt/held-source.js'
import { OwnCopies } from '../../src/node/adopt/own-copies.js'
import { silentLog, systemClock, systemRandom } from '../../src/node/runtime/system.js'
import { Adoption } from '../../src/sync/adopt/adoption.js'
import { ADOPT_PER_SECOND, GROUP_ENTRIES } from '../../src/sync/adopt/limits.js'
import { newRow } from '../../src/sync/adopt/tally.js'
import { newOwn, openHome, type Home } from './home.js'
import { medianAnd95, quantile, rate, summary, timed } from './measure.js'
import type { Row } from './row.js'

const WANTED = { filters: null, followed: null }
/** Entries of one range, as a follower stores them. */
const RANGE = 512
/** Appends that are timed beside adoption, and without it. */
const APPENDS = 60
/** Erasures that are timed. */
const ERASURES = 40

export async function measureAdopt(
  { folder, rounds, say }: { folder: string; rounds: number; say: (what: string) => void },
  ledger: LedgerId,
  entries: RawEntry[]
): Promise<Row[]> {
  const originals = entries.map(decodeEntry)
  const rates = { adopt: [] as number[], append: [] as number[], again: [] as number[] }
  const opens: number[] = []
  for (let round = 0; round < rounds; round++) {
    say('adopting, and appending the same in batches')
    const adopter = await home(join(folder, `adopter-${round}`))
    await hold(adopter, ledger, originals)
    rates.adopt.push(
      await rate(originals.length, async () => await walk(await adoptionIn(adopter, ledger), originals.length))
    )
    opens.push(await timed(async () => await adoptionIn(adopter, ledger)))
    const again = await adoptionIn(adopter, ledger)
    await again.rescan()
    rates.again.push(await rate(originals.length, async () => await walk(again, originals.length)))
    await adopter.close()
    const plain = await home(join(folder, `plain-append-${round}`))
    rates.append.push(await rate(originals.length, async () => await appendSame(plain, originals)))
    await plain.close()
  }
  say('appends beside adoption; erasures')
  const beside = await besideAdoption(join(folder, 'beside'), ledger, originals)
  const erasures = await erasureTimes(join(folder, 'erasures'))
  return [
    {
      what: 'adopt',
      figure: summary(rates.adopt),
      unit: 'entries/s',
      limit: { what: `appendBatch of the same, ${GROUP_ENTRIES} at a time`, value: summary(rates.append).median },
      goal: { atLeast: 0.8 }
    },
    {
      what: 'going through what is adopted again',
      figure: summary(rates.again),
      unit: 'entries/s',
      limit: { what: '10,000 a second', value: 10_000 },
      goal: { atLeast: 1 }
    },
    {
      what: `opening an adoption of ${originals.length.toLocaleString('en')}`,
      figure: summary(opens),
      unit: 'ms',
      limit: { what: 'two seconds', value: 2_000 },
      goal: { atMost: 1 }
    },
    {
      what: 'own append while entries are adopted',
      figure: medianAnd95(beside.with),
      unit: 'ms',
      limit: {
        what: 'while none are',
        value: quantile(
          beside.without.toSorted((a, b) => a - b),
          0.5
        )
      },
      goal: { atMost: 2 }
    },
    {
      what: 'erasure stored → copy erased',
      figure: medianAnd95(erasures),
      unit: 'ms',
      limit: { what: 'ten seconds', value: 10_000 },
      goal: { atMost: 1 }
    }
  ]
}

async function home(dir: string): Promise<Home> {
  await mkdir(dir)
  return await openHome(join(dir, 'db'), { ...newOwn('adopter'), markFile: join(dir, 'signer.json') })
}

async function hold({ ledgers }: Home, ledger: LedgerId, entries: readonly Entry[]): Promise<void> {
  const mirror = await ledgers.mirror(ledger)
  for (let at = 0; at < entries.length; at += RANGE) await mirror.ingest(entries.slice(at, at + RANGE))
}

async function adoptionIn({ store, ledgers }: Home, ledger: LedgerId): Promise<Adoption> {
  const book = await StoredAdoptions.load({ store, ledgers, log: silentLog })
  const adoption = new Adoption({
    source: new HeldSource(ledgers.get(ledger)!),
    copies: new OwnCopies(ledgers.own),
    book,
    row: book.get(ledger) ?? newRow(0, ''),
    now: () => systemClock.now(),
    onOutcome: () => {},
    onErased: () => {}
  })
  await adoption.open()
  return adoption
}

async function walk(adoption: Adoption, to: number, pauseMs = 0): Promise<void> {
  for (let at = -1; at !== adoption.row.adopted.at;) {
    at = adoption.row.adopted.at
    const { stopped } = await adoption.adopt(to, WANTED, GROUP_ENTRIES)
    if (stopped !== null) throw stopped
    if (pauseMs > 0) await sleep(pauseMs)
  }
}

async function appendSame({ ledgers }: Home, entries: readonly Entry[]): Promise<void> {
  const inputs = entries.slice(1).map(({ header, raw }) => ({
    id: `again-${header.seq}`,
    stream: header.stream,
    type: header.type,
    issuer_oid: header.issuer_oid,
    subject_oid: header.subject_oid,
    timestamp: header.timestamp,
    meta: header.meta,
    payload:
      raw.payload === null ? null : (JSON.parse(Buffer.from(raw.payload).toString()) as { payload: never }).payload
  }))
  for (let at = 0; at < inputs.length; at += GROUP_ENTRIES)
    await ledgers.own.appendReserved(inputs.slice(at, at + GROUP_ENTRIES), { allowUnresolved: true })
}

/** ms of single appends, while a source is adopted as fast as the node lets it, and while none is. */
async function besideAdoption(
  dir: string,
  ledger: LedgerId,
  entries: readonly Entry[]
): Promise<{ with: number[]; without: number[] }> {
  const at = await home(dir)
  const append = async (): Promise<number> =>
    await timed(async () => await at.ledgers.own.append({ stream: 's', type: 't', payload: 'mine' }))
  const times = { with: [] as number[], without: [] as number[] }
  for (let n = 0; n < APPENDS; n++) {
    times.without.push(await append())
    await sleep(5)
  }
  await hold(at, ledger, entries)
  let running = true
  const adopting = walk(await adoptionIn(at, ledger), entries.length, (GROUP_ENTRIES / ADOPT_PER_SECOND) * 1_000).then(
    () => {
      running = false
    }
  )
  for (let n = 0; n < APPENDS && running; n++) {
    times.with.push(await append())
    await sleep(5)
  }
  await adopting
  await at.close()
  return times
}

async function erasureTimes(dir: string): Promise<number[]> {
  const at = await home(dir)
  const key = signingKeyFromSeed(systemRandom.bytes(32))
  const entries: Entry[] = []
  const sign = async (
    type: string,
    meta: Entry['header']['meta'],
    payload: Uint8Array | null = null
  ): Promise<Entry> => {
    const before = entries.at(-1)
    const entry = await signEntry(
      {
        v: 1,
        ledger: before === undefined ? null : ledgerIdOf(entries[0]!.hash),
        seq: entries.length,
        prev_hash: before?.hash ?? null,
        key: key.publicKey,
        id: `entry-${entries.length}`,
        stream: 's',
        type,
        issuer_oid: null,
        subject_oid: null,
        timestamp: 0,
        payload_hash: payload === null ? null : payloadHash(payload),
        payload_size: payload?.length ?? 0,
        meta
      },
      payload,
      key
    )
    entries.push(entry)
    return entry
  }
  await sign('ledger.genesis', {
    network: 'main',
    name: 'source',
    access: 'public',
    next_key_hash: keyHash('ab'.repeat(32))
  })
  const id = ledgerIdOf(entries[0]!.hash)
  for (let n = 0; n < ERASURES; n++) await sign('note', {}, encodePayload({ n }, '0'.repeat(32)))
  await hold(at, id, entries)
  const adoption = await adoptionIn(at, id)
  await walk(adoption, entries.length)
  await adoption.followErasures()
  const times: number[] = []
  for (let n = 1; n <= ERASURES; n++) {
    const erase = await sign('ledger.erase', { entries: [entries[n]!.hash] })
    await at.ledgers.get(id)!.ingest([erase])
    times.push(await timed(async () => await adoption.followErasures()))
  }
  await at.close()
  return times
}
