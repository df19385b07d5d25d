"""Entries and what Ledgermesh reads in them (docs/FORMATS.md, sections 3 and 4)."""
from base64 import b32encode
from hashlib import sha256

from ed25519 import is_ledger_key
from strict_json import (HASH, LEDGER_ID, NETWORK, PEER_ID, SIGNATURE, canonical, exactly, is_integer, is_list, is_name, is_time, matches, parse,
                         refuse_newer)
from verdict import Invalid, need

MEMBERS = ('v', 'ledger', 'seq', 'prev_hash', 'key', 'id', 'stream', 'type', 'issuer_oid', 'subject_oid', 'timestamp', 'payload_hash',
           'payload_size', 'meta')
GENESIS, ROTATION = 'ledger.genesis', 'ledger.rotate-key'


def is_hash(value):
    return matches(HASH, value)


def _hash_or_null(value):
    return value is None or is_hash(value)


def is_ledger_id(value):
    return matches(LEDGER_ID, value)


def _is_grant(value):
    return exactly(value, 'ledger', 'scope') and is_ledger_id(value['ledger']) and value['scope'] in ('full', 'query-only', 'sync-only')


def _is_reference(value):
    return (exactly(value, 'ledgerId', 'entryId', 'entryHash', 'referenceType') and is_ledger_id(value['ledgerId']) and is_name(value['entryId'])
            and _hash_or_null(value['entryHash']) and value['referenceType'] in ('source', 'derived', 'related', 'transaction'))


def _is_copy(value):
    return (exactly(value, 'source', 'originalId', 'originalHash') and is_ledger_id(value['source']) and is_name(value['originalId'])
            and is_hash(value['originalHash']))


METAS = {
    GENESIS: lambda m: exactly(m, 'network', 'name', 'access', 'next_key_hash') and matches(NETWORK, m['network']) and is_name(m['name'])
    and m['access'] in ('public', 'private') and _hash_or_null(m['next_key_hash']),
    ROTATION: lambda m: exactly(m, 'next_key_hash') and _hash_or_null(m['next_key_hash']),
    'ledger.access': lambda m: exactly(m, 'grant', 'revoke', 'trust_milli') and is_list(m['grant'], 256, _is_grant)
    and is_list(m['revoke'], 256, is_ledger_id) and (m['trust_milli'] is None or is_integer(m['trust_milli'], 1, 1000)),
    'ledger.erase': lambda m: exactly(m, 'entries') and is_list(m['entries'], 256, is_hash) and len(m['entries']) > 0,
    'ledger.authorize-node': lambda m: exactly(m, 'peer_id', 'expires') and matches(PEER_ID, m['peer_id'])
    and (m['expires'] is None or is_time(m['expires'])),
    'ledger.revoke-node': lambda m: exactly(m, 'peer_id') and matches(PEER_ID, m['peer_id']),
}


class Entry:
    """A header that follows section 3. Throws Invalid or Newer."""

    def __init__(self, header, signature):
        data = to_bytes(header)
        need(len(data) <= 32768, 'header: too long')
        need(matches(SIGNATURE, signature), 'signature')
        try:
            self.header = canonical(data, 8)
        except Invalid:
            refuse_newer(parse(data))
            raise
        self.hash = entry_hash(header, signature)
        self.data, self.signature = data, bytes.fromhex(signature)
        _check(self.header)
        self.seq, self.key, self.type = (self.header[name] for name in ('seq', 'key', 'type'))

    @property
    def ledger(self):
        return self.header['ledger'] if self.seq > 0 else 'b' + b32encode(bytes.fromhex(self.hash)).decode().lower().rstrip('=')

    @property
    def sets_key(self):
        return self.type in (GENESIS, ROTATION)

    @property
    def next_key_hash(self):
        return self.header['meta']['next_key_hash']

    def is_signed(self, signatures):
        return is_signed(self.key, self.data, self.signature, signatures)

    def check_payload(self, payload):
        self.payload = payload
        if payload is None:
            return
        data = to_bytes(payload)
        need(len(data) == self.header['payload_size'] and sha256(data).hexdigest() == self.header['payload_hash'], 'the payload is another one')


def _check(header):
    refuse_newer(header)
    need(exactly(header, *MEMBERS) and is_integer(header['v'], 1, 1), 'header: members')
    need(is_integer(header['seq'], 0) and is_time(header['timestamp']) and is_hash(header['key']), 'header: seq, timestamp or key')
    need(all(is_name(header[name]) for name in ('id', 'stream', 'type')), 'header: a name')
    need(all(header[name] is None or is_name(header[name]) for name in ('issuer_oid', 'subject_oid')), 'header: an oid')
    need(isinstance(header['meta'], dict), 'header: meta')
    size = header['payload_size']
    need(size == 0 and is_integer(size, 0) if header['payload_hash'] is None else is_hash(header['payload_hash']) and is_integer(size, 1, 2**20),
         'header: payload')
    first = header['seq'] == 0
    need(header['ledger'] is None if first else is_ledger_id(header['ledger']), 'header: ledger')
    need(header['prev_hash'] is None if first else is_hash(header['prev_hash']), 'header: prev_hash')
    need(first == (header['type'] == GENESIS), 'header: the genesis is entry 0')
    kind, meta = header['type'], header['meta']
    if kind in METAS:
        need(METAS[kind](meta) and header['payload_hash'] is None, f'header: {kind}')
        need(kind not in (GENESIS, ROTATION) or is_ledger_key(bytes.fromhex(header['key'])), 'not a ledger key')
        return
    need('crossLedgerRefs' not in meta or is_list(meta['crossLedgerRefs'], 64, _is_reference), 'header: crossLedgerRefs')
    need('sync' not in meta or _is_copy(meta['sync']), 'header: sync')


def check_header(text):
    """The header, when it follows section 3."""
    data = to_bytes(text)
    need(len(data) <= 32768, 'header: too long')
    header = canonical(data, 8)
    _check(header)
    return header


def to_bytes(text):
    try:
        return text.encode()
    except UnicodeEncodeError as error:
        raise Invalid('a lone surrogate') from error


def entry_hash(header, signature):
    return sha256(b'\0' + to_bytes(header) + bytes.fromhex(signature)).hexdigest()


def is_signed(key, header, signature, signatures):
    return signatures.check(bytes.fromhex(key), b'ledgermesh/entry/1\n' + header, signature)


def key_hash(key):
    return sha256(bytes.fromhex(key)).hexdigest()
