/**
 * What a fuzz target is, and what every decoder of bytes from outside owes its caller: it throws nothing but the coded
 * error of its layer, and nothing slowly; what it accepts encodes to the same bytes again; decoding twice gives the
 * same; the bytes that it was given stay as they are.
 */
import assert from 'node:assert/strict'

export interface Target {
  name: string
  /** Valid samples: each is accepted. Deterministic. */
  seeds: () => Promise<Uint8Array[]> | Uint8Array[]
  /** False: refused, as its layer refuses. Throws (anything) when a property does not hold. */
  run: (bytes: Uint8Array) => Promise<boolean> | boolean
  /** Milliseconds of the processor that one small input may take; default: MAX_CASE_MS. */
  maxMs?: number
  /** Cases of the short run; default: that of `npm test`. For targets that need a disk or a stream for each. */
  shortRuns?: number
}

/** Is this the error that the layer may throw? */
export type Coded = (error: unknown) => boolean

export interface Decoder<T> extends Omit<Target, 'run'> {
  coded: Coded
  decode: (bytes: Uint8Array) => T | Promise<T>
  /** Absent: the decoder takes more than one spelling. */
  encode?: (value: T) => Uint8Array | Promise<Uint8Array>
  /** What must hold for a value that was accepted. */
  check?: (value: T, bytes: Uint8Array) => void | Promise<void>
}

/** The usual target: a decoder, and its encoder where there is one spelling only. */
export function decoder<T>({ coded, decode, encode, check, ...target }: Decoder<T>): Target {
  return {
    ...target,
    run: async (bytes) => {
      const given = Buffer.from(bytes)
      const copy = Buffer.from(given)
      const first = await outcome(() => decode(copy), coded)
      assert.deepEqual(copy, given, 'the decoder changed its input')
      const second = await outcome(() => decode(Buffer.from(given)), coded)
      assert.deepEqual(second, first, 'decoding twice gives two results')
      if (!('value' in first)) return false
      if (encode !== undefined)
        assert.deepEqual(Buffer.from(await encode(first.value)), given, 'what was accepted encodes to other bytes')
      await check?.(first.value, given)
      return true
    }
  }
}

/** The value, or the code of the refusal; any other error is a finding, and is thrown. */
export async function outcome<T>(
  call: () => T | Promise<T>,
  coded: Coded
): Promise<{ value: T } | { refused: string }> {
  try {
    return { value: await call() }
  } catch (error) {
    if (!coded(error)) throw new Error(`an error that is not the layer's: ${String(error)}`, { cause: error })
    return { refused: (error as { code: string }).code }
  }
}

export function text(value: string): Uint8Array {
  return Buffer.from(value)
}

export function json(value: unknown): Uint8Array {
  return Buffer.from(JSON.stringify(value))
}
