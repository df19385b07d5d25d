/** In-memory streams and sample data for protocol tests. */
import { streamPair } from '@libp2p/utils'
import { FrameStream, WireError, type WireEntry, type WireErrorCode, type WireHead } from '../../protocols/wire.js'
import type { Stream } from '@libp2p/interface'

export const LEDGER = 'b' + 'a'.repeat(52)
export const OTHER = 'b' + 'c'.repeat(52)
export const never: AbortSignal = new AbortController().signal

export interface Pair {
  near: FrameStream
  far: FrameStream
  nearRaw: Stream
  farRaw: Stream
}

/** Two ends of one stream; the limits may differ, so that one side can be hostile. */
export async function framePair(nearMax = 1_114_112, farMax = 4 << 20): Promise<Pair> {
  const [nearRaw, farRaw] = await streamPair()
  return { near: new FrameStream(nearRaw, nearMax), far: new FrameStream(farRaw, farMax), nearRaw, farRaw }
}

export function bytes(length: number, fill = 7): Uint8Array {
  return new Uint8Array(length).fill(fill)
}

/** Bytes that do not compress, the same for the same seed. */
export function noise(length: number, seed = 1): Uint8Array {
  const out = new Uint8Array(length)
  let state = seed >>> 0 || 1
  for (let i = 0; i < length; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    out[i] = state >>> 24
  }
  return out
}

export function entry(seq: number, payload: Uint8Array | null = bytes(200, seq & 255)): WireEntry {
  return { header: Buffer.from(`{"seq":${seq}}`), signature: bytes(64, seq & 255), payload }
}

export const LARGEST: WireEntry = { header: noise(32_768), signature: bytes(64), payload: noise(1_048_576, 2) }

export function head(ledger = LEDGER): WireHead {
  return {
    ledger,
    header: Buffer.from('{"seq":41}'),
    signature: bytes(64),
    checkpoint: null,
    evidence: null,
    earliest: 0
  }
}

export function plain(value: unknown): unknown {
  return JSON.parse(
    JSON.stringify(value, (_key, inner: unknown) => {
      if (inner instanceof Uint8Array) return `hex:${Buffer.from(inner).toString('hex')}`
      const buffer = inner as { type?: string; data?: number[] } | null
      return buffer?.type === 'Buffer' && Array.isArray(buffer.data)
        ? `hex:${Buffer.from(buffer.data).toString('hex')}`
        : inner
    })
  )
}

/** The code that a promise fails with; an uncoded failure or a success is thrown. */
export async function codeOf(promise: Promise<unknown>): Promise<WireErrorCode> {
  try {
    await promise
  } catch (error) {
    if (error instanceof WireError) return error.code
    throw error
  }
  throw new Error('it did not fail')
}

/** The code that a function throws. */
export function codeOfCall(call: () => unknown): WireErrorCode {
  try {
    call()
  } catch (error) {
    if (error instanceof WireError) return error.code
    throw error
  }
  throw new Error('it did not fail')
}

/** What decodes, or null when it fails coded; an uncoded failure is thrown. */
export function decodedOr<T>(decode: (data: Uint8Array) => T, data: Uint8Array): T | null {
  try {
    return decode(data)
  } catch (error) {
    if (error instanceof WireError) return null
    throw error
  }
}

export async function until(condition: () => boolean): Promise<void> {
  const end = Date.now() + 10_000
  while (!condition()) {
    if (Date.now() > end) throw new Error('the condition did not come true')
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}
