/** Two hello peers in memory, and a hostile one that sends raw frames. */
import {
  helloProtocol,
  openHello,
  type HelloDeadlines,
  type HelloIntro,
  type HelloSession,
  type HelloSource
} from '../../../protocols/hello/index.js'
import { Frame } from '../../../protocols/hello/hello.pb.js'
import { LEDGER, bytes, framePair, head } from '../streams.js'
import { WireError, type FrameStream } from '../../../protocols/wire.js'

export const intro: HelloIntro = {
  network: 'test',
  software: 'ledgermesh/0',
  clockMs: 1_700_000_000_000,
  record: { body: bytes(300), signature: bytes(64), keyEntries: [{ header: bytes(400), signature: bytes(64) }] },
  features: []
}

export interface Seen {
  heard: unknown[]
  errors: unknown[]
  sessions: HelloSession[]
}

export function source(changes: Partial<HelloSource> = {}): HelloSource & Seen {
  const seen: Seen = { heard: [], errors: [], sessions: [] }
  const refuse = (): never => {
    throw new WireError('UNAVAILABLE', 'nothing here')
  }
  return {
    intro: () => intro,
    onIntro: (session) => {
      seen.sessions.push(session)
    },
    heads: (_peer, wanted) => ({ heads: wanted.map(({ ledger }) => head(ledger)), same: [], none: [], denied: [] }),
    entries: refuse,
    keyEntries: refuse,
    onHeads: (_peer, heads) => {
      seen.heard.push(heads)
    },
    onEvidence: (_peer, ledger, evidence) => {
      seen.heard.push({ ledger, evidence })
    },
    onRecord: (_peer, record) => {
      seen.heard.push(record)
    },
    onError: (_peer, error) => {
      seen.errors.push(error)
    },
    ...seen,
    ...changes
  }
}

export const quick: Partial<HelloDeadlines> = { introMs: 150, busyAfterMs: 60, replyMs: 300, stallMs: 100, closeMs: 30 }

export interface Talk {
  asker: HelloSession
  answerer: HelloSession
  served: Promise<string>
}

/** Two sessions on one stream; `near` dials. */
export async function talk(
  near: HelloSource & Seen,
  far: HelloSource & Seen,
  deadlines: Partial<HelloDeadlines> = {}
): Promise<Talk> {
  const pair = await framePair(1_114_112, 1_114_112)
  const stop = new AbortController()
  const served = helloProtocol(deadlines)
    .serve(pair.far, 'near', far, stop.signal)
    .then(() => 'served', codeText)
  const asker = await openHello(pair.near, near, 'far', stop.signal, deadlines)
  while (far.sessions.length === 0) await new Promise((resolve) => setTimeout(resolve, 1))
  return { asker, answerer: far.sessions[0]!, served }
}

/** A served session whose other end is ours to abuse, after both Intros. */
export async function abuse(
  far: HelloSource & Seen,
  deadlines: Partial<HelloDeadlines> = quick
): Promise<{ stream: FrameStream; served: Promise<string>; next: () => Promise<Frame | null> }> {
  const pair = await framePair(4 << 20, 1_114_112)
  const served = helloProtocol(deadlines)
    .serve(pair.far, 'near', far, new AbortController().signal)
    .then(() => 'served', codeText)
  await pair.near.write(Frame.encode({ intro: introMessage() }))
  const next = async (): Promise<Frame | null> => {
    const frame = await pair.near.read({ timeoutMs: 5_000 })
    return frame === null ? null : Frame.decode(frame)
  }
  await next()
  return { stream: pair.near, served, next }
}

export function introMessage(): NonNullable<Frame['intro']> {
  const { record, ...rest } = intro
  return { ...rest, record: record! }
}

export function wireHead(ledger = LEDGER): {
  ledger: string
  header: Uint8Array
  signature: Uint8Array
  earliest: number
} {
  const { header, signature, earliest } = head(ledger)
  return { ledger, header, signature, earliest }
}

function codeText(error: unknown): string {
  return error instanceof WireError ? error.code : `uncoded: ${String(error)}`
}
