/** The test vectors: everything from fixed seeds, so that another implementation can reproduce them byte for byte. */
import { checkpointOrigin, vkeyOf } from '../../src/core/checkpoint.js'
import {
  encodeEvidence,
  evidenceId,
  sameSeqEvidence,
  type Evidence,
  sameSizeEvidence,
  notIncludedEvidence,
  ruleBrokenEvidence
} from '../../src/core/evidence.js'
import { toHex } from '../../src/core/hash.js'
import { consistencyProof, inclusionProof, merkleRoot } from '../../src/core/merkle.js'
import { encodeNodeRecord } from '../../src/core/node-record.js'
import { signingInput } from '../../src/core/signature.js'
import { Author, looseHeader, NETWORK, SALT, signBytes } from '../core/author.js'

export async function makeVectors(): Promise<Record<string, unknown>> {
  const author = await Author.create(1)
  await author.append({
    id: 'é-1',
    meta: {
      '10': 1,
      '9': 2,
      crossLedgerRefs: [
        { ledgerId: author.ledger, entryId: 'entry-0', entryHash: author.entries[0]!.hash, referenceType: 'related' }
      ]
    }
  })
  await author.appendPayload({ text: 'payload \u{1f602}', fraction: 0.1, big: 1e21, list: [null, true] })
  await author.rotate()
  const fork = author.fork()
  await author.append({ issuer_oid: '1.2.840', subject_oid: 'subject' })
  await fork.append({ id: 'other' })
  const live = author.signer.publicKey
  const checkpoint = await author.checkpoint()
  const broken = await signBytes(looseHeader({ ...author.header(), stream: '' }), author.signer)
  const evidence: Evidence[] = [
    sameSeqEvidence(author.accused(), 4, author.entries[4]!.raw, fork.entries[4]!.raw),
    sameSizeEvidence(author.accused(), live, checkpoint, await fork.checkpoint()),
    notIncludedEvidence(
      author.accused(),
      live,
      fork.entries[4]!.raw,
      checkpoint,
      author.entries[4]!.hash,
      inclusionProof(author.hashes(), 4)
    ),
    ruleBrokenEvidence(author.accused(), 5, broken, null)
  ]
  const record = encodeNodeRecord({
    v: 1,
    network: NETWORK,
    ledger: author.ledger,
    peer_id: '12D3KooWBq',
    key: live,
    seq: 1,
    issued: 1_700_000_000_000,
    expires: 1_700_000_060_000,
    addrs: ['/ip4/127.0.0.1/tcp/7440'],
    capabilities: ['pull'],
    metadata: { version: '0.1.0', streams: ['main'], region: null }
  })
  return {
    about:
      'Key n is the Ed25519 key of the seed n n n … (32 bytes). The ledger starts with key 1, its first rotation is to key 2.',
    network: NETWORK,
    salt: SALT,
    ledger: author.ledger,
    entries: author.entries.map(({ header, hash, raw }) => ({
      header: Buffer.from(raw.header).toString(),
      signature: toHex(raw.signature),
      hash,
      payload: raw.payload === null ? null : Buffer.from(raw.payload).toString(),
      payload_hash: header.payload_hash
    })),
    root: merkleRoot(author.hashes()),
    inclusion_of_2: inclusionProof(author.hashes(), 2),
    consistency_of_3: consistencyProof(author.hashes(), 3),
    checkpoint,
    vkey: vkeyOf(checkpointOrigin(NETWORK, author.ledger), live),
    node_record: {
      body: Buffer.from(record).toString(),
      signature: toHex(await author.signer.sign(signingInput('nodeRecord', record)))
    },
    evidence: evidence.map((file) => ({
      id: evidenceId(encodeEvidence(file)),
      file: Buffer.from(encodeEvidence(file)).toString()
    }))
  }
}
