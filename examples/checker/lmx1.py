"""The index lmx1 (docs/FORMATS.md, section 11): built again from the headers, and what proofs of it show."""
from hashlib import sha256

import answer
from entry import check_header, is_hash
from strict_json import canonical, exactly, is_integer, is_list, strict
from verdict import need

FAMILIES = ('all', 'id', 'stream', 'type', 'issuer', 'subject', 'target', 'targetEntry', 'original')
TAGGED = (('stream', 'stream'), ('type', 'type'), ('issuer', 'issuer_oid'), ('subject', 'subject_oid'))
EMPTY = bytes(32)
U48 = 2**48 - 1


def hash_of(*parts):
    return sha256(b''.join(parts)).digest()


def _u48(value):
    return value.to_bytes(6, 'big')


def _key(family, value):
    return hash_of(b'ledgermesh/index/1\n', bytes([FAMILIES.index(family)]), value.encode())


def _tag(family, value):
    return bytes(4) if value is None else _key(family, value)[:4]


def posting_of(header):
    return _u48(header['seq']) + _u48(header['timestamp']) + b''.join(_tag(family, header[name]) for family, name in TAGGED)


def keys_of(header):
    values = {('all', ''), ('id', header['id'])} | {(family, header[name]) for family, name in TAGGED if header[name] is not None}
    for reference in header['meta'].get('crossLedgerRefs', []):
        values |= {('target', reference['ledgerId']), ('targetEntry', f"{reference['ledgerId']}/{reference['entryId']}")}
    if 'sync' in header['meta']:
        values.add(('original', f"{header['meta']['sync']['source']}/{header['meta']['sync']['originalHash']}"))
    return {_key(*value) for value in values}


def leaf_ref(posting):
    return hash_of(b'\x10', posting) + posting[6:12] * 2


def join(left, right):
    return hash_of(b'\x11', left, right) + min(left[32:38], right[32:38]) + max(left[38:], right[38:])


def split(width):
    return 1 << ((width - 1).bit_length() - 1)


def _list(refs):
    return refs[0] if len(refs) == 1 else join(_list(refs[:split(len(refs))]), _list(refs[split(len(refs)):]))


def map_leaf(key, count, ref):
    return hash_of(b'\x12', key, _u48(count), ref)


def bit(key, depth):
    return key[depth // 8] >> (7 - depth % 8) & 1


def _map(leaves, depth):
    if len(leaves) < 2:
        return map_leaf(*leaves[0]) if leaves else EMPTY
    return hash_of(b'\x13', *(_map([leaf for leaf in leaves if bit(leaf[0], depth) == side], depth + 1) for side in (0, 1)))


def root_of(size, top):
    return hash_of(b'\x14', _u48(size), top)


def build(headers):
    """The root over all of them."""
    lists = {}
    for header in headers:
        for key in keys_of(header):
            lists.setdefault(key, []).append(leaf_ref(posting_of(header)))
    return root_of(len(headers), _map([(key, len(refs), _list(refs)) for key, refs in lists.items()], 0))


def is_place(value):
    return is_integer(value, 0, U48)


def is_hex(value, digits):
    return isinstance(value, str) and len(value) == digits and all(digit in '0123456789abcdef' for digit in value)


def _is_item(value):
    return (exactly(value, 'entry') and is_place(value['entry']) or exactly(value, 'posting') and is_hex(value['posting'], 56)
            or exactly(value, 'skipped', 'width') and is_hex(value['skipped'], 88) and is_place(value['width']))


def _is_leaf(value):
    return exactly(value, 'key', 'count', 'list') and is_hash(value['key']) and is_place(value['count']) and is_hex(value['list'], 88)


def is_map(value):
    return (exactly(value, 'siblings', 'leaf') and is_list(value['siblings'], 80, is_hash) and (value['leaf'] is None or _is_leaf(value['leaf'])))


def is_run(value):
    return (exactly(value, 'first', 'items', 'outside') and is_place(value['first']) and is_list(value['items'], 16384, _is_item)
            and is_list(value['outside'], 106, lambda ref: is_hex(ref, 88)))


def is_proof(value):
    return (exactly(value, 'family', 'map', 'run') and isinstance(value['family'], str) and value['family'] in FAMILIES and is_map(value['map'])
            and (value['run'] is None or is_run(value['run'])))


def _values(question):
    """Families whose list has all that matches."""
    values = {'all': ''} | {family: question[name] for family, name in (*TAGGED, ('id', 'id')) if name in question}
    target = question.get('refers_to')
    if target is not None:
        values['target'] = target['ledger']
        if 'entry_id' in target:
            values['targetEntry'] = f"{target['ledger']}/{target['entry_id']}"
    return values


def check_proof_of(size, root, question, start, end, proof, headers):
    """The seqs of what matches, from start up to end: all of them by the index."""
    need(is_proof(proof) and start <= end <= size, 'not a proof')
    values = _values(question)
    need(proof['family'] in values, 'a list that need not have all that matches')
    key = _key(proof['family'], values[proof['family']])
    need(is_shaped(size, key, proof['map']), 'a leaf that cannot be there')
    need(root_above(size, key, proof['map']) == root, 'the map')
    leaf = proof['map']['leaf']
    if leaf is None or bytes.fromhex(leaf['key']) != key:
        need(proof['run'] is None, 'items of a value that is not there')
        return []
    need(proof['run'] is not None, 'no run')
    count = leaf['count']
    items = items_of(proof['run'], leaf, headers)
    check_order(items, count, size)
    return _read(items, question, start, end, count)


def is_shaped(size, key, way):
    """Is it a way through a map that somebody builds?"""
    siblings, leaf = way['siblings'], way['leaf']
    if leaf is None:
        return siblings != [] and bytes.fromhex(siblings[-1]) != EMPTY
    found = bytes.fromhex(leaf['key'])
    return (all(bit(found, depth) == bit(key, depth) for depth in range(len(siblings))) and 1 <= leaf['count'] <= size
            and (siblings == [] or bytes.fromhex(siblings[-1]) != EMPTY))


def root_above(size, key, way):
    siblings, leaf = [bytes.fromhex(sibling) for sibling in way['siblings']], way['leaf']
    top = EMPTY if leaf is None else map_leaf(bytes.fromhex(leaf['key']), leaf['count'], bytes.fromhex(leaf['list']))
    for depth in reversed(range(len(siblings))):
        top = hash_of(b'\x13', siblings[depth], top) if bit(key, depth) else hash_of(b'\x13', top, siblings[depth])
    return root_of(size, top)


def items_of(run, leaf, headers):
    """The run's items, when they are of the list."""
    items = place(run, leaf['count'], headers)
    need(fold(items, [bytes.fromhex(one) for one in run['outside']], leaf['count']) == bytes.fromhex(leaf['list']), 'the run')
    return items


def place(run, count, headers):
    """(position, width, posting or None, ref, header or None) of each item."""
    at, items = run['first'], []
    for item in run['items']:
        width, posting, header = item.get('width', 1), None, None
        if 'skipped' in item:
            need(width >= 2 and width & (width - 1) == 0 and at % width == 0, 'a subtree that is none')
        elif 'posting' in item:
            posting = bytes.fromhex(item['posting'])
        else:
            need(item['entry'] in headers, 'an entry that is not shown')
            header = headers[item['entry']]
            posting = posting_of(header)
        items.append((at, width, posting, bytes.fromhex(item['skipped']) if posting is None else leaf_ref(posting), header))
        at += width
    need(items and at <= count, 'not inside of the list')
    return items


def fold(items, outside, count):
    first, end, items = items[0][0], items[-1][0] + items[-1][1], list(items)

    def ref_of(start, width):
        if start + width <= first or start >= end:
            need(outside, 'refs are missing')
            return outside.pop(0)
        if items and items[0][:2] == (start, width):
            return items.pop(0)[3]
        need(width > 1, 'not the subtrees of the list')
        left = ref_of(start, split(width))
        return join(left, ref_of(start + split(width), width - split(width)))

    ref = ref_of(0, count)
    need(not items and not outside, 'more than the list has')
    return ref


def number(data):
    return int.from_bytes(data, 'big')


def check_order(items, count, size):
    at, seq = -1, -1
    for place, _width, posting, _ref, _header in [*items, (count, 1, _u48(min(size, U48)), None, None)]:
        if posting is not None:
            need(number(posting[:6]) - seq >= place - at, 'postings that do not rise')
            at, seq = place, number(posting[:6])


def _misses(posting, question):
    time = number(posting[6:12])
    return (time < question.get('from', 0) or time >= question.get('to', U48 + 1)
            or any(name in question and posting[12 + 4 * at:16 + 4 * at] != _tag(family, question[name]) for at, (family, name) in enumerate(TAGGED)))


def _read(items, question, start, end, count):
    begun, ended, skipped, seqs = items[0][0] == 0, items[-1][0] + items[-1][1] == count, 0, []
    for place, (_at, _width, posting, ref, header) in enumerate(items):
        skipped = skipped + 1 if posting is None else 0
        if posting is None:
            need(skipped <= 16 and (number(ref[38:]) < question.get('from', 0) or number(ref[32:38]) >= question.get('to', U48 + 1)), 'left out')
            continue
        seq = number(posting[:6])
        if start <= seq < end:
            need(header is not None or _misses(posting, question), 'what may match, without its entry')
            if header is not None and _matches_header(header, question):
                seqs.append(seq)
            continue
        need(header is None, 'an entry outside of the span')
        begun, ended = begun or seq < start and place == 0, ended or seq >= end and place == len(items) - 1
    need(begun and ended, 'an end of the span is not shown')
    return seqs


def _matches_header(header, question):
    return answer.matches_question(type('Shown', (), {'header': header}), question)


def index_of(header):
    """(size, root), or None."""
    meta = header['meta']
    bare = header['stream'] == 'ledger' and header['payload_hash'] is None and header['issuer_oid'] is None and header['subject_oid'] is None
    if (header['type'] == 'ledger.index' and bare and exactly(meta, 'v', 'format', 'size', 'root') and is_integer(meta['v'], 1, 1)
            and meta['format'] == 'lmx1' and is_integer(meta['size'], 1, min(header['seq'], U48)) and is_hash(meta['root'])):
        return meta['size'], meta['root']
    return None


def _is_example(value):
    return (exactly(value, 'filter', 'from', 'to', 'proof', 'seqs') and isinstance(value['filter'], dict) and 'order' not in value['filter']
            and answer.is_question({**value['filter'], 'order': 'asc'}) and is_place(value['from']) and is_place(value['to'])
            and isinstance(value['seqs'], list))


def check_index(data):
    """How many entries it is over. Throws Invalid or Newer."""
    file = strict(data)
    need(exactly(file, 'size', 'root', 'headers', 'proofs') and is_hash(file['root']) and isinstance(file['headers'], list)
         and all(isinstance(text, str) for text in file['headers']) and is_list(file['proofs'], 1024, _is_example), 'members')
    headers = [check_header(text) for text in file['headers']]
    need(is_integer(file['size'], 1) and [header['seq'] for header in headers] == list(range(file['size'])), 'not the headers of a ledger')
    root = bytes.fromhex(file['root'])
    need(build(headers) == root, 'another index is over these headers')
    for one in file['proofs']:
        seqs = check_proof_of(file['size'], root, one['filter'], one['from'], one['to'], one['proof'], dict(enumerate(headers)))
        need(seqs == one['seqs'] == [header['seq'] for header in headers[one['from']:one['to']] if _matches_header(header, one['filter'])],
             'something else matches')
    return file['size']
