/** An author who lies in his index is believed, until somebody shows what it hides: then it convicts him. */
import { afterEach, expect, test } from 'vitest'
import { indexKey, postedOf } from '../../../src/core/lmx1/posting.js'
import { verifyIndexFault } from '../../../src/core/lmx1/verify-index-fault.js'
import { Author } from '../../core/author.js'
import { nameIndex } from '../../core/lmx1/indexed-author.js'
import { build } from '../../core/lmx1/world.js'
import { startIndexedPeer } from '../../helpers/indexed-peer.js'
import { startNode } from '../../helpers/test-node.js'
import { stopAll } from '../../network/fixture.js'

afterEach(stopAll)

const HIDDEN = 4

async function authorOf(seed: number, lies: boolean) {
  const author = await Author.create(seed)
  for (let at = 1; at < 12; at++) await author.append({ subject_oid: at % 2 === 0 ? 'oid:x' : 'oid:y' })
  const headers = author.entries.map(({ header }) => header)
  const index = build(headers, (header) => {
    const { posting, keys } = postedOf(header)
    const isHidden = lies && header.seq === HIDDEN
    return { posting, keys: isHidden ? keys.filter((key) => key !== indexKey('subject', 'oid:x')) : keys }
  })
  const named = await nameIndex(author, index)
  const peer = await startIndexedPeer(author, index, named)
  return { author, index, peer, named, id: author.entries[HIDDEN]!.header.id }
}

test('a wrong answer that was believed convicts its author; his index proves nothing from then on, also after a restart', async () => {
  const liar = await authorOf(310, true)
  const honest = await authorOf(340, false)
  let a = await startNode({ name: 'a', dht: false })
  const ask = async (ledger: string, filters: object) =>
    (await a.ledger.plugins.interoperability.query({ filters, ledgers: [ledger] })).sources[0]!
  for (const { peer } of [liar, honest]) await a.connect(peer.addr)
  const [wrong, right] = [liar.author.ledger, honest.author.ledger]
  const filters = { subject_oid: 'oid:x' }
  expect(await ask(wrong, filters)).toMatchObject({ state: 'proved', by: 'author', entries: 4, indexFault: null })
  expect(await ask(right, filters)).toMatchObject({ state: 'proved', by: 'author', entries: 5 })
  // The hidden entry is shown to another question.
  expect(await ask(wrong, { id: liar.id })).toMatchObject({ entries: 1 })
  expect(await ask(right, { id: honest.id })).toMatchObject({ entries: 1 })

  await expect.poll(async () => (await ask(wrong, filters)).indexFault?.fault).toBe('omitted')
  const struck = await ask(wrong, filters)
  expect(struck).toMatchObject({ state: 'included', by: null, indexFault: { seq: liar.named.header.seq } })
  const verified = await verifyIndexFault(Buffer.from(struck.indexFault!.file!))
  expect(verified).toMatchObject({ ledger: wrong, fault: 'omitted', index: { hash: liar.named.hash } })
  expect(struck.indexFault!.file!.length).toBeLessThan(16 * 1024)
  expect(await ask(right, filters)).toMatchObject({ state: 'proved', by: 'author', indexFault: null })

  const { dataDir } = a
  await a.close()
  a = await startNode({ name: 'a', dht: false, dataDir })
  for (const { peer } of [liar, honest]) await a.connect(peer.addr)
  expect(await ask(wrong, filters)).toMatchObject({ state: 'included', by: null, indexFault: { fault: 'omitted' } })
  expect(await ask(right, filters)).toMatchObject({ state: 'proved', by: 'author' })

  // The operator believes him again, for good; what he signed stays known.
  const { pardonIndex, indexFaults } = a.ledger.plugins.interoperability
  expect(await pardonIndex(right)).toEqual([])
  expect(await pardonIndex(wrong)).toEqual([verified.id])
  expect(await ask(wrong, filters)).toMatchObject({ state: 'proved', by: 'author', indexFault: null })
  expect(await indexFaults()).toMatchObject([{ ledger: wrong, id: verified.id, fault: 'omitted', counts: false }])
  await a.close()
  a = await startNode({ name: 'a', dht: false, dataDir })
  await a.connect(liar.peer.addr)
  expect(await ask(wrong, filters)).toMatchObject({ state: 'proved', by: 'author', indexFault: null })
  await ask(wrong, { id: liar.id }) // the same contradiction convicts nobody twice
  expect(await a.ledger.plugins.interoperability.indexFaults()).toMatchObject([{ counts: false }])
})

test('a fault that somebody shows is believed where it counts; one that is made up is the peer’s lie', async () => {
  const { author, index, named, peer } = await authorOf(370, true)
  const a = await startNode({ name: 'a', dht: false })
  await a.connect(peer.addr)
  const ask = async (node: typeof a, filters: object) =>
    (await node.ledger.plugins.interoperability.query({ filters, ledgers: [author.ledger] })).sources[0]!
  const filters = { subject_oid: 'oid:x' }
  await ask(a, filters)
  await ask(a, { id: author.entries[HIDDEN]!.header.id })
  await expect.poll(async () => (await ask(a, filters)).indexFault?.fault).toBe('omitted')
  const file = Buffer.from((await ask(a, filters)).indexFault!.file!)

  const told = await startNode({ name: 'told', dht: false })
  await told.connect((await startIndexedPeer(author, index, named, file)).addr)
  await expect.poll(async () => (await ask(told, filters)).indexFault?.fault).toBe('omitted')
  expect(await ask(told, filters)).toMatchObject({ state: 'included', by: null })

  const fooled = await startNode({ name: 'fooled', dht: false })
  const broken = Buffer.from(file.toString().replace('"omitted"', '"wrong"'))
  await fooled.connect((await startIndexedPeer(author, index, named, broken)).addr)
  expect((await ask(fooled, filters)).indexFault).toBeNull()
  await expect.poll(async () => (await fooled.ledger.plugins.interoperability.peers()).length).toBe(0)
})
