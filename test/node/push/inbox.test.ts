/**
 * The inbox of offers: bounded by peer and host, places kept for those who are trusted, forgotten after two weeks, read
 * again after a restart.
 */
import { expect, test } from 'vitest'
import { Inbox } from '../../../src/node/push/inbox.js'
import { Tokens } from '../../../src/node/push/tokens.js'
import { textKey } from '../../../src/store/keys.js'
import { openNode, testRandom } from '../../ledger/support.js'

const ledgers = Array.from(
  { length: 128 },
  (_, n) =>
    `b${'a'.repeat(49)}${'abcdefghijklmnopqrstuvwxyz234567'[n >> 5]!}${'abcdefghijklmnopqrstuvwxyz234567'[n & 31]!}a`
)
const offered = (host: string, trusted = false) => ({
  name: 'x',
  access: 'public' as const,
  size: 1,
  from: null,
  host,
  trusted
})

test('eight of one peer or one host; who crowds gives places to others; the trusted have places of their own', async () => {
  const node = await openNode()
  const inbox = await Inbox.load(node)
  const noted = async (
    from: number,
    count: number,
    peer: (n: number) => string,
    host: (n: number) => string,
    trusted = false
  ): Promise<number> => {
    let taken = 0
    for (let n = from; n < from + count; n++)
      if (await inbox.note(ledgers[n]!, peer(n), offered(host(n), trusted))) taken++
    return taken
  }
  expect(
    await noted(
      0,
      10,
      () => 'p',
      (n) => `h${n}`
    )
  ).toBe(8)
  expect(
    await noted(
      10,
      10,
      (n) => `q${n}`,
      () => 'h'
    )
  ).toBe(8)
  expect(
    await noted(
      20,
      60,
      (n) => `r${n}`,
      (n) => `i${n}`
    )
  ).toBe(32 + 2 * 7)
  expect(
    await noted(
      80,
      40,
      (n) => `s${n}`,
      (n) => `j${n}`,
      true
    )
  ).toBe(40)
  expect(inbox.list()).toHaveLength(64)
  // one that is there already is only renewed
  const [there] = inbox.list()
  expect(await inbox.note(there!.ledger, there!.peer, { ...offered('h0'), size: 9 })).toBe(true)
  expect(inbox.list().find(({ ledger }) => ledger === there!.ledger)).toMatchObject({ size: 9, state: 'pending' })
  // what is blocked takes no place
  await inbox.set(there!.ledger, there!.peer, 'blocked')
  expect(await inbox.note(ledgers[120]!, 'late', offered('late', true))).toBe(true)
  expect(inbox.list()).toHaveLength(65)
})

test('dismissed and blocked outlive a restart and further offers; what nobody decided is gone after 14 days', async () => {
  const node = await openNode()
  const inbox = await Inbox.load(node)
  for (const n of [0, 1, 2]) await inbox.note(ledgers[n]!, 'p', offered('h'))
  await inbox.set(ledgers[0]!, 'p', 'dismissed')
  await inbox.set(ledgers[1]!, 'p', 'blocked')
  await inbox.note(ledgers[0]!, 'p', offered('h'))
  node.clock.pass(14 * 24 * 60 * 60_000)
  const again = await Inbox.load(node)
  expect(again.list().map(({ ledger, state }) => [ledger, state])).toEqual([[ledgers[1], 'blocked']])
  await again.clear(ledgers[1]!)
  expect((await Inbox.load(node)).list()).toEqual([])
})

test('rows that cannot be read are left out and named in the log', async () => {
  const node = await openNode()
  for (const [key, row] of [
    ['offer', '{'],
    ['offer', '{"name":1}'],
    ['token', '[]'],
    ['token', '{"mode":"all"}']
  ] as const) {
    await node.store.write([{ type: 'put', key: textKey(key, `${key}${row}`), value: Buffer.from(row) }], {
      sync: true
    })
  }
  expect((await Inbox.load(node)).list()).toEqual([])
  await Tokens.load({ ...node, random: testRandom() })
  expect(node.log.lines.filter(({ level }) => level === 'error')).toHaveLength(4)
})

test('a token: only its hash is kept; for some ledgers, so often, so long', async () => {
  const node = await openNode()
  const tokens = await Tokens.load({ ...node, random: testRandom() })
  const token = Buffer.from(
    await tokens.issue({
      mode: 'mirror',
      ledgers: [ledgers[0]!, ledgers[1]!, ledgers[2]!],
      bytes: 10,
      uses: 2,
      expires: node.clock.now() + 1_000
    }),
    'hex'
  )
  expect(
    (await node.store.all({ gte: Buffer.of(9), lt: Buffer.of(10) }))
      .map(([key, value]) => key.toString() + value.toString())
      .join()
  ).not.toContain(token.toString('hex'))
  expect(tokens.allows(token, ledgers[3]!)).toBeNull()
  expect(tokens.allows(Buffer.alloc(32), ledgers[0]!)).toBeNull()
  const { hash } = tokens.allows(token, ledgers[0]!)!
  await tokens.use(hash, ledgers[0]!)
  await tokens.use(hash, ledgers[1]!)
  const again = await Tokens.load({ ...node, random: testRandom() })
  expect([0, 1, 2].map((n) => again.allows(token, ledgers[n]!) !== null)).toEqual([true, true, false])
  node.clock.pass(1_000)
  expect(again.allows(token, ledgers[0]!)).toBeNull()
})
