"""Evidence (docs/FORMATS.md, section 7.2)."""
from entry import ROTATION, Entry, entry_hash, is_hash, is_ledger_id, is_signed, key_hash
from ledger import Checkpoint, KeyEntries, are_statements, is_included
from strict_json import NETWORK, canonical, exactly, is_integer, is_list, is_statement, matches, parse, refuse_newer
from verdict import Invalid, need

COMMON = ('v', 'kind', 'network', 'ledger', 'key_entries')


def _is_note(value):
    return isinstance(value, str)


KINDS = {
    'same-seq': (('a', 'b'), lambda f: is_statement(f['a']) and is_statement(f['b'])),
    'same-size': (('a', 'b'), lambda f: _is_note(f['a']) and _is_note(f['b'])),
    'not-included': (('entry', 'checkpoint', 'leaf', 'proof'), lambda f: is_statement(f['entry']) and _is_note(f['checkpoint'])
                     and is_hash(f['leaf']) and is_list(f['proof'], 53, is_hash)),
    'rule-broken': (('entry', 'predecessor'), lambda f: is_statement(f['entry']) and (f['predecessor'] is None or is_statement(f['predecessor']))),
}


def check_evidence(data, signatures):
    """Where the ledger is frozen. Throws Invalid or Newer."""
    need(len(data) <= 2**20, 'too long')
    file = canonical(data, 3)
    refuse_newer(file)
    need(isinstance(file, dict) and is_integer(file.get('v'), 1, 1) and file.get('kind') in list(KINDS), 'not evidence')
    members, shape = KINDS[file['kind']]
    need(exactly(file, *COMMON, *members) and matches(NETWORK, file['network']) and is_ledger_id(file['ledger'])
         and are_statements(file['key_entries']) and shape(file), 'members')
    keys = KeyEntries(file['ledger'], file['network'], file['key_entries'], signatures)
    prove = {'same-seq': _same_seq, 'same-size': _same_size, 'not-included': _not_included, 'rule-broken': _rule_broken}[file['kind']]
    return max(1, prove(file, keys))


def _need_no_surplus(keys, below):
    need(keys.last_seq < below, 'key entries that it does not need')


def _check_entry(entry, keys):
    need(entry.ledger == keys.ledger and keys.speaks(entry), 'an entry that is not by a key of this ledger')
    need(entry.is_signed(keys.signatures), 'an entry is not signed by its key')


def _check_note(note, keys):
    checkpoint = Checkpoint(note, keys.network, keys.ledger)
    checkpoint.check(keys.in_force(checkpoint.size - 1), keys.signatures, alone=True)
    return checkpoint


def _same_seq(file, keys):
    a, b = Entry(**file['a']), Entry(**file['b'])
    need(a.hash < b.hash and a.seq == b.seq, 'not two entries of one seq, in order')
    _need_no_surplus(keys, a.seq)
    _check_entry(a, keys)
    _check_entry(b, keys)
    return a.seq


def _same_size(file, keys):
    a, b = _check_note(file['a'], keys), _check_note(file['b'], keys)
    need(a.size == b.size and a.root < b.root, 'not two roots of one size, in order')
    _need_no_surplus(keys, a.size)
    return a.size - 1


def _not_included(file, keys):
    entry, checkpoint = Entry(**file['entry']), _check_note(file['checkpoint'], keys)
    need(file['leaf'] != entry.hash, 'the leaf is the entry itself')
    need(is_included(entry.seq, checkpoint.size, file['leaf'], checkpoint.root, file['proof']), 'the proof does not lead to the root')
    _need_no_surplus(keys, checkpoint.size)
    _check_entry(entry, keys)
    return entry.seq


def _rule_broken(file, keys):
    statement, predecessor = file['entry'], file['predecessor']
    seq = _check_loosely(statement, keys)
    _need_no_surplus(keys, seq)
    entry = _follows_grammar(statement)
    if entry is None or not keys.speaks(entry):
        need(predecessor is None, 'it breaks a rule by itself: a predecessor proves nothing')
        return seq
    need(predecessor is not None, 'it breaks no rule by itself')
    need(entry.header['prev_hash'] == entry_hash(**predecessor), 'it does not commit to that predecessor')
    before = _follows_grammar(predecessor)
    if before is None:
        return seq - 1
    if before.seq + 1 != seq:
        return min(seq, before.seq + 1)
    need(not (before.ledger == keys.ledger and keys.speaks(before) and before.is_signed(keys.signatures)), 'it follows its predecessor by the rules')
    return seq - 1


def _check_loosely(statement, keys):
    """A signed header that need not follow the grammar: enough to tell whose it is."""
    header = parse(statement['header'])
    refuse_newer(header)
    need(isinstance(header, dict) and header.get('ledger') == keys.ledger and is_hash(header.get('key')) and is_integer(header.get('seq'), 1),
         'the entry does not say that it is of this ledger')
    seq, key = header['seq'], header['key']
    epoch = keys.epoch(seq)
    need(key == epoch.key or (header.get('type') == ROTATION and key_hash(key) == epoch.next_key_hash), 'not by the key in force')
    need(is_signed(key, statement['header'].encode(), bytes.fromhex(statement['signature']), keys.signatures), 'not signed by its key')
    return seq


def _follows_grammar(statement):
    try:
        return Entry(**statement)
    except Invalid:
        return None
