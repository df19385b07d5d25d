/**
 * What a question across ledgers costs: a page that its owner proves to a stranger, beside the same query at the owner's
 * and two round trips; and eight ledgers at once, one of whose nodes is gone.
 */
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { createLedger, interoperabilityPlugin, syncPlugin } from '../../src/index.js'
import { measureFollow } from './follow.js'
import { medianAnd95, timed } from './measure.js'
import type { Row } from './row.js'

/** Entries of the large ledger, and of each of the others; matching entries in one page. */
const ENTRIES = 20_000
const SMALL = 200
const PAGE = 100
const SUBJECTS = 50
const OTHERS = 7
/** Of them, those whose references are followed. */
const FOLLOWED = 3
/** So few that the quota of a peer lasts: a question costs some twenty units. */
const ASKED = 8
/** DESIGN of the answer's time: what it may take on top of the local query and two round trips, ms. */
const ALLOWANCE_MS = 30
const BATCH = 1_000

async function openNode(folder: string, name: string) {
  const dataDir = join(folder, name)
  await mkdir(dataDir)
  return await createLedger({ dataDir, name, dht: false, plugins: [interoperabilityPlugin(), syncPlugin()] })
}
export type AcrossNode = Awaited<ReturnType<typeof openNode>>

async function fill(node: AcrossNode, entries: number): Promise<void> {
  for (let at = 0; at < entries; at += BATCH)
    await node.appendBatch(
      Array.from({ length: Math.min(BATCH, entries - at) }, (_, i) => ({
        stream: 'main',
        type: 'note',
        subject_oid: `oid:${(at + i) % SUBJECTS}`,
        payload: { at: at + i, text: 'x'.repeat(200) }
      }))
    )
  await node.parts.ledgers.own.checkpoints.covering(node.parts.ledgers.own.size)
}

export async function measureAcross(
  { folder, say }: { folder: string; say: (what: string) => void },
  echoMs: number
): Promise<Row[]> {
  say(`questions across ledgers, ${ENTRIES} entries and ${OTHERS} ledgers of ${SMALL}`)
  const home = join(folder, 'across')
  await mkdir(home)
  const asker = await openNode(home, 'asker')
  const large = await openNode(home, 'large')
  const others: AcrossNode[] = []
  for (let at = 0; at < OTHERS; at++) others.push(await openNode(home, `other-${at}`))
  try {
    await fill(large, ENTRIES)
    for (const node of others) await fill(node, SMALL)
    const { interoperability } = asker.plugins
    for (const node of [large, ...others]) await interoperability.connect(node.plugins.interoperability.addresses()[0]!)
    const local: number[] = []
    const proved: number[] = []
    const again: number[] = []
    const asked = Array.from({ length: ASKED }, (_, at) => ({ subject_oid: `oid:${at % SUBJECTS}` }))
    const ask = async (filters: { subject_oid: string }): Promise<number> =>
      await timed(async () => {
        const { results } = await interoperability.query({ filters, ledgers: [large.id], limit: PAGE })
        if (results[0]?.entries.length !== PAGE) throw new Error('not a whole page')
      })
    for (const filters of asked) {
      local.push(await timed(async () => await large.query({ ...filters, limit: PAGE })))
      proved.push(await ask(filters))
    }
    for (const filters of asked) again.push(await ask(filters))
    const followed = await measureFollow(asker, others.slice(1, 1 + FOLLOWED), echoMs)
    await others[0]!.close()
    const many: number[] = []
    for (let at = 0; at < ASKED; at++)
      many.push(
        await timed(async () => {
          const ledgers = [large, ...others].map(({ id }) => id)
          const { sources } = await interoperability.query({ filters: { subject_oid: 'oid:1' }, ledgers, limit: 10 })
          if (sources.filter(({ entries }) => entries > 0).length !== OTHERS) throw new Error('an answer is missing')
        })
      )
    return [
      {
        what: `a page of ${PAGE} of ${ENTRIES.toLocaleString('en')}, asked of its owner and checked`,
        figure: medianAnd95(proved),
        unit: 'ms',
        limit: {
          what: 'the query there + 2 echoes + 30 ms',
          value: medianAnd95(local).median + 2 * echoMs + ALLOWANCE_MS
        },
        goal: { atMost: 1 }
      },
      {
        what: '  the same again: the owner has made the answer, the connection is there',
        figure: medianAnd95(again),
        unit: 'ms',
        limit: { what: 'asked for the first time', value: medianAnd95(proved).median },
        goal: { atMost: 1 }
      },
      ...followed,
      {
        what: `${OTHERS + 1} ledgers at once, one node is gone`,
        figure: medianAnd95(many),
        unit: 'ms',
        limit: { what: 'one second', value: 1_000 },
        goal: { atMost: 1 }
      }
    ]
  } finally {
    for (const node of [asker, large, ...others.slice(1)]) await node.close()
  }
}
