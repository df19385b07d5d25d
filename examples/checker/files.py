"""Proofs and exports (docs/FORMATS.md, sections 7.1 and 7.3)."""
from entry import GENESIS, ROTATION, Entry, is_hash, is_ledger_id, key_hash
from ledger import Checkpoint, KeyEntries, Tree, are_statements, is_included
from strict_json import NETWORK, SIGNATURE, exactly, is_integer, is_list, matches, refuse_newer, strict
from verdict import need

MAX_BYTES = 24 * 2**20


def is_entry(value):
    return (exactly(value, 'header', 'signature', 'payload') and isinstance(value['header'], str) and matches(SIGNATURE, value['signature'])
            and (value['payload'] is None or isinstance(value['payload'], str)))


def read_entry(value):
    entry = Entry(value['header'], value['signature'])
    entry.check_payload(value['payload'])
    return entry


def check_proof(data, signatures):
    """How many entries the checkpoint is over. Throws Invalid or Newer."""
    need(len(data) <= MAX_BYTES, 'too long')
    file = strict(data)
    refuse_newer(file)
    need(exactly(file, 'v', 'network', 'ledger', 'key_entries', 'checkpoint', 'seq', 'entry', 'path') and is_integer(file['v'], 1, 1)
         and matches(NETWORK, file['network']) and is_ledger_id(file['ledger']) and are_statements(file['key_entries'])
         and isinstance(file['checkpoint'], str) and is_integer(file['seq'], 0) and is_entry(file['entry'])
         and is_list(file['path'], len(data), is_hash), 'members')
    keys = KeyEntries(file['ledger'], file['network'], file['key_entries'], signatures)
    checkpoint = Checkpoint(file['checkpoint'], file['network'], file['ledger'])
    need(keys.last_seq < checkpoint.size, 'key entries that are not below the checkpoint')
    checkpoint.check(keys.in_force(checkpoint.size - 1), signatures)
    entry = read_entry(file['entry'])
    need(entry.ledger == file['ledger'] and entry.seq == file['seq'], 'another entry')
    need(entry.key == keys.in_force(entry.seq) and entry.is_signed(signatures), 'the entry is not signed by the key in force')
    need(is_included(entry.seq, checkpoint.size, entry.hash, checkpoint.root, file['path']), 'the path does not lead to the root')
    return checkpoint.size


def is_export_head(value):
    return (exactly(value, 'v', 'network', 'ledger', 'key_entries', 'checkpoint') and is_integer(value['v'], 1, 1)
            and matches(NETWORK, value['network']) and is_ledger_id(value['ledger']) and are_statements(value['key_entries'])
            and (value['checkpoint'] is None or isinstance(value['checkpoint'], str)))


def lines_of(data):
    """Without their LF or CR LF; empty ones at the end are none."""
    lines = [line.removesuffix(b'\r') for line in data.split(b'\n')]
    while lines and lines[-1].strip(b' \t\r') == b'':
        lines.pop()
    return lines


def check_export(lines, signatures):
    """How many entries it has. `lines` begin with one that is_export_head takes. Throws Invalid or Newer."""
    head = strict(lines[0])
    ledger, network = head['ledger'], head['network']
    checkpoint = None if head['checkpoint'] is None else Checkpoint(head['checkpoint'], network, ledger)
    tree, before, key, commitment, key_entries = Tree(), None, None, None, 0
    for line in lines[1:]:
        need(len(line) <= MAX_BYTES, 'a line is too long')
        value = strict(line)
        need(is_entry(value), 'not an entry')
        entry = read_entry(value)
        if before is None:
            need(entry.type == GENESIS and entry.ledger == ledger and entry.header['meta']['network'] == network, 'not the genesis')
        else:
            need(entry.ledger == ledger and entry.seq == before.seq + 1 and entry.header['prev_hash'] == before.hash, 'a broken link')
            need(key_hash(entry.key) == commitment if entry.type == ROTATION else entry.key == key, 'not by the key in force')
        need(entry.is_signed(signatures), 'not signed by its key')
        if entry.sets_key:
            key, commitment = entry.key, entry.next_key_hash
            listed = head['key_entries'][key_entries:key_entries + 1]
            need(listed == [{'header': value['header'], 'signature': value['signature']}], 'a key entry that the first line does not list')
            key_entries += 1
        tree.append(entry.hash)
        before = entry
        if checkpoint is not None and tree.size == checkpoint.size:
            checkpoint.check(key, signatures)
            need(tree.root() == checkpoint.root, 'the checkpoint is not over these entries')
    need(before is not None and key_entries == len(head['key_entries']), 'entries are missing')
    need(checkpoint is None or tree.size >= checkpoint.size, 'it ends before its checkpoint')
    return tree.size
