"""Strict and canonical JSON, and the small shapes (docs/FORMATS.md, section 1)."""
import json
import re
import unicodedata
from decimal import Decimal

from verdict import Invalid, Newer, need

MAX_INTEGER = 2**53 - 1
MAX_TIME = 253402300799999
HASH = re.compile(r'[0-9a-f]{64}')
SIGNATURE = re.compile(r'[0-9a-f]{128}')
LEDGER_ID = re.compile(r'b[a-z2-7]{51}[aq]')
NETWORK = re.compile(r'[a-z0-9-]{1,32}')
STATE = re.compile(r'[a-z_]{1,32}')
PEER_ID = re.compile(r'[1-9A-HJ-NP-Za-km-z]{1,128}')


def _no_constant(text):
    raise Invalid(f'not JSON: {text}')


def _double(text):
    """What ECMAScript reads: the nearest double. A whole one is an int here, so that 1.0 is 1."""
    value = float(text)
    return int(value) if value.is_integer() else value


def _kept(text):
    value = _double(text)
    digits = re.sub(r'[eE].*', '', text).strip('-').replace('.', '').strip('0')
    need(value not in (float('inf'), float('-inf')) and (value != 0 or digits == ''), 'a number that a double cannot hold')
    need(abs(value) <= MAX_INTEGER or Decimal(repr(float(text))) == Decimal(text), 'a number that a double cannot hold')
    return value


def _once(pairs):
    members = dict(pairs)
    need(len(members) == len(pairs), 'a name twice in one object')
    return members


def well_formed(value):
    """Has no text in it a lone surrogate?"""
    try:
        if isinstance(value, str):
            value.encode()
        elif isinstance(value, dict):
            return all(well_formed(name) and well_formed(member) for name, member in value.items())
        elif isinstance(value, list):
            return all(map(well_formed, value))
    except UnicodeEncodeError:
        return False
    return True


def parse(data, *, unique=False, number=_double):
    """JSON as ECMAScript reads it: of a name that comes twice the last one counts."""
    try:
        text = data.decode() if isinstance(data, bytes) else data
        hook = _once if unique else None
        return json.loads(text, object_pairs_hook=hook, parse_constant=_no_constant, parse_float=number, parse_int=number)
    except (ValueError, RecursionError) as error:
        raise Invalid(f'not JSON: {error}') from error


def strict(data):
    value = parse(data, unique=True, number=_kept)
    need(well_formed(value), 'a lone surrogate')
    return value


def depth(value):
    """Objects and lists inside each other; a lone scalar is 0."""
    if isinstance(value, dict):
        return 1 + max(map(depth, value.values()), default=0)
    return 1 + max(map(depth, value), default=0) if isinstance(value, list) else 0


def _sorted(value):
    if isinstance(value, dict):
        return {name: _sorted(value[name]) for name in sorted(value, key=lambda name: name.encode('utf-16-be', 'surrogatepass'))}
    return list(map(_sorted, value)) if isinstance(value, list) else value


def encode(value):
    """The canonical bytes of a value whose numbers are all integers."""
    return json.dumps(_sorted(value), ensure_ascii=False, separators=(',', ':')).encode()


def whole(value):
    """Are all numbers in it integers?"""
    if isinstance(value, dict):
        return all(map(whole, value.values()))
    if isinstance(value, list):
        return all(map(whole, value))
    return not isinstance(value, float) and (not isinstance(value, int) or abs(value) <= MAX_INTEGER)


def canonical(data, max_depth):
    """A value whose numbers are integers, and whose bytes are its canonical form."""
    value = parse(data)
    need(well_formed(value), 'a lone surrogate')
    need(depth(value) <= max_depth, 'nested too deep')
    need(whole(value) and encode(value) == data, 'not canonical')
    return value


def refuse_newer(value):
    if isinstance(value, dict) and is_integer(value.get('v'), 2):
        raise Newer(f"version {value['v']}")


def is_integer(value, low, high=MAX_INTEGER):
    return isinstance(value, int) and not isinstance(value, bool) and low <= value <= high


def matches(pattern, value):
    return isinstance(value, str) and pattern.fullmatch(value) is not None


def exactly(value, *members):
    return isinstance(value, dict) and set(value) == set(members)


def is_name(value):
    if not isinstance(value, str) or not well_formed(value) or not 1 <= len(value.encode()) <= 128:
        return False
    return not any(unicodedata.category(c) == 'Cc' or ord(c) & 0xfffe == 0xfffe or 0xfdd0 <= ord(c) <= 0xfdef for c in value)


def is_time(value):
    return is_integer(value, 0, MAX_TIME)


def is_list(value, most, check):
    return isinstance(value, list) and len(value) <= most and all(map(check, value))


def is_statement(value):
    return exactly(value, 'header', 'signature') and isinstance(value['header'], str) and matches(SIGNATURE, value['signature'])
