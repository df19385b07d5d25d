/** Durable appends: every figure counts entries whose append has resolved, which is after their fsync. */
import type { AppendInput } from '../../src/node/api/node.js'
import type { MeshLedger } from '../../src/node/create-ledger.js'
import { rate, summary, type Measure } from './measure.js'

const BATCH = 1000
const CALLERS = 64

/** Appends everything, a batch at a time; entries/s of each third. */
export async function appendBatches(ledger: MeshLedger, inputs: AppendInput[]): Promise<Measure> {
  const third = Math.ceil(inputs.length / 3)
  const rates: number[] = []
  for (let from = 0; from < inputs.length; from += third) {
    const part = inputs.slice(from, from + third)
    rates.push(
      await rate(part.length, async () => {
        for (let at = 0; at < part.length; at += BATCH) await ledger.appendBatch(part.slice(at, at + BATCH))
      })
    )
  }
  return summary(rates)
}

/** Each caller appends one entry at a time. */
export async function appendConcurrently(ledger: MeshLedger, inputs: AppendInput[]): Promise<Measure> {
  const third = Math.ceil(inputs.length / 3)
  const rates: number[] = []
  for (let from = 0; from < inputs.length; from += third) {
    const part = inputs.slice(from, from + third)
    const waiting = part.values()
    const call = async (): Promise<void> => {
      for (const input of waiting) await ledger.append(input)
    }
    rates.push(await rate(part.length, () => Promise.all(Array.from({ length: CALLERS }, call))))
  }
  return summary(rates)
}

export async function appendOneByOne(ledger: MeshLedger, inputs: AppendInput[]): Promise<Measure> {
  return summary([
    await rate(inputs.length, async () => {
      for (const input of inputs) await ledger.append(input)
    })
  ])
}
