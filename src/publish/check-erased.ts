/** Asks the web server of a published folder whether it still has payloads that were erased. */
import type { Hash } from '../core/hash.js'
import { CHECK_TIMEOUT_MS, CHECKS_AT_A_TIME } from './limits.js'
import { PAYLOAD } from './published.js'

export interface Erasures {
  asked: number
  /** Payloads that are still served. */
  served: Hash[]
  /** Payloads of which it did not say so, and what it said instead. */
  unknown: { hash: Hash; answer: string }[]
}

const GONE = new Set([404, 410])

/** `base`: the address of the folder, with or without a slash at its end. No redirect is followed. */
export async function checkErased(base: URL, hashes: AsyncIterable<Hash>): Promise<Erasures> {
  const report: Erasures = { asked: 0, served: [], unknown: [] }
  const root = base.href.endsWith('/') ? base.href : `${base.href}/`
  const ask = async (hash: Hash): Promise<void> => {
    const answer = await statusOf(new URL(`${PAYLOAD}/${hash}`, root))
    report.asked++
    if (typeof answer === 'number' && answer >= 200 && answer < 300) report.served.push(hash)
    else if (typeof answer === 'string' || !GONE.has(answer)) report.unknown.push({ hash, answer: String(answer) })
  }
  let asking: Promise<void>[] = []
  for await (const hash of hashes) {
    asking.push(ask(hash))
    if (asking.length < CHECKS_AT_A_TIME) continue
    await Promise.all(asking)
    asking = []
  }
  await Promise.all(asking)
  return report
}

async function statusOf(url: URL): Promise<number | string> {
  try {
    const signal = AbortSignal.timeout(CHECK_TIMEOUT_MS)
    return (await fetch(url, { method: 'HEAD', redirect: 'manual', cache: 'no-store', signal })).status
  } catch (error) {
    return error instanceof Error ? (error.cause instanceof Error ? error.cause.message : error.message) : String(error)
  }
}
