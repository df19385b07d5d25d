"""Keys in force, the Merkle tree and checkpoints (docs/FORMATS.md, sections 5 and 6)."""
import re
from base64 import b64decode, b64encode
from hashlib import sha256

from entry import GENESIS, ROTATION, Entry, key_hash, to_bytes
from strict_json import is_statement
from verdict import Invalid, need

CONTROL = re.compile('[\x00-\x09\x0b-\x1f]')
SPACE = '\t\n\x0b\x0c\r \x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff'
LINE = re.compile(f'— ([^{SPACE}+]+) ([A-Za-z0-9+/=]+)')
SIZE = re.compile('[1-9][0-9]{0,15}')


def are_statements(value):
    return isinstance(value, list) and 1 <= len(value) <= 256 and all(map(is_statement, value))


class KeyEntries:
    """The genesis and rotations of one ledger; the headers are read first, then they are checked."""

    def __init__(self, ledger, network, statements, signatures):
        self.ledger, self.network, self.signatures = ledger, network, signatures
        self.entries = [Entry(**statement) for statement in statements]
        before = None
        for entry in self.entries:
            if before is None:
                need(entry.type == GENESIS and entry.ledger == ledger, 'not the genesis that the ledger id names')
            else:
                need(entry.type == ROTATION and entry.ledger == ledger and entry.seq > before.seq, 'not the key entries of one ledger')
                need(key_hash(entry.key) == before.next_key_hash, 'a rotation by a key that is not the committed one')
            need(entry.is_signed(signatures), 'a key entry is not signed by its key')
            before = entry
        need(self.entries[0].header['meta']['network'] == network, 'the genesis names another network')

    @property
    def last_seq(self):
        return self.entries[-1].seq

    def in_force(self, seq):
        return [entry.key for entry in self.entries if entry.seq <= seq][-1]

    def speaks(self, entry):
        if entry.seq == 0:
            return entry.key == self.entries[0].key
        epoch = self.epoch(entry.seq)
        return key_hash(entry.key) == epoch.next_key_hash if entry.type == ROTATION else entry.key == epoch.key

    def epoch(self, seq):
        return [entry for entry in self.entries if entry.seq < seq][-1]


def _join(left, right):
    return sha256(b'\1' + left + right).digest()


class Tree:
    """A Merkle tree that grows: the roots of its perfect subtrees, largest first."""

    def __init__(self):
        self.size, self._roots = 0, []

    def append(self, leaf):
        node, index = bytes.fromhex(leaf), self.size
        while index & 1:
            node, index = _join(self._roots.pop(), node), index >> 1
        self._roots.append(node)
        self.size += 1

    def root(self):
        node = self._roots[-1]
        for left in reversed(self._roots[:-1]):
            node = _join(left, node)
        return node.hex()


def is_included(index, size, leaf, root, path):
    """RFC 9162, section 2.1.3.2."""
    if index >= size:
        return False
    node, last, found = index, size - 1, bytes.fromhex(leaf)
    for sibling in map(bytes.fromhex, path):
        if last == 0:
            return False
        if node & 1 or node == last:
            found = _join(sibling, found)
            while not node & 1 and node != 0:
                node, last = node >> 1, last >> 1
        else:
            found = _join(found, sibling)
        node, last = node >> 1, last >> 1
    return last == 0 and found.hex() == root


def are_shown(leaves, size, root, proof):
    """Are these leaves, (index, hash) ascending, in the tree? The proof: the largest subtrees that hold none of them, from left to right."""
    rest = list(reversed(proof))

    def node(start, width, shown):
        if not shown:
            need(rest, 'the proof is too short')
            return bytes.fromhex(rest.pop())
        if width == 1:
            return bytes.fromhex(shown[0][1])
        left = 1 << (width - 1).bit_length() - 1
        return _join(node(start, left, [leaf for leaf in shown if leaf[0] < start + left]),
                     node(start + left, width - left, [leaf for leaf in shown if leaf[0] >= start + left]))

    return leaves[-1][0] < size and node(0, size, leaves).hex() == root and not rest


def _base64(text):
    try:
        data = b64decode(text, validate=True)
    except ValueError as error:
        raise Invalid('note: base64') from error
    need(b64encode(data).decode() == text, 'note: base64')
    return data


class Checkpoint:
    """A note of this network and ledger, before its signature is checked."""

    def __init__(self, note, network, ledger):
        need(len(to_bytes(note)) <= 4096, 'note: too long')
        text, separator, rest = note.rpartition('\n\n')
        need(separator != '' and rest.endswith('\n') and CONTROL.search(text) is None, 'note: no empty line, or control characters')
        lines = rest[:-1].split('\n')
        need(len(lines) <= 100, 'note: too many signatures')
        self.signatures = [self._read(line) for line in lines]
        parts = text.split('\n')
        need(len(parts) == 3 and parts[0] != '', 'note: not three lines')
        self.origin, self.text = f'ledgermesh/{network}/{ledger}', f'{text}\n'
        need(SIZE.fullmatch(parts[1]) is not None and int(parts[1]) <= 2**53 - 1, 'note: size')
        root = _base64(parts[2])
        need(len(root) == 32 and parts[0] == self.origin, 'note: root or origin')
        self.size, self.root = int(parts[1]), root.hex()

    @staticmethod
    def _read(line):
        match = LINE.fullmatch(line)
        need(match is not None and CONTROL.search(line) is None, 'note: a signature line')
        data = _base64(match[2])
        need(len(data) > 4, 'note: a signature')
        return match[1], data[:4], data[4:]

    def check(self, key, signatures, *, alone=False):
        """By that key; `alone`: by nobody else."""
        public = bytes.fromhex(key)
        short = sha256(self.origin.encode() + b'\n\1' + public).digest()[:4]
        own = [signature for name, hint, signature in self.signatures if name == self.origin and hint == short]
        need(own and len(own[0]) == 64 and signatures.check(public, self.text.encode(), own[0]), 'note: not signed by the key in force')
        need(not alone or len(self.signatures) == 1, 'note: more than one signature')
