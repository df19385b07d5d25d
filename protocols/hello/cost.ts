import type { Ask, Notice } from './frame.js'

/** Bytes in a unit of cost: about a millisecond of this node's time. */
const UNIT_BYTES = 64 * 1024
/**
 * Units for looking up an answer, and for one asked ledger of a request for heads. The bytes of the reply come on top.
 */
const REQUEST_UNITS = 1 / 4
const LEDGER_UNITS = 1 / 32
/** Units for the signature check of one received head, and for the work that a notice causes. */
const HEAD_UNITS = 1 / 4
const NOTICE_UNITS = 1
/** Evidence and records are mostly signed key entries: checking one costs so much more than carrying its bytes. */
const SIGNED_FACTOR = 16

/** The cost of an answer beside the bytes of the reply. */
export function askUnits(ask: Ask): number {
  return ask.kind === 'heads' ? REQUEST_UNITS + ask.wanted.length * LEDGER_UNITS : REQUEST_UNITS
}

/** The cost of receiving a notice beside its bytes. */
export function noticeUnits(notice: Notice): number {
  switch (notice.kind) {
    case 'heads':
      return notice.heads.reduce(
        (units, { evidence }) => units + HEAD_UNITS + (SIGNED_FACTOR * (evidence?.byteLength ?? 0)) / UNIT_BYTES,
        0
      )
    case 'evidence':
      return NOTICE_UNITS + (SIGNED_FACTOR * notice.evidence.byteLength) / UNIT_BYTES
    case 'record':
      return (
        NOTICE_UNITS +
        (SIGNED_FACTOR * notice.record.keyEntries.reduce((bytes, { header }) => bytes + header.byteLength, 0)) /
          UNIT_BYTES
      )
  }
}
