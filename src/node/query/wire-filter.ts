import type { QueryFilter } from '../../../protocols/query/index.js'
import type { EntryFilter } from '../../core/entry-filter.js'

/** A filter as the wire carries it. */
export function toWire(filter: EntryFilter): QueryFilter {
  const { stream, type, issuer_oid: issuer, subject_oid: subject, id, refers_to: target, from, to } = filter
  return {
    ...(stream === undefined ? {} : { stream }),
    ...(type === undefined ? {} : { type }),
    ...(issuer === undefined ? {} : { issuer }),
    ...(subject === undefined ? {} : { subject }),
    ...(id === undefined ? {} : { id }),
    ...(target === undefined
      ? {}
      : {
          refersTo: { ledger: target.ledger, ...(target.entry_id === undefined ? {} : { entryId: target.entry_id }) }
        }),
    ...(from === undefined ? {} : { timeFrom: from }),
    ...(to === undefined ? {} : { timeTo: to })
  }
}

export function fromWire(filter: QueryFilter): EntryFilter {
  const { stream, type, issuer, subject, id, refersTo, timeFrom, timeTo } = filter
  return {
    stream,
    type,
    issuer_oid: issuer,
    subject_oid: subject,
    id,
    refers_to: refersTo === undefined ? undefined : { ledger: refersTo.ledger, entry_id: refersTo.entryId },
    from: timeFrom,
    to: timeTo
  }
}
