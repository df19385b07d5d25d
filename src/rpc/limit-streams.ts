/** What a caller sees that is limited to some streams: of all other entries it hears as of entries that are not there. */
import type { LedgerEntry } from '../core/view.js'
import { LedgermeshError } from '../core/errors.js'
import type { FeedApi, FeedNotice } from '../node/api/feed.js'
import type { AppendInput, EntryPointer, LedgerApi } from '../node/api/ledger.js'
import type { LedgerChoice } from '../node/api/ledger-choice.js'
import type { Node } from '../node/api/node.js'
import { notPermitted, type Principal } from './principal.js'
import { withMembers } from './with-members.js'

type Limited = Principal & { streams: ReadonlySet<string> }

/** `part`: what `publicPart` left. */
export function limitStreams(part: Node, principal: Limited): Node {
  const { streams } = principal
  const { ledger } = part
  const shown = (entry: LedgerEntry): boolean => streams.has(entry.stream)
  const refuse = (what: string): never => {
    throw new LedgermeshError(
      'NOT_PERMITTED',
      `${what}: this caller is limited to the streams ${[...streams].join(', ')}`
    )
  }
  const get = async (pointer: EntryPointer, chosen?: LedgerChoice): Promise<LedgerEntry | null> => {
    const entry = await ledger.get(pointer, chosen)
    return entry !== null && shown(entry) ? entry : null
  }
  const held = async (pointer: EntryPointer, chosen?: LedgerChoice): Promise<void> => {
    if ((await get(pointer, chosen)) === null) throw new LedgermeshError('NOT_FOUND', 'there is no such entry')
  }
  const check = (inputs: readonly AppendInput[]): void => {
    for (const { stream } of inputs) if (!streams.has(stream)) refuse(`nothing of the stream ${JSON.stringify(stream)}`)
  }
  const ledgers: Partial<LedgerApi> = {
    append: async (input, options) => {
      check([input])
      return await ledger.append(input, options)
    },
    appendBatch: async (inputs, options) => {
      check(inputs)
      return await ledger.appendBatch(inputs, options)
    },
    get,
    query: async (filters, chosen) => {
      const stream = filters.stream ?? (streams.size === 1 ? [...streams][0]! : refuse('a query names its stream'))
      if (!streams.has(stream)) refuse(`nothing of the stream ${JSON.stringify(stream)}`)
      return await ledger.query({ ...filters, stream }, chosen)
    },
    prove: async (pointer, chosen) => {
      await held(pointer, chosen)
      return await ledger.prove(pointer, chosen)
    },
    verifyEntry: async (pointer, chosen) => {
      await held(pointer, chosen)
      return await ledger.verifyEntry(pointer, chosen)
    },
    // it shows the header of the newest entry, whatever its stream
    head: async () => await Promise.reject(notPermitted('ledger.head', ['private'], principal)),
    subscribe: (chosen, listener) =>
      ledger.subscribe(chosen, (event) => {
        const entries = event.entries.filter(shown)
        if (entries.length > 0) listener({ ...event, entries })
      })
  }
  const narrowed = <Options extends { streams?: string[] | undefined }>(options: Options): Options => {
    for (const stream of options.streams ?? [])
      if (!streams.has(stream)) refuse(`nothing of the stream ${JSON.stringify(stream)}`)
    return { ...options, streams: options.streams ?? [...streams] }
  }
  /** What is told of an entry by its place alone says nothing of its stream, but that it is there. */
  const { feed } = part
  const feeds: FeedApi = {
    snapshot: async (options) => {
      const page = await feed.snapshot(options)
      return { ...page, entries: page.entries.filter(shown) }
    },
    read: async (options) => await feed.read(narrowed(options)),
    check: async (options) => {
      await feed.check(narrowed(options))
    },
    subscribe: (options, listener: (notice: FeedNotice) => void | Promise<void>) =>
      feed.subscribe(narrowed(options), listener)
  }
  return withMembers(part, {
    ledger: withMembers(ledger, ledgers),
    feed: feeds,
    // a range has entries of all streams
    sync: withMembers(part.sync, { receive: async () => await Promise.resolve(refuse('nothing is brought')) }),
    // evidence is made of signed entries
    evidence: { list: async () => await Promise.reject(notPermitted('evidence.list', ['private'], principal)) }
  })
}
