"""Answers across ledgers (docs/FORMATS.md, section 7.5)."""
import lmx1
from entry import Entry, is_hash, is_ledger_id
from files import MAX_BYTES, is_entry, read_entry
from ledger import Checkpoint, KeyEntries, are_shown, are_statements
from strict_json import MAX_TIME, NETWORK, STATE, exactly, is_integer, is_list, is_name, is_statement, is_time, matches, refuse_newer, strict
from verdict import need

MAX_SOURCES = 256
NAMES = ('stream', 'type', 'issuer_oid', 'subject_oid', 'id')


def _is_target(value):
    return (isinstance(value, dict) and set(value) <= {'ledger', 'entry_id'} and is_ledger_id(value.get('ledger'))
            and ('entry_id' not in value or is_name(value['entry_id'])))


def is_question(value):
    return (isinstance(value, dict) and value.get('order') in ('asc', 'desc') and set(value) <= {*NAMES, 'refers_to', 'from', 'to', 'order'}
            and all(is_name(value[name]) for name in NAMES if name in value)
            and all(is_integer(value[name], 0, MAX_TIME + 1) for name in ('from', 'to') if name in value)
            and ('refers_to' not in value or _is_target(value['refers_to'])))


def _is_source(value):
    return exactly(value, 'ledger', 'state') and is_ledger_id(value['ledger']) and matches(STATE, value['state'])


def _is_span(value):
    return value is None or (exactly(value, 'from', 'to') and is_integer(value['from'], 0) and is_integer(value['to'], 0))


def _is_index(value):
    return exactly(value, 'entry', 'proof') and is_statement(value['entry']) and lmx1.is_proof(value['proof'])


def _is_page(value):
    return (isinstance(value, dict) and exactly(value, 'span', 'tree', 'entries', *(['index'] if 'index' in value else []))
            and ('index' not in value or _is_index(value['index'])) and _is_span(value['span']) and is_list(value['tree'], MAX_BYTES, is_hash)
            and is_list(value['entries'], MAX_BYTES, is_entry))


def _is_part(value):
    return (exactly(value, 'ledger', 'key_entries', 'checkpoint', 'pages') and is_ledger_id(value['ledger'])
            and are_statements(value['key_entries']) and isinstance(value['checkpoint'], str) and is_list(value['pages'], MAX_BYTES, _is_page))


def _ascend(values):
    return all(before['ledger'] < after['ledger'] for before, after in zip(values, values[1:]))


def _refers(header, target):
    references = header['meta'].get('crossLedgerRefs', [])
    return any(one['ledgerId'] == target['ledger'] and target.get('entry_id') in (None, one['entryId']) for one in references)


def matches_question(entry, question):
    header = entry.header
    return (all(header[name] == question[name] for name in NAMES if name in question)
            and header['timestamp'] >= question.get('from', 0) and header['timestamp'] < question.get('to', MAX_TIME + 1)
            and ('refers_to' not in question or _refers(header, question['refers_to'])))


def _check_by_index(page, entries, named, question, tree_size):
    """The index that an entry of the same tree names shows that these are all that match, and those that may."""
    said = lmx1.index_of(named.header)
    need(said is not None and named.seq < tree_size, 'an entry that names no index of this tree')
    span, proof = page['span'], page['index']['proof']
    size, root = said
    lmx1.check_proof_of(size, bytes.fromhex(root), question, span['from'], span['to'], proof, {entry.seq: entry.header for entry in entries})
    shown = [] if proof['run'] is None else [item for item in proof['run']['items'] if 'entry' in item]
    need(len(shown) == len(entries), 'an entry that was not asked for')


def _check_span(span, entries, size):
    need(span['from'] <= span['to'] <= size and len(entries) == span['to'] - span['from'], 'the span is not the entries that are shown')
    need(all(span['from'] <= entry.seq < span['to'] for entry in entries), 'the span is not the entries that are shown')


def _check_page(page, question, ledger, keys, checkpoint, before, signatures):
    """The entries that match."""
    entries = [read_entry(value) for value in page['entries']]
    leaves = {entry.seq: entry.hash for entry in keys.entries}
    named = [Entry(**page['index']['entry'])] if 'index' in page else []
    last = None
    for entry in entries:
        need(entry.ledger == ledger and entry.seq < checkpoint.size, 'an entry of another ledger, or behind the checkpoint')
        need(last is None or (entry.seq > last if question['order'] == 'asc' else entry.seq < last), 'not in order')
        need(leaves.setdefault(entry.seq, entry.hash) == entry.hash, 'two entries with one seq')
        last = entry.seq
    for entry in named:
        need(entry.ledger == ledger and leaves.setdefault(entry.seq, entry.hash) == entry.hash, 'an index of another ledger')
    need(are_shown(sorted(leaves.items()), checkpoint.size, checkpoint.root, page['tree']), 'the entries are not under the checkpoint')
    need(all(entry.key == keys.in_force(entry.seq) for entry in [*entries, *named]), 'an entry that is not by the key in force')
    matching = [entry for entry in entries if matches_question(entry, question)]
    if page['span'] is None:
        need(len(matching) == len(entries) and not named, 'an entry that was not asked for')
    else:
        if named:
            _check_by_index(page, entries, named[0], question, checkpoint.size)
        else:
            _check_span(page['span'], entries, checkpoint.size)
        need(all(entry.payload is None or entry in matching for entry in entries), 'a payload that was not asked for')
    need(all(entry.is_signed(signatures) for entry in [*matching, *named]), 'an entry that is not signed by its key')
    for entry in matching:
        need(before is None or (entry.seq > before if question['order'] == 'asc' else entry.seq < before), 'the pages are not in order')
        before = entry.seq
    return matching


def _check_part(part, network, question, signatures):
    """How many entries match."""
    ledger = part['ledger']
    keys = KeyEntries(ledger, network, part['key_entries'], signatures)
    checkpoint = Checkpoint(part['checkpoint'], network, ledger)
    need(keys.last_seq < checkpoint.size, 'key entries that are not below the checkpoint')
    checkpoint.check(keys.in_force(checkpoint.size - 1), signatures)
    found = []
    for page in part['pages']:
        found += _check_page(page, question, ledger, keys, checkpoint, found[-1].seq if found else None, signatures)
    return len(found)


def check_answer(data, signatures):
    """How many entries it shows that match. Throws Invalid or Newer."""
    need(len(data) <= MAX_BYTES, 'too long')
    file = strict(data)
    refuse_newer(file)
    need(exactly(file, 'v', 'network', 'asked_at', 'question', 'sources', 'complete', 'parts') and is_integer(file['v'], 1, 1)
         and matches(NETWORK, file['network']) and is_time(file['asked_at']) and is_question(file['question'])
         and is_list(file['sources'], MAX_SOURCES, _is_source) and isinstance(file['complete'], bool)
         and is_list(file['parts'], MAX_SOURCES, _is_part) and _ascend(file['sources']) and _ascend(file['parts'])
         and {part['ledger'] for part in file['parts']} <= {source['ledger'] for source in file['sources']}, 'members')
    return sum(_check_part(part, file['network'], file['question'], signatures) for part in file['parts'])
