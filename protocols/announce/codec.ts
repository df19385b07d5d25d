import { createHash } from 'node:crypto'
import { decodeCanonical } from '../canonical.js'
import { WireError } from '../codes.js'
import { checkBytes, invalid, toKeyEntry, toRecord } from '../fields.js'
import { Announcement as Message } from './announce.pb.js'
import { MAX_GOSSIP_EVIDENCE_BYTES, MAX_KEY_ENTRIES, MAX_MESSAGE_BYTES } from './limits.js'
import type { Announcement } from './contract.js'

const LEAF = Uint8Array.of(0)

/** Throws INVALID for what the protocol cannot carry. */
export function encodeAnnouncement(announcement: Announcement): Uint8Array {
  try {
    const bytes = Message.encode(check(announcement))
    if (bytes.byteLength > MAX_MESSAGE_BYTES) invalid(`an announcement of ${bytes.byteLength} bytes`)
    return bytes
  } catch (error) {
    throw new WireError('INVALID', error instanceof Error ? error.message : 'not encodable', { cause: error })
  }
}

/** Throws INVALID_FRAME or TOO_LARGE: the verdict is then Reject. */
export function decodeAnnouncement(bytes: Uint8Array): Announcement {
  if (bytes.byteLength > MAX_MESSAGE_BYTES)
    throw new WireError('TOO_LARGE', `an announcement of ${bytes.byteLength} bytes`)
  const { head, evidence, record } = decodeCanonical(Message, bytes, { record: { keyEntries: MAX_KEY_ENTRIES } })
  if (head !== undefined) return check({ head })
  if (evidence !== undefined) return check({ evidence })
  if (record !== undefined) return check({ record })
  return invalid('an empty announcement')
}

/**
 * The gossip message id, 32 bytes. Never throws: bytes that are no announcement have an id too, as they must be
 * rejected once.
 */
// SPEC announce §3: "The message id of a head is its entry hash; of anything else it is the SHA-256 of the message."
export function announcementId(bytes: Uint8Array): Uint8Array {
  const parts = bytes.byteLength > MAX_MESSAGE_BYTES ? [bytes] : (headParts(bytes) ?? [bytes])
  const hash = createHash('sha256')
  for (const part of parts) hash.update(part)
  return hash.digest()
}

function headParts(bytes: Uint8Array): Uint8Array[] | undefined {
  let announcement
  try {
    announcement = decodeAnnouncement(bytes)
  } catch (error) {
    if (error instanceof WireError) return undefined
    throw error
  }
  return 'head' in announcement ? [LEAF, announcement.head.header, announcement.head.signature] : undefined
}

function check(announcement: Announcement): Announcement {
  if ('head' in announcement) return { head: toKeyEntry(announcement.head) }
  if ('evidence' in announcement)
    return { evidence: checkBytes(announcement.evidence, 'evidence', MAX_GOSSIP_EVIDENCE_BYTES) }
  return { record: toRecord(announcement.record) }
}
