"""Signatures (docs/FORMATS.md, section 2): the library's yes is final; where it says no, ZIP 215's equation is looked at."""
from hashlib import sha512

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

P = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, -1, P) % P
ROOT_OF_MINUS_ONE = pow(2, (P - 1) // 4, P)
IDENTITY = (0, 1, 1, 0)


def _add(a, b):
    """Points are (X, Y, Z, T) with x = X/Z, y = Y/Z, T = XY/Z."""
    left, right = (a[1] - a[0]) * (b[1] - b[0]) % P, (a[1] + a[0]) * (b[1] + b[0]) % P
    c, d = 2 * a[3] * b[3] * D % P, 2 * a[2] * b[2] % P
    e, f, g, h = right - left, d - c, d + c, right + left
    return (e * f % P, g * h % P, f * g % P, e * h % P)


def _times(scalar, point):
    result = IDENTITY
    while scalar > 0:
        if scalar & 1:
            result = _add(result, point)
        point = _add(point, point)
        scalar >>= 1
    return result


def _is_identity(point):
    return point[0] % P == 0 and (point[1] - point[2]) % P == 0


def _decode(data, canonical):
    """The point, or None. `canonical`: a second spelling of a point is none."""
    number = int.from_bytes(data, 'little')
    sign, y = number >> 255, number & (2**255 - 1)
    if canonical and y >= P:
        return None
    y %= P
    u, v = (y * y - 1) % P, (D * y * y + 1) % P
    x = u * pow(v, 3, P) * pow(u * pow(v, 7, P), (P - 5) // 8, P) % P
    if v * x * x % P != u:
        x = x * ROOT_OF_MINUS_ONE % P
    if v * x * x % P != u or (canonical and x == 0 and sign == 1):
        return None
    if x & 1 != sign:
        x = -x % P
    return (x, y, 1, x * y % P)


BASE = _decode((4 * pow(5, -1, P) % P).to_bytes(32, 'little'), True)


def is_ledger_key(key):
    point = _decode(key, True)
    return point is not None and not _is_identity(_times(8, point))


def _zip215(key, message, signature):
    a, r, s = _decode(key, False), _decode(signature[:32], False), int.from_bytes(signature[32:], 'little')
    if a is None or r is None or s >= ORDER:
        return False
    k = int.from_bytes(sha512(signature[:32] + key + message).digest(), 'little') % ORDER
    minus_a = (-a[0] % P, a[1], a[2], -a[3] % P)
    minus_r = (-r[0] % P, r[1], r[2], -r[3] % P)
    return _is_identity(_times(8, _add(_add(_times(s, BASE), _times(k, minus_a)), minus_r)))


class Signatures:
    """Checks signatures, and remembers whether the library alone would have said no to one that it let pass."""

    def __init__(self):
        self.undecided = False

    def check(self, key, message, signature):
        try:
            Ed25519PublicKey.from_public_bytes(key).verify(signature, message)
            return True
        except (InvalidSignature, ValueError):
            only_here = _zip215(key, message, signature)
            self.undecided |= only_here
            return only_here
