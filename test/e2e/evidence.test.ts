/**
 * Evidence of each kind, from the wire to a file that anybody checks offline, with a real daemon and the commands that
 * an operator types.
 */
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { checkpointOrigin, signCheckpoint } from '../../src/core/checkpoint.js'
import { decodeEntry, type Entry, type SignedHeader } from '../../src/core/entry.js'
import { Author, flipBit, looseHeader, NETWORK, signBytes } from '../core/author.js'
import { verifyFile } from '../../src/cli/verify-file.js'
import { cli } from '../cli/run-cli.js'
import { temporaryFolder } from '../helpers/temporary-folder.js'
import { each, TestPeer } from '../helpers/test-peer.js'
import { stopAll } from '../network/fixture.js'
import { startDaemon } from './daemon.js'

afterEach(stopAll)

/** What a peer says of a ledger. */
interface Says {
  entries: Entry[]
  head?: SignedHeader
  note?: string
}

async function saying(said: Map<string, Says>): Promise<TestPeer> {
  const range = (ledger: string, from: number, count: number): Entry['raw'][] =>
    said
      .get(ledger)!
      .entries.slice(from, from + count)
      .map(({ raw }) => raw)
  const peer: TestPeer = await TestPeer.start({
    hello: {
      heads: (_, wanted) => {
        const heads = wanted
          .filter(({ ledger }) => said.has(ledger))
          .map(({ ledger }) => {
            const { entries, head, note = null } = said.get(ledger)!
            const { header, signature } = head ?? entries.at(-1)!.raw
            return { ledger, header, signature, checkpoint: note, evidence: null, earliest: 0 }
          })
        return {
          heads,
          same: [],
          none: wanted.filter(({ ledger }) => !said.has(ledger)).map(({ ledger }) => ledger),
          denied: []
        }
      },
      entries: (_, ledger, from, count) => Promise.resolve(range(ledger, from, count))
    },
    pull: { range: (_, { ledger, from, count }) => Promise.resolve(each(range(ledger, from, count))) }
  })
  for (const [ledger, { entries }] of said) peer.entries.set(ledger, entries)
  return peer
}

async function authorOf(seed: number): Promise<Author> {
  const author = await Author.create(seed)
  while (author.size < 10) await author.append()
  return author
}

test('all four kinds: made, listed, exported, verified with nothing but the file; turned bits are refused; a rotation is a way out', async () => {
  const folder = await temporaryFolder()
  const home = join(folder, 'home')
  await mkdir(home, { mode: 0o700 })
  await writeFile(join(home, 'config.json'), JSON.stringify({ network: NETWORK }))
  const daemon = await startDaemon(home)

  const [sameSeq, sameSize, notIncluded, ruleBroken] = [
    await authorOf(10),
    await authorOf(20),
    await authorOf(30),
    await authorOf(40)
  ]
  const owner = sameSeq.fork()
  owner.entries.length = 6
  await owner.rotate()
  await owner.append()
  const unsigned = notIncluded.fork()
  unsigned.entries.length = 4
  while (unsigned.size < 10) {
    const { raw } = await unsigned.make({ id: `other-${unsigned.size}` })
    unsigned.entries.push(decodeEntry({ ...raw, signature: flipBit(raw.signature, 100) }))
  }
  const authors = [sameSeq, sameSize, notIncluded, ruleBroken]
  const honest = await saying(
    new Map<string, Says>(authors.map((author) => [author.ledger, { entries: author.entries }])).set(sameSize.ledger, {
      entries: sameSize.entries,
      note: await sameSize.checkpoint()
    })
  )
  const other = await saying(
    new Map<string, Says>([
      [sameSeq.ledger, { entries: owner.entries }],
      [
        sameSize.ledger,
        {
          entries: sameSize.entries,
          note: await signCheckpoint(
            { origin: checkpointOrigin(NETWORK, sameSize.ledger), size: 10, root: 'ab'.repeat(32) },
            sameSize.signer
          )
        }
      ],
      [
        notIncluded.ledger,
        { entries: unsigned.entries, head: notIncluded.entries[9]!.raw, note: await unsigned.checkpoint() }
      ],
      [
        ruleBroken.ledger,
        {
          entries: ruleBroken.entries,
          head: await signBytes(looseHeader({ ...ruleBroken.header(), more: 1 }), ruleBroken.signer)
        }
      ]
    ])
  )
  const { client } = daemon
  for (const { ledger } of authors) await client.call('sync.follow', { ledger })
  await honest.connect(daemon.addr)
  for (const { ledger } of authors)
    await expect
      .poll(async () => (await client.call('sync.status', { ledger })).ledgers, { timeout: 15_000 })
      .toMatchObject([{ status: 'synced', size: 10, audited: 10 }])
  await other.connect(daemon.addr)
  const kinds = new Map([
    ['same-seq', 6],
    ['same-size', 9],
    ['not-included', 4],
    ['rule-broken', 10]
  ])
  await expect.poll(async () => (await client.call('evidence.list', {})).evidence.length, { timeout: 15_000 }).toBe(4)
  expect([honest.gone, other.gone]).toEqual([[], []])

  const { evidence } = JSON.parse((await cli(home, ['evidence', '--json'])).stdout) as {
    evidence: { id: string; ledger: string; kind: string; seq: number; freezes: boolean }[]
  }
  expect(new Map(evidence.map(({ kind, seq }) => [kind, seq]))).toEqual(kinds)
  const nowhere = join(folder, 'nowhere')
  const flips = await Promise.all(
    evidence.map(async ({ id, ledger, kind, seq }) => {
      const file = join(folder, `${kind}.json`)
      expect(await cli(home, ['evidence', '--export', id.slice(0, 12), file])).toMatchObject({ code: 0 })
      expect(JSON.parse((await cli(nowhere, ['verify', file, '--json'])).stdout)).toEqual({
        valid: true,
        file: 'evidence',
        evidence: { ledger, network: NETWORK, kind, seq, id }
      })
      const bytes = await readFile(file)
      const flipped = join(folder, `${kind}-flipped.json`)
      for (let bit = seq; bit < bytes.length * 8; bit += bytes.length) {
        await writeFile(flipped, flipBit(bytes, bit))
        await expect(verifyFile(flipped, true)).rejects.toMatchObject({ name: 'LedgermeshError' })
      }
      return flipped
    })
  )
  expect((await cli(nowhere, ['verify', flips[0]!])).code).not.toBe(0)

  const { ledger } = sameSeq
  expect((await cli(home, ['conflicts'])).stdout).toContain('ledgermesh resolve')
  expect(await cli(home, ['resolve', ruleBroken.ledger])).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('NO_ROTATION')
  })
  // R1: while the ledger is not settled here, the branch with the committed key's rotation replaces what only the
  // retired key signed by itself
  await expect
    .poll(async () => (await client.call('sync.status', { ledger })).ledgers, { timeout: 15_000 })
    .toMatchObject([{ status: 'synced', size: 8 }])
  expect(await cli(home, ['resolve', ledger])).toMatchObject({ code: 1, stderr: expect.stringContaining('NOT_FROZEN') })
  expect(
    (await cli(home, ['voided', ledger])).stdout
      .trim()
      .split('\n')
      .map((line) => (JSON.parse(line) as { hash: string }).hash)
  ).toEqual(sameSeq.hashes().slice(6))
  expect((await cli(home, ['conflicts', ledger])).stdout).toContain('4 entries from seq 6 voided')
  await daemon.stop()
}, 60_000)
