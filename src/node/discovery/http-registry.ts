/** A registry on a plain web server: GET {url}/ledgers returns signed records as JSON. */
import { z } from 'zod'
import type { SignedRecord } from '../../../protocols/wire.js'
import { LedgermeshError } from '../../core/errors.js'
import { parseIJson } from '../../core/ijson.js'

/** Bytes of an answer, records in it, and milliseconds until it is complete. */
const MAX_BYTES = 4 * 1024 * 1024
const MAX_RECORDS = 512
export const HTTP_TIMEOUT_MS = 10_000
const MAX_URL_CHARS = 512

const signature = z.string().regex(/^[0-9a-f]{128}$/)
/** `body` and `header` are the signed texts, unchanged. */
const answer = z.object({
  records: z
    .array(
      z.object({
        body: z.string().min(1),
        signature,
        keyEntries: z.array(z.object({ header: z.string().min(1), signature })).max(256)
      })
    )
    .max(MAX_RECORDS)
})

/**
 * Throws INVALID_PARAMS for an address that is not allowed; UNREACHABLE, TIMEOUT, TOO_LARGE or MALFORMED for its
 * answer.
 */
export async function fetchRegistry(url: string, signal: AbortSignal): Promise<SignedRecord[]> {
  const target = targetOf(url)
  return readRegistryPage(await get(target, signal), target.href)
}

/** Throws MALFORMED. `from`: the source of the answer. */
export function readRegistryPage(bytes: Uint8Array, from: string): SignedRecord[] {
  let value: unknown
  try {
    value = parseIJson(bytes)
  } catch (error) {
    throw new LedgermeshError('MALFORMED', `${from} does not answer with JSON`, undefined, { cause: error })
  }
  const parsed = answer.safeParse(value)
  if (!parsed.success)
    throw new LedgermeshError(
      'MALFORMED',
      `${from} does not answer with records: ${z.prettifyError(parsed.error).slice(0, 200)}`
    )
  return parsed.data.records.map(({ body, signature: signed, keyEntries }) => ({
    body: Buffer.from(body),
    signature: Buffer.from(signed, 'hex'),
    keyEntries: keyEntries.map((entry) => ({
      header: Buffer.from(entry.header),
      signature: Buffer.from(entry.signature, 'hex')
    }))
  }))
}

/** https anywhere, http on loopback only, so that no one on the network path can change the answer. */
function targetOf(url: string): URL {
  let target: URL
  try {
    if (url.length > MAX_URL_CHARS) throw new RangeError('too long')
    target = new URL(`${url.replace(/\/+$/, '')}/ledgers`)
  } catch (error) {
    throw new LedgermeshError('INVALID_PARAMS', `not a URL: ${JSON.stringify(url.slice(0, 80))}`, undefined, {
      cause: error
    })
  }
  const loopback =
    target.hostname === 'localhost' || target.hostname === '[::1]' || /^127(?:\.\d{1,3}){3}$/.test(target.hostname)
  if (target.protocol !== 'https:' && !(target.protocol === 'http:' && loopback))
    throw new LedgermeshError('INVALID_PARAMS', 'a registry is asked over https (http on loopback only)')
  return target
}

async function get(target: URL, signal: AbortSignal): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  let size = 0
  try {
    // A redirect could lead from https to a host that the operator did not name.
    const response = await fetch(target, { signal, redirect: 'error', headers: { accept: 'application/json' } })
    if (!response.ok || response.body === null)
      throw new LedgermeshError('UNREACHABLE', `${target.href} answers ${response.status}`)
    for await (const chunk of response.body) {
      chunks.push(chunk)
      size += chunk.byteLength
      if (size > MAX_BYTES)
        throw new LedgermeshError('TOO_LARGE', `${target.href} answers with more than ${MAX_BYTES} bytes`)
    }
  } catch (error) {
    if (error instanceof LedgermeshError) throw error
    throw new LedgermeshError(
      signal.aborted ? 'TIMEOUT' : 'UNREACHABLE',
      `${target.href}: ${(error as Error).message}`,
      undefined,
      { cause: error }
    )
  }
  return Buffer.concat(chunks)
}
