/** Frames of query/1, and the entries inside its groups. */
import type { SelectRequest, WireIndex } from '../../../protocols/query/index.js'
import * as queryRequest from '../../../protocols/query/request.js'
import * as queryResponse from '../../../protocols/query/response.js'
import { compress } from '../../../protocols/zstd.js'
import { selectOf } from '../../helpers/select-of.js'
import { author, evidences } from '../samples.js'
import { decoder, type Target } from '../target.js'
import { busy, denied, entries, frameErrors, ledger, other, unavailable } from './wire-samples.js'

const select: SelectRequest = { ...selectOf(ledger), show: 'either' }
const hash = Buffer.from(author.entries[0]!.hash, 'hex')

function queryRequests(): queryRequest.Request[] {
  return [
    { kind: 'select', select },
    {
      kind: 'select',
      select: {
        ...select,
        filter: {
          stream: 'main',
          type: 'note',
          issuer: 'oid:1',
          subject: 'größe',
          id: '1',
          refersTo: { ledger: other, entryId: 'x' },
          timeFrom: 0,
          timeTo: 253_402_300_800_000
        },
        from: 3,
        to: 7,
        order: 'desc',
        want: 'headers',
        show: 'all',
        treeSize: 7,
        knownSize: 5
      }
    },
    { kind: 'get', get: { ledger, wanted: { hashes: [hash, hash] }, want: 'full', knownSize: null } },
    { kind: 'get', get: { ledger, wanted: { seqs: [0, 6] }, want: 'headers', knownSize: 3 } },
    { kind: 'get', get: { ledger, wanted: { ids: ['entry-1', 'größe'] }, want: 'full', knownSize: null } }
  ]
}

const ref = Buffer.alloc(44, 5)
const shownIndex: WireIndex = {
  entry: { header: entries[0]!.header, signature: entries[0]!.signature },
  family: 5,
  siblings: [hash, hash],
  leaf: { key: hash, count: 9, list: ref },
  run: {
    first: 2,
    items: [{ posting: Buffer.alloc(28, 6) }, { entry: 0 }, { skipped: ref, width: 4 }],
    outside: [ref]
  }
}

async function queryResponses(): Promise<queryResponse.Response[]> {
  const group = queryResponse.entryItems.encode(entries)
  const checkpoint = await author.checkpoint()
  const evidence = (await evidences())[0]!
  return [
    {
      kind: 'basis',
      basis: { ledger, checkpoint, keyEntries: 2, consistency: [hash, hash], evidence, indexFault: null }
    },
    {
      kind: 'basis',
      basis: { ledger, checkpoint, keyEntries: 1, consistency: [], evidence: null, indexFault: evidence }
    },
    { kind: 'basis', basis: { ledger, checkpoint: null, keyEntries: 0, consistency: [], evidence, indexFault: null } },
    { kind: 'group', inflated: group.byteLength, data: await compress(group) },
    { kind: 'proof', tree: [hash, hash, hash], index: null },
    { kind: 'proof', tree: [], index: null },
    { kind: 'proof', tree: [hash], index: shownIndex },
    { kind: 'proof', tree: [], index: { ...shownIndex, siblings: [], leaf: null, run: null } },
    { kind: 'end', end: { count: 7, ending: 'end', all: true, next: null } },
    { kind: 'end', end: { count: 0, ending: 'budget', all: false, next: 20_000 } },
    { kind: 'refused', error: busy },
    { kind: 'refused', error: unavailable },
    { kind: 'refused', error: denied }
  ]
}

export const queryTargets: Target[] = [
  decoder({
    name: 'query-request',
    coded: frameErrors,
    seeds: () => queryRequests().map(queryRequest.encodeRequest),
    decode: queryRequest.decodeRequest,
    encode: queryRequest.encodeRequest
  }),
  decoder({
    name: 'query-response',
    coded: frameErrors,
    seeds: async () => (await queryResponses()).map(queryResponse.encodeResponse),
    decode: queryResponse.decodeResponse,
    encode: queryResponse.encodeResponse
  }),
  decoder({
    name: 'query-entries',
    coded: frameErrors,
    seeds: () => [queryResponse.entryItems.encode(entries), queryResponse.entryItems.encode(entries.slice(2, 3))],
    decode: queryResponse.entryItems.decode,
    encode: queryResponse.entryItems.encode
  })
]
