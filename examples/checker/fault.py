"""Index faults: files in which the author of a wrong index convicts himself (docs/FORMATS.md, section 11)."""
from base64 import b64decode, b64encode

from entry import Entry, is_hash, is_ledger_id
from ledger import Checkpoint, KeyEntries, are_shown, are_statements
from lmx1 import U48, check_order, index_of, is_hex, is_map, is_place, is_run, is_shaped, items_of, join, keys_of, leaf_ref, number, posting_of, root_above, split
from strict_json import NETWORK, canonical, exactly, is_integer, is_list, is_statement, matches, refuse_newer
from verdict import Invalid, need

COMMON = ('v', 'network', 'ledger', 'key_entries', 'checkpoint', 'tree', 'index', 'entries', 'fault')
ENTRIES = {'omitted': (1, 1), 'wrong': (1, 1), 'order': (0, 0), 'count': (1, 16), 'shape': (0, 0), 'range': (0, 0), 'two-roots': (1, 1)}


def _is_way(value):
    return (exactly(value, 'position', 'pairs', 'posting') and is_place(value['position'])
            and is_list(value['pairs'], 49, lambda pair: is_list(pair, 2, lambda ref: is_hex(ref, 88)) and len(pair) == 2)
            and (value['posting'] is None or is_hex(value['posting'], 56)))


def _is_charge(file):
    if file['fault'] == 'two-roots':
        return exactly(file, *COMMON)
    last = 'way' if file['fault'] == 'range' else 'run'
    return (exactly(file, *COMMON, 'key', 'map', last) and is_hash(file['key']) and is_map(file['map'])
            and (_is_way(file['way']) if last == 'way' else file['run'] is None or is_run(file['run'])))


def _pieces(packed, size):
    """Hex of each piece of so many bytes."""
    try:
        data = b64decode(packed, validate=True) if isinstance(packed, str) and packed.isascii() else None
    except ValueError:
        data = None
    need(data is not None and b64encode(data).decode() == packed and len(data) % size == 0, 'not base64 of such pieces')
    return [data[at:at + size].hex() for at in range(0, len(data), size)]


def _unpacked(file):
    """With lists where the file has base64."""
    for above, name, size in ((file, 'tree', 32), (file.get('map'), 'siblings', 32), (file.get('run'), 'outside', 44), (file.get('way'), 'pairs', 88)):
        if isinstance(above, dict) and name in above:
            above[name] = _pieces(above[name], size)
            if name == 'pairs':
                above[name] = [[both[:88], both[88:]] for both in above[name]]
    return file


def check_fault(data, signatures):
    """(which fault, how many entries the wrong index is over). Throws Invalid or Newer."""
    need(len(data) <= 2**20, 'too long')
    file = canonical(data, 4)
    refuse_newer(file)
    file = _unpacked(file) if isinstance(file, dict) else file
    need(isinstance(file, dict) and isinstance(file.get('fault'), str) and file['fault'] in ENTRIES and _is_charge(file)
         and is_integer(file['v'], 1, 1) and matches(NETWORK, file['network']) and is_ledger_id(file['ledger']) and are_statements(file['key_entries'])
         and isinstance(file['checkpoint'], str) and is_list(file['tree'], len(data), is_hash) and is_statement(file['index'])
         and is_list(file['entries'], 16, is_statement), 'members')
    keys = KeyEntries(file['ledger'], file['network'], file['key_entries'], signatures)
    checkpoint = Checkpoint(file['checkpoint'], file['network'], file['ledger'])
    need(keys.last_seq < checkpoint.size, 'key entries that are not below the checkpoint')
    checkpoint.check(keys.in_force(checkpoint.size - 1), signatures, alone=True)
    index, entries = Entry(**file['index']), [Entry(**statement) for statement in file['entries']]
    leaves = {entry.seq: entry.hash for entry in keys.entries}
    for entry in [index, *entries]:
        need(entry.ledger == file['ledger'] and entry.key == keys.in_force(entry.seq) and entry.is_signed(signatures), 'an entry that is not by the key in force')
    for entry in [index, *entries]:
        need(leaves.setdefault(entry.seq, entry.hash) == entry.hash, 'two entries with one seq')
    need(are_shown(sorted(leaves.items()), checkpoint.size, checkpoint.root, file['tree']), 'the entries are not under the checkpoint')
    said = index_of(index.header)
    need(said is not None, 'an entry that names no index')
    least, most = ENTRIES[file['fault']]
    need(least <= len(entries) <= most, 'not the entries of such a fault')
    _judge(file, index.seq, *said, entries)
    return file['fault'], said[0]


def _judge(file, seq, size, root, entries):
    fault = file['fault']
    if fault == 'two-roots':
        other = index_of(entries[0].header)
        need(entries[0].seq > seq and other is not None and other[0] == size and other[1] != root, 'not two roots over as many entries')
        return
    key, leaf = bytes.fromhex(file['key']), file['map']['leaf']
    need(root_above(size, key, file['map']).hex() == root, 'the map')
    seqs = [entry.seq for entry in entries]
    need(all(seq < size for seq in seqs) and seqs == sorted(set(seqs)), 'entries that the index is not over, or not in order')
    found = leaf is not None and leaf['key'] == file['key']
    if fault == 'range':
        need(found, 'the list is not shown')
        _judge_range(bytes.fromhex(leaf['list']), leaf['count'], **file['way'])
        return
    if fault in ('omitted', 'count'):
        need(all(key in keys_of(entry.header) for entry in entries), 'an entry that has not the value')
    if fault in ('shape', 'count') or fault == 'omitted' and not found:
        need(file['run'] is None, 'a run that shows nothing')
        need(fault != 'shape' or not is_shaped(size, key, file['map']), 'the map is as it must be')
        need(fault != 'count' or found and len(entries) > leaf['count'], 'no more entries than the list has')
        return
    need(found and file['run'] is not None and all('entry' not in item for item in file['run']['items']), 'the list is not shown')
    items = items_of(file['run'], leaf, {})
    if fault == 'order':
        _need_disorder(items, leaf['count'], size)
    elif fault == 'wrong':
        said = [posting for _at, _width, posting, _ref, _header in items if posting is not None and number(posting[:6]) == entries[0].seq]
        need(said != [] and (said[0] != posting_of(entries[0].header) or key not in keys_of(entries[0].header)), 'the posting is right, or not shown')
    else:
        _judge_omitted(items, leaf['count'], entries[0].header)


def _need_disorder(items, count, size):
    try:
        check_order(items, count, size)
    except Invalid:
        return
    raise Invalid('the postings are in order')


def _judge_omitted(items, count, header):
    (first, _, before, *_), (last, width, behind, *_), seq = items[0], items[-1], header['seq']
    need(first == 0 or before is not None and number(before[:6]) < seq, 'it may be before the run')
    need(last + width == count or behind is not None and number(behind[:6]) > seq, 'it may be behind the run')
    for _at, _width, posting, ref, _header in items:
        if posting is None:
            need(not number(ref[32:38]) <= header['timestamp'] <= number(ref[38:]), 'it may be in what is skipped')
        else:
            need(number(posting[:6]) != seq, 'it is there')


def _judge_range(ref, count, position, pairs, posting):
    start, width = 0, count
    need(position < count, 'a position that is not in the list')
    for at, (left, right) in enumerate(pairs):
        left, right = bytes.fromhex(left), bytes.fromhex(right)
        need(width > 1 and join(left, right)[:32] == ref[:32], 'parts that are not of the list')
        is_last = posting is None and at == len(pairs) - 1
        need(is_last == (join(left, right) != ref), 'the times are right, or it shows more')
        if is_last:
            need(position == start, 'not the first position below it')
            return
        half = split(width)
        ref, start, width = (left, start, half) if position < start + half else (right, start + half, width - half)
    need(posting is not None and width == 1, 'what is below the times is not shown')
    said = leaf_ref(bytes.fromhex(posting))
    need(said[:32] == ref[:32] and said != ref and position == start, 'the times are right, or the posting is not of the list')
