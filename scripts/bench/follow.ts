/** What it costs to follow references three steps far, through ledgers that are not held: each target with its proof. */
import type { AcrossNode } from './across.js'
import { medianAnd95, timed } from './measure.js'
import type { Row } from './row.js'

/** Entries reached at each step: as many as one request may ask for. */
const WIDTH = 64
/** So few that the quota of a peer lasts. */
const ROUNDS = 4
/** DESIGN of following: round trips, and what it may take on top of them, ms. */
const ECHOES = 4
const ALLOWANCE_MS = 50

/** `chain`: nodes whose ledgers `asker` does not hold; each refers to the next one's entries. */
export async function measureFollow(asker: AcrossNode, chain: readonly AcrossNode[], echoMs: number): Promise<Row[]> {
  let targets: { ledgerId: string; entryId: string; entryHash: string; referenceType: 'derived' }[] = []
  for (const node of chain.toReversed()) {
    const results = await node.appendBatch(
      Array.from({ length: WIDTH }, (_, i) => ({
        id: `step-${i}`,
        stream: 'main',
        type: 'note',
        references: targets.slice(i, i + 1)
      }))
    )
    await node.parts.ledgers.own.checkpoints.covering(node.parts.ledgers.own.size)
    targets = results.map(({ entry: { id, hash } }) => ({
      ledgerId: node.id,
      entryId: id,
      entryHash: hash,
      referenceType: 'derived'
    }))
  }
  const { entry } = await asker.append({ stream: 'main', type: 'note', references: targets })
  const times: number[] = []
  for (let round = 0; round < ROUNDS; round++)
    times.push(
      await timed(async () => {
        const { nodes, frontier } = await asker.plugins.interoperability.followReferences(
          { hash: entry.hash },
          { maxDepth: chain.length, fanOut: WIDTH, fetch: 'network' }
        )
        if (nodes.length !== 1 + chain.length * WIDTH)
          throw new Error(`${nodes.length} entries were reached: ${JSON.stringify(frontier[0])}`)
      })
    )
  return [
    {
      what: `${chain.length * WIDTH} references followed over ${chain.length} ledgers that are not held`,
      figure: medianAnd95(times),
      unit: 'ms',
      limit: { what: `${ECHOES} echoes + ${ALLOWANCE_MS} ms`, value: ECHOES * echoMs + ALLOWANCE_MS },
      goal: { atMost: 1 }
    }
  ]
}
