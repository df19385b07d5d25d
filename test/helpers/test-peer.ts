/** A peer made of a bare host: it serves what it is told to, true or not, and keeps what it is asked. */
import {
  hello,
  openHello,
  type HelloIntro,
  type HelloSession,
  type HelloSource,
  type WantedHead
} from '../../protocols/hello/index.js'
import { pull, type PullSource, type RangeRequest } from '../../protocols/pull/index.js'
import { WireError, type WireEntry, type WireHead } from '../../protocols/wire.js'
import type { Entry } from '../../src/core/entry.js'
import { protocolHandler, type Host, type ProtocolHandler } from '../../src/network/host.js'
import { NETWORK, type Author } from '../core/author.js'
import { startHost, within } from '../network/fixture.js'

export interface TestPeerOptions {
  /** Ledgers that it has, honestly. */
  authors?: Author[]
  network?: string
  intro?: Partial<HelloIntro> | ((peerId: string) => Promise<Partial<HelloIntro>>)
  hello?: Partial<HelloSource>
  pull?: Partial<PullSource>
  /** Instead of the pull protocol that `pull` makes. */
  pullHandler?: ProtocolHandler
  /** Other protocols that it serves. */
  handlers?: ProtocolHandler[]
  peerKey?: Uint8Array
}

export class TestPeer {
  readonly entries = new Map<string, Entry[]>()
  /** Evidence that goes with a head. */
  readonly evidence = new Map<string, Uint8Array>()
  readonly sessions = new Map<string, HelloSession>()
  /** What it was asked, in order. */
  readonly asked: { what: string; ledger: string; from?: number; count?: number }[] = []
  readonly told: { heads: WireHead[]; evidence: string[] } = { heads: [], evidence: [] }
  readonly refused: unknown[] = []
  readonly gone: string[] = []
  host!: Host

  static async start(options: TestPeerOptions = {}): Promise<TestPeer> {
    const peer = new TestPeer()
    for (const author of options.authors ?? []) peer.entries.set(author.ledger, author.entries)
    const source = peer.#helloSource(options)
    const made = await startHost({
      network: options.network ?? NETWORK,
      // Bare: it finds no other peer by itself, and no watchdog made for short tests ends its connections on a busy
      // machine.
      dht: false,
      tuning: { watchdogGraceMs: 60_000 },
      ...(options.peerKey === undefined ? {} : { peerKey: options.peerKey }),
      protocols: [
        protocolHandler(hello, source),
        options.pullHandler ?? protocolHandler(pull, { ...peer.#pullSource(), ...options.pull }),
        ...(options.handlers ?? [])
      ],
      callbacks: {
        onConnect: (remote, { initiator }) => {
          if (initiator) peer.#greet(remote, source)
        },
        onDisconnect: (remote) => {
          peer.sessions.delete(remote)
          peer.gone.push(remote)
        }
      }
    })
    peer.host = made.host
    return peer
  }

  get addr(): string {
    return this.host.addrs()[0]!
  }

  /** Resolves when both have said hello. */
  async connect(address: string): Promise<HelloSession> {
    const remote = await this.host.dial(address, within(5_000))
    for (let tries = 0; tries < 500; tries++) {
      const session = this.sessions.get(remote)
      if (session !== undefined) return session
      await new Promise((resolve) => {
        setTimeout(resolve, 10)
      })
    }
    throw new Error('no hello')
  }

  head(ledger: string, entries = this.entries.get(ledger)): WireHead {
    const last = entries?.at(-1)
    if (last === undefined) throw new WireError('UNAVAILABLE', 'not held', { available: { earliest: 0, size: 0 } })
    return {
      ledger,
      header: last.raw.header,
      signature: last.raw.signature,
      checkpoint: null,
      evidence: this.evidence.get(ledger) ?? null,
      earliest: 0
    }
  }

  range(ledger: string, from: number, count: number): WireEntry[] {
    const found = (this.entries.get(ledger) ?? []).slice(from, from + count).map(({ raw }) => raw)
    if (found.length === 0)
      throw new WireError('UNAVAILABLE', 'not held', {
        available: { earliest: 0, size: this.entries.get(ledger)?.length ?? 0 }
      })
    return found
  }

  keyEntries(ledger: string): WireEntry[] {
    return (this.entries.get(ledger) ?? [])
      .filter(({ header }) => ['ledger.genesis', 'ledger.rotate-key'].includes(header.type))
      .map(({ raw }) => raw)
  }

  #greet(remote: string, source: HelloSource): void {
    this.host
      .open(remote, hello, within(5_000))
      .then((stream) => openHello(stream, source, remote, new AbortController().signal))
      .catch((error: unknown) => {
        this.refused.push(error)
      })
  }

  #helloSource({ intro = {}, network = NETWORK, hello: own = {} }: TestPeerOptions): HelloSource {
    return {
      intro: async () => ({
        network,
        software: 'test/1',
        features: [],
        clockMs: Date.now(),
        record: null,
        ...(typeof intro === 'function' ? await intro(this.host.peerId) : intro)
      }),
      onIntro: (session) => {
        this.sessions.set(session.peer, session)
      },
      heads: (_, wanted: WantedHead[]) => {
        for (const { ledger } of wanted) this.asked.push({ what: 'head', ledger })
        const held = wanted.filter(({ ledger }) => this.entries.has(ledger))
        return {
          heads: held.map(({ ledger }) => this.head(ledger)),
          same: [],
          none: wanted.filter((one) => !held.includes(one)).map(({ ledger }) => ledger),
          denied: []
        }
      },
      entries: (_, ledger, from, count) => {
        this.asked.push({ what: 'entries', ledger, from, count })
        return Promise.resolve(this.range(ledger, from, count))
      },
      keyEntries: (_, ledger) => Promise.resolve(this.keyEntries(ledger)),
      onHeads: (_, heads) => {
        this.told.heads.push(...heads)
      },
      onEvidence: (_, ledger) => {
        this.told.evidence.push(ledger)
      },
      onRecord: () => {},
      onError: (_, error) => {
        this.refused.push(error)
      },
      ...own
    }
  }

  #pullSource(): PullSource {
    return {
      head: (_, ledger) => Promise.resolve(this.head(ledger)),
      range: (_, { ledger, from, count }: RangeRequest) => {
        this.asked.push({ what: 'range', ledger, from, count })
        return Promise.resolve(each(this.range(ledger, from, count)))
      },
      payloads: (_, { ledger, seqs }) => {
        this.asked.push({ what: 'payloads', ledger })
        return Promise.resolve(
          each(seqs.map((seq) => ({ seq, payload: this.entries.get(ledger)?.[seq]?.raw.payload ?? null })))
        )
      },
      keyEntries: (_, ledger) =>
        Promise.resolve(this.keyEntries(ledger).map(({ header, signature }) => ({ header, signature }))),
      evidence: (_, ledger) => Promise.resolve(this.evidence.get(ledger) ?? null)
    }
  }
}

export async function* each<T>(items: T[]): AsyncGenerator<T> {
  for (const item of items) yield await Promise.resolve(item)
}
